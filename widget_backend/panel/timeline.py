"""The timeline: what happened in a patient's deals: moves, copies, decisions, what robots did. The newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from widget_backend.crm.chart import Chart
from widget_backend.deals import deal_state, routing, stage_history
from widget_backend.deals.copying.lineage import Copy
from widget_backend.deals.routing import Decision
from widget_backend.deals.stage_history import Transition
from widget_backend.panel import telling, words
from widget_backend.panel.known import RUNS, Known, names_of
from widget_backend.robots import firing_log, naming, why
from widget_backend.robots.firing_log import Firing
from widget_backend.texts import Text

Sort = Literal["moves", "decisions", "robots", "copies"]

#: events of one page, and deals of a patient that are looked at
MOST: Final = 60
DEALS: Final = 8
#: after an event others follow: robots answer, decisions are made
FRESH: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Event:
    """``details``: sentences below the title; ``code``: of the robots' explanation; ``bad``: somebody should look."""

    sort: Sort
    at: datetime
    when: Text
    deal: str
    title: Text
    details: tuple[Text, ...] = ()
    code: str = ""
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """``deals``: whose events these are; ``patient``: whether a patient is known; ``is_fresh``: more may follow right now."""

    events: tuple[Event, ...]
    deals: tuple[str, ...]
    patient: bool
    shown: str
    is_fresh: bool


def read(session: Any, known: Known, show: str = "all") -> Timeline:
    """The events of the deal, its family and the patient's other deals, in scope. ``show``: a key of ``words.FILTERS``."""
    contact = known.state.contact if known.state else ""
    others = deal_state.deals_of(session, contact, DEALS) if contact else ()
    deals = tuple(dict.fromkeys([known.deal, *(one.deal for one in others), *known.family.deals]))[: DEALS * 2]
    wanted = [event for deal in deals for event in _of_deal(session, known, deal)] + list(_copies(known, deals))
    shown = [event for event in wanted if show in ("all", event.sort)]
    newest = sorted(shown, key=lambda event: event.at, reverse=True)[:MOST]
    is_fresh = any(known.at - event.at < FRESH for event in wanted)
    return Timeline(tuple(newest), deals, bool(contact), show, is_fresh)


def _of_deal(session: Any, known: Known, deal: str) -> Iterator[Event]:
    if deal == known.deal:
        yield from events(known, deal, known.steps, known.decisions, known.runs, known.named)
        return
    runs = firing_log.runs(session, deal=deal, limit=RUNS)
    steps, decided = stage_history.history(session, deal), routing.decisions(session, deal)
    yield from events(known, deal, steps, decided, runs, names_of(session, runs))


def events(
    known: Known,
    deal: str,
    steps: Sequence[Transition],
    decisions: Sequence[Decision],
    runs: Sequence[Firing],
    named: Mapping[int, Text],
) -> Iterator[Event]:
    """The events of one deal, in no order. Pure."""
    rule_of = {run.id: named[run.rule_id] for run in runs}
    yield from (_move(known, step, rule_of) for step in steps)
    yield from (_decision(known, deal, one) for one in decisions)
    # a rule whose conditions did not hold has done nothing
    yield from (_run(known, run, named[run.rule_id]) for run in runs if run.state != "passed")


def _move(known: Known, step: Transition, rule_of: Mapping[int, Text]) -> Event:
    said = words.CREATED if step.kind == "created" else words.MOVED
    title = said.format(stage=naming.stage(known.chart or Chart(), step.to_stage))
    rule = rule_of.get(step.firing or 0)
    who = words.BY_RULE.format(rule=rule) if rule else telling.person(step.mover, known.team) if step.mover else None
    return Event("moves", step.at, _when(known, step.at), step.deal, title, (who,) if who else ())


def _decision(known: Known, deal: str, one: Decision) -> Event:
    title = words.DECIDED.format(kind=words.DECISION[one.routed.kind])
    bad = one.routed.kind == "unsure" or bool(one.refused)
    return Event("decisions", one.made_at, _when(known, one.made_at), deal, title, (one.routed.reason,), bad=bad)


def _run(known: Known, run: Firing, name: Text) -> Event:
    at = run.done_at or run.made_at
    details = run.said or (words.RUN[run.state],)
    bad = run.state in ("failed", "stopped", "paused", "held")
    shown = (words.RUN[run.state], *run.said) if bad and run.said else details
    code = why.code_of(run.cause_id)
    return Event("robots", at, _when(known, at), run.deal, words.RULE.format(rule=name), shown, code, bad)


def _copies(known: Known, deals: Sequence[str]) -> Iterator[Event]:
    for tie in known.family.ties:
        if tie.made_at is not None and tie.source in deals:
            yield _copy(known, tie, tie.made_at)


def _copy(known: Known, tie: Copy, at: datetime) -> Event:
    said = words.COPIED["undone" if tie.state == "undone" else tie.how]
    where = naming.place(known.chart or Chart(), tie.target)
    by = words.BY_ROBOT if tie.asked_by == "system" else telling.person(tie.asked_by, known.team)
    details = (Text(f"{where} · {by.ru}", f"{where} · {by.en}"), *tie.lost)
    return Event("copies", at, _when(known, at), tie.source, said.format(deal=tie.deal), details)


def _when(known: Known, at: datetime) -> Text:
    return telling.moment(at, known.zone)
