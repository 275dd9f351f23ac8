"""The shape of a preset file: marshmallow schemas that make the values of ``parts``. Unknown keys are errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from installer.preset import parts
from installer.preset.preset import Preset
from widget_backend.crm.vocabulary import COLOURS, ENTITIES, EVENTS, FIELD_TYPES, SPOTS, STAGE_KINDS, SYSTEM_FIELDS
from widget_backend.robots import grammar
from widget_backend.robots.reading.blocks import (
    FIELD_KEY,
    KEY,
    NAME,
    PIPELINE_KEY,
    PIPELINE_NAME,
    STAGE_KEY,
    STAGE_NAME,
    Address,
    Form,
    Pairs,
    Part,
    SettingScalar,
    Tuple,
    Whole,
    addresses,
    flag,
    key,
    many,
    sources,
    span,
    text,
    word,
    words,
)
from widget_backend.robots.reading.rule_schema import RulePart
from widget_backend.texts import Text

#: the newest form of preset files; ``loading.UPGRADES`` brings older ones up to it
SCHEMA = 1

SETTING_TYPES = ("text", "number", "boolean", "span", "hours", "choice", "list", "stage", "fields")
CLASSES = ("D0", "D1", "D2", "D3", "D4")
MODES = ("off", "widget", "crm")


class LabelPart(Part):
    """A thing that is little more than a name."""

    makes = parts.Label
    key = key()
    name = text(NAME, required=True)
    aliases = words()
    source = sources()


class EntityLabelPart(LabelPart):
    """The same, of deals or contacts."""

    entity = word(*ENTITIES, required=True)


class SettingPart(Part):
    """A decision of the clinic."""

    makes = parts.Setting
    key = key()
    name = text(NAME, required=True)
    hint = text()
    type = word(*SETTING_TYPES, required=True)
    default = SettingScalar(required=True)
    choices = many(LabelPart)
    default_if = Pairs(keys=fields.String(), values=SettingScalar())
    mode = word(*MODES)
    source = sources()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """Until the clinic says otherwise, the default is the value."""
        return parts.Setting(**data, value=data["default"])


class StagePart(Part):
    """A step of a pipeline."""

    makes = parts.Stage
    key = key(STAGE_KEY)
    name = text(STAGE_NAME, required=True)
    kind = word(*STAGE_KINDS)
    colour = word(*COLOURS)
    hint = text()
    task = Address("task")
    stuck_after = span()
    aliases = words()
    source = sources()


class PipelinePart(Part):
    """A process."""

    makes = parts.Pipeline
    key = key(PIPELINE_KEY)
    name = text(PIPELINE_NAME, required=True)
    stages = many(StagePart, some=True, required=True)
    purpose = text()
    staff = text(NAME)
    aliases = words()
    only_if = fields.String()
    source = sources()


class FieldPart(Part):
    """A field; ``system`` or ``type`` is needed, better both."""

    makes = parts.FieldSpec
    key = key(FIELD_KEY)
    name = text(NAME, required=True)
    type = word(*FIELD_TYPES)
    system = word(*SYSTEM_FIELDS)
    options = many(LabelPart, some=True)
    options_from = Address("setting", words=("loss_reasons", "sources"))
    multiple = flag()
    filterable = flag()
    group = Address("group")
    required_at = addresses("stage")
    data_class = word(*CLASSES, data_key="class")
    mode = word(*MODES)
    basis = text()
    per_stage = flag()
    aliases = words()
    source = sources()

    @validates_schema
    def is_complete(self, data: Mapping[str, Any], **_: Any) -> None:
        """A list needs its options, and only a list has them; a built-in field without ``type`` has no fallback."""
        if "type" not in data and "system" not in data:
            raise ValidationError([Text("нужен type или system", "type or system is needed")])
        has_options = "options" in data or "options_from" in data
        if data.get("type") == "list" and not has_options:
            raise ValidationError([Text("у списка нет вариантов", "a list has no options")], "type")
        if has_options and data.get("type") != "list":
            raise ValidationError([Text("варианты бывают только у списка", "only a list has options")], "options")


class FieldsPart(Schema):
    """Fields of deals and of contacts."""

    deal = many(FieldPart)
    contact = many(FieldPart)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[parts.FieldSpec, ...]:
        """One tuple; each field knows whose it is."""
        return tuple(replace(spec, entity=entity) for entity in ENTITIES for spec in data.get(entity, ()))


class SectionPart(Part):
    """A block of a card."""

    makes = parts.CardSection
    title = text(NAME, required=True)
    shown = addresses("field", attribute="fields", data_key="fields")
    stage_dates = flag()


class CardPart(Part):
    """A card: of a pipeline's deals, or of contacts."""

    makes = parts.Card
    entity = word(*ENTITIES, required=True)
    pipeline = Address("pipeline")
    sections = many(SectionPart, some=True, required=True)
    source = sources()


class TaskPart(Part):
    """A task a rule may set."""

    makes = parts.TaskTemplate
    key = key()
    title = text(NAME, required=True)
    text = text(required=True)
    deadline = Address("setting", "field", words=(grammar.MIS,), form=grammar.SPAN, required=True)
    working_hours = flag()
    who = word(*grammar.ROLES)
    type = Address("task_type")
    source = sources()


class SubscriptionPart(Part):
    """Events to hear of."""

    makes = parts.Subscription
    key = key()
    events = Tuple(word(*EVENTS), required=True)


class PlacementPart(Part):
    """A place in the CRM."""

    makes = parts.Placement
    key = key()
    name = text(NAME, required=True)
    spot = word(*SPOTS, required=True)


class AppRobotPart(Part):
    """A robot people place themselves."""

    makes = parts.AppRobot
    key = key()
    name = text(NAME, required=True)
    description = text(required=True)
    properties = many(LabelPart)
    returns = many(LabelPart)


class ApplicationPart(Part):
    """What an installed application has."""

    makes = parts.ApplicationPart
    subscriptions = many(SubscriptionPart)
    placements = many(PlacementPart)
    robots = many(AppRobotPart)
    triggers = many(LabelPart)


class PresetPart(Part):
    """The whole file."""

    makes = Preset
    schema = Whole(required=True, strict=True, validate=validate.Equal(SCHEMA))
    key = fields.String(
        required=True,
        validate=[Form(r"^[a-z][a-z0-9-]*$", error="a key is small latin letters, 0-9, -"), validate.Length(max=KEY)],
    )
    version = fields.String(required=True, validate=Form(r"^[0-9]+\.[0-9]+\.[0-9]+$", error="a version is like 1.0.0"))
    name = text(NAME, required=True)
    description = text(required=True)
    source = sources()
    settings = many(SettingPart)
    loss_reasons = many(LabelPart)
    sources = many(LabelPart)
    tags = many(EntityLabelPart)
    task_types = many(LabelPart)
    task_templates = many(TaskPart)
    groups = many(EntityLabelPart)
    pipelines = many(PipelinePart, some=True, required=True)
    specs = fields.Nested(FieldsPart, attribute="fields", data_key="fields")
    cards = many(CardPart)
    rules = many(RulePart)
    application = fields.Nested(ApplicationPart)
