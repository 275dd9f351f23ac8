"""Places in an account's rate budget: whoever has not begun does not wait long, and is told when to come back."""

from __future__ import annotations

import pytest

from widget_backend.budget import DatabaseBudget
from widget_backend.config import Rate
from widget_backend.db import Database
from widget_backend.errors import RateLimited
from widget_backend.transport import Patience

SLOW = Rate(0.5, 1)
IMPATIENT = Patience(turn=60.0, entry=0.5)


def budget(database: Database, account: str = "bitrix24:boris", patience: Patience = IMPATIENT) -> DatabaseBudget:
    """As a job has it."""
    return DatabaseBudget(database.engine, account, SLOW, patience)


def refused(asked: DatabaseBudget) -> float:
    with pytest.raises(RateLimited) as told:
        asked.take(())
    return told.value.wait


def test_whoever_has_begun_waits_for_his_turn(database: Database) -> None:
    job = budget(database)

    waits = [job.take(()) for _ in range(3)]

    assert waits[0] == 0.0
    assert waits[1:] == [pytest.approx(2.0, abs=0.5), pytest.approx(4.0, abs=0.5)]


def test_whoever_has_not_begun_takes_no_place(database: Database) -> None:
    first = budget(database)
    first.take(())
    for _ in range(5):
        refused(budget(database))

    assert first.take(()) == pytest.approx(2.0, abs=0.5)


def test_those_who_come_back_do_so_one_after_the_other(database: Database) -> None:
    budget(database).take(())

    waits = [refused(budget(database)) for _ in range(3)]

    assert waits == [pytest.approx(2.0, abs=0.5), pytest.approx(4.0, abs=0.5), pytest.approx(6.0, abs=0.5)]


def test_another_account_does_not_notice(database: Database) -> None:
    budget(database).take(())
    refused(budget(database))

    assert budget(database, "bitrix24:clara").take(()) == 0.0


def test_a_budget_that_was_told_to_wait_tells_so(database: Database) -> None:
    resting = budget(database)
    resting.back_off(30.0)

    assert refused(resting) == pytest.approx(30.0, abs=1.0)
