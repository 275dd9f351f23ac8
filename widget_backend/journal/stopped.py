"""Stopped: what could not be done, by cause, and trying it again: one thing, or all of a cause."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from widget_backend.deals.clinic import ZONE
from widget_backend.errors import Conflict
from widget_backend.inbox import dead_letters
from widget_backend.inbox.dead_letters import Group
from widget_backend.journal import words
from widget_backend.journal.telling import AGAIN
from widget_backend.panel import telling
from widget_backend.robots import firing_log, firings
from widget_backend.robots.firing_log import CauseRow, FiringRow
from widget_backend.texts import Text

#: of one cause that are listed; the rest is tried again with its cause
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Heap:
    """All that stopped for one cause. ``what``: in words; ``why``: what happened, what is safe, what to do."""

    cause: str
    what: Text
    why: Text
    count: int
    since: Text | None
    until: Text | None


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that stopped. ``deal``: whose, empty for none."""

    number: str
    what: Text
    deal: str
    when: Text | None


def heaps(session: Session, installation_id: int, settings: Mapping[str, Any]) -> tuple[Heap, ...]:
    """The largest first; in scope."""
    zone = _zone(settings)
    return tuple(_heap(group, zone) for group in dead_letters.groups(session, installation_id))


def pieces(session: Session, installation_id: int, settings: Mapping[str, Any], cause: str) -> tuple[Piece, ...]:
    """The newest of one cause; in scope."""
    zone, found = _zone(settings), dead_letters.of_cause(session, installation_id, cause, MOST)
    deals = _deals(session, {one.firing for one in found if one.firing})
    return tuple(
        Piece(
            one.number,
            _what(one.what),
            deals.get(one.firing, one.record if one.what in ABOUT_DEALS else ""),
            telling.moment(one.at, zone) if one.at else None,
        )
        for one in found
    )


def again(session: Session, installation_id: int, cause: str) -> Text:
    """Try all of a cause again; what to say. In scope. Raises :class:`NotFound`."""
    return words.REPEATED.format(count=dead_letters.replay(session, installation_id, cause))


def again_one(session: Session, installation_id: int, number: str) -> Text:
    """Try one thing again; what to say. In scope. Raises :class:`NotFound`."""
    dead_letters.replay_one(session, installation_id, number)
    return words.REPEATED_ONE


def again_run(session: Session, installation_id: int, firing: int) -> Text:
    """Try a robot's run again that failed, or whose rule had paused; what to say. What it has written already is not written
    twice. In scope. Raises :class:`NotFound`, and :class:`Conflict` where there is nothing to try."""
    if firing_log.get(session, firing).state not in AGAIN:
        raise Conflict(words.NOTHING_TO_REPEAT)
    if not dead_letters.replay_firing(session, installation_id, firing):
        firings.again(session, installation_id, firing)
    return words.REPEATED_ONE


#: what is about a deal, whose number it carries
ABOUT_DEALS: Final = frozenset({"deal", "call", "deals.route", "robots.warn"})


def _heap(group: Group, zone: ZoneInfo) -> Heap:
    first, last = (telling.moment(at, zone) if at else None for at in (group.first_at, group.last_at))
    return Heap(group.cause, _what(group.what), group.message, group.count, first, last)


def _what(name: str) -> Text:
    return words.STOPPED.get(name, words.STOPPED_ELSE)


def _deals(session: Session, runs: Collection[int]) -> Mapping[int, str]:
    if not runs:
        return {}
    both = select(FiringRow.id, CauseRow.deal).join(CauseRow, CauseRow.id == FiringRow.cause_id)
    return dict(session.execute(both.where(FiringRow.id.in_(runs))).tuples().all())


def _zone(settings: Mapping[str, Any]) -> ZoneInfo:
    return ZoneInfo(str(settings.get("time_zone", ZONE)))
