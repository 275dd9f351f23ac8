"""The journal of visits: one writer, each visit once, what was told last holds."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from front_desks import chart_of, clinic_of, crm_of, deal

from widget_backend.db import Database, OutOfScope, scope
from widget_backend.deals import visits
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.stage_history import Transition
from widget_backend.deals.visits import Visit

NOON = datetime(2026, 11, 25, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
MISSED = Visit("301", "deal", "759", "missed", NOON, NOON - HOUR, "759")
CAME = replace(MISSED, outcome="completed", told_at=NOON + HOUR)


@pytest.fixture
def boris(database: Database) -> Clinic:
    """Boris's clinic."""
    return clinic_of(database, crm_of("dental"), "dental")


@pytest.fixture
def clara(database: Database) -> Clinic:
    """Clara's, who must see nothing."""
    return clinic_of(database, crm_of("dental"), "dental", "clara")


def tells(clinic: Clinic, *told: Visit) -> list[bool]:
    with scope(clinic.id), clinic.database.transaction() as session:
        return [visits.note(session, clinic.id, one) for one in told]


def journal(clinic: Clinic, *contacts: str) -> tuple[Visit, ...]:
    with scope(clinic.id), clinic.database.transaction() as session:
        return visits.of_patients(session, contacts or ("301",))


def step(to: str, since: str = "", at: datetime = NOON) -> Transition:
    stages = chart_of("dental").stage
    return Transition(1, "759", "moved", stages[since].id if since else "", stages[to].id, stages[to].pipeline_id, at)


def goes(clinic: Clinic, contact: str, *steps: Transition, stage: str = "stage.visits.came") -> bool:
    with scope(clinic.id), clinic.database.transaction() as session:
        return visits.follow(session, clinic.id, clinic.chart, deal("dental", "759", stage, contact), steps)


def test_the_same_told_twice_is_one_visit(boris: Clinic) -> None:
    assert tells(boris, CAME, CAME) == [True, False]
    assert journal(boris) == (CAME,)


def test_a_no_show_that_came_after_all_is_corrected(boris: Clinic) -> None:
    tells(boris, MISSED)
    tells(boris, CAME)

    assert journal(boris) == (CAME,)


TELLINGS = (MISSED, CAME, replace(CAME, outcome="cancelled"), replace(CAME, contact="302", told_at=NOON + 2 * HOUR))


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_in_whatever_order_it_is_told(boris: Clinic, order: tuple[int, ...]) -> None:
    tells(boris, *(TELLINGS[n] for n in (*order, *order[:2])))

    assert journal(boris, "301", "302") == (TELLINGS[3],)


def test_a_visit_told_of_another_patient_is_no_longer_the_first_ones(boris: Clinic) -> None:
    tells(boris, MISSED, replace(CAME, contact="302"))
    assert (journal(boris, "301"), journal(boris, "302")) == ((), (replace(CAME, contact="302"),))

    tells(boris, replace(CAME, told_at=NOON + 5 * HOUR))
    assert (journal(boris, "301"), journal(boris, "302")) == ((replace(CAME, told_at=NOON + 5 * HOUR),), ())


def test_two_visits_are_two(boris: Clinic) -> None:
    tells(boris, CAME, replace(CAME, key="760", deal="760"), replace(CAME, source="mis", key="759"))

    assert len(journal(boris)) == 3


def test_a_deals_way_is_kept_and_may_be_told_again(boris: Clinic) -> None:
    came = step("stage.visits.came", "stage.visits.confirmed", NOON + HOUR)

    assert goes(boris, "301", step("stage.visits.booked"), came)
    assert not goes(boris, "301", step("stage.visits.booked"), came)
    assert [(one.outcome, one.deal) for one in journal(boris)] == [("completed", "759")]


def test_a_card_dragged_back_takes_the_visit_back(boris: Clinic) -> None:
    goes(boris, "301", step("stage.visits.came"))
    goes(boris, "301", step("stage.visits.picking", "stage.visits.came", NOON + HOUR), stage="stage.visits.picking")

    assert [one.outcome for one in journal(boris)] == ["cancelled"]


def test_a_deal_given_to_its_real_patient_takes_its_visit_along(boris: Clinic) -> None:
    goes(boris, "", step("stage.visits.came"))
    assert [one.outcome for one in journal(boris, "")] == ["completed"]

    goes(boris, "301")
    assert [one.outcome for one in journal(boris, "301")] == ["completed"]

    goes(boris, "302")
    assert (journal(boris, "301"), [one.outcome for one in journal(boris, "302")]) == ((), ["completed"])


def test_nobody_sees_another_clinics_visits(boris: Clinic, clara: Clinic) -> None:
    tells(boris, CAME)

    assert journal(clara) == ()
    with pytest.raises(OutOfScope), boris.database.transaction() as session:
        visits.of_patients(session, ("301",))


def test_one_patient_of_two_clinics_has_two_journals(boris: Clinic, clara: Clinic) -> None:
    tells(boris, CAME)
    tells(clara, MISSED)

    assert (journal(boris), journal(clara)) == ((CAME,), (MISSED,))


def test_what_is_forgotten_is_gone_and_only_of_this_clinic(boris: Clinic, clara: Clinic) -> None:
    tells(boris, CAME)
    tells(clara, CAME)

    with scope(boris.id), boris.database.transaction() as session:
        gone = visits.forget(session)

    assert (gone, journal(boris), journal(clara)) == ({"visit": 1}, (), (CAME,))
