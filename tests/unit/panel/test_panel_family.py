"""The family of a deal as a tree, whatever led to what."""

from __future__ import annotations

from panel_samples import family, known, state, tie

from widget_backend.panel.family import Branch, tree


def shape(branches: tuple[Branch, ...]) -> list[object]:
    return [[one.deal, shape(one.children)] if one.children else one.deal for one in branches]


def test_a_deal_without_copies_has_no_family() -> None:
    assert tree(known(state("759", "stage.visits.new"))) == ()


def test_copies_hang_below_their_source() -> None:
    ties = family(tie(1, "700", "759"), tie(2, "759", "812"), tie(3, "700", "760"))

    assert shape(tree(known(family=ties))) == [["700", [["759", ["812"]], "760"]]]


def test_a_branch_says_where_its_deal_stands_and_how_it_came_about() -> None:
    ties = family(tie(1, "759", "812", 3))

    ((copy,),) = (root.children for root in tree(known(state("812", "stage.coord.new"), family=ties)))

    assert (copy.stage, copy.kind, str(copy.how), str(copy.at)) == (
        "Координаторы / Новый пациент",
        "open",
        "копия",
        "25.11.2026 14:57",
    )


def test_an_undone_copy_and_a_deleted_deal_are_named_so() -> None:
    ties = family(tie(1, "759", "812", state="undone"))

    ((copy,),) = (r.children for r in tree(known(state("812", "stage.coord.new", gone=True), family=ties)))

    assert (copy.kind, str(copy.how)) == ("gone", "копия отменена")


def test_what_was_undone_just_now_is_not_called_open() -> None:
    ties = family(tie(1, "759", "812", state="undone"))

    ((copy,),) = (root.children for root in tree(known(state("812", "stage.coord.new"), family=ties)))

    assert copy.kind == ""


def test_a_deal_that_two_others_led_to_hangs_below_both() -> None:
    ties = family(tie(1, "700", "812"), tie(2, "759", "812", how="found"))

    assert shape(tree(known(family=ties))) == [["700", ["812"]], ["759", ["812"]]]


def test_deals_that_led_to_each_other_end_somewhere() -> None:
    ties = family(tie(1, "759", "812"), tie(2, "812", "759", how="found"))

    assert shape(tree(known(family=ties))) == [["759", [["812", ["759"]]]]]
