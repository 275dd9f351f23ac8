"""Pace: a loud account's records get their jobs a handful at a time, and every one of them gets one."""

from __future__ import annotations

from collections import Counter

import pytest
from inbox_desk import Desk

from widget_backend.errors import RateLimited, Unavailable
from widget_backend.inbox.pace import HANDFUL
from widget_backend.tenancy import installations
from widget_backend.texts import Text

AWAY = Text("CRM не отвечает.", "The CRM does not answer.")
BUSY = Text("CRM просит подождать.", "The CRM asks to wait.")
MANY = 3 * HANDFUL
TASKS = "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'todo' GROUP BY task_name"
MADE = "SELECT task_name, count(*) FROM procrastinate_jobs GROUP BY task_name"


@pytest.fixture
def crowd(boris: Desk) -> list[str]:
    """Deals somebody has just imported."""
    deals = [boris.crm.adds("new") for _ in range(MANY)]
    boris.hears_much(deals)
    return deals


def test_an_import_waits_as_messages_and_one_job(boris: Desk, crowd: list[str]) -> None:
    assert dict(boris.sql(TASKS)) == {"inbox.pace": 1}


def test_a_handful_is_worked_on_at_a_time(boris: Desk, crowd: list[str]) -> None:
    boris.works()

    assert Counter(boris.states()) == {"done": HANDFUL, "new": MANY - HANDFUL}
    assert dict(boris.sql(TASKS)) == {"inbox.pace": 1}


def test_all_is_worked_on_in_the_end_and_then_nobody_looks_any_more(boris: Desk, crowd: list[str]) -> None:
    for _ in range(4):
        boris.hurries()

    assert boris.states() == ["done"] * MANY
    assert dict(boris.sql(TASKS)) == {}
    assert [boris.path(deal) for deal in crowd] == [["new"]] * MANY


def test_the_longest_waiting_come_first(boris: Desk, crowd: list[str]) -> None:
    boris.works()

    assert [boris.path(deal) for deal in crowd] == [["new"]] * HANDFUL + [[]] * (MANY - HANDFUL)


def test_what_finds_no_place_in_the_rate_is_in_hand_and_no_more_begins(boris: Desk, crowd: list[str]) -> None:
    boris.crm.fault = RateLimited(BUSY, wait=30.0)

    boris.works()
    boris.sql("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo' AND task_name = 'inbox.pace'")
    boris.works()

    assert dict(boris.sql(TASKS)) == {"inbox.pace": 1, "inbox.process": HANDFUL}


def test_a_record_that_has_its_job_gets_no_second_one(boris: Desk, crowd: list[str]) -> None:
    boris.hears("deal", crowd[0])

    boris.hurries()

    assert dict(boris.sql(MADE))["inbox.process"] == HANDFUL


def test_while_the_crm_is_away_what_was_tried_is_left_to_the_queue(boris: Desk, crowd: list[str]) -> None:
    boris.crm.fault = Unavailable(AWAY)

    for _ in range(9):
        boris.hurries()
    boris.crm.fault = None
    boris.reconciles()
    boris.hurries()

    assert set(boris.states()) == {"done"}


def test_nothing_is_begun_while_the_account_is_held_up(boris: Desk, crowd: list[str]) -> None:
    with boris.database.transaction() as session:
        installations.pause(session, boris.id)

    boris.works()

    assert dict(boris.sql(TASKS)) == {}
    assert boris.states() == ["new"] * MANY


def test_claras_import_is_hers(boris: Desk, clara: Desk, crowd: list[str]) -> None:
    clara.hears_much([clara.crm.adds("new")])

    boris.works()

    assert clara.states() == ["done"]
    assert Counter(boris.states()) == {"done": HANDFUL, "new": MANY - HANDFUL}
