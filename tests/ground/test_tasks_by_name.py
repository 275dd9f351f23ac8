"""The contents page of background work: what each task does, and that schedules and names hold."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from croniter import croniter
from ground.clinic_rows import Row, installed_at, raw
from ground.loopback_oauth import TokenServer

from widget_backend import jobs
from widget_backend.config import ServerSettings
from widget_backend.db import Database
from widget_backend.errors import Unavailable
from widget_backend.jobs import Task
from widget_backend.jobs.task import pause
from widget_backend.jobs.worker import drain
from widget_backend.tasks import IDLE, tasks, upkeep
from widget_backend.tenancy import installations
from widget_backend.texts import Text

PUBLIC: Final = "https://app.dental.example"
FOR_PATIENTS: Final = {"robots.run", "robots.tell", "robots.ring", "deals.route"}


@pytest.fixture
def page(database: Database, vendor: TokenServer) -> tuple[Task, ...]:
    """All tasks, with one vendor's application ours to speak for."""
    return upkeep(database, {vendor.vendor: lambda info: vendor.oauth})


@pytest.fixture
def clinic(database: Database, vendor: TokenServer) -> Row:
    """A clinic that has consented, at each vendor in turn."""
    return installed_at(database, vendor)


def run(database: Database, page: tuple[Task, ...], name: str) -> None:
    with database.transaction() as session:
        jobs.enqueue(session, name)
    drain(database, page)


def dead(database: Database) -> list[str]:
    with database.transaction() as session:
        return [letter.message.en for letter in jobs.dead(session)]


def age(database: Database, days: int) -> None:
    raw(database, "UPDATE token SET refreshed_at = now() - make_interval(days => :days)", days=days)


def test_names_are_given_once_and_schedules_can_be_kept(page: tuple[Task, ...]) -> None:
    names = [task.name for task in page]
    schedules = [task.schedule for task in page if task.schedule]

    assert len(names) == len(set(names))
    assert schedules != []
    assert [schedule for schedule in schedules if not croniter.is_valid(schedule)] == []


def test_what_is_done_for_patients_waits_for_a_crm_that_is_away_all_night(database: Database, tmp_path: Path) -> None:
    away, page = Unavailable(Text("Нет.", "No.")), tasks(database, ServerSettings(tmp_path, "", PUBLIC, keys=()))
    ours = [task.attempts for task in page if task.name in FOR_PATIENTS]
    waits = [sum(pause(away, failures, most) or 0 for failures in range(1, most)) for most in ours]

    assert len(waits) == len(FOR_PATIENTS)
    assert min(waits) > 7 * 3600


@pytest.mark.parametrize(
    "name",
    ["tokens.keep_alive", "tickets.prune", "spent.prune", "requestlog.prune", "jobs.housekeeping", "audit.verify"],
)
def test_each_scheduled_task_runs(database: Database, page: tuple[Task, ...], clinic: Row, name: str) -> None:
    clinic.acts("login")

    run(database, page, name)

    assert dead(database) == []


def test_tokens_that_have_idled_are_renewed_and_the_others_left_alone(
    database: Database, page: tuple[Task, ...], clinic: Row, vendor: TokenServer
) -> None:
    age(database, IDLE[vendor.vendor].days - 1)
    run(database, page, "tokens.keep_alive")
    before = vendor.asked
    age(database, IDLE[vendor.vendor].days + 1)
    run(database, page, "tokens.keep_alive")
    run(database, page, "tokens.keep_alive")

    assert (before, vendor.asked) == (0, 1)
    assert clinic.pair is not None and clinic.pair.refresh == "refresh-2"


def test_a_vendor_not_offered_here_is_not_asked(database: Database, clinic: Row, vendor: TokenServer) -> None:
    age(database, 100)

    run(database, upkeep(database, {}), "tokens.keep_alive")

    assert (vendor.asked, dead(database)) == (0, [])


def test_access_lost_while_idle_is_said_by_the_installation(
    database: Database, page: tuple[Task, ...], clinic: Row, vendor: TokenServer
) -> None:
    vendor.revoke()
    age(database, 100)

    run(database, page, "tokens.keep_alive")
    run(database, page, "tokens.keep_alive")

    assert (vendor.asked, clinic.info.status, dead(database)) == (1, "reconnect", [])


def test_a_closed_clinic_is_left_in_peace(
    database: Database, page: tuple[Task, ...], clinic: Row, vendor: TokenServer
) -> None:
    age(database, 100)
    with database.transaction() as session:
        installations.shut(session, clinic.id)

    run(database, page, "tokens.keep_alive")

    assert (vendor.asked, dead(database)) == (0, [])


def test_a_broken_audit_is_told_by_a_dead_letter(database: Database, page: tuple[Task, ...], clinic: Row) -> None:
    clinic.acts("login")
    raw(database, "ALTER TABLE audit_row DISABLE TRIGGER USER; UPDATE audit_row SET actor = 'nobody'")

    run(database, page, "audit.verify")

    (told,) = dead(database)
    assert f"installation {clinic.id}, row 1" in told
