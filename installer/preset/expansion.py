"""A preset spread out into the resources one CRM should have, in provisioning order. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from installer.preset.parts import CardSection, FieldSpec, Label, Pipeline, Stage
from installer.preset.preset import Preset
from widget_backend.crm.model import Attributes, Capabilities, Kind, Option, Ref, Resource, Section
from widget_backend.crm.vocabulary import SYSTEM_FIELDS
from widget_backend.texts import Text

#: what a field becomes where the CRM lacks its type; money stays countable
FALLBACKS = {"money": "number"}


def desired(preset: Preset, capabilities: Capabilities, language: str) -> tuple[Resource, ...]:
    """The resources wanted; what the CRM cannot have is still among them, the planner says so row by row."""
    return tuple(_Spread(preset, capabilities, language).resources())


def active_fields(preset: Preset) -> Iterator[FieldSpec]:
    """The fields that go to the CRM, per-stage templates spread over the stages (S1-F15)."""
    for spec in preset.fields:
        if spec.mode != "crm":
            continue
        if not spec.per_stage:
            yield spec
            continue
        for pipeline, stage in preset.active_stages():
            yield of_stage(spec, pipeline, stage)


def of_stage(spec: FieldSpec, pipeline: Pipeline, stage: Stage) -> FieldSpec:
    """The field a per-stage template stands for at one stage: «Дата: Приемы / Новая заявка»."""
    return FieldSpec(
        key=f"{spec.key}_{pipeline.key}_{stage.key}",
        name=Text(
            f"{spec.name.ru}: {pipeline.name.ru} / {stage.name.ru}",
            f"{spec.name.en}: {pipeline.name.en} / {stage.name.en}",
        ),
        entity=spec.entity,
        type=spec.type,
        filterable=spec.filterable,
        group=spec.group,
        data_class=spec.data_class,
        source=spec.source,
    )


class _Spread:
    def __init__(self, preset: Preset, capabilities: Capabilities, language: str) -> None:
        self._preset = preset
        self._can = capabilities
        self._language = language
        self._stages = {p.stage_address(s) for p, s in preset.active_stages()}
        self._fields = tuple(active_fields(preset))
        self._declared = {spec.address for spec in preset.fields}
        self._shown = {spec.address for spec in self._fields if self._is_built_in(spec) or spec.type}

    def resources(self) -> Iterator[Resource]:
        yield from self._pipelines()
        yield from self._stage_resources()
        yield from self._labels(Kind.LOSS_REASON, self._preset.loss_reasons)
        yield from self._labels(Kind.SOURCE, self._preset.sources)
        yield from self._labels(Kind.TAG, self._preset.tags)
        yield from self._labels(Kind.TASK_TYPE, self._preset.task_types)
        yield from self._groups()
        yield from (self._field(spec) for spec in self._fields if not self._is_built_in(spec) and spec.type)
        yield from self._cards()
        if self._can.application:
            yield from self._application()

    def _is_built_in(self, spec: FieldSpec) -> bool:
        return spec.system in self._can.system_fields

    def _say(self, text: Text) -> str:
        return text.into(self._language)

    def _pipelines(self) -> Iterator[Resource]:
        for position, pipeline in enumerate(self._preset.active_pipelines(), 1):
            attributes: Attributes = {"name": self._say(pipeline.name), "position": position}
            yield Resource(Kind.PIPELINE, pipeline.address, attributes, aliases=pipeline.aliases)

    def _stage_resources(self) -> Iterator[Resource]:
        for pipeline in self._preset.active_pipelines():
            for position, stage in enumerate(pipeline.stages, 1):
                attributes: dict[str, bool | int | str] = {
                    "name": self._say(stage.name),
                    "position": position,
                    "kind": stage.kind,
                }
                if stage.colour:
                    attributes["colour"] = stage.colour
                address = pipeline.stage_address(stage)
                yield Resource(Kind.STAGE, address, attributes, pipeline.address, aliases=stage.aliases)

    def _labels(self, kind: Kind, labels: tuple[Label, ...]) -> Iterator[Resource]:
        for label in labels:
            address = ".".join(filter(None, (kind.value, label.entity, label.key)))
            attributes: Attributes = {"name": self._say(label.name)}
            yield Resource(kind, address, attributes, entity=label.entity, aliases=label.aliases)

    def _groups(self) -> Iterator[Resource]:
        for position, group in enumerate(self._preset.groups, 1):
            attributes: Attributes = {"name": self._say(group.name), "position": position}
            address = f"group.{group.entity}.{group.key}"
            yield Resource(Kind.GROUP, address, attributes, entity=group.entity, aliases=group.aliases)

    def _field(self, spec: FieldSpec) -> Resource:
        kind = spec.type if spec.type in self._can.field_types else FALLBACKS.get(spec.type, "text")
        attributes: Attributes = {
            "name": self._say(spec.name),
            "type": kind if kind in self._can.field_types else "text",
            "options": self._options(spec) if kind == "list" else (),
            "multiple": spec.multiple,
            "filterable": spec.filterable,
            "group": Ref(spec.group) if spec.group else None,
            "required_at": tuple(Ref(stage) for stage in spec.required_at if stage in self._stages),
        }
        return Resource(Kind.FIELD, spec.address, attributes, entity=spec.entity, aliases=spec.aliases)

    def _options(self, spec: FieldSpec) -> tuple[Option, ...]:
        match spec.options_from:
            case "":
                labels = spec.options
            case "loss_reasons":
                labels = self._preset.loss_reasons
            case "sources":
                labels = self._preset.sources
            case setting:
                value = self._preset.setting(setting.removeprefix("setting."))
                return tuple(map(self._own_option, value)) if isinstance(value, tuple) else ()
        return tuple(Option(label.key, self._say(label.name)) for label in labels)

    def _own_option(self, word: str | Text) -> Option:
        """One the clinic named; of a default in two languages the Russian word gives the code."""
        return Option(_code(str(word)), word if isinstance(word, str) else self._say(word))

    def _cards(self) -> Iterator[Resource]:
        active = {pipeline.address for pipeline in self._preset.active_pipelines()}
        for card in self._preset.cards:
            if card.pipeline and card.pipeline not in active:
                continue
            sections = tuple(s for part in card.sections if (s := self._section(part, card.pipeline)).fields)
            attributes: Attributes = {"sections": sections}
            yield Resource(Kind.CARD, card.address, attributes, card.pipeline, entity=card.entity)

    def _section(self, section: CardSection, pipeline: str) -> Section:
        addresses = [address for address in section.fields if self._is_there(address)]
        if section.stage_dates:
            dated = [spec.key for spec in self._preset.fields if spec.per_stage]
            marks = [f"field.deal.{key}_{pipeline.removeprefix('pipeline.')}_" for key in dated]
            addresses += [spec.address for spec in self._fields if spec.address.startswith(tuple(marks))]
        return Section(self._say(section.title), tuple(Ref(address) for address in addresses))

    def _is_there(self, address: str) -> bool:
        """A declared field shows if it goes to the CRM; an undeclared one is built in, and not every CRM has each."""
        if address in self._declared:
            return address in self._shown
        name = address.removeprefix("field.")
        return address in self._shown or (name in SYSTEM_FIELDS and name in self._can.system_fields)

    def _application(self) -> Iterator[Resource]:
        part = self._preset.application
        for subscription in part.subscriptions:
            events: Attributes = {"events": subscription.events}
            yield Resource(Kind.SUBSCRIPTION, f"subscription.{subscription.key}", events)
        for placement in part.placements:
            titles = tuple(Option(language, placement.name.into(language)) for language in ("ru", "en"))
            spot: Attributes = {"name": self._say(placement.name), "spot": placement.spot, "titles": titles}
            yield Resource(Kind.PLACEMENT, f"placement.{placement.key}", spot)
        for robot in part.robots:
            attributes: Attributes = {
                "name": self._say(robot.name),
                "description": self._say(robot.description),
                "properties": tuple(Option(p.key, self._say(p.name)) for p in robot.properties),
                "returns": tuple(Option(p.key, self._say(p.name)) for p in robot.returns),
            }
            yield Resource(Kind.ROBOT, f"robot.{robot.key}", attributes)
        yield from self._labels(Kind.TRIGGER, part.triggers)


def _code(word: str) -> str:
    """A stable code for a clinic's own option: another order of the list changes nothing."""
    return "option_" + hashlib.sha256(word.casefold().encode()).hexdigest()[:8]
