"""The parts of a preset: settings, pipelines, fields, cards, rules. Frozen, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from widget_backend.texts import Text

Mode = Literal["off", "widget", "crm"]
SettingValue = bool | int | str | tuple[str | Text, ...]
Scalar = bool | int | str | None


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
class TaskTemplate:
    """A task a rule may set.

    ``deadline``: a span from now (in the clinic's working hours, unless ``working_hours`` is off), the address of a span
    setting, the address of a date field, or ``mis`` for the deadline the clinic's system gave.
    """

    key: str
    title: Text
    text: Text
    deadline: str
    working_hours: bool = True
    who: str = "responsible"
    type: str = ""
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a rule waits for; which parts matter is said in ``grammar.TRIGGERS``."""

    on: str
    stages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    span: str = ""
    working_hours: bool = True
    field: str = ""
    fact: str = ""
    robot: str = ""
    label: Text | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """``what`` is a field, a setting or a fact of ``grammar.FACTS``.

    A group has no ``what``: all of ``every`` must hold, one of ``some``, or ``denied`` must not.
    """

    what: str = ""
    op: str = "equals"
    value: Scalar = None
    every: tuple[Condition, ...] = ()
    some: tuple[Condition, ...] = ()
    denied: Condition | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a rule; which parts matter is said in ``grammar.ACTIONS``.

    ``filled``: (field, value) pairs a new deal starts with. ``returns``: (name, value) pairs for the robot that called.
    """

    action: str
    to: str = ""
    out_of: tuple[str, ...] = ()
    who: str = ""
    task: str = ""
    field: str = ""
    value: Scalar = None
    text: Text | None = None
    bot: str = ""
    once_per_patient: bool = False
    filled: tuple[tuple[str, Scalar], ...] = ()
    returns: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A robot: trigger, conditions (all must hold), actions in order. ``per_stage``: a template of one rule per stage."""

    key: str
    name: Text
    when: Trigger
    do: tuple[Step, ...]
    conditions: tuple[Condition, ...] = ()
    only_if: str = ""
    per_stage: bool = False
    source: tuple[str, ...] = ()


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
