"""Stages planned: the eight automatic ones taken over, ours put between the clinic's, each on its side of the won one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from bitrix24_answers import create, delete, eight, restore, status, update

from widget_backend.crm.bitrix24 import reading
from widget_backend.crm.bitrix24.places import Item, sorts
from widget_backend.crm.bitrix24.stages import Arrangement, arrange
from widget_backend.crm.model import Change, Kind, Remote
from widget_backend.errors import Rejected


def wish(key: str, position: int, kind: str = "open", **more: Any) -> Change:
    return create(Kind.STAGE, f"stage.visits.{key}", "pipeline.visits", name=key, position=position, kind=kind, **more)


def stages_of(rows: Sequence[Any]) -> list[Remote]:
    return [reading.stage(row, "5") for row in rows]


def said(arranged: Arrangement) -> list[tuple[str, Any, dict[str, Any]]]:
    """Method, number and fields of each command."""
    return [
        (s.inner.method.rpartition(".")[2], s.inner.params.get("id"), dict(s.inner.params.get("fields", {})))
        for s in arranged.steps
    ]


def codes(arranged: Arrangement) -> dict[str, str]:
    """Which stage became of each wish."""
    return {step.addresses[0].rpartition(".")[2]: step.remote.id for step in arranged.steps if step.remote}


def test_a_new_pipelines_stages_are_taken_over_in_order_and_keep_their_codes_and_places() -> None:
    wishes = [wish("came", 3, "won"), wish("taken", 2), wish("new", 1, colour="yellow"), wish("missed", 4, "lost")]

    arranged = arrange("5", stages_of(eight(5)), wishes, frozenset(), fresh=True)

    assert said(arranged) == [
        ("update", "507", {"NAME": "missed"}),
        ("update", "506", {"NAME": "came"}),
        ("update", "501", {"NAME": "new", "COLOR": "#FFE14D"}),
        ("update", "502", {"NAME": "taken"}),
        ("delete", "503", {}),
        ("delete", "504", {}),
        ("delete", "505", {}),
        ("delete", "508", {}),
    ]


def test_a_sixth_open_stage_is_added_before_the_won_one_which_stays_where_it_is() -> None:
    wishes = [wish(f"step{n}", n) for n in range(1, 7)]

    arranged = arrange("5", stages_of(eight(5)), wishes, frozenset(), fresh=True)

    added = {
        "ENTITY_ID": "DEAL_STAGE_5",
        "STATUS_ID": "DENT_STEP6",
        "SORT": 55,
        "SEMANTICS": "",
        "NAME": "step6",
    }
    assert ("add", None, added) in said(arranged)
    assert codes(arranged)["step6"] == "C5:DENT_STEP6"


def test_the_number_of_an_added_stage_is_what_the_portal_answers() -> None:
    arranged = arrange("5", stages_of(eight(5)), [wish(f"step{n}", n) for n in range(1, 7)], frozenset(), fresh=True)

    (added,) = [step for step in arranged.steps if step.numbered]

    assert added.outcomes(773)[0].remote is not None
    assert added.outcomes(773)[0].remote.native == "773"


def test_more_stages_than_fit_push_the_won_one_up_and_the_lost_ones_go_first() -> None:
    wishes = [wish(f"step{n:02}", n) for n in range(1, 26)]

    arranged = arrange("5", stages_of(eight(5)), [*wishes, wish("won", 26, "won")], frozenset(), fresh=True)
    numbers = {
        fields["NAME"]: fields["SORT"] for _, _, fields in said(arranged) if "NAME" in fields and "SORT" in fields
    }

    assert [method for method, _, _ in said(arranged)][:2] == ["update", "update"]
    assert said(arranged)[0][1] == "507"
    assert said(arranged)[1][1] == "506"
    assert numbers["step25"] < numbers["won"] < said(arranged)[0][2]["SORT"]


def test_lost_stages_beyond_the_two_automatic_ones_are_added() -> None:
    wishes = [wish("no", 1, "lost"), wish("spam", 2, "lost"), wish("twin", 3, "lost")]

    arranged = arrange("5", stages_of(eight(5)), wishes, frozenset(), fresh=True)

    assert codes(arranged) == {"no": "C5:LOSE", "spam": "C5:APOLOGY", "twin": "C5:DENT_TWIN"}
    assert said(arranged)[2][2]["SEMANTICS"] == "F"
    assert said(arranged)[2][2]["SORT"] == 90


def test_there_is_one_won_stage_and_a_second_is_refused() -> None:
    arranged = arrange(
        "5", stages_of(eight(5)), [wish("came", 1, "won"), wish("paid", 2, "won")], frozenset(), fresh=True
    )

    (refusal,) = arranged.outcomes
    assert refusal.address == "stage.visits.paid"
    assert isinstance(refusal.error, Rejected)


def test_a_stage_is_put_between_the_clinics_own() -> None:
    own = stages_of(
        [
            status(1, 5, "NEW", "Заявка", 10, "Y"),
            status(2, 5, "UC_1", "Записан", 20),
            status(3, 5, "UC_2", "Думает", 30),
            status(4, 5, "WON", "Пришёл", 40, "Y", "S"),
        ]
    )

    arranged = arrange("5", own, [wish("confirmed", 2)], frozenset({"C5:UC_1"}), fresh=False)

    assert [(m, f["SORT"]) for m, _, f in said(arranged)] == [("add", 25)]


def test_a_stage_for_the_front_does_not_take_the_clinics_first_place() -> None:
    own = stages_of([status(1, 5, "NEW", "Заявка", 10, "Y"), status(2, 5, "UC_1", "Записан", 20)])

    arranged = arrange("5", own, [wish("new", 1)], frozenset({"C5:UC_1"}), fresh=False)

    assert [f["SORT"] for _, _, f in said(arranged)] == [15]


def test_where_there_is_no_room_the_clinics_stages_keep_their_order_and_move_up() -> None:
    own = stages_of(
        [
            status(1, 5, "NEW", "Заявка", 1, "Y"),
            status(2, 5, "UC_1", "Записан", 2),
            status(3, 5, "WON", "Пришёл", 3, "Y", "S"),
            status(4, 5, "LOSE", "Нет", 4, "Y", "F"),
        ]
    )

    arranged = arrange("5", own, [wish("called", 2)], frozenset({"C5:NEW", "C5:UC_1"}), fresh=False)

    assert said(arranged)[:3] == [
        ("update", "4", {"SORT": 32}),
        ("update", "3", {"SORT": 22}),
        ("update", "2", {"SORT": 12}),
    ]
    assert said(arranged)[3][2]["SORT"] == 2


def test_stages_change_places_among_the_clinics_own() -> None:
    own = stages_of(
        [status(1, 5, "A", "A", 10), status(2, 5, "B", "B", 20), status(3, 5, "C", "C", 30), status(4, 5, "D", "D", 40)]
    )
    moves = [update(own[1], "stage.b", position=3), update(own[2], "stage.c", position=2)]

    arranged = arrange("5", own, moves, frozenset({"C5:A", "C5:B", "C5:C"}), fresh=False)
    order = {number: fields["SORT"] for _, number, fields in said(arranged)}

    assert 10 < order["3"] < order["2"] < 40


def test_a_restored_place_is_the_number_it_had() -> None:
    own = stages_of([status(1, 5, "A", "A", 10), status(2, 5, "B", "B", 30)])

    arranged = arrange("5", own, [restore(own[1], position=20)], frozenset(), fresh=False)

    assert said(arranged) == [("update", "2", {"SORT": 20})]


def test_stages_an_interrupted_run_left_are_used_by_the_next() -> None:
    left = stages_of(eight(5))
    given_up = [delete(left[1]), delete(left[2]), delete(left[7])]

    arranged = arrange("5", left, [wish("taken", 2), *given_up], frozenset({"C5:NEW", "C5:WON"}), fresh=False)

    assert codes(arranged) == {"taken": "C5:PREPARATION"}
    assert [s.addresses for s in arranged.steps] == [
        ("stage.visits.taken", "stage.C5:PREPARATION"),
        ("stage.C5:PREPAYMENT_INVOICE",),
        ("stage.C5:APOLOGY",),
    ]


def test_a_leftover_somebody_named_meanwhile_is_left_alone() -> None:
    survey, now = stages_of(eight(5)), stages_of([eight(5)[0], status(502, 5, "PREPARATION", "Наш этап", 20)])

    arranged = arrange("5", now, [wish("taken", 2), delete(survey[1])], frozenset({"C5:NEW"}), fresh=False)

    assert [outcome.address for outcome in arranged.outcomes] == ["stage.C5:PREPARATION"]
    assert [method for method, _, _ in said(arranged)] == ["add"]


def test_a_stage_that_is_gone_is_written_all_the_same_so_that_the_portal_says_so() -> None:
    (gone,) = stages_of([status(9, 5, "X", "X", 10)])

    arranged = arrange("5", [], [update(gone, name="Другое", position=1)], frozenset(), fresh=False)

    assert [step.addresses for step in arranged.steps] == [("stage.C5:X",)]


def anchored(sort: int) -> Item:
    return Item("open", Remote(Kind.STAGE, f"s{sort}", {"position": sort}), anchored=True)


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ([anchored(10), Item("open"), anchored(20)], [10, 15, 20]),
        ([anchored(10), Item("open"), Item("open"), anchored(20)], [10, 13, 16, 20]),
        ([anchored(10), anchored(10)], [10, 10]),
        ([anchored(10), Item("open"), anchored(11)], [10, 11, 21]),
        ([Item("open"), Item("open")], [10, 20]),
        ([Item("open"), anchored(0)], [10, 20]),
    ],
)
def test_numbers_rise_and_stay_where_they_can(line: list[Item], numbers: list[int]) -> None:
    assert sorts(line) == numbers
