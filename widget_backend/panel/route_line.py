"""The route line: where a deal came from, where it is, what follows, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from widget_backend.crm.chart import Chart, ChartStage
from widget_backend.crm.records import Deal
from widget_backend.deals.stage_history import Transition
from widget_backend.panel import telling, words
from widget_backend.panel.known import Known
from widget_backend.robots import matching, naming, why
from widget_backend.robots.happenings import Entered
from widget_backend.texts import Text

#: stops of the past that are shown; the others are counted
SHOWN: Final = 3
#: rules named for what follows
MOST: Final = 4


@dataclass(frozen=True, slots=True)
class Stop:
    """``at``: when the deal came there; ``how``: who or what brought it, and why; ``deal``: another deal to look at;
    ``code``: of the robots' explanation."""

    name: str
    at: Text | None = None
    how: tuple[Text, ...] = ()
    deal: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """``earlier``: how many stops of the past are left out; ``origin``: what is known where ``came`` is empty."""

    came: tuple[Stop, ...]
    now: Stop | None
    following: tuple[Stop, ...]
    earlier: int = 0
    origin: Text = words.UNSEEN


def line(known: Known) -> Line:
    """The whole line of a deal."""
    chart = known.chart or Chart()
    past = [*_source(known, chart), *(_stop(step, known, chart) for step in known.steps[:-1])]
    is_born = bool(known.steps) and known.steps[0].kind == "created"
    origin = words.BORN if is_born else words.UNSEEN
    ahead = tuple(_following(known, chart))
    return Line(tuple(past[-SHOWN:]), _now(known, chart), ahead, max(0, len(past) - SHOWN), origin)


def _source(known: Known, chart: Chart) -> Iterator[Stop]:
    """The deal it was copied from, or the stage it stood at before its first step that was seen."""
    ties = [tie for tie in known.family.ties if tie.deal == known.deal and tie.source != known.deal]
    for tie in ties[-1:]:
        at = telling.moment(tie.made_at, known.zone) if tie.made_at else None
        former = tie.from_stage
        name = naming.stage(chart, former[1:]) if former.startswith("#") else naming.place(chart, former)
        yield Stop(name, at, (words.COPIED_FROM.format(deal=tie.source),), tie.source)
    if known.steps and known.steps[0].from_stage and not ties:
        yield Stop(naming.stage(chart, known.steps[0].from_stage))


def _stop(step: Transition, known: Known, chart: Chart) -> Stop:
    run = next((one for one in known.runs if one.id == step.firing), None)
    how: tuple[Text, ...] = ()
    if run is not None:
        how = (words.BY_RULE.format(rule=known.named[run.rule_id]),)
    elif step.mover:
        who = telling.person(step.mover, known.team)
        how = ((words.CREATED_BY if step.kind == "created" else words.BY).format(who=who),)
    code = why.code_of(run.cause_id) if run else ""
    return Stop(naming.stage(chart, step.to_stage), telling.moment(step.at, known.zone), how, code=code)


def _now(known: Known, chart: Chart) -> Stop | None:
    state = known.state
    if state is None:
        return _stop(known.steps[-1], known, chart) if known.steps else None
    last = known.steps[-1] if known.steps and known.steps[-1].to_stage == state.stage else None
    stop = _stop(last, known, chart) if last else Stop("")
    since = telling.moment(state.entered_at, known.zone) if state.entered_at else stop.at
    return Stop(naming.stage(chart, state.stage), since, (*stop.how, *_reason(known)), code=stop.code)


def _reason(known: Known) -> Iterator[Text]:
    """Of the newest decision, while it is what the deal stands by."""
    here = known.stage.address if known.stage else ""
    latest = known.decisions[0].routed if known.decisions else None
    if latest and latest.stage in ("", here):
        yield latest.reason


def _following(known: Known, chart: Chart) -> Iterator[Stop]:
    if known.stage is not None and known.stage.kind == "open":
        yield from _due(known)
        yield from (_entry(stage, known, chart) for stage in _next(known.stage, chart))


def _due(known: Known) -> Iterator[Stop]:
    """What robots wait for."""
    for timer in known.timers:
        entry = known.book.entry.get(timer.rule)
        if entry and not entry.off and not entry.paused:
            rule = Text(entry.rule.name.ru, entry.rule.name.en)
            yield Stop("", telling.moment(timer.due_at, known.zone), (words.BY_RULE.format(rule=rule),))


def _next(here: ChartStage, chart: Chart) -> list[ChartStage]:
    """The stage after this one, in the account's own order."""
    later = [s for s in chart.stages if s.pipeline_id == here.pipeline_id and s.position > here.position]
    ahead = [stage for stage in later if stage.kind != "lost"]
    return [min(ahead, key=lambda stage: (stage.position, stage.id))] if ahead else []


def _entry(stage: ChartStage, known: Known, chart: Chart) -> Stop:
    """A stage and the robots that answer a deal's arrival there."""
    comes = Entered(cause="", at=known.at, stage=stage.id)
    deal = Deal(known.deal, "", stage.pipeline_id, stage.id)
    paused = {entry.rule.key for entry in known.book.entries if entry.paused}
    answer = matching.match([one for one in known.book.rules if one.key not in paused], comes, deal, chart)
    named = tuple(words.ON_ENTRY.format(rule=rule.name) for rule in answer[:MOST])
    return Stop(stage.name, None, named)
