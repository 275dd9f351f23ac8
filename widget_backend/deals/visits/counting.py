"""Counters that follow from the journal of visits. Pure.

The clinic's system and a deal may tell of the same visit: it is one where they name the same deal, or where nothing is named
and they speak of the same day. What one of them calls completed is completed, as a no-show is only ever a guess (Q-11).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from widget_backend.deals.visits.journal import Visit
from widget_backend.worktime import Hours


@dataclass(frozen=True, slots=True)
class Counters:
    """``completed``: visits that took place; ``first_at``, ``last_at``: of those; ``next_at``: the next booked one."""

    completed: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    next_at: datetime | None = None


def counters(visits: Iterable[Visit], zone: ZoneInfo, at: datetime, *, but: str = "", insured: bool = True) -> Counters:
    """Of one patient. ``but``: leave out the visit of this deal; ``insured``: whether those an insurer pays count (Q-18)."""
    known = [visit for visit in visits if not but or visit.deal != but]
    completed = [visit for visit in known if visit.outcome == "completed"]
    when = sorted(_moment(visit) for visit in completed if insured or not visit.insured)
    ahead = sorted(visit.at for visit in known if visit.outcome == "booked" and visit.at and visit.at > at)
    return Counters(
        _number(completed, {visit.deal for visit in known if visit.source == "mis" and visit.deal}, zone, insured),
        when[0] if when else None,
        when[-1] if when else None,
        ahead[0] if ahead else None,
    )


def _number(completed: Sequence[Visit], tied: set[str], zone: ZoneInfo, insured: bool) -> int:
    """``tied``: deals that the clinic's system names. Of each of them, and of each day else, whoever tells of more is right."""
    places = [(visit, visit.deal if visit.deal in tied else _day(visit, zone)) for visit in completed]
    theirs = Counter(place for visit, place in places if visit.source == "mis")
    ours = Counter(place for visit, place in places if visit.source != "mis")
    counted = ours | theirs
    return (counted if insured else counted - Counter(place for visit, place in places if visit.insured)).total()


def _moment(visit: Visit) -> datetime:
    return visit.at or visit.told_at


def _day(visit: Visit, zone: ZoneInfo) -> date:
    return Hours(zone).day(_moment(visit))
