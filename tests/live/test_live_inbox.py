"""What both CRMs really tell, in their own way: lost, doubled and overtaken events give the history that was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from houses import House
from receptions import Reception, reception
from sqlalchemy import text

from widget_backend.clock import now
from widget_backend.db import scope
from widget_backend.deals import stage_history
from widget_backend.inbox import losses, reconcile
from widget_backend.inbox.losses import LossMeter

PATH = ["stage.visits.new", "stage.visits.taken", "stage.visits.picking", "stage.visits.came"]


@pytest.fixture(params=["boris", "alice"])
def desk(request: pytest.FixtureRequest, house: House) -> Reception:
    """Each clinic in turn, set up, and quiet."""
    made = reception(house, getattr(house, request.param))
    vars(made.crm.state.settings).update(rate=False, rate_limit=False)  # people are faster here than in life
    made.settles()
    with house.database.engine.begin() as connection:
        # what robots do is told elsewhere: here only people move deals
        connection.execute(text("DELETE FROM robot_rule"))
    return made


def path(desk: Reception, deal: str) -> list[str]:
    """Where the deal has been, as our addresses."""
    with scope(desk.clinic.id), desk.house.database.transaction() as session:
        steps = stage_history.history(session, deal)
    stages = desk.clinic.chart.stage_of_id
    assert [step.kind for step in steps] == ["created", *["moved"] * (len(steps) - 1)]
    assert [step.from_stage for step in steps] == ["", *[step.to_stage for step in steps][:-1]]
    return [stages[step.to_stage].address for step in steps]


def goes_through(desk: Reception) -> str:
    """A deal that a person takes from the first stage to the last."""
    deal = desk.enquires(desk.patient("Ольга Примерова"), PATH[0])
    for stage in PATH[1:]:
        desk.moves(deal, stage)
    return deal


def looks_for_what_was_lost(desk: Reception, patch: pytest.MonkeyPatch) -> None:
    """The schedule comes round some minutes later."""
    patch.setattr(reconcile, "now", lambda: now() + timedelta(minutes=4))
    reconcile.reconcile_all(desk.house.database)
    desk.house.works()


def loss(desk: Reception) -> LossMeter:
    with scope(desk.clinic.id), desk.house.database.transaction() as session:
        return losses.of(session)


def test_each_step_of_a_deal_is_told_once(desk: Reception) -> None:
    deal = desk.enquires(desk.patient("Ольга Примерова"), PATH[0])
    desk.settles()
    for stage in PATH[1:]:
        desk.moves(deal, stage)
        desk.settles()

    assert path(desk, deal) == PATH
    assert desk.house.dead() == []


def test_all_steps_between_two_events_are_told(desk: Reception) -> None:
    deal = goes_through(desk)

    desk.settles()

    assert path(desk, deal) == PATH


def test_events_that_are_all_lost_are_found(desk: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.crm.state.settings.lose_percent = 100
    deal = goes_through(desk)
    desk.settles()
    told = path_or_nothing(desk, deal)

    looks_for_what_was_lost(desk, monkeypatch)

    assert told == []
    assert path(desk, deal) == PATH
    assert loss(desk).found_late >= 1


def test_events_doubled_and_overtaken_tell_nothing_twice(desk: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.crm.state.settings.double_percent = desk.crm.state.settings.reorder_percent = 100
    deals = [goes_through(desk) for _ in range(2)]
    desk.settles()
    desk.crm.state.settings.reorder_percent = 0

    desk.settles()
    looks_for_what_was_lost(desk, monkeypatch)

    assert [path(desk, deal) for deal in deals] == [PATH, PATH]


def test_looking_again_finds_nothing_more(desk: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = goes_through(desk)
    desk.settles()

    for _ in range(2):
        looks_for_what_was_lost(desk, monkeypatch)

    assert path(desk, deal) == PATH
    assert loss(desk).found_late == 0


def path_or_nothing(desk: Reception, deal: str) -> list[str]:
    with scope(desk.clinic.id), desk.house.database.transaction() as session:
        return [step.to_stage for step in stage_history.history(session, deal)]
