"""What a clinic does without: stages, pipelines and fields that are not wanted, and the rules that rest on them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from installer.preset.parts import Condition, FieldSpec, Pipeline, Rule, Stage
from installer.preset.preset import Preset
from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

NOT_SKIPPABLE = Text(
    "Пропустить «{address}» нельзя: это не рабочий этап, не воронка и не поле этого пресета.",
    "“{address}” cannot be skipped: it is no open stage, no pipeline and no field of this preset.",
)
NO_PIPELINE = Text(
    "Нужна хотя бы одна воронка: верните одну из пропущенных.",
    "At least one pipeline is needed: take back one of those skipped.",
)


def skippable(preset: Preset) -> Iterator[str]:
    """The addresses one may do without: pipelines, their open stages, fields that would be made in the CRM."""
    for pipeline in preset.pipelines:
        yield pipeline.address
        yield from (pipeline.stage_address(stage) for stage in pipeline.stages if stage.kind == "open")
    yield from (spec.address for spec in preset.fields if is_made(spec))


def is_made(spec: FieldSpec) -> bool:
    """Whether this field may become one of the CRM's own; the built-in ones are there anyway."""
    return bool(spec.type) and spec.mode == "crm"


def without(preset: Preset, skipped: Collection[str]) -> Preset:
    """The preset without these addresses. A pipeline whose open stages all go, goes too; a field goes into the mode «off»,
    and steps that write to it are passed over like those of any such field; rules that rest on any of it are off. Raises
    :class:`InvalidInput` for what cannot be skipped."""
    known = set(skippable(preset))
    unknown = [address for address in skipped if address not in known]
    if unknown:
        raise InvalidInput(NOT_SKIPPABLE.format(address=unknown[0]))
    pipelines = tuple(p for pipeline in preset.pipelines if (p := _kept(pipeline, skipped)) is not None)
    if not pipelines:
        raise InvalidInput(NO_PIPELINE)
    fields = tuple(replace(spec, mode="off") if spec.address in skipped else spec for spec in preset.fields)
    off = {rule.key for rule in turned_off(preset, skipped)}
    return replace(
        preset,
        pipelines=pipelines,
        fields=fields,
        rules=tuple(rule for rule in preset.rules if rule.key not in off),
    )


def turned_off(preset: Preset, skipped: Collection[str]) -> tuple[Rule, ...]:
    """The rules that cannot work without these addresses."""
    gone = {*skipped, *_stages_gone(preset, skipped)}
    targets = {f"setting.{s.key}": str(s.value) for s in preset.settings if s.type == "stage"}
    return tuple(rule for rule in preset.rules if _rests_on(rule, gone, targets))


def _kept(pipeline: Pipeline, skipped: Collection[str]) -> Pipeline | None:
    stages = tuple(stage for stage in pipeline.stages if not _is_gone(pipeline, stage, skipped))
    return replace(pipeline, stages=stages) if any(stage.kind == "open" for stage in stages) else None


def _stages_gone(preset: Preset, skipped: Collection[str]) -> Iterator[str]:
    for pipeline in preset.pipelines:
        kept = _kept(pipeline, skipped)
        left = kept.stages if kept else ()
        yield from (pipeline.stage_address(stage) for stage in pipeline.stages if stage not in left)
        if kept is None:
            yield pipeline.address


def _is_gone(pipeline: Pipeline, stage: Stage, skipped: Collection[str]) -> bool:
    return pipeline.address in skipped or pipeline.stage_address(stage) in skipped


def _rests_on(rule: Rule, gone: Collection[str], targets: dict[str, str]) -> bool:
    """Where it watches nothing but what is gone, asks for it, sends deals there, or has nothing else to write to."""
    if any(targets.get(address, address) in gone for address in _named(rule)):
        return True
    if rule.when.stages and all(stage in gone for stage in rule.when.stages):
        return True
    return all(step.field in gone for step in rule.do)


def _named(rule: Rule) -> Iterator[str]:
    yield rule.when.field
    yield from (step.to for step in rule.do)
    for condition in rule.conditions:
        yield from _asked(condition)


def _asked(condition: Condition) -> Iterator[str]:
    yield condition.what
    yield from (str(condition.value),) if condition.what.endswith(("open_deal_in", "deal.pipeline")) else ()
    for part in (*condition.every, *condition.some, *((condition.denied,) if condition.denied else ())):
        yield from _asked(part)
