"""The rate budget of an account: one row for all processes of all machines (GCRA, engine.md §5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, Float, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.config import Rate
from widget_backend.db import Base
from widget_backend.errors import RateLimited
from widget_backend.texts import Text
from widget_backend.transport import PATIENT, Patience


class RateBudget(Base):
    """``tat``: the moment (Unix seconds, the database's clock) at which the account's budget is whole again."""

    __tablename__ = "rate_budget"

    account: Mapped[str] = mapped_column(String(200), primary_key=True)
    tat: Mapped[float] = mapped_column(Float(53))


class RateHold(Base):
    """A lane of an account that is shut for a while."""

    __tablename__ = "rate_hold"

    account: Mapped[str] = mapped_column(String(200), primary_key=True)
    lane: Mapped[str] = mapped_column(String(100), primary_key=True)
    until: Mapped[datetime]


_NOW = "extract(epoch from clock_timestamp())"
_TAKE = text(
    f"""
    INSERT INTO rate_budget AS b (account, tat) VALUES (:account, {_NOW} + :step)
    ON CONFLICT (account) DO UPDATE SET tat = greatest(b.tat, {_NOW}) + :step
        WHERE b.tat - :tolerance - {_NOW} <= :longest
    RETURNING tat - :step - :tolerance - {_NOW},
        (SELECT extract(epoch from max(until) - clock_timestamp()) FROM rate_hold
          WHERE account = :account AND lane = ANY(:lanes))
    """
)
#: whoever finds no place is told when to come back: one after the other, as fast as the account may be asked
_COME_BACK = text(
    f"""
    INSERT INTO rate_hold AS h (account, lane, until)
    SELECT account, :lane, to_timestamp(tat - :tolerance) FROM rate_budget WHERE account = :account
    ON CONFLICT (account, lane) DO UPDATE SET until = greatest(h.until + make_interval(secs => :apart), excluded.until)
    RETURNING extract(epoch from until) - {_NOW}
    """
)
_BACK_OFF = text(
    f"""
    INSERT INTO rate_budget AS b (account, tat) VALUES (:account, {_NOW} + :seconds + :tolerance)
    ON CONFLICT (account) DO UPDATE SET tat = greatest(b.tat, {_NOW} + :seconds + :tolerance)
    """
)
_HOLD = text(
    """
    INSERT INTO rate_hold AS h (account, lane, until)
    VALUES (:account, :lane, clock_timestamp() + make_interval(secs => :seconds))
    ON CONFLICT (account, lane) DO UPDATE SET until = greatest(h.until, excluded.until)
    """
)
_STANDING = text(
    f"""
    SELECT coalesce((SELECT tat - {_NOW} FROM rate_budget WHERE account = :account), 0) AS ahead,
           coalesce((SELECT extract(epoch from max(until)) - {_NOW} FROM rate_hold WHERE account = :account), 0) AS held
    """
)
#: the lane of those who were told to come back; no request goes through it
COMING_BACK: Final = "coming back"

TOO_LONG = Text(
    "CRM просит подождать {seconds} с: исчерпан предел её запросов. Сделанное сохранено; повторите позже: всё "
    "продолжится с того же места.",
    "The CRM asks to wait {seconds} s: its limit of requests is used up. What is done is kept; repeat later: it goes on "
    "from there.",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of a budget is used. ``ahead``: seconds until it is whole again; ``held``: seconds for which some lane is shut;
    ``free``: requests that could be sent at once."""

    ahead: float
    held: float
    free: int


def standing(session: Session, account: str, rate: Rate) -> Standing:
    """How an account's budget stands at this moment."""
    row = session.execute(_STANDING, {"account": account}).one()
    ahead, held = max(0.0, float(row.ahead)), max(0.0, float(row.held))
    return Standing(ahead, held, max(0, int(rate.burst - ahead * rate.per_second)))


class DatabaseBudget:
    """One rate for everybody who calls this account."""

    def __init__(self, engine: Engine, account: str, rate: Rate, patience: Patience = PATIENT) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._account = account
        self._step = 1 / rate.per_second
        self._tolerance = (rate.burst - 1) / rate.per_second
        self._patience = patience
        self._has_begun = False

    def take(self, lanes: tuple[str, ...]) -> float:
        """Reserve the next free place; the seconds until it is due. Raises :class:`RateLimited` if that is too long to wait."""
        longest = self._patience.turn if self._has_begun else self._patience.entry
        row = {"account": self._account, "step": self._step, "tolerance": self._tolerance, "lanes": list(lanes)}
        with self._engine.connect() as connection:
            place = connection.execute(_TAKE, {**row, "longest": longest}).one_or_none()
            wait = max(0.0, float(place[0]), float(place[1] or 0)) if place else self._come_back(connection)
        if place is None or wait > longest:
            raise RateLimited(TOO_LONG.format(seconds=int(wait)), wait=wait)
        self._has_begun = True
        return wait

    def _come_back(self, connection: Connection) -> float:
        """The seconds until somebody who found no place may try again."""
        row = {"account": self._account, "lane": COMING_BACK, "tolerance": self._tolerance, "apart": self._step}
        return max(0.0, float(connection.execute(_COME_BACK, row).scalar_one()))

    def back_off(self, seconds: float) -> None:
        """Nobody sends to this account for so long."""
        self._run(_BACK_OFF, {"account": self._account, "seconds": seconds, "tolerance": self._tolerance})

    def hold(self, lane: str, seconds: float) -> None:
        """Shut one lane for so long."""
        self._run(_HOLD, {"account": self._account, "lane": lane, "seconds": seconds})

    def _run(self, statement: object, row: dict[str, object]) -> None:
        with self._engine.connect() as connection:
            connection.execute(statement, row)  # type: ignore[call-overload]
