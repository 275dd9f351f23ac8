"""The parts of a preset: settings, pipelines, fields, cards, rules. Frozen, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from widget_backend.robots.rule import Condition, Rule, Scalar, Step, TaskTemplate, Trigger
from widget_backend.texts import Text

__all__ = [
    "AppRobot",
    "ApplicationPart",
    "Card",
    "CardSection",
    "Condition",
    "FieldSpec",
    "Label",
    "Mode",
    "Pipeline",
    "Placement",
    "Rule",
    "Scalar",
    "Setting",
    "SettingValue",
    "Stage",
    "Step",
    "Subscription",
    "TaskTemplate",
    "Trigger",
]

Mode = Literal["off", "widget", "crm"]
SettingValue = bool | int | str | tuple[str | Text, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a clinic may decide. ``default_if``: (boolean setting, value) pairs, the default while that one is on.

    ``mode``: a setting of type ``fields`` gives the fields it names this mode. ``value`` is filled by ``configure``.
    """

    key: str
    name: Text
    type: str
    default: SettingValue
    hint: Text | None = None
    choices: tuple[Label, ...] = ()
    default_if: tuple[tuple[str, SettingValue], ...] = ()
    mode: Mode | None = None
    source: tuple[str, ...] = ()
    value: SettingValue = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A thing that has a name and little else: a source, a loss reason, a tag, a task type, an option of a list."""

    key: str
    name: Text
    entity: str = ""
    aliases: tuple[str, ...] = ()
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a pipeline. ``hint``: what to do there and why. ``task``, ``stuck_after``: for the per-stage rules."""

    key: str
    name: Text
    kind: str = "open"
    colour: str = ""
    hint: Text | None = None
    task: str = ""
    stuck_after: str = ""
    aliases: tuple[str, ...] = ()
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A process. ``only_if``: the setting that switches it on."""

    key: str
    name: Text
    stages: tuple[Stage, ...]
    purpose: Text | None = None
    staff: Text | None = None
    aliases: tuple[str, ...] = ()
    only_if: str = ""
    source: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The stable name."""
        return f"pipeline.{self.key}"

    def stage_address(self, stage: Stage) -> str:
        """The stable name of one of its stages."""
        return f"stage.{self.key}.{stage.key}"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field of a deal or contact. ``system``: the built-in field it is, where the CRM has one; else ``type`` is created
    (nothing is where no ``type`` is given).

    ``options_from``: ``loss_reasons``, ``sources`` or the address of a list setting. ``data_class`` and ``mode`` are those
    of the personal data rules (L-01): only mode ``crm`` becomes a field of the CRM. ``basis``: what must be recorded
    before it may. ``per_stage``: a template of one field per stage (S1-F15).
    """

    key: str
    name: Text
    entity: str = "deal"
    type: str = ""
    system: str = ""
    options: tuple[Label, ...] = ()
    options_from: str = ""
    multiple: bool = False
    filterable: bool = False
    group: str = ""
    required_at: tuple[str, ...] = ()
    data_class: str = "D0"
    mode: Mode = "crm"
    basis: Text | None = None
    per_stage: bool = False
    aliases: tuple[str, ...] = ()
    source: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The stable name."""
        return f"field.{self.entity}.{self.key}"


@dataclass(frozen=True, slots=True)
class CardSection:
    """A block of a card. ``stage_dates`` adds the per-stage fields of the card's pipeline."""

    title: Text
    fields: tuple[str, ...] = ()
    stage_dates: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """The layout of a card: of a pipeline's deals, or of contacts (no ``pipeline``)."""

    entity: str
    sections: tuple[CardSection, ...]
    pipeline: str = ""
    source: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The stable name."""
        return f"card.deal.{self.pipeline.rsplit('.', 1)[-1]}" if self.entity == "deal" else "card.contact"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Events the application wants to hear of."""

    key: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """A place of the CRM's interface where the application shows itself."""

    key: str
    name: Text
    spot: str


@dataclass(frozen=True, slots=True)
class AppRobot:
    """A robot of the application that people put on stages themselves."""

    key: str
    name: Text
    description: Text
    properties: tuple[Label, ...] = ()
    returns: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicationPart:
    """What only an installed application can have."""

    subscriptions: tuple[Subscription, ...] = ()
    placements: tuple[Placement, ...] = ()
    robots: tuple[AppRobot, ...] = ()
    triggers: tuple[Label, ...] = ()
