"""Calls, messages, changed cards and deletions that no event told of, on both emulated CRMs: late, not lost."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from databases import fresh
from hands import BorisHands
from houses import House
from houses import house as build
from robot_desks import RobotDesk, robot_desk

from widget_backend.clock import now
from widget_backend.db import scope
from widget_backend.deals import deal_state
from widget_backend.inbox import reconcile, remembered

_phones = itertools.count(1)


@pytest.fixture(scope="module")
def everybody(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application before both CRMs, for all tests of this file."""
    with build(fresh(server_url), tmp_path_factory.mktemp("remembered")) as running:
        yield running


@pytest.fixture(scope="module", params=["boris", "alice"])
def clinic_at_work(request: pytest.FixtureRequest, everybody: House) -> RobotDesk:
    return robot_desk(everybody, getattr(everybody, request.param))


@pytest.fixture
def desk(clinic_at_work: RobotDesk) -> Iterator[RobotDesk]:
    """The reception of each clinic in turn, whose CRM tells everything until it is told not to."""
    clinic_at_work.crm.state.settings.lose_percent = 0
    yield clinic_at_work
    assert clinic_at_work.house.dead() == []


def parked(desk: RobotDesk) -> tuple[str, str]:
    """A patient whose only deal rests in the base, and the deal; from now on no event gets through."""
    patient = desk.patient("Ольга Смирнова", f"+7900555{next(_phones):04}", visit_count=1)
    deal = desk.enquires(patient, "stage.base.base")
    desk.settles()
    desk.crm.state.settings.lose_percent = 100
    return patient, deal


def looks_for_what_was_lost(desk: RobotDesk, patch: pytest.MonkeyPatch, **later: int) -> None:
    """The schedule comes round some minutes later."""
    for module in (reconcile, remembered):
        patch.setattr(module, "now", lambda: now() + (timedelta(**later) if later else timedelta(minutes=4)))
    desk.settles()
    reconcile.reconcile_all(desk.house.database)
    desk.house.works()
    desk.settles()


def test_a_call_nobody_told_of_wakes_the_deal_once(desk: RobotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    patient, deal = parked(desk)
    desk.rings_up(patient, deal)
    desk.settles()
    asleep = desk.stage(deal)

    for _ in range(2):
        looks_for_what_was_lost(desk, monkeypatch)

    assert (asleep, desk.stage(deal)) == ("stage.base.base", "stage.base.attention")
    assert desk.titles(deal).count("Ответить пациенту") == 1


def test_a_message_nobody_told_of_wakes_the_deal_once(desk: RobotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    patient, deal = parked(desk)
    desk.writes(patient, deal)
    desk.settles()

    for _ in range(2):
        looks_for_what_was_lost(desk, monkeypatch)

    assert desk.stage(deal) == "stage.base.attention"
    assert desk.titles(deal).count("Ответить пациенту") == 1


def test_a_message_that_was_told_is_not_found_again(desk: RobotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    patient, deal = parked(desk)
    desk.crm.state.settings.lose_percent = 0
    desk.writes(patient, deal)
    desk.settles()
    desk.moves(deal, "stage.base.base")
    desk.settles()

    looks_for_what_was_lost(desk, monkeypatch)

    assert desk.stage(deal) == "stage.base.base"


def test_a_card_that_changed_without_a_word_is_found(desk: RobotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    patient, deal = parked(desk)
    monkeypatch.setattr(remembered, "ROUNDED", timedelta(days=1))  # the test is faster than a second
    desk.notes_patient(patient, in_treatment=True)
    desk.settles()

    looks_for_what_was_lost(desk, monkeypatch)

    assert desk.stage(deal) == "stage.base.treatment"


def test_a_deal_deleted_without_a_word_is_found_gone(desk: RobotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, deal = parked(desk)
    deletes(desk, deal)
    desk.settles()

    looks_for_what_was_lost(desk, monkeypatch, days=2)

    with scope(desk.clinic.id), desk.house.database.transaction() as session:
        found = deal_state.load(session, deal)
    assert found is not None
    assert found.gone


def test_looking_costs_few_requests(desk: RobotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    looks_for_what_was_lost(desk, monkeypatch)
    desk.crm.faults.plan()

    looks_for_what_was_lost(desk, monkeypatch)

    assert len(desk.requests) <= {"bitrix24": 3, "amocrm": 5}[desk.clinic.vendor], desk.requests


def deletes(desk: RobotDesk, deal: str) -> None:
    """A person deletes the deal, in the CRM's own page."""
    if isinstance(desk.hands, BorisHands):
        desk.hands.call("crm.item.delete", entityTypeId=2, id=deal)
    else:
        assert requests.post(f"{desk.crm.url}/leads/detail/{deal}/trash", timeout=10).ok
