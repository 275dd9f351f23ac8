"""Which buttons a deal's panel has, and which of them comes first."""

from __future__ import annotations

from typing import Any

import pytest
from panel_samples import NOW, decision, family, known, state, tie

from installer import preset as presets
from widget_backend.panel import card
from widget_backend.panel.offers import WAKES, minutes_left, offers


def pressed(*states: Any, **values: Any) -> list[tuple[str, bool]]:
    return [(offer.action, offer.primary) for offer in offers(known(*states, **values))]


def test_an_enquiry_nobody_has_routed_is_routed_first() -> None:
    assert pressed(state("759", "stage.visits.new")) == [("route", True), ("copy", False)]


def test_a_routed_one_is_copied_first() -> None:
    assert pressed(state("759", "stage.visits.new"), decisions=(decision(),)) == [("copy", True), ("route", False)]


def test_a_parked_deal_is_put_back_to_work_first() -> None:
    assert pressed(state("759", "stage.base.base")) == [("wake", True), ("copy", False)]


def test_a_deal_outside_the_pipelines_of_enquiries_is_copied() -> None:
    assert pressed(state("759", "stage.coord.new")) == [("copy", True)]


def test_a_closed_deal_is_not_routed() -> None:
    assert pressed(state("759", "stage.visits.came", "won")) == [("copy", True)]


def test_a_deal_that_is_gone_or_of_no_set_up_clinic_has_no_buttons() -> None:
    assert pressed(state("759", "stage.visits.new", gone=True)) == []
    assert pressed(state("759", "stage.visits.new"), chart=None) == []


def test_parked_deals_are_brought_back_to_stages_that_the_presets_have() -> None:
    loaded = [presets.find(key) for key in ("dental", "dental-ident")]
    stages = {f"stage.{line.key}.{stage.key}" for one in loaded for line in one.pipelines for stage in line.stages}

    assert {*WAKES, *WAKES.values()} <= stages


def test_who_may_only_look_has_no_buttons() -> None:
    assert card.card(known(state("759", "stage.visits.new")), may_work=False).offers == ()


def test_a_fresh_copy_can_be_undone_from_both_deals() -> None:
    ties = family(tie(1, "759", "812"))

    from_source = offers(known(state("759", "stage.visits.came", "won"), family=ties))[-1]
    from_copy = offers(known(state("812", "stage.coord.new"), deal="812", family=ties))[-1]

    assert (from_source.action, from_source.deal, str(from_source.hint)) == ("undo", "812", "Можно ещё 7 мин")
    assert from_copy == from_source


@pytest.mark.parametrize(
    ("minutes", "changed", "left"),
    [
        (0, {}, 10),
        (9, {}, 1),
        (10, {}, 0),
        (11, {}, 0),
        (3, {"state": "undone"}, 0),
        (3, {"state": "made"}, 0),
        (3, {"how": "found"}, 0),
        (3, {"how": "moved"}, 7),
    ],
)
def test_a_copy_can_be_undone_for_ten_minutes(minutes: int, changed: dict[str, Any], left: int) -> None:
    assert minutes_left(tie(1, "759", "812", minutes, **changed), NOW) == left
