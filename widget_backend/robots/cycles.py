"""Cycles: rules that would set each other off without end. Pure.

Rules are seen as ways between moments («a deal enters this stage»); conditions are not weighed, so a loop they would break is
still told. Moments that only time or people bring about begin no loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from widget_backend.crm.chart import Chart, ChartStage
from widget_backend.robots import grammar, matching
from widget_backend.robots.rule import Rule, Step

#: a kind of moment (``created``, ``entered``, ``left``) and the remote id of a stage
Moment: TypeAlias = tuple[str, str]
Ways: TypeAlias = dict[Moment, dict[Moment, set[str]]]

INSTANT: Final = ("created", "entered", "left")


def looping(rules: Sequence[Rule], chart: Chart) -> tuple[str, ...]:
    """The keys of all rules that are part of a loop, in the order of ``rules``; none where every chain ends."""
    found = ways(rules, chart)
    circles = {moment: number for number, circle in enumerate(_circles(found)) for moment in circle}
    guilty: set[str] = set()
    for start, ends in found.items():
        for end, keys in ends.items():
            if start == end or (start in circles and circles.get(start) == circles.get(end)):
                guilty |= keys
    return tuple(rule.key for rule in rules if rule.key in guilty)


def ways(rules: Sequence[Rule], chart: Chart) -> Ways:
    """From which moment to which the rules lead, and which rules those are."""
    found: Ways = {}
    for rule in rules:
        for stage in chart.stages if rule.when.on in INSTANT else ():
            if matching.covers(rule.when, stage):
                moments = found.setdefault((rule.when.on, stage.id), {})
                for end in _leads(rule, stage, chart):
                    moments.setdefault(end, set()).add(rule.key)
    return found


def _leads(rule: Rule, stage: ChartStage, chart: Chart) -> Iterator[Moment]:
    """Where one firing at a stage leads. A deal that has left its stage may stand anywhere else."""
    here = [each for each in chart.stages if (each.id == stage.id) == (rule.when.on != "left")]
    for step in rule.do:
        if step.action in _LEADS:
            targets = _targets(step, chart)
            yield from _LEADS[step.action](step, here, targets, chart)
            here = targets if step.action == "move_deal" and targets else here


def _targets(step: Step, chart: Chart) -> list[ChartStage]:
    if step.to == grammar.ORIGIN:
        # its own pipeline too: another rule of the same moment may have moved the deal away before
        return [each for each in chart.stages if each.kind == "open"]
    return [chart.stage[step.to]] if step.to in chart.stage else []


def _made(step: Step, here: list[ChartStage], targets: list[ChartStage], chart: Chart) -> Iterator[Moment]:
    for target in targets:
        yield from (("created", target.id), ("entered", target.id))


def _moved(step: Step, here: list[ChartStage], targets: list[ChartStage], chart: Chart) -> Iterator[Moment]:
    """A deal that stands there already does not move."""
    for target in targets:
        gone = [each for each in here if each.id != target.id]
        yield from (("left", each.id) for each in gone)
        if gone:
            yield "entered", target.id


def _moved_other(step: Step, here: list[ChartStage], targets: list[ChartStage], chart: Chart) -> Iterator[Moment]:
    return _moved(step, [chart.stage[each] for each in step.out_of if each in chart.stage], targets, chart)


def _joined(step: Step, here: list[ChartStage], targets: list[ChartStage], chart: Chart) -> Iterator[Moment]:
    pipelines = {target.pipeline_id for target in targets}
    return _moved(step, [each for each in chart.stages if each.pipeline_id in pipelines], targets, chart)


_LEADS: Final[Mapping[str, Callable[[Step, list[ChartStage], list[ChartStage], Chart], Iterator[Moment]]]] = {
    "copy_deal": _made,
    "create_deal": _made,
    "move_deal": _moved,
    "move_patient_deal": _moved_other,
    "join_open_deal": _joined,
}


def _circles(found: Ways) -> list[set[Moment]]:
    """Moments that can be reached from each other: Tarjan's walk, without recursion."""
    order: dict[Moment, int] = {}
    low: dict[Moment, int] = {}
    waiting: list[Moment] = []
    circles: list[set[Moment]] = []
    for root in found:
        path = [(root, iter(found.get(root, ())))] if root not in order else []
        while path:
            moment, ends = path[-1]
            if moment not in order:
                order[moment] = low[moment] = len(order)
                waiting.append(moment)
            following = next((end for end in ends if _is_news(end, moment, order, low, waiting)), None)
            if following is not None:
                path.append((following, iter(found.get(following, ()))))
                continue
            path.pop()
            if path:
                low[path[-1][0]] = min(low[path[-1][0]], low[moment])
            if low[moment] == order[moment]:
                at = waiting.index(moment)
                circles.append(set(waiting[at:]))
                del waiting[at:]
    return [circle for circle in circles if len(circle) > 1]


def _is_news(
    end: Moment, moment: Moment, order: dict[Moment, int], low: dict[Moment, int], waiting: list[Moment]
) -> bool:
    """Whether a moment was not walked to yet; one that still waits is part of a circle with this one."""
    if end in order:
        if end in waiting:
            low[moment] = min(low[moment], order[end])
        return False
    return True
