"""Filling a preset's settings: what the clinic gave, else the default of the moment, else the plain one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from installer.preset.parts import FieldSpec, Mode, Setting, SettingValue
from installer.preset.preset import Preset
from widget_backend.errors import InvalidInput
from widget_backend.robots import grammar
from widget_backend.texts import Text

Given = Mapping[str, str | bool | int | Sequence[str]]

_TRUE = ("true", "yes", "on", "1", "да")
_FALSE = ("false", "no", "off", "0", "нет")

UNKNOWN = Text("Нет настройки «{key}». Есть: {known}.", "There is no setting “{key}”. There are: {known}.")
WRONG = Text(
    "Настройка «{key}» не принимает «{value}»: нужно {wanted}.",
    "The setting “{key}” does not take “{value}”: {wanted} is needed.",
)
SWITCHED_OFF = Text(
    "Настройка «{key}»: этапа «{value}» нет, он пропущен или его воронка выключена.",
    "The setting “{key}”: there is no stage “{value}”, it is skipped or its pipeline is switched off.",
)
NO_FIELD = Text("Настройка «{key}»: нет поля «{value}».", "The setting “{key}”: there is no field “{value}”.")
TWO_MODES = Text("Полю «{field}» заданы два режима.", "The field “{field}” is given two modes.")
NO_BASIS = Text(
    "Поле «{field}» можно передавать в CRM только с основанием: {basis} Заполните настройку basis.",
    "The field “{field}” may go to the CRM only on a recorded basis: {basis} Fill the setting basis.",
)

WANTED = {
    "boolean": Text("да или нет", "yes or no"),
    "number": Text("целое число", "a whole number"),
    "span": Text("срок вида 15m, 4h, 3d", "a span like 15m, 4h, 3d"),
    "hours": Text(
        "рабочие часы через запятую, вида mon-fri 09:00-20:00, sat 10:00-16:00",
        "working hours with commas, like mon-fri 09:00-20:00, sat 10:00-16:00",
    ),
    "choice": Text("один из вариантов", "one of the choices"),
    "stage": Text("адрес этапа вида stage.воронка.этап", "the address of a stage like stage.pipeline.stage"),
    "list": Text("непустой список (значения через запятую)", "a non-empty list (values separated by commas)"),
    "fields": Text("список полей (через запятую)", "a list of fields (separated by commas)"),
    "text": Text("текст", "a text"),
}


def configure(preset: Preset, given: Given) -> Preset:
    """The preset with its settings filled. Raises :class:`InvalidInput` that names everything wrong at once."""
    problems: list[Text] = []
    known = {setting.key: setting for setting in preset.settings}
    names = ", ".join(known) or "—"
    problems += [UNKNOWN.format(key=key, known=names) for key in given if key not in known]
    read = {key: _read(preset, known[key], value, problems) for key, value in given.items() if key in known}
    on = {s.key for s in preset.settings if (s.default if read.get(s.key) is None else read[s.key]) is True}
    filled = replace(preset, settings=tuple(_filled(setting, read, on) for setting in preset.settings))
    moded = _with_modes(filled, problems)
    _check_stages(moded, problems)
    if problems:
        raise InvalidInput(Text(" ".join(p.ru for p in problems), " ".join(p.en for p in problems)))
    return moded


def _read(preset: Preset, setting: Setting, value: object, problems: list[Text]) -> SettingValue | None:
    made = _converted(setting, value)
    if made is None or (setting.type == "stage" and made not in _stages(preset)):
        wanted = WANTED[setting.type]
        if setting.choices:
            options = ", ".join(choice.key for choice in setting.choices)
            wanted = Text(f"{wanted.ru} ({options})", f"{wanted.en} ({options})")
        problems.append(WRONG.format(key=setting.key, value=value, wanted=wanted))
        return None
    return made


def _converted(setting: Setting, value: object) -> SettingValue | None:
    """The value in the setting's type; ``None`` if it is not one."""
    match setting.type:
        case "boolean":
            return _boolean(value)
        case "number":
            words = str(value).strip()
            return int(words) if re.fullmatch(r"[-+]?\d{1,18}", words) else None
        case "list" | "fields":
            items = _items(value)
            return items if items or setting.type == "fields" else None
        case "hours":
            lines = tuple(" ".join(line.casefold().split()) for line in _items(value))
            return lines if lines and all(re.fullmatch(grammar.HOURS, line) for line in lines) else None
        case "choice":
            return str(value) if str(value) in {choice.key for choice in setting.choices} else None
        case "span":
            return str(value) if re.fullmatch(grammar.SPAN, str(value)) else None
    return value.strip() if isinstance(value, str) else None


def _boolean(value: object) -> bool | None:
    word = str(value).strip().casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def _items(value: object) -> tuple[str, ...]:
    """A list, or a text with commas; empty and repeated items fall out."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, Sequence) else ()
    return tuple(dict.fromkeys(word for part in parts if (word := str(part).strip())))


def _filled(setting: Setting, read: Mapping[str, SettingValue | None], on: set[str]) -> Setting:
    value = read.get(setting.key)
    if value is None:
        of_the_moment = [default for switch, default in setting.default_if if switch in on]
        value = of_the_moment[0] if of_the_moment else setting.default
    elif isinstance(value, tuple) and isinstance(setting.default, tuple):
        value = setting.default if value == tuple(map(str, setting.default)) else value
    return replace(setting, value=value)


def _stages(preset: Preset) -> set[str]:
    return {pipeline.stage_address(stage) for pipeline in preset.pipelines for stage in pipeline.stages}


def _check_stages(preset: Preset, problems: list[Text]) -> None:
    active = {pipeline.stage_address(stage) for pipeline, stage in preset.active_stages()}
    for setting in preset.settings:
        if setting.type == "stage" and setting.value not in active:
            problems.append(SWITCHED_OFF.format(key=setting.key, value=setting.value))


def _with_modes(preset: Preset, problems: list[Text]) -> Preset:
    """Modes of fields switched by settings (domain 6.1): a field goes to the CRM only on a recorded basis (L-03)."""
    modes: dict[str, Mode] = {}
    for setting in preset.settings:
        if setting.type != "fields" or setting.mode is None or not isinstance(setting.value, tuple):
            continue
        for name in map(str, setting.value):
            spec = _field(preset, name)
            if spec is None:
                problems.append(NO_FIELD.format(key=setting.key, value=name))
            elif modes.setdefault(spec.address, setting.mode) != setting.mode:
                problems.append(TWO_MODES.format(field=spec.name))
    recorded = any(setting.key == "basis" and setting.value for setting in preset.settings)
    for spec in preset.fields:
        if spec.basis and modes.get(spec.address) == "crm" and spec.mode != "crm" and not recorded:
            problems.append(NO_BASIS.format(field=spec.name, basis=spec.basis))
    return replace(preset, fields=tuple(replace(f, mode=modes.get(f.address, f.mode)) for f in preset.fields))


def _field(preset: Preset, name: str) -> FieldSpec | None:
    """A field by address or by the id of its requirement."""
    return next((f for f in preset.fields if name == f.address or name in f.source), None)
