"""Whose rows are seen: outside a scope nobody's, in Clara's scope only Clara's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ground.clinic_rows import Row, raw
from ground.loopback_oauth import grant
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from widget_backend import audit, tables
from widget_backend.audit import Act
from widget_backend.db import ALL, Database, OutOfScope, Owned, scope
from widget_backend.security import tickets
from widget_backend.security.sessions import Visit
from widget_backend.tenancy import tokens

OWNED = [mapper.class_ for mapper in Owned.registry.mappers if issubclass(mapper.class_, Owned)]
ROWS = sorted(OWNED, key=lambda table: table.__tablename__)
assert tables.WRITERS


@pytest.mark.parametrize("statement", [select, update, delete, insert])
@pytest.mark.parametrize("table", ROWS)
def test_outside_a_scope_every_statement_raises(
    database: Database, table: type[Owned], statement: Callable[[type[Owned]], object]
) -> None:
    with pytest.raises(OutOfScope), database.transaction() as session:
        session.execute(statement(table))  # type: ignore[call-overload]


UNSCOPED: dict[str, Callable[[Session, int], object]] = {
    "tokens": lambda session, one: tokens.load(session),
    "forgetting tokens": lambda session, one: tokens.forget(session),
    "the audit": lambda session, one: audit.verify(session),
    "an act": lambda session, one: audit.record(session, one, Act("7", "admin", "login")),
    "a ticket": lambda session, one: tickets.issue(session, Visit(one, "7", "admin")),
}


@pytest.mark.parametrize("reach", UNSCOPED.values(), ids=UNSCOPED.keys())
def test_outside_a_scope_nothing_is_done(
    database: Database, boris: Row, reach: Callable[[Session, int], object]
) -> None:
    with pytest.raises(OutOfScope), database.transaction() as session:
        reach(session, boris.id)


@pytest.fixture
def busy(boris: Row, alice: Row) -> tuple[Row, Row]:
    """Two clinics with tokens, acts and tickets."""
    for clinic in (boris, alice):
        clinic.acts("login")
        clinic.ticket()
    return boris, alice


@pytest.mark.parametrize("table", ROWS)
@pytest.mark.usefixtures("busy")
def test_clara_sees_nothing_of_the_others(database: Database, clara: Row, table: type[Owned]) -> None:
    with scope(clara.id), database.transaction() as session:
        seen = session.execute(select(table)).scalars().all()

    assert [row for row in seen if row.installation_id != clara.id] == []


@pytest.mark.usefixtures("busy")
def test_there_is_something_to_see(database: Database) -> None:
    with scope(ALL), database.transaction() as session:
        counts = {table.__tablename__: len(session.execute(select(table)).scalars().all()) for table in ROWS}

    assert {"token": 2, "ticket": 2, "audit_row": 2, "audit_chain": 2}.items() <= counts.items()


def test_clara_wipes_only_her_own(database: Database, busy: tuple[Row, Row], clara: Row) -> None:
    with scope(clara.id), database.transaction() as session:
        wiped = (tokens.forget(session), tickets.forget(session))

    assert wiped == (1, 0)
    assert raw(database, "SELECT count(*) FROM token") == [(2,)]
    assert raw(database, "SELECT count(*) FROM ticket") == [(2,)]


def test_clara_changes_nothing_of_the_others(database: Database, boris: Row, clara: Row) -> None:
    with scope(clara.id), database.transaction() as session:
        session.execute(
            update(tokens.TokenRow).values(user_id="clara"), execution_options={"synchronize_session": False}
        )

    assert boris.pair is not None and boris.pair.user_id == "7"


WRITES: dict[str, Callable[[Session, int], object]] = {
    "an act": lambda session, other: audit.record(session, other, Act("7", "admin", "login")),
    "a ticket": lambda session, other: tickets.issue(session, Visit(other, "7", "admin")),
    "tokens": lambda session, other: tokens.save(session, other, grant("bitrix24", "boris", 9)),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_clara_writes_nothing_into_another_clinic(
    database: Database, boris: Row, clara: Row, write: Callable[[Session, int], object]
) -> None:
    with pytest.raises(OutOfScope), scope(clara.id), database.transaction() as session:
        write(session, boris.id)
