"""Entries: a page of the journal, each with what happened, by whom, and what followed, in an administrator's words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from widget_backend.audit import AuditRow
from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.deals.clinic import ZONE
from widget_backend.deals.copying import lineage
from widget_backend.deals.routing.decision_log import DecisionRow
from widget_backend.deals.stage_history import TransitionRow
from widget_backend.journal import sources, telling
from widget_backend.journal.asked import Asked, Place
from widget_backend.journal.sources import SOURCES
from widget_backend.journal.telling import Entry, Knows
from widget_backend.panel import known
from widget_backend.robots import firing_log, rules
from widget_backend.robots.firing_log import Firing, FiringRow
from widget_backend.texts import Text

#: entries of a page
MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Page:
    """The newest first. ``older``: where the next page begins, ``None`` at the end; ``zone``: whose moments these are."""

    entries: tuple[Entry, ...]
    older: Place | None
    zone: ZoneInfo


def read(session: Session, settings: Mapping[str, Any], asked: Asked, most: int = MOST) -> Page:
    """What is asked, in scope. ``settings``: of the installation."""
    places = sources.newest(session, asked, most + 1)
    zone = ZoneInfo(str(settings.get("time_zone", ZONE)))
    named = {key: entry.rule.name for key, entry in rules.load(session).entry.items()}
    knows = Knows(charts.load(session) or Chart(), zone, known.names(settings), named)
    shown = places[:most]
    told = {
        place: entry
        for number, source in enumerate(SOURCES)
        for place, entry in _told(session, knows, source.name, [one for one in shown if one.source == number])
    }
    entries = tuple(replace(told[place], key=place.written()) for place in shown if place in told)
    return Page(entries, shown[-1] if len(places) > most else None, zone)


def newer(session: Session, asked: Asked, than: str) -> bool:
    """Whether an entry has come that stands before the one of this key; in scope."""
    first = sources.newest(session, replace(asked, before=None), 1)
    return bool(first) and first[0].written() != than


def _told(session: Session, knows: Knows, source: str, places: Sequence[Place]) -> Sequence[tuple[Place, Entry]]:
    found = _READERS[source](session, knows, [place.id for place in places]) if places else {}
    return [(place, found[place.id]) for place in places if place.id in found]


def _causes(session: Session, knows: Knows, ids: Sequence[int]) -> Mapping[int, Entry]:
    runs = firing_log.of_causes(session, ids)
    named, by_rule = known.names_of(session, runs), _leading(session, runs)
    waited = {run.rule_id: rules.version(session, run.rule_id).rule for run in runs if run.happening.on == "due"}
    of_cause = {number: [run for run in runs if run.cause_id == number] for number in ids}
    return {
        number: telling.cause(knows, firings, named, by_rule, waited) for number, firings in of_cause.items() if firings
    }


def _leading(session: Session, runs: Collection[Firing]) -> Mapping[int, Text]:
    """Firing -> what its rule was called, of those that led to what happened here."""
    ids = {run.happening.firing for run in runs} - {None}
    rows = session.execute(select(FiringRow.id, FiringRow.rule_id).where(FiringRow.id.in_(ids))).all() if ids else []
    names = rules.names_of(session, {rule_id for _, rule_id in rows})
    return {number: names[rule_id] for number, rule_id in rows if rule_id in names}


def _moves(session: Session, knows: Knows, ids: Sequence[int]) -> Mapping[int, Entry]:
    rows = session.execute(select(TransitionRow).where(TransitionRow.id.in_(ids))).scalars().all()
    led = select(FiringRow.id, FiringRow.rule_id).where(FiringRow.id.in_([row.firing for row in rows if row.firing]))
    rule_of = dict(session.execute(led).tuples().all())
    names = rules.names_of(session, set(rule_of.values()))
    by_rule = {firing: names[rule] for firing, rule in rule_of.items() if rule in names}
    return {row.id: telling.move(knows, row, by_rule) for row in rows}


def _decisions(session: Session, knows: Knows, ids: Sequence[int]) -> Mapping[int, Entry]:
    rows = session.execute(select(DecisionRow).where(DecisionRow.id.in_(ids))).scalars()
    return {row.id: telling.decision(knows, row) for row in rows}


def _copies(session: Session, knows: Knows, ids: Sequence[int]) -> Mapping[int, Entry]:
    return {number: telling.copy(knows, lineage.get(session, number)) for number in ids}


def _acts(session: Session, knows: Knows, ids: Sequence[int]) -> Mapping[int, Entry]:
    rows = session.execute(select(AuditRow).where(AuditRow.id.in_(ids))).scalars()
    return {row.id: telling.act(knows, row) for row in rows}


_READERS: Final[Mapping[str, Callable[[Session, Knows, Sequence[int]], Mapping[int, Entry]]]] = {
    "cause": _causes,
    "move": _moves,
    "decision": _decisions,
    "copy": _copies,
    "act": _acts,
}
