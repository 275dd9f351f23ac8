"""Settings of a file that make sense: defaults fit their types, switches name what can be on or off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from installer.preset.configuring import WANTED
from installer.preset.reading.references import dangling, declared, each
from widget_backend.robots import grammar
from widget_backend.robots.reading.complaints import Path
from widget_backend.texts import Text

NO_SWITCH = Text(
    "«{words}»: нужен ключ настройки да/нет или «настройка=вариант» настройки с выбором",
    "“{words}”: the key of a boolean setting is needed, or “setting=choice” of a choice setting",
)
NO_BOOLEAN = Text("«{words}»: нужен ключ настройки да/нет", "“{words}”: the key of a boolean setting is needed")
BAD_VALUE = Text("для типа {type} нужно: {wanted}", "the type {type} needs: {wanted}")
NO_CHOICES = Text("у выбора нет вариантов: нужен ключ choices", "a choice has no choices: the key choices is needed")
IDLE_CHOICES = Text("варианты бывают только у типа choice", "only the type choice has choices")
NO_MODE = Text("для типа fields нужен mode: off, widget или crm", "the type fields needs mode: off, widget or crm")

#: said otherwise in a file than on a command line
IN_A_FILE = {
    "boolean": Text("true или false", "true or false"),
    "list": Text("непустой список текстов или пар {ru: …, en: …}", "a non-empty list of texts or {ru: …, en: …}"),
    "hours": Text("список вида ['mon-fri 09:00-20:00']", "a list like ['mon-fri 09:00-20:00']"),
    "fields": Text("список номеров или адресов полей", "a list of ids or addresses of fields"),
}

Found = Iterator[tuple[Path, Text]]


def settings_of(data: Any) -> dict[str, dict[str, Any]]:
    """The settings a file declares, by key."""
    return {str(setting.get("key")): setting for _, setting in each(data, "settings")}


def switch_problems(data: Any) -> Found:
    """``only_if`` names a boolean setting, or a choice and one of its values."""
    settings = settings_of(data)
    for place in ("pipelines", "rules"):
        for path, part in each(data, place):
            words = part.get("only_if")
            if isinstance(words, str) and not _is_switch(words, settings):
                yield (*path, "only_if"), NO_SWITCH.format(words=words)


def _is_switch(words: str, settings: dict[str, dict[str, Any]]) -> bool:
    key, _, wanted = words.partition("=")
    setting = settings.get(key, {})
    if not wanted:
        return setting.get("type") == "boolean"
    return setting.get("type") == "choice" and wanted in _choices(setting)


def _choices(setting: dict[str, Any]) -> set[str]:
    return {str(choice.get("key")) for _, choice in each(setting, "choices")}


def setting_problems(data: Any) -> Found:
    """A default must be a value the setting would take."""
    known = declared(data)
    settings = settings_of(data)
    for path, setting in each(data, "settings"):
        kind = setting.get("type")
        if kind == "choice" and not setting.get("choices"):
            yield (*path, "choices"), NO_CHOICES
        if kind != "choice" and "choices" in setting:
            yield (*path, "choices"), IDLE_CHOICES
        if kind == "fields" and "mode" not in setting:
            yield (*path, "mode"), NO_MODE
        if "default" in setting:
            yield from _unsuited(setting, setting["default"], known, (*path, "default"))
        conditional = setting.get("default_if")
        for other, value in conditional.items() if isinstance(conditional, dict) else ():
            if settings.get(other, {}).get("type") != "boolean":
                yield (*path, "default_if", other), NO_BOOLEAN.format(words=other)
            yield from _unsuited(setting, value, known, (*path, "default_if", other))


def _unsuited(setting: dict[str, Any], value: Any, known: set[str], path: Path) -> Found:
    kind = str(setting.get("type"))
    if value is None or isinstance(value, dict) or kind not in WANTED or _suits(setting, value, known):
        return  # no value, another shape or no such type: the schema says so
    if kind == "stage" and isinstance(value, str) and value.startswith("stage."):
        yield path, dangling(value, known)
        return
    wanted = IN_A_FILE.get(kind, WANTED[kind])
    if kind == "choice":
        options = ", ".join(sorted(_choices(setting))) or "—"
        wanted = Text(f"{wanted.ru} ({options})", f"{wanted.en} ({options})")
    yield path, BAD_VALUE.format(type=kind, wanted=wanted)


def _suits(setting: dict[str, Any], value: Any, known: set[str]) -> bool:
    match setting.get("type"):
        case "boolean":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int) and not isinstance(value, bool)
        case "list":
            return isinstance(value, list) and bool(value)
        case "fields":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case "hours":
            return isinstance(value, list) and bool(value) and all(re.fullmatch(grammar.HOURS, str(v)) for v in value)
        case "stage":
            return isinstance(value, str) and value.startswith("stage.") and value in known
        case "choice":
            return str(value) in _choices(setting)
        case "span":
            return isinstance(value, str) and re.fullmatch(grammar.SPAN, value) is not None
    return isinstance(value, str)
