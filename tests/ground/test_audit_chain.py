"""The audit: rows are added and never changed, and a chain that was tampered with names its first broken row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from ground.clinic_rows import Row, raw
from sqlalchemy.exc import DBAPIError

from widget_backend import audit
from widget_backend.audit import CHANGED, CUT, TORN, Act, Broken
from widget_backend.db import ALL, Database, scope

#: what somebody with the database's own password may do
BEHIND_OUR_BACK = "ALTER TABLE audit_row DISABLE TRIGGER USER; {}; ALTER TABLE audit_row ENABLE TRIGGER USER"


def verified(database: Database) -> tuple[int, tuple[Broken, ...]]:
    with scope(ALL), database.transaction() as session:
        return audit.verify(session)


@pytest.fixture
def busy(boris: Row, clara: Row) -> Row:
    """Boris's five acts, and two of Clara's between them."""
    for number in range(5):
        boris.acts(f"step {number}")
    clara.acts("login")
    clara.acts("logout")
    return boris


def test_a_chain_is_whole_as_it_was_written(database: Database, busy: Row) -> None:
    assert verified(database) == (7, ())


def test_each_clinic_has_a_chain_of_its_own(database: Database, busy: Row) -> None:
    rows = raw(database, "SELECT installation_id, number FROM audit_row ORDER BY id")

    assert rows == [(busy.id, n) for n in (1, 2, 3, 4, 5)] + [(busy.id + 1, 1), (busy.id + 1, 2)]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_row SET actor = 'nobody'",
        "DELETE FROM audit_row",
        "TRUNCATE audit_row",
        "DELETE FROM installation",
    ],
)
def test_the_database_refuses_to_change_a_row(database: Database, busy: Row, tampering: str) -> None:
    with pytest.raises(DBAPIError, match="neither changed nor deleted"):
        raw(database, tampering)

    assert verified(database) == (7, ())


@pytest.mark.parametrize(
    ("tampering", "number", "reason"),
    [
        ("UPDATE audit_row SET actor = 'nobody' WHERE number = 3 AND installation_id = {id}", 3, CHANGED),
        ("UPDATE audit_row SET details = '{{\"rows\": 2}}' WHERE number = 1 AND installation_id = {id}", 1, CHANGED),
        ("UPDATE audit_row SET at = at - interval '1 day' WHERE number = 5 AND installation_id = {id}", 5, CHANGED),
        ("DELETE FROM audit_row WHERE number = 2 AND installation_id = {id}", 3, TORN),
        ("DELETE FROM audit_row WHERE number = 1 AND installation_id = {id}", 2, TORN),
        ("DELETE FROM audit_row WHERE number = 5 AND installation_id = {id}", 5, CUT),
        ("DELETE FROM audit_row WHERE installation_id = {id}", 1, CUT),
    ],
)
def test_the_first_broken_row_is_named(
    database: Database, busy: Row, tampering: str, number: int, reason: object
) -> None:
    raw(database, BEHIND_OUR_BACK.format(tampering.format(id=busy.id)))

    _, broken = verified(database)

    assert broken == (Broken(busy.id, number, reason),)  # type: ignore[arg-type]


def test_an_act_that_was_rolled_back_leaves_no_trace(database: Database, busy: Row) -> None:
    with pytest.raises(ZeroDivisionError), scope(busy.id), database.transaction() as session:
        audit.record(session, busy.id, Act("7", "admin", "export"))
        _ = 1 // 0
    busy.acts("step 6")

    assert verified(database) == (8, ())


def test_acts_at_the_same_moment_stand_one_behind_the_other(database: Database, boris: Row) -> None:
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(boris.acts, [f"step {n}" for n in range(24)]))

    assert verified(database) == (24, ())
