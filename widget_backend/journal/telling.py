"""Telling: what is stored of an event, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from widget_backend.audit import AuditRow
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Deal
from widget_backend.deals.copying.lineage import SYSTEM, Copy
from widget_backend.deals.routing.decision_log import DecisionRow
from widget_backend.deals.stage_history import TransitionRow
from widget_backend.journal import words
from widget_backend.panel import telling
from widget_backend.panel import words as panel_words
from widget_backend.robots import naming, sentences, why
from widget_backend.robots.facts import Facts
from widget_backend.robots.firing_log import Firing, State
from widget_backend.robots.happenings import Happening
from widget_backend.robots.rule import Rule
from widget_backend.texts import Text

Level = Literal["ok", "look", "bad", "wait"]

#: what a run's state says of an entry; the worst of its runs counts
LEVELS: Final[Mapping[State, Level]] = {
    "failed": "bad",
    "stopped": "bad",
    "paused": "look",
    "held": "wait",
    "due": "wait",
}
WORST: Final[tuple[Level, ...]] = ("bad", "look", "wait", "ok")
#: of several happenings of one cause the one that is told
FIRST: Final = ("created", "entered")
#: runs that can be tried again by hand
AGAIN: Final = ("failed", "paused")


@dataclass(frozen=True, slots=True)
class Knows:
    """What sentences need. ``team``: user -> name; ``rules``: key -> what a rule in force is called."""

    chart: Chart
    zone: ZoneInfo
    team: Mapping[str, str]
    rules: Mapping[str, Text]

    def when(self, at: datetime) -> Text:
        """By the clinic's clock."""
        return telling.moment(at, self.zone)

    def who(self, user: str) -> Text:
        """A user of the CRM."""
        return telling.person(user, self.team)


@dataclass(frozen=True, slots=True)
class Line:
    """What followed. ``name``: the robot, ``None`` where it was none; ``again``: of a run that can be tried again, else 0."""

    said: tuple[Text, ...]
    name: Text | None = None
    level: Level = "ok"
    state: Text | None = None
    again: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. ``sort``: a key of ``words.SORTS``; ``passed``: robots that looked and had nothing to do; ``depth``: where the
    calls behind it are told, empty for nowhere; ``key``: its own name on a page."""

    sort: str
    when: Text
    deal: str
    title: Text
    by: Text | None = None
    lines: tuple[Line, ...] = ()
    passed: int = 0
    level: Level = "ok"
    depth: str = ""
    key: str = ""


def cause(
    knows: Knows,
    runs: Sequence[Firing],
    named: Mapping[int, Text],
    by_rule: Mapping[int, Text],
    waited: Mapping[int, Rule],
) -> Entry:
    """What happened, and what robots did. ``by_rule``: firing -> rule, of those that led here; ``waited``: rules of timers."""
    first = next((run for run in runs if run.happening.on in FIRST), runs[0])
    known = Facts.of(first.facts).deal if first.facts else Deal(first.deal, "", "", "")
    title = sentences.happened(first.happening, known, knows.chart, waited.get(first.rule_id))
    lines = tuple(_line(run, named[run.rule_id]) for run in runs if run.state != "passed")
    found = {line.level for line in lines}
    return Entry(
        "robots",
        knows.when(first.happening.at),
        first.deal,
        title,
        _mover(knows, first.happening, by_rule),
        lines,
        len(runs) - len(lines),
        next((level for level in WORST if level in found), "ok"),
        f"why/{why.code_of(first.cause_id)}",
    )


def _line(run: Firing, name: Text) -> Line:
    level = LEVELS.get(run.state, "ok")
    state = panel_words.RUN[run.state] if run.state != "done" or not run.said else None
    return Line(run.said, name, level, state, run.id if run.state in AGAIN else 0)


def _mover(knows: Knows, happening: Happening, by_rule: Mapping[int, Text]) -> Text | None:
    if happening.firing is not None:
        rule = by_rule.get(happening.firing)
        return panel_words.BY_RULE.format(rule=rule) if rule else panel_words.BY_ROBOT
    mover = str(getattr(happening, "mover", "") or getattr(happening, "user", ""))
    return knows.who(mover) if mover else None


def move(knows: Knows, row: TransitionRow, by_rule: Mapping[int, Text]) -> Entry:
    """A step of a deal that no rule answers."""
    place = naming.quoted(naming.stage(knows.chart, row.to_stage))
    said = sentences.HAPPENED["created" if row.kind == "created" else "entered"].format(stage=place)
    rule = by_rule.get(row.firing or 0)
    robot = panel_words.BY_RULE.format(rule=rule) if rule else panel_words.BY_ROBOT if row.firing else None
    by = robot or (knows.who(row.mover) if row.mover else None)
    return Entry("moves", knows.when(row.at), row.deal, said, by)


def decision(knows: Knows, row: DecisionRow) -> Entry:
    """Where a patient was sent, and why."""
    title = panel_words.DECIDED.format(kind=panel_words.DECISION[row.kind])
    lines = [Line((Text(row.reason_ru, row.reason_en),))]
    lines += [Line((words.INTO.format(deal=row.into),))] if row.into and row.into != row.deal else []
    lines += [Line((words.REFUSED_PARTLY.format(count=len(row.refused)),), level="bad")] if row.refused else []
    level: Level = "bad" if row.refused else "look" if row.kind == "unsure" else "ok"
    depth = f"decision/{row.id}"
    return Entry("decisions", knows.when(row.made_at), row.deal, title, None, tuple(lines), 0, level, depth)


def copy(knows: Knows, row: Copy) -> Entry:
    """A deal copied by hand, or by a robot that the CRM called."""
    if row.state == "begun":
        title, level = words.NOT_COPIED, "bad"
    else:
        title, level = panel_words.COPIED[row.how].format(deal=row.deal), "ok"
    lines = [Line((words.COPIED_TO.format(stage=naming.place(knows.chart, row.target)),))]
    lines += [Line((what,)) for what in row.lost]
    lines += [Line((panel_words.COPIED["undone"].format(deal=row.deal),))] if row.state == "undone" else []
    by = panel_words.BY_ROBOT if row.asked_by == SYSTEM else knows.who(row.asked_by)
    depth = f"copy/{row.id}"
    return Entry("copies", knows.when(row.begun_at), row.source, title, by, tuple(lines), 0, level, depth)  # type: ignore[arg-type]


def act(knows: Knows, row: AuditRow) -> Entry:
    """What somebody did in the application."""
    what, _, thing = row.object.partition(":")
    known = words.ACTS[row.action]
    by = None if row.actor in ("system", "") else knows.who(row.actor)
    title = known.format(thing=knows.rules.get(thing, thing) if what == "rule" else thing)
    return Entry("acts", knows.when(row.at), thing if what == "deal" else "", title, by)
