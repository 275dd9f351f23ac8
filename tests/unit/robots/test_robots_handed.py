"""Rules that the CRM's own automation carries out: off here for deals that come, and nothing is done twice or lost."""

from __future__ import annotations

from datetime import timedelta

from clinic_of_preset import PresetClinic

from widget_backend.clock import now
from widget_backend.crm.asking import StartBot
from widget_backend.crm.native import Way
from widget_backend.db import scope
from widget_backend.robots import handed, rules, timers
from widget_backend.robots.handed import Handed
from widget_backend.robots.rules import Rulebook

CONFIRM, TASK = "confirm", "next_step_visits_booked"
SOON = timedelta(hours=23)


HOUR = timedelta(hours=1)


def hands(clinic: PresetClinic, key: str, way: Way = "robots", made: str = "", ago: timedelta = timedelta()) -> None:
    with scope(clinic.id), clinic.database.transaction() as session:
        how = Handed(way, made, handed.digest(rules.load(session).entry[key].rule), "1", now() - ago)
        rules.mark(session, clinic.id, key, how)


def takes_back(clinic: PresetClinic, key: str) -> None:
    with scope(clinic.id), clinic.database.transaction() as session:
        rules.mark(session, clinic.id, key, None)


def book(clinic: PresetClinic) -> Rulebook:
    with scope(clinic.id), clinic.database.transaction() as session:
        return rules.load(session)


def waiting(clinic: PresetClinic, deal: str) -> set[str]:
    """The rules that wait for their moment here."""
    with scope(clinic.id), clinic.database.transaction() as session:
        return {timer.rule for timer in timers.waiting(session, deal=deal)}


def test_a_rule_handed_to_robots_does_not_run_here(boris: PresetClinic) -> None:
    hands(boris, TASK)

    boris.enquiry("stage.visits.booked", boris.patient())
    boris.works()

    assert boris.runs(TASK) == []
    assert boris.states("date_visits_booked") == ["done"]


def test_one_that_has_fired_meanwhile_is_not_carried_out_any_more(boris: PresetClinic) -> None:
    boris.enquiry("stage.visits.booked", boris.patient())
    hands(boris, TASK, ago=HOUR)

    boris.works()

    assert boris.states(TASK) == ["off"]
    assert "передано роботам CRM" in boris.said(TASK)


def test_what_happened_before_is_ours_however_late_we_read_of_it(boris: PresetClinic) -> None:
    boris.enquiry("stage.visits.booked", boris.patient(), since=now() - HOUR)
    hands(boris, TASK)
    boris.enquiry("stage.visits.booked", boris.patient(), since=now() - HOUR)

    boris.works()

    assert boris.states(TASK) == ["done", "done"]


def test_what_happened_meanwhile_is_not_done_again_once_the_rule_is_back(boris: PresetClinic) -> None:
    hands(boris, TASK, ago=2 * HOUR)
    takes_back(boris, TASK)

    boris.enquiry("stage.visits.booked", boris.patient(), since=now() - HOUR)
    boris.works()

    assert boris.runs(TASK) == []
    assert book(boris).entry[TASK].handed is None


def test_taken_back_it_runs_again(boris: PresetClinic) -> None:
    hands(boris, TASK)
    takes_back(boris, TASK)

    boris.enquiry("stage.visits.booked", boris.patient())
    boris.works()

    assert boris.states(TASK) == ["done"]


def test_a_workflow_is_started_when_a_deal_comes_and_waits_in_our_place(boris: PresetClinic) -> None:
    hands(boris, CONFIRM, "flow", "525")

    deal = boris.enquiry("stage.visits.booked", boris.patient(), visit_at=now() + SOON)
    boris.works()
    boris.ticks()

    assert boris.crm.bots == [StartBot("flow:525", deal)]
    assert boris.states(CONFIRM) == ["done"]


def test_a_deal_that_came_before_waits_here_as_it_did(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.visits.booked", boris.patient(), visit_at=now() + SOON)
    hands(boris, CONFIRM, "flow", "525")

    boris.works()
    boris.ticks()

    assert boris.crm.bots == []
    assert boris.states(CONFIRM) == ["done"]
    assert any("Подтвердить" in title for title in boris.titles(deal))


def test_no_workflow_is_started_for_a_deal_that_came_before(boris: PresetClinic) -> None:
    hands(boris, CONFIRM, "flow", "525")

    boris.enquiry("stage.visits.booked", boris.patient(), since=now() - HOUR, visit_at=now() + SOON)
    boris.works()
    boris.ticks()

    assert boris.crm.bots == []
    assert boris.states(CONFIRM) == ["done"]


def test_what_a_workflow_has_done_is_not_done_again_once_the_rule_is_back(boris: PresetClinic) -> None:
    """A day before the visit was an hour ago."""
    hands(boris, CONFIRM, "flow", "525", ago=3 * HOUR)
    takes_back(boris, CONFIRM)

    boris.enquiry("stage.visits.booked", boris.patient(), since=now() - 2 * HOUR, visit_at=now() + SOON)
    boris.works()
    boris.ticks()

    assert boris.runs(CONFIRM) == []


def test_what_a_workflow_has_not_done_yet_waits_here_once_the_rule_is_back(boris: PresetClinic) -> None:
    hands(boris, CONFIRM, "flow", "525", ago=3 * HOUR)
    takes_back(boris, CONFIRM)

    deal = boris.enquiry("stage.visits.booked", boris.patient(), since=now() - 2 * HOUR, visit_at=now() + 2 * SOON)

    assert CONFIRM in waiting(boris, deal)


def test_a_deal_that_comes_after_is_not_waited_for_here(boris: PresetClinic) -> None:
    hands(boris, CONFIRM)

    boris.enquiry("stage.visits.booked", boris.patient(), visit_at=now() + SOON)
    boris.works()
    boris.ticks()

    assert boris.runs(CONFIRM) == []


def test_a_rule_that_changes_or_goes_is_still_the_crms(boris: PresetClinic) -> None:
    hands(boris, TASK)
    before = book(boris).entry[TASK]

    with scope(boris.id), boris.database.transaction() as session:
        rules.replace(session, boris.id, "dental", "9.9.9", (), ())

    after = book(boris)
    assert before.handed == after.over[TASK]
    assert TASK not in after.entry


def test_clara_has_handed_nothing_over(boris: PresetClinic) -> None:
    clara = PresetClinic(boris.database, name="clara")
    hands(boris, TASK)

    clara.enquiry("stage.visits.booked", clara.patient())
    clara.works()

    assert book(clara).over == {}
    assert clara.states(TASK) == ["done"]
