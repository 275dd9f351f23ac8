"""A card is moved on the CRM's board; what follows appears in the CRM: over real HTTP, on both CRMs."""

from __future__ import annotations

import pytest
from houses import House
from receptions import Reception, reception


@pytest.fixture(params=["boris", "alice"])
def desk(request: pytest.FixtureRequest, house: House) -> Reception:
    """The reception of each clinic in turn, at work."""
    found = reception(house, getattr(house, request.param))
    found.settles()
    return found


def test_a_patient_who_came_appears_with_the_coordinator_and_in_the_base(desk: Reception) -> None:
    patient = desk.patient("Ольга Смирнова")
    deal = desk.enquires(patient, "stage.visits.new")
    desk.settles()

    desk.moves(deal, "stage.visits.came")
    desk.settles()

    assert sorted(desk.standing(patient)) == ["stage.base.base", "stage.coord.new"]
    assert desk.stage(deal) == "stage.visits.came"
    assert desk.house.dead() == []
    assert len(desk.tasks(desk.at(patient, "stage.coord.new"))) == 1
    assert "Почему" in " ".join(desk.notes(deal))


def test_events_told_twice_and_late_change_nothing(desk: Reception) -> None:
    patient = desk.patient("Ольга Смирнова")
    deal = desk.enquires(patient, "stage.visits.new")
    desk.moves(deal, "stage.visits.came")
    desk.settles()

    desk.touches(deal)
    desk.settles()

    assert sorted(desk.standing(patient)) == ["stage.base.base", "stage.coord.new"]
