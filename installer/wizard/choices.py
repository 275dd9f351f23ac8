"""The questions a preset asks, as a form shows them, and the answers read back. Pure, but for reading the preset files."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from installer import preset as presets
from installer.preset import Preset
from installer.preset.parts import Setting
from installer.preset.skipping import is_made, skippable, turned_off
from installer.wizard.draft import Draft
from installer.wizard.words import choices as words
from widget_backend.errors import AppError, InvalidInput
from widget_backend.texts import Text

#: shown at once; the other settings are for whoever wants to look further
FIRST_TYPES: Final = ("list",)
#: letters of the form that name a setting
PREFIX: Final = "set."
UNITS: Final = ("m", "h", "d")
#: days of the week as a preset file has them, and in Russian
DAYS: Final = {"mon": "пн", "tue": "вт", "wed": "ср", "thu": "чт", "fri": "пт", "sat": "сб", "sun": "вс"}

Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Question:
    """One setting in the form. ``value``: lines of a list, the words of the rest."""

    key: str
    type: str
    name: Text
    hint: Text | None
    value: Any
    options: tuple[tuple[str, Text], ...] = ()
    error: Text | None = None

    @property
    def field(self) -> str:
        """What the form calls it."""
        return PREFIX + self.key


@dataclass(frozen=True, slots=True)
class Part:
    """Something that may be done without: a pipeline's stage, a field. ``taken``: wanted; ``fixed``: cannot be skipped."""

    address: str
    name: Text
    taken: bool
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """Parts under one heading: a pipeline with its stages, the fields of deals, those of contacts."""

    address: str
    name: Text
    taken: bool
    parts: tuple[Part, ...]
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A preset to choose from."""

    key: str
    name: Text
    description: Text
    chosen: bool
    pipelines: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class ChoicesForm:
    """Everything the page asks. ``preset``: whose questions these are, ``saved``: the answers are those that are kept.
    ``first`` and ``further`` questions; ``off``: rules that rest on what is skipped."""

    preset: str
    saved: bool
    offers: tuple[Offer, ...]
    first: tuple[Question, ...]
    further: tuple[Question, ...]
    pipelines: tuple[Bundle, ...]
    fields: tuple[Bundle, ...]
    adopt: bool
    off: tuple[Text, ...]
    error: Text | None = None

    @property
    def has_errors(self) -> bool:
        """Whether something must be corrected first."""
        return self.error is not None or any(q.error for q in (*self.first, *self.further))


def form(
    draft: Draft, language: str, problems: Mapping[str, Text] | None = None, *, saved: bool = False
) -> ChoicesForm:
    """The form with these answers in it. ``problems``: setting -> what is wrong with it; «» for what is wrong with all."""
    preset = _shown(draft)
    wrong = problems or {}
    questions = [_question(preset, setting, draft, language, wrong.get(setting.key)) for setting in preset.settings]
    first = tuple(q for q in questions if q.type in FIRST_TYPES)
    return ChoicesForm(
        preset.key,
        saved,
        tuple(_offer(one, draft.preset) for one in catalogue()),
        first,
        tuple(q for q in questions if q not in first),
        _pipelines(preset, draft.skipped),
        _fields(preset, draft.skipped),
        draft.adopt,
        rules_off(draft),
        wrong.get(""),
    )


def read(sent: Form, draft: Draft) -> Draft:
    """The draft that a sent form makes of this one; nothing is checked here."""
    key = _one(sent, "preset") or draft.preset
    if key not in {preset.key for preset in catalogue()}:
        key = draft.preset
    if key != draft.preset:  # another preset begins with its own answers
        draft = Draft(preset=key, adopt=draft.adopt, step=draft.step)
    if _one(sent, "whole") != key:  # and these are answers to the questions of another one, or none
        return draft
    preset = presets_by_key()[key]
    given = {}
    for setting in preset.settings:
        value = _value(setting, sent)
        if value is not None and value not in [_plain(setting.type, setting.value, one) for one in ("ru", "en")]:
            given[setting.key] = value
    return replace(draft, given=given, skipped=_skipped(preset, sent, draft), adopt=_one(sent, "adopt") == "yes")


def problems(draft: Draft) -> Mapping[str, Text]:
    """What is wrong with a draft: setting -> reason; «» for what lies between them. Empty where a preset comes of it."""
    preset = presets_by_key()[draft.preset]
    found: dict[str, Text] = {}
    for key, value in draft.given.items():
        try:
            presets.configure(preset, {key: value})
        except InvalidInput as fault:
            found[key] = _reason(preset, key, fault)
    if not found:
        try:
            draft.configured()
        except AppError as fault:
            found[""] = fault.message
    return found


def _reason(preset: Preset, key: str, fault: InvalidInput) -> Text:
    """Beside its field a setting need not be named, nor its value repeated."""
    kind = next((setting.type for setting in preset.settings if setting.key == key), "")
    return words.NEEDED.get(kind, fault.message)


def rules_off(draft: Draft) -> tuple[Text, ...]:
    """The names of the rules that rest on what is skipped, each once."""
    preset = _shown(draft)
    return tuple(dict.fromkeys(rule.name for rule in turned_off(preset, _known(preset, draft.skipped))))


@functools.cache
def catalogue() -> tuple[Preset, ...]:
    """The presets that come with the application; read once, they change with a release."""
    return presets.available()


def presets_by_key() -> dict[str, Preset]:
    """The same, by key."""
    return {preset.key: preset for preset in catalogue()}


def _shown(draft: Draft) -> Preset:
    """The preset with the answers that fit; those that do not are shown beside their field."""
    preset = presets_by_key().get(draft.preset) or catalogue()[0]
    try:
        return presets.configure(preset, dict(draft.given))
    except InvalidInput:
        return preset


def _question(preset: Preset, setting: Setting, draft: Draft, language: str, error: Text | None) -> Question:
    value = draft.given.get(setting.key, _plain(setting.type, preset.setting(setting.key), language))
    options = tuple((choice.key, choice.name) for choice in setting.choices)
    if setting.type == "stage":
        options = tuple(_stages(preset))
    return Question(setting.key, setting.type, setting.name, setting.hint, value, options, error)


def _stages(preset: Preset) -> Iterator[tuple[str, Text]]:
    for pipeline, stage in preset.active_stages():
        both = Text(f"{pipeline.name.ru} / {stage.name.ru}", f"{pipeline.name.en} / {stage.name.en}")
        yield pipeline.stage_address(stage), both


def _plain(kind: str, value: object, language: str) -> Any:
    """A value as a form holds it; days of the week in the language of the page."""
    if isinstance(value, tuple):
        if kind == "hours" and language == "ru":
            return [_russian(str(line)) for line in value]
        return [item.into(language) if isinstance(item, Text) else str(item) for item in value]
    return value if isinstance(value, bool) else str(value)


def _russian(hours: str) -> str:
    days, _, rest = hours.partition(" ")
    return f"{'-'.join(DAYS.get(day, day) for day in days.split('-'))} {rest}"


def _value(setting: Setting, sent: Form) -> Any:
    name = PREFIX + setting.key
    if setting.type == "boolean":
        return _one(sent, name) == "yes"
    if setting.type == "span":
        number, unit = _one(sent, name), _one(sent, f"{name}.unit")
        return f"{number}{unit}" if number and unit in UNITS else None
    if name not in sent:
        return None
    if setting.type in ("list", "hours", "fields"):
        lines = [line.strip() for part in sent[name] for line in part.replace(",", "\n").splitlines()]
        return [line for line in dict.fromkeys(lines) if line]
    return _one(sent, name).strip()


def _one(sent: Form, name: str) -> str:
    values = sent.get(name) or ("",)
    return values[-1]


def _skipped(preset: Preset, sent: Form, draft: Draft) -> tuple[str, ...]:
    """What was offered and is not wanted. A pipeline that was taken back comes with all its stages."""
    taken, offered = set(sent.get("take", ())), set(sent.get("offer", ()))
    again = {a.removeprefix("pipeline.") for a in draft.skipped if a.startswith("pipeline.") and a in taken}
    gone = {a.removeprefix("pipeline.") for a in offered - taken if a.startswith("pipeline.")}
    return tuple(
        address
        for address in skippable(preset)
        if address in offered - taken and not (address.startswith("stage.") and address.split(".")[1] in again | gone)
    )


def _known(preset: Preset, skipped: Collection[str]) -> tuple[str, ...]:
    able = set(skippable(preset))
    return tuple(address for address in skipped if address in able)


def _offer(preset: Preset, chosen: str) -> Offer:
    names = tuple(pipeline.name for pipeline in preset.active_pipelines())
    return Offer(preset.key, preset.name, preset.description, preset.key == chosen, names)


def _pipelines(preset: Preset, skipped: Collection[str]) -> tuple[Bundle, ...]:
    bundles = []
    for pipeline in preset.active_pipelines():
        gone = pipeline.address in skipped
        parts = tuple(
            Part(
                pipeline.stage_address(stage),
                stage.name,
                not gone and pipeline.stage_address(stage) not in skipped,
                stage.kind != "open",
            )
            for stage in pipeline.stages
        )
        bundles.append(Bundle(pipeline.address, pipeline.name, not gone, parts, pipeline.purpose))
    return tuple(bundles)


#: entity -> what its fields are called
FIELDS_OF: Final = {"deal": Text("Поля сделки", "Deal fields"), "contact": Text("Поля контакта", "Contact fields")}


def _fields(preset: Preset, skipped: Collection[str]) -> tuple[Bundle, ...]:
    """Fields that would be made; those that are switched off or built in are no choice."""
    bundles = []
    for entity, name in FIELDS_OF.items():
        own = [spec for spec in preset.fields if spec.entity == entity and is_made(spec)]
        parts = tuple(Part(spec.address, spec.name, spec.address not in skipped) for spec in own)
        if parts:
            bundles.append(Bundle("", name, True, parts))
    return tuple(bundles)
