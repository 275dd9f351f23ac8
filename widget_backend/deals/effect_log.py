"""The log of effects: every write to a CRM's records, kept before it is sent and closed with its answer. The only writer of
its table.

Payloads and refusals may name people: sealed, and wiped after a month (``prune``) or with the clinic (``forget``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend import errors
from widget_backend.clock import now
from widget_backend.crm.asking import Write, Written
from widget_backend.db import Owned
from widget_backend.deals.frozen import freeze, thaw
from widget_backend.errors import Unavailable, VendorError
from widget_backend.sealed import Sealed
from widget_backend.texts import Text

#: how long what was written can be read
LIFE: Final = timedelta(days=30)
#: what an error of a CRM is, besides its message
TOLD: Final = ("vendor", "operation", "http_status", "code", "words", "request_id")


class EffectRow(Owned):
    """One write of a key. ``sent``: it may have reached the CRM. ``made``: remote id of what came of it."""

    __tablename__ = "effect"
    __table_args__ = (UniqueConstraint("installation_id", "key", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    payload: Mapped[str | None] = mapped_column(Sealed)
    sent: Mapped[bool]
    done: Mapped[bool]
    made: Mapped[str] = mapped_column(String(100))
    refusal: Mapped[str | None] = mapped_column(Sealed)
    firing: Mapped[int | None] = mapped_column(index=True)
    hop: Mapped[int]
    begun_at: Mapped[datetime] = mapped_column(index=True)
    done_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Effect:
    """One write as it stands. ``written`` once it is done; ``kind``: the name of the write's class."""

    key: str
    position: int
    kind: str
    sent: bool
    written: Written | None
    begun_at: datetime
    done_at: datetime | None
    payload: str | None
    hop: int = 0
    firing: int | None = None

    @property
    def write(self) -> Write:
        """What is or was sent; not known any more of a done one that is older than a month."""
        return thaw(self.payload or "null")


def of_key(session: Session, key: str) -> tuple[Effect, ...]:
    """The writes of a key, in order; none where it was never begun."""
    return _effects(session, EffectRow.key == key)


def of_firing(session: Session, firing: int) -> tuple[Effect, ...]:
    """What a firing of a robot has written, in order."""
    return _effects(session, EffectRow.firing == firing)


def since(session: Session, moment: datetime) -> tuple[Effect, ...]:
    """What was written since then, in order; at most what a month has kept."""
    return _effects(session, (EffectRow.begun_at >= moment) & EffectRow.payload.is_not(None))


def made_since(session: Session, kind: str, moment: datetime) -> frozenset[str]:
    """Remote ids of what writes of this kind have made, of those begun since then."""
    made = select(EffectRow.made).where(EffectRow.kind == kind, EffectRow.done, EffectRow.begun_at >= moment)
    return frozenset(session.execute(made).scalars()) - {""}


def _effects(session: Session, these: Any) -> tuple[Effect, ...]:
    rows = session.execute(select(EffectRow).where(these).order_by(EffectRow.id)).scalars()
    return tuple(map(_effect, rows))


def _effect(row: EffectRow) -> Effect:
    return Effect(
        row.key,
        row.position,
        row.kind,
        row.sent,
        Written(row.made, _error(row.refusal)) if row.done else None,
        row.begun_at,
        row.done_at,
        row.payload,
        row.hop,
        row.firing,
    )


def keep(
    session: Session, installation_id: int, key: str, writes: Sequence[Write], hop: int = 0, firing: int | None = None
) -> tuple[Effect, ...]:
    """Keep what a key means, before any of it is sent."""
    moment = now()
    rows = [
        EffectRow(
            installation_id=installation_id,
            key=key,
            position=position,
            kind=type(write).__name__,
            payload=freeze(write),
            sent=True,
            done=False,
            made="",
            refusal=None,
            firing=firing,
            hop=hop,
            begun_at=moment,
        )
        for position, write in enumerate(writes)
    ]
    session.add_all(rows)
    session.flush()
    return tuple(map(_effect, rows))


def close(session: Session, key: str, answers: Mapping[int, Written]) -> None:
    """Book what became of some writes of a key, by their position."""
    for position, written in answers.items():
        done = {"done": True, "done_at": now(), "made": written.id, "refusal": _told(written.error)}
        _book(session, key, (position,), **done)


def note_sent(session: Session, key: str, positions: Sequence[int], *, sent: bool = True) -> None:
    """Whether these writes may have reached the CRM."""
    _book(session, key, positions, sent=sent)


def _book(session: Session, key: str, positions: Sequence[int], **values: object) -> None:
    these = update(EffectRow).where(EffectRow.key == key, EffectRow.position.in_(positions))
    session.execute(these.values(values).execution_options(synchronize_session=False))


def prune(session: Session) -> int:
    """Wipe what done writes of over a month ago held; their keys stay done. How many there were."""
    old = update(EffectRow).where(EffectRow.done, EffectRow.payload.is_not(None), EffectRow.begun_at < now() - LIFE)
    wiped = old.values(payload=None, refusal=None).returning(EffectRow.id)
    return len(session.execute(wiped.execution_options(synchronize_session=False)).all())


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone = delete(EffectRow).returning(EffectRow.id).execution_options(synchronize_session=False)
    return {EffectRow.__tablename__: len(session.execute(gone).all())}


def _told(error: VendorError | None) -> str | None:
    if error is None:
        return None
    told = {name: getattr(error, name) for name in TOLD}
    kind = type(error).__name__ if hasattr(errors, type(error).__name__) else VendorError.__name__
    return json.dumps([kind, error.message.ru, error.message.en, told], ensure_ascii=False)


def _error(refusal: str | None) -> VendorError | None:
    if refusal is None:
        return None
    kind, ru, en, told = json.loads(refusal)
    more = {"applied_unknown": True} if kind == Unavailable.__name__ else {}
    error: VendorError = getattr(errors, kind)(Text(ru, en), **told, **more)
    return error
