"""The rules a configured preset lives by: switched off ones gone, settings filled in, templates spread over stages. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from installer.preset.parts import Pipeline, Rule, Stage, Step, TaskTemplate, Trigger
from installer.preset.preset import Preset
from widget_backend.robots import grammar
from widget_backend.texts import Text


def working_rules(preset: Preset) -> tuple[Rule, ...]:
    """Concrete rules in file order: every stage, span and target is a plain value. Ready for an engine.

    A step may still write a field whose mode keeps it out of the CRM; the engine passes over it (``FieldSpec.mode``).
    """
    return tuple(
        concrete for rule in preset.rules if preset.holds(rule.only_if) for concrete in _concrete(preset, rule)
    )


def working_tasks(preset: Preset) -> tuple[TaskTemplate, ...]:
    """The task templates with the deadlines that settings give filled in."""
    return tuple(replace(task, deadline=_value(preset, task.deadline)) for task in preset.task_templates)


def _concrete(preset: Preset, rule: Rule) -> Iterator[Rule]:
    stages = selected(preset, rule.when.stages)
    if rule.when.stages and not stages:
        return
    if not rule.per_stage:
        yield _settled(preset, replace(rule, when=replace(rule.when, stages=tuple(stages))))
        return
    for pipeline, stage in stages.values():
        if _applies(rule, stage):
            yield _settled(preset, _at(preset, rule, pipeline, stage))


def selected(preset: Preset, words: tuple[str, ...]) -> dict[str, tuple[Pipeline, Stage]]:
    """The stages that ``words`` choose: addresses of stages and pipelines, and ``grammar.STAGE_WORDS``."""

    def chosen(pipeline: Pipeline, stage: Stage) -> bool:
        names = {"any", stage.kind, pipeline.address, pipeline.stage_address(stage)}
        return not names.isdisjoint(words)

    return {p.stage_address(s): (p, s) for p, s in preset.active_stages() if chosen(p, s)}


def _applies(rule: Rule, stage: Stage) -> bool:
    """A stage that names no task has no task rule; one without a term cannot be stuck."""
    wants_task = any(step.task == grammar.OF_STAGE for step in rule.do)
    wants_span = rule.when.span == grammar.OF_STAGE
    return bool((stage.task or not wants_task) and (stage.stuck_after or not wants_span))


def _at(preset: Preset, rule: Rule, pipeline: Pipeline, stage: Stage) -> Rule:
    place = f"{pipeline.key}_{stage.key}"
    span = stage.stuck_after if rule.when.span == grammar.OF_STAGE else rule.when.span
    return replace(
        rule,
        key=f"{rule.key}_{place}",
        name=Text(
            f"{rule.name.ru}: {pipeline.name.ru} / {stage.name.ru}",
            f"{rule.name.en}: {pipeline.name.en} / {stage.name.en}",
        ),
        when=replace(rule.when, stages=(pipeline.stage_address(stage),), span=span),
        do=tuple(_step_at(preset, step, stage, place) for step in rule.do),
        per_stage=False,
        source=tuple(dict.fromkeys(rule.source + stage.source)),
    )


def _step_at(preset: Preset, step: Step, stage: Stage, place: str) -> Step:
    templates = {spec.address for spec in preset.fields if spec.per_stage}
    return replace(
        step,
        task=stage.task if step.task == grammar.OF_STAGE else step.task,
        field=f"{step.field}_{place}" if step.field in templates else step.field,
    )


def _settled(preset: Preset, rule: Rule) -> Rule:
    when: Trigger = replace(rule.when, span=_value(preset, rule.when.span))
    steps = (replace(step, to=_value(preset, step.to), bot=_value(preset, step.bot)) for step in rule.do)
    return replace(rule, when=when, do=tuple(steps))


def _value(preset: Preset, word: str) -> str:
    return str(preset.setting(word.removeprefix("setting."))) if word.startswith("setting.") else word
