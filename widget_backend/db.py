"""The database: an embedded PostgreSQL or ``DATABASE_URL``; who opens a transaction; which tenant's rows are seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from sqlalchemy import BigInteger, DateTime, Dialect, Engine, ForeignKey, TypeDecorator, create_engine, event, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolIsEmpty
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    UOWTransaction,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

ALL: Final = -1
#: connections of a process that does not say how many it needs
CONNECTIONS: Final = 30
#: of those a process may have, one in so many stays open when it is not needed: to open one costs more than most that is
#: done with it
KEPT: Final = 2
#: seconds that one may be waited for
PATIENCE: Final = 30.0
#: connections that are kept for single statements
SWIFT: Final = 8
_scope: ContextVar[int | None] = ContextVar("scope", default=None)
_open: ContextVar[bool] = ContextVar("transaction", default=False)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored and read in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC, whatever the session's zone is."""
        return value.astimezone(UTC) if value is not None else None


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {datetime: UtcDateTime, int: BigInteger}


class Owned(Base):
    """A table of a tenant's rows: outside ``scope(installation)`` a query raises."""

    __abstract__ = True

    installation_id: Mapped[int] = mapped_column(ForeignKey("installation.id", ondelete="CASCADE"), index=True)


class OutOfScope(LookupError):
    """A tenant's rows were asked for without saying which tenant."""


@contextmanager
def scope(installation_id: int) -> Iterator[None]:
    """See only this installation's rows; ``scope(ALL)`` is always written out."""
    token = _scope.set(installation_id)
    try:
        yield
    finally:
        _scope.reset(token)


def in_transaction() -> bool:
    """Whether a transaction is open here: no request goes out then."""
    return _open.get()


class _Pool(QueuePool):
    """To whoever waits for a connection in vain the database is away: what it had to do is to be tried again."""

    def _do_get(self) -> ConnectionPoolEntry:
        try:
            return super()._do_get()
        except PoolIsEmpty as fault:
            raise OperationalError("connect", None, fault) from fault


class Database:
    """One engine; ``transaction()`` is opened by a command, a request or a job, and by nobody else. ``connections``: at once,
    at most."""

    def __init__(self, url: str, on_close: Callable[[], None] = lambda: None, connections: int = CONNECTIONS) -> None:
        self._on_close = on_close
        self.engine: Engine = create_engine(
            url,
            poolclass=_Pool,
            pool_size=connections // KEPT,
            max_overflow=connections - connections // KEPT,
            pool_use_lifo=True,
            pool_timeout=PATIENCE,
            pool_pre_ping=True,
            hide_parameters=True,
        )

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commit at the end, roll back on an error."""
        token = _open.set(True)
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
        finally:
            _open.reset(token)

    def answers(self) -> bool:
        """Whether the server can be reached now."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (OperationalError, InterfaceError):
            return False
        return True

    @cached_property
    def swift(self) -> Engine:
        """For single statements that are transactions of their own, where each round trip counts: connections are neither
        tried before use nor tidied after it, and a statement is planned once."""
        planned_once = {"options": "-c plan_cache_mode=force_generic_plan"}
        return create_engine(
            self.engine.url,
            poolclass=_Pool,
            isolation_level="AUTOCOMMIT",
            pool_size=SWIFT,
            max_overflow=SWIFT,
            pool_reset_on_return=None,
            connect_args=planned_once,
            hide_parameters=True,
        )

    def close(self) -> None:
        """Let go of all connections, and of the embedded server if this process was its last."""
        if "swift" in self.__dict__:
            self.swift.dispose()
        self.engine.dispose()
        self._on_close()


@event.listens_for(Session, "do_orm_execute")
def _only_own_rows(state: ORMExecuteState) -> None:
    if not any(issubclass(mapper.class_, Owned) for mapper in state.all_mappers):
        return
    current = _scope.get()
    if current is None:
        raise OutOfScope("a query of tenant rows outside scope(installation)")
    if current != ALL:
        state.statement = state.statement.options(
            with_loader_criteria(Owned, lambda cls: cls.installation_id == current, include_aliases=True)
        )


@event.listens_for(Session, "before_flush")
def _only_own_writes(session: Session, context: UOWTransaction, instances: Any) -> None:
    current = _scope.get()
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, Owned) or current == ALL:
            continue
        if current is None:
            raise OutOfScope("a write of tenant rows outside scope(installation)")
        owner: int | None = row.installation_id
        if owner is None:
            row.installation_id = current
        elif owner != current:
            raise OutOfScope("a write of another tenant's rows")
