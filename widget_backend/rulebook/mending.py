"""Mending: a rule that names a stage which is gone goes on with another one. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from widget_backend.crm.chart import Chart
from widget_backend.errors import InvalidInput
from widget_backend.robots import grammar, matching
from widget_backend.robots.rule import Rule, Step
from widget_backend.rulebook import words

#: stands for all the stages that a rule watches
WATCHED = "watched"


def gaps(rule: Rule, chart: Chart) -> tuple[str, ...]:
    """The stages (addresses) for which another has to be chosen; ``WATCHED`` where none of those it watches is left."""
    return tuple(dict.fromkeys(_gaps(rule, chart)))


def mended(rule: Rule, chart: Chart, gap: str, to: str) -> Rule:
    """The rule with this stage in place of the one that is gone. Raises :class:`InvalidInput` where one of them is none."""
    if to not in chart.stage or gap not in gaps(rule, chart):
        raise InvalidInput(words.NO_PLACE)
    rule = own(rule)
    if gap == WATCHED:
        return replace(rule, when=replace(rule.when, stages=(to,)))
    return replace(rule, do=tuple(_step(step, gap, to) for step in rule.do))


def own(rule: Rule) -> Rule:
    """The rule as the clinic's own: what the preset's settings decided of it is decided."""
    return replace(rule, only_if="")


def _gaps(rule: Rule, chart: Chart) -> Iterator[str]:
    if rule.when.stages and not any(matching.covers(rule.when, stage) for stage in chart.stages):
        yield WATCHED
    for step in rule.do:
        if step.to not in ("", grammar.ORIGIN) and step.to not in chart.stage:
            yield step.to
        if step.out_of and not any(one in chart.stage for one in step.out_of):
            yield from step.out_of


def _step(step: Step, gap: str, to: str) -> Step:
    out_of = tuple(dict.fromkeys(to if one == gap else one for one in step.out_of))
    return replace(step, to=to if step.to == gap else step.to, out_of=out_of)
