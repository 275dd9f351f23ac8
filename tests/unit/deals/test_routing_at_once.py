"""Many at once, and processes that die: one patient never gets two deals, and nothing is done twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from front_desks import OLGA, VERA, clinic_of, comes, contact, crm_of, deal, moved, stands
from records_in_memory import Killed, MemoryRecords, cut
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from widget_backend.crm import charts
from widget_backend.crm.records import Deal
from widget_backend.db import Database, scope
from widget_backend.deals import rota, routing
from widget_backend.deals.clinic import Clinic, Clinics
from widget_backend.deals.people import Seat
from widget_backend.deals.routing import Arrived, Enquiry
from widget_backend.deals.stage_history import Observed, Transition
from widget_backend.jobs import Task
from widget_backend.jobs.worker import drain
from widget_backend.tenancy import installations

ENQUIRY = Enquiry("301", "Заявка с сайта")
NOON = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture
def crm() -> MemoryRecords:
    """Boris's CRM, with one patient."""
    crm = crm_of("dental")
    comes(crm, contact("301", "Лебедева Анна"))
    return crm


@pytest.fixture
def boris(database: Database, crm: MemoryRecords) -> Clinic:
    """Boris's clinic."""
    return clinic_of(database, crm, "dental")


@pytest.fixture
def other_process(boris: Clinic, crm: MemoryRecords) -> Iterator[Clinic]:
    """The same clinic, as another process sees it: with connections of its own."""
    opened = Database(boris.database.engine.url.render_as_string(hide_password=False))
    yield clinic_of(opened, crm, "dental")
    opened.close()


def at_once(*acts: Callable[[], object]) -> None:
    """All of them, each in a thread of its own; what one raises fails the test."""
    start, faults = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except Exception as fault:  # handed to the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def open_deals(crm: MemoryRecords) -> list[str]:
    return [one.id for one in crm.deals.values() if one.stage not in crm.closed]


def test_an_enquiry_without_a_deal_gets_one(boris: Clinic, crm: MemoryRecords) -> None:
    arrived = routing.take(boris, ENQUIRY, "call:1")

    assert arrived.made
    assert stands(boris, crm, arrived.deal) == "stage.visits.new"
    assert (crm.deals[arrived.deal].contacts, crm.deals[arrived.deal].responsible) == (("301",), OLGA)
    assert crm.deals[arrived.deal].title == "Заявка с сайта"


def test_an_enquiry_of_a_patient_with_an_open_deal_goes_there(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, deal("dental", "700", "stage.base.base", "301"))

    assert routing.take(boris, ENQUIRY, "call:1") == Arrived("700", made=False)
    assert list(crm.deals) == ["700"]
    assert stands(boris, crm, "700") == "stage.base.attention"
    assert [note.text.split("\n")[0] for note in crm.notes.values()] == ["Новое обращение: Заявка с сайта"]


def test_the_same_enquiry_told_twice_is_taken_once(boris: Clinic, crm: MemoryRecords) -> None:
    first = routing.take(boris, ENQUIRY, "call:1")

    assert routing.take(boris, ENQUIRY, "call:1") == first
    assert len(crm.deals) == 1


def test_a_deal_made_a_moment_ago_is_found_though_the_crms_lists_do_not_show_it(
    boris: Clinic, crm: MemoryRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = routing.take(boris, ENQUIRY, "call:1")
    monkeypatch.setattr(crm, "closed", frozenset(stage.id for stage in boris.chart.stages))  # lists are empty

    assert routing.take(boris, ENQUIRY, "call:2") == Arrived(made.deal, made=False)
    assert len(crm.deals) == 1


def test_two_calls_at_once_make_one_deal(boris: Clinic, other_process: Clinic, crm: MemoryRecords) -> None:
    calls = [(clinic, f"call:{number}") for number in range(4) for clinic in (boris, other_process)]

    at_once(*(lambda clinic=clinic, cause=cause: routing.take(clinic, ENQUIRY, cause) for clinic, cause in calls))

    assert len(crm.deals) == 1


def test_two_calls_of_one_phone_with_a_contact_each_make_one_deal(
    boris: Clinic, other_process: Clinic, crm: MemoryRecords
) -> None:
    comes(crm, contact("302", "+7 900 555-01-01"))

    at_once(
        lambda: routing.take(boris, ENQUIRY, "call:1"),
        lambda: routing.take(other_process, Enquiry("302", "Звонок"), "call:2"),
    )

    assert len(crm.deals) == 1


def test_of_deals_routed_at_once_one_stays_open(boris: Clinic, other_process: Clinic, crm: MemoryRecords) -> None:
    numbers = [str(number) for number in range(701, 707)]
    comes(crm, *(deal("dental", number, "stage.visits.new", "301") for number in numbers))

    at_once(
        *(
            lambda clinic=clinic, number=number: routing.route(clinic, number, f"t:{number}")
            for clinic, number in zip([boris, other_process] * 3, numbers, strict=True)
        )
    )

    assert open_deals(crm) == ["701"]
    assert len([note for note in crm.notes.values() if note.deal == "701"]) == 5


def test_the_same_deal_routed_by_two_is_routed_once(boris: Clinic, other_process: Clinic, crm: MemoryRecords) -> None:
    comes(crm, deal("dental", "700", "stage.base.base", "301"), deal("dental", "759", "stage.visits.new", "301"))

    at_once(*(lambda clinic=clinic: routing.route(clinic, "759", "t:1") for clinic in (boris, other_process)))

    assert len(crm.notes) == 2


def test_a_deal_without_a_patient_that_two_ask_about_at_once_is_one_question(
    boris: Clinic, other_process: Clinic, crm: MemoryRecords
) -> None:
    comes(crm, deal("dental", "759", "stage.visits.new"))
    asking = zip([boris, other_process] * 2, ["t:1", "b:1", "b:2", "b:3"], strict=True)

    at_once(*(lambda clinic=clinic, cause=cause: routing.route(clinic, "759", cause) for clinic, cause in asking))

    assert len(crm.tasks) == 1


def test_turns_are_shared_by_all_processes(boris: Clinic, other_process: Clinic) -> None:
    seat, taken = Seat("administrator"), []

    def take(clinic: Clinic, number: int) -> None:
        with scope(clinic.id), clinic.database.transaction() as session:
            taken.append(rota.take(session, clinic, seat, str(number)).user)

    at_once(*(lambda c=c, n=n: take(c, n) for n, c in enumerate([boris, other_process] * 4)))

    assert sorted(taken) == [OLGA] * 4 + [VERA] * 4


def test_a_turn_is_waited_for(boris: Clinic, other_process: Clinic) -> None:
    seat = Seat("administrator")
    with scope(boris.id), boris.database.transaction() as session:
        rota.take(session, boris, seat, "1")

    with scope(boris.id), boris.database.transaction() as session:
        rota.take(session, boris, seat, "2")
        with pytest.raises(OperationalError), other_process.database.transaction() as impatient:
            impatient.execute(text("SET LOCAL lock_timeout = '50ms'"))
            rota.take(impatient, other_process, seat, "3")


def test_a_turn_asked_for_again_is_the_same_persons(boris: Clinic) -> None:
    def takes(number: str, at: datetime = NOON) -> str:
        with scope(boris.id), boris.database.transaction() as session:
            return rota.take(session, boris, Seat("administrator"), number, at).user

    assert [takes("1"), takes("1"), takes("2"), takes("1"), takes("3")] == [OLGA, OLGA, VERA, OLGA, VERA]
    assert takes("1", NOON + timedelta(minutes=6)) == OLGA


def run_jobs(boris: Clinic, database: Database) -> None:
    clinics = Clinics(database, lambda info, chart: boris.records)
    drain(
        database,
        [Task(routing.TASK, lambda installation_id, deal, cause: routing.run(clinics, installation_id, deal, cause))],
    )


def born(clinic: Clinic, number: int, stage: str, kind: str = "created") -> Observed:
    at = clinic.chart.stage[stage]
    step = Transition(number, str(number), kind, "", at.id, at.pipeline_id, NOON)  # type: ignore[arg-type]
    return Observed((step,), (), first=True, stamp=f"{number}:1")


def watched(clinic: Clinic, seen: Deal, observed: Observed, *changed: str) -> int:
    with scope(clinic.id), clinic.database.transaction() as session:
        charts.save(session, clinic.id, clinic.chart)
        installations.configure(session, clinic.id, team=[{"user": OLGA, "roles": ["administrator"]}])
        return routing.watch(session, clinic.id, clinic.chart, seen, observed, changed)


def test_jobs_of_two_workers_leave_each_patient_one_open_deal(
    boris: Clinic, other_process: Clinic, crm: MemoryRecords
) -> None:
    patients = [str(400 + number) for number in range(5)]
    comes(crm, *(contact(one, phone=f"+7900555{one}0") for one in patients))
    deals = [deal("dental", str(n), "stage.visits.new", patients[n % 5]) for n in range(800, 815)]
    comes(crm, *deals)

    assert [watched(boris, one, born(boris, int(one.id), "stage.visits.new")) for one in deals] == [1] * 15
    at_once(lambda: run_jobs(boris, boris.database), lambda: run_jobs(boris, other_process.database))

    assert open_deals(crm) == [str(n) for n in range(800, 805)]
    assert {crm.deals[number].responsible for number in open_deals(crm)} == {OLGA}


@pytest.mark.parametrize(("stage", "kind"), [("stage.visits.new", "moved"), ("stage.base.base", "created")])
def test_only_what_appears_where_enquiries_arrive_is_routed_by_itself(boris: Clinic, stage: str, kind: str) -> None:
    assert watched(boris, deal("dental", "759", stage, "301"), born(boris, 759, stage, kind)) == 0


def test_an_answered_question_is_routed_on(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("302", phone=""), deal("dental", "759", "stage.visits.new", "302"))
    watched(boris, crm.deals["759"], born(boris, 759, "stage.visits.new"))
    run_jobs(boris, boris.database)
    assert [task.done for task in crm.tasks.values()] == [False]

    comes(crm, replace(crm.contacts["302"], phones=("+79005550909",)))
    assert watched(boris, crm.deals["759"], Observed((), (), first=False, stamp="759:2"), "field.contact.phone") == 1
    run_jobs(boris, boris.database)

    assert crm.deals["759"].fields == {"field.deal.visit_type": "primary"}
    assert [task.done for task in crm.tasks.values()] == [True]


@pytest.mark.parametrize("stage", ["stage.visits.new", "stage.visits.taken"])
def test_a_question_stands_while_the_deal_stands(boris: Clinic, crm: MemoryRecords, stage: str) -> None:
    comes(crm, contact("302", phone=""), deal("dental", "759", "stage.visits.new", "302"))
    routing.route(boris, "759", "t:1")
    moved(boris, crm, "759", stage)

    with scope(boris.id), boris.database.transaction() as session:
        undecided = routing.undecided(session, boris.chart, crm.deals["759"])

    assert undecided == (stage == "stage.visits.new")


@pytest.mark.parametrize("changed", ["field.deal.comment", "field.deal.visit_type"])
def test_nothing_is_routed_again_where_nobody_was_asked(boris: Clinic, crm: MemoryRecords, changed: str) -> None:
    comes(crm, deal("dental", "759", "stage.visits.new", "301"))
    routing.route(boris, "759", "t:1")

    assert watched(boris, crm.deals["759"], Observed((), (changed,), first=False, stamp="759:2")) == 0


def test_a_job_of_a_deal_that_is_gone_ends_quietly(boris: Clinic, caplog: pytest.LogCaptureFixture) -> None:
    watched(boris, deal("dental", "404", "stage.visits.new"), born(boris, 404, "stage.visits.new"))

    run_jobs(boris, boris.database)

    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


#: the calls of the CRM, before and after it has acted; the transactions, before and after they are committed
PLACES = [(where, number) for where in ("before", "after", "commit", "committed") for number in range(1, 7)]


def state(crm: MemoryRecords) -> tuple[object, ...]:
    deals = [(one.stage, one.responsible, dict(one.fields)) for one in crm.deals.values()]
    return deals, sorted((note.deal, note.text.split("\n")[0]) for note in crm.notes.values()), len(crm.notices)


def killed(crm: MemoryRecords, place: tuple[str, int], act: Callable[[], object]) -> None:
    """Die there, if it comes to that."""
    try:
        with cut(crm, *place):
            act()
    except Killed:
        return


@pytest.mark.parametrize("place", PLACES)
def test_killed_while_an_enquiry_is_joined(boris: Clinic, crm: MemoryRecords, place: tuple[str, int]) -> None:
    comes(crm, deal("dental", "700", "stage.base.base", "301"), deal("dental", "759", "stage.visits.new", "301"))

    killed(crm, place, lambda: routing.route(boris, "759", "t:1"))
    routed = routing.route(boris, "759", "t:1")

    assert routed.into == "700"
    deals, notes, notices = state(crm)
    assert [stage for stage, *_ in deals] == ["20:attention", "10:missed"]  # type: ignore[attr-defined]
    assert [number for number, _ in notes] == ["700", "759"]  # type: ignore[attr-defined]
    assert notices == 1


@pytest.mark.parametrize("place", PLACES)
def test_killed_while_somebody_is_asked(boris: Clinic, crm: MemoryRecords, place: tuple[str, int]) -> None:
    comes(crm, contact("302", "Лебедев Пётр"), contact("303"), deal("dental", "759", "stage.visits.new", "303"))

    killed(crm, place, lambda: routing.route(boris, "759", "t:1"))
    routing.route(boris, "759", "t:1")

    assert [task.responsible for task in crm.tasks.values()] == [crm.deals["759"].responsible]
    with scope(boris.id), boris.database.transaction() as session:
        [kept] = routing.decisions(session, "759")
    assert kept.task in crm.tasks


@pytest.mark.parametrize("place", PLACES)
def test_killed_while_a_deal_is_made(boris: Clinic, crm: MemoryRecords, place: tuple[str, int]) -> None:
    killed(crm, place, lambda: routing.take(boris, ENQUIRY, "call:1"))

    arrived = routing.take(boris, ENQUIRY, "call:1")

    assert arrived.made
    assert list(crm.deals) == [arrived.deal]
