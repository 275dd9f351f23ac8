"""Boris's and Alice's clinics under attack: hostile strangers, unlucky machines, hasty administrators."""

from __future__ import annotations

import itertools
import logging
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from databases import fresh
from houses import house as build
from processes import worker
from robot_desks import RobotDesk, robot_desk
from sqlalchemy import text
from wizards import taken_back

from widget_backend import jobs
from widget_backend.crm.asking import Deals
from widget_backend.db import scope
from widget_backend.deals import routing, stage_history
from widget_backend.sandbox.faults import Fault
from widget_backend.tenancy import installations

NEW, TAKEN, CAME = "stage.visits.new", "stage.visits.taken", "stage.visits.came"
COORDINATOR, BASE = "stage.coord.new", "stage.base.base"
PHONES = (f"+7900666{number:04}" for number in itertools.count(1))
#: robots that may set each other off in a row, and the person's own step before them
CHAIN = 8


@pytest.fixture(scope="module")
def desks(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RobotDesk]]:
    """Both clinics, whose robots are at work, set up once for all tests of this module: each has patients of its own."""
    with build(fresh(server_url), tmp_path_factory.mktemp("house")) as running:
        yield {"boris": robot_desk(running, running.boris), "alice": robot_desk(running, running.alice)}


@pytest.fixture(params=["boris", "alice"])
def desk(request: pytest.FixtureRequest, desks: dict[str, RobotDesk]) -> RobotDesk:
    """Each clinic in turn."""
    return desks[request.param]


@pytest.fixture
def boris(desks: dict[str, RobotDesk]) -> Iterator[RobotDesk]:
    """Boris's clinic, where nobody has placed robots on stages, and nobody leaves any."""
    yield desks["boris"]
    desks["boris"].crm.state.placed_robots.clear()


def comes_to_rest(desk: RobotDesk, rounds: int = 40) -> bool:
    """Whether the CRM and we run out of things to say to each other."""
    for _ in range(rounds):
        told = desk.house.delivers(desk.crm)
        desk.house.works()
        if not told:
            return True
    return False


def run(desk: RobotDesk, statement: str, **values: object) -> None:
    with desk.house.database.engine.begin() as connection:
        connection.execute(text(statement), values)


def hurries(desk: RobotDesk) -> None:
    """What is to be tried again later is tried now."""
    run(desk, "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    desk.house.works()


def steps(desk: RobotDesk, deal: str) -> list[str]:
    """Where the deal has been, as our addresses."""
    with scope(desk.clinic.id), desk.house.database.transaction() as session:
        told = stage_history.history(session, deal)
    return [desk.clinic.chart.stage_of_id[step.to_stage].address for step in told]


# requests that go wrong


def settles_at_last(desk: RobotDesk) -> None:
    """As time goes by: what failed is tried again, what was told late comes."""
    for _ in range(20):
        hurries(desk)
        told = desk.house.delivers(desk.crm)
        with desk.house.database.engine.connect() as connection:
            waiting = connection.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"))
            if not told and not waiting.scalar_one():
                return
    raise AssertionError("it never comes to rest")


@pytest.mark.parametrize("at", [2, 12, 22])
def test_an_answer_that_is_lost_on_the_way_of_a_patient_who_came_changes_nothing(desk: RobotDesk, at: int) -> None:
    patient = desk.patient("Ольга Примерова", next(PHONES))
    deal = desk.enquires(patient, NEW)
    desk.settles()
    desk.moves(deal, CAME)
    desk.crm.faults.plan(Fault(at, "drop"))

    settles_at_last(desk)
    desk.crm.faults.plan()

    assert desk.house.dead() == []
    assert sorted(desk.standing(patient)) == [BASE, COORDINATOR]
    assert desk.contact(patient)["field.contact.visit_count"] == 1
    assert len([note for note in desk.notes(deal) if note.startswith("Создана копия")]) == 2


@pytest.mark.parametrize(("name", "at"), [("boris", 6), ("alice", 12)])
def test_a_worker_killed_on_the_way_of_a_patient_who_came_changes_nothing(
    desks: dict[str, RobotDesk], name: str, at: int
) -> None:
    desk = desks[name]
    patient = desk.patient("Ольга Примерова", next(PHONES))
    deal = desk.enquires(patient, NEW)
    desk.settles()
    desk.moves(deal, CAME)
    desk.house.delivers(desk.crm)
    with worker(desk.house) as process:
        desk.crm.faults.plan(Fault(at, "kill_after", pid=process.pid))
        end = process.wait(60)
    desk.crm.faults.plan()
    taken_back(desk.house)

    settles_at_last(desk)

    assert end == -signal.SIGKILL
    assert desk.house.dead() == []
    assert sorted(desk.standing(patient)) == [BASE, COORDINATOR]
    assert desk.contact(patient)["field.contact.visit_count"] == 1
    assert len([note for note in desk.notes(deal) if note.startswith("Создана копия")]) == 2


def test_a_patient_whose_responsible_has_left_the_account_is_handed_on_all_the_same(
    desks: dict[str, RobotDesk], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = desks["alice"]
    patient, left = alice.patient("Ольга Примерова", next(PHONES)), alice.users[-1]
    deal = alice.enquires(patient, NEW)
    alice.hands_over(deal, left)
    alice.settles()
    alice.moves(deal, CAME)
    monkeypatch.delitem(alice.crm.state.users, int(left))

    alice.settles()

    assert alice.house.dead() == []
    assert sorted(alice.standing(patient)) == [BASE, COORDINATOR]


# robots that never end


def test_robots_of_the_portal_that_send_a_deal_to_and_fro_come_to_rest(boris: RobotDesk) -> None:
    portal, stages = boris.crm.state, boris.clinic.chart.stage
    portal.place_robot("wake_deal", stages["stage.base.attention"].id, stage="stage.base.treatment")
    portal.place_robot("wake_deal", stages["stage.base.treatment"].id, stage="stage.base.attention")
    deal = boris.deal(boris.patient("Ольга Примерова", next(PHONES)), "stage.base.base")
    boris.settles()

    boris.moves(deal, "stage.base.attention")

    assert comes_to_rest(boris)
    assert len(steps(boris, deal)) <= CHAIN + 2


def test_a_copier_on_the_stage_it_copies_to_fills_no_pipeline(boris: RobotDesk) -> None:
    portal, stages = boris.crm.state, boris.clinic.chart.stage
    portal.place_robot("copy_deal", stages["stage.base.attention"].id, stage="stage.base.attention")
    patient = boris.patient("Ольга Примерова", next(PHONES))
    deal = boris.deal(patient, "stage.base.base")
    boris.settles()

    boris.moves(deal, "stage.base.attention")

    assert comes_to_rest(boris)
    assert len(boris.open_deals(patient)) <= CHAIN


def test_a_deal_that_the_crm_and_a_rule_send_about_is_left_alone_after_a_while(
    boris: RobotDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widget_backend.robots.firings.WHIRL", 5)
    deal = boris.deal(boris.patient("Ольга Примерова", next(PHONES)), NEW)
    boris.settles()
    for _ in range(3):
        boris.moves(deal, TAKEN)
        boris.settles()
        boris.moves(deal, NEW)
        boris.settles()

    states = {firing.state for firing in boris.runs("date_visits_new") if firing.deal == deal}

    assert states == {"done", "stopped"}


# dates


@pytest.mark.parametrize("at", [datetime(1, 1, 2, 12, tzinfo=UTC), datetime(9999, 12, 31, 5, tzinfo=UTC)])
def test_a_date_at_the_end_of_all_calendars_stops_nothing(desk: RobotDesk, at: datetime) -> None:
    patient = desk.patient("Ольга Примерова", next(PHONES))
    deal = desk.enquires(patient, "stage.visits.booked")
    desk.notes_deal(deal, visit_at=at)
    desk.settles()

    desk.moves(deal, CAME)
    desk.settles()

    assert desk.house.dead() == []
    assert steps(desk, deal) == ["stage.visits.booked", CAME]
    assert COORDINATOR in desk.standing(patient)


# accounts that are shut to us on the way


def route_later(desk: RobotDesk, deal: str) -> None:
    """The job that an enquiry leaves is not worked on yet."""
    number = desk.clinic.id
    with desk.house.database.transaction() as session:
        jobs.enqueue(
            session, routing.TASK, lock=f"{number}:deal:{deal}", installation_id=number, deal=deal, cause="t:7"
        )


def decided(desk: RobotDesk, deal: str) -> list[str]:
    with scope(desk.clinic.id), desk.house.database.transaction() as session:
        return [one.cause for one in routing.decisions(session, deal)]


@pytest.mark.parametrize("turn", [installations.pause, installations.need_reconnect])
def test_a_patient_is_routed_once_his_clinics_account_is_open_again(desk: RobotDesk, turn: object) -> None:
    deal, number = desk.deal(desk.patient("Ольга Примерова", next(PHONES)), NEW), desk.clinic.id
    route_later(desk, deal)
    with desk.house.database.transaction() as session:
        turn(session, number)  # type: ignore[operator]
    desk.house.works()
    dead = desk.house.dead()
    run(desk, "UPDATE installation SET status = 'active' WHERE id = :id", id=number)

    hurries(desk)

    assert dead == []
    assert decided(desk, deal) == ["t:7"]


def test_a_portal_that_moves_is_followed_by_all_who_remember_its_old_address(boris: RobotDesk) -> None:
    portal, old = boris.crm, boris.house.of(boris.crm)
    wanted = Deals((boris.deal(boris.patient("Ольга Примерова", next(PHONES)), NEW),))
    one, other = boris.clinic, boris.clinic
    with scope(boris.clinic.id):
        one.records.read(wanted)
        other.records.read(wanted)
    portal.state.settings.renamed_to = portal.host.replace("127.0.0.1", "localhost")

    with scope(boris.clinic.id):
        found = [each.records.read(wanted)[wanted] for each in (one, other)]

    portal.state.settings.renamed_to = ""
    with boris.house.database.transaction() as session:
        installations.move(session, old.id, old.host, old.base_url)
    assert found[0] == found[1] != ()


# what lies about


def test_a_busy_day_leaves_nobodys_name_phone_or_key_in_the_log(
    desk: RobotDesk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    phone = next(PHONES)
    patient = desk.patient("Ольга Примерова", phone)
    deal = desk.enquires(patient, NEW, title="Примерова Ольга, имплант")
    desk.settles()
    desk.rings_up(patient, deal)
    desk.moves(deal, CAME)
    desk.settles()
    desk.house.client.post("/webhooks/bitrix24", data={"event": "ONCRMDEALADD", "auth[member_id]": "Примерова"})

    pair = desk.house.pair(desk.crm)
    secrets = [pair.access, pair.refresh] if pair else []
    ours = [row for row in caplog.records if row.name.startswith(("widget_backend", "installer", "procrastinate"))]
    said = "\n".join(row.getMessage() for row in ours)
    assert ours
    assert [word for word in ("Примерова", "имплант", phone[1:], *secrets) if word in said] == []
