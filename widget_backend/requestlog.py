"""The log of requests to vendors: what, when, how it ended. No address, token, name or body is ever written."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Engine, Index, Integer, String, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Base
from widget_backend.transport import Call

KEPT = timedelta(days=14)
#: statuses of an account that is asked too often, and the first of those of one that is unwell
TOO_MANY, FAULT = 429, 500

log = logging.getLogger(__name__)


class RequestRow(Base):
    """One request. ``account`` is the vendor and host, ``operation`` our name of what was asked."""

    __tablename__ = "request_log"
    __table_args__ = (Index("request_log_account_at", "account", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account: Mapped[str] = mapped_column(String(200))
    operation: Mapped[str] = mapped_column(String(200))
    status: Mapped[int] = mapped_column(Integer)
    milliseconds: Mapped[int] = mapped_column(Integer)
    request_id: Mapped[str] = mapped_column(String(100))
    error: Mapped[str] = mapped_column(String(200))


def tally(session: Session, account: str, since: datetime) -> tuple[int, int]:
    """How many requests an account got since then, and to how many of them nobody answered, or with a fault."""
    unwell = func.count().filter(
        (RequestRow.status == 0) | (RequestRow.status == TOO_MANY) | (RequestRow.status >= FAULT)
    )
    counted = select(func.count(), unwell).where(RequestRow.account == account, RequestRow.at >= since)
    sent, failed = session.execute(counted).one()
    return sent, failed


class DatabaseLog:
    """Notes into ``request_log``, each request at once, so that a killed process leaves its trace."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._account = account

    def note(self, call: Call, status: int, milliseconds: int, request_id: str, error: str) -> None:
        """Note one request. Never raises: the answer that is noted here may hold tokens that exist nowhere else."""
        row = {
            "at": now(),
            "account": self._account,
            "operation": call.operation[:200],
            "status": status,
            "milliseconds": milliseconds,
            "request_id": request_id[:100],
            "error": error[:200],
        }
        try:
            with self._engine.connect() as connection:
                connection.execute(insert(RequestRow).values(**row))
        except SQLAlchemyError as fault:
            log.warning("a request is not in the log operation=%s: %s", call.operation, type(fault).__name__)

    def prune(self) -> None:
        """Drop what is older than 14 days."""
        with self._engine.connect() as connection:
            connection.execute(delete(RequestRow).where(RequestRow.at < now() - KEPT))
