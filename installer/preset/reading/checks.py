"""What a schema cannot say of a preset: keys are unique, pipelines can be won and lost, settings and cards make sense."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from installer.preset import grammar
from installer.preset.reading.nodes import Source
from installer.preset.reading.problems import Path
from installer.preset.reading.references import check_references, declared, each
from widget_backend.crm.vocabulary import STAGE_KINDS
from widget_backend.texts import Text

REPEATED = Text("ключ «{key}» уже занят", "the key «{key}» is already taken")
ONE_WON = Text(
    "в воронке должен быть ровно один этап успеха (kind: won), есть: {count}",
    "a pipeline needs exactly one won stage, there are: {count}",
)
SOME_LOST = Text("в воронке нет этапа отказа (kind: lost)", "the pipeline has no lost stage")
SOME_OPEN = Text("в воронке нет рабочих этапов", "the pipeline has no open stage")
ORDER = Text(
    "сначала рабочие этапы, потом успех, потом отказы",
    "open stages come first, then the won one, then the lost ones",
)
NO_SWITCH = Text(
    "нужна настройка да/нет или «настройка=вариант»: «{words}»",
    "a boolean setting or «setting=choice» is needed: «{words}»",
)
BAD_VALUE = Text("значение не подходит к типу {type}", "the value does not fit the type {type}")
NO_CHOICES = Text("у выбора нет вариантов (choices)", "a choice has no choices")
NO_MODE = Text("для типа fields нужен mode", "the type fields needs a mode")
DEAL_CARD = Text("карточке сделки нужна воронка (pipeline)", "a deal card needs a pipeline")
CONTACT_CARD = Text("карточка контакта не относится к воронке", "a contact card has no pipeline")
SECOND_CARD = Text("такая карточка уже есть", "there already is such a card")
FOREIGN_FIELD = Text("это поле не из карточки «{entity}»", "this field is not on a card of a {entity}")
NOT_PER_STAGE = Text(
    "of_stage бывает только в правиле с per_stage: true", "of_stage belongs to a rule with per_stage: true"
)
NO_SPAN = Text("нужен срок (15m, 4h, 3d) или настройка срока", "a span (15m, 4h, 3d) or a span setting is needed")
NO_OPTION = Text("у поля нет варианта «{value}»", "the field has no option «{value}»")
LONG_TEMPLATE = Text("ключ поля на каждый этап длиннее 10 знаков", "the key of a per-stage field is over 10 characters")
NO_STAGE_FIELD = Text("per_stage бывает только у полей сделки", "per_stage belongs to deal fields")


def check(source: Source) -> None:
    """All the checks, each noting what it finds."""
    check_references(source)
    for finder in (_repeated, _kinds, _switches, _settings, _cards, _fields, _rules):
        for path, message in finder(source.data):
            source.complain(path, message)


Found = Iterator[tuple[Path, Text]]


def _repeated(data: Any, path: Path = ()) -> Found:
    """Equal keys within one list (of one entity, where that matters)."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _repeated(value, (*path, key))
    if isinstance(data, list):
        seen: set[tuple[Any, Any]] = set()
        for index, item in enumerate(data):
            yield from _repeated(item, (*path, index))
            if isinstance(item, dict) and isinstance(item.get("key"), str):
                mark = (str(item.get("entity")), item["key"])
                if mark in seen:
                    yield (*path, index, "key"), REPEATED.format(key=item["key"])
                seen.add(mark)


def _kinds(data: Any) -> Found:
    """The rule of both vendors: one success, failures after it (Bitrix24 refuses any other order)."""
    for path, pipeline in each(data, "pipelines"):
        stages = [stage for _, stage in each(pipeline, "stages")]
        kinds = [kind for s in stages if (kind := s.get("kind", "open")) in STAGE_KINDS]
        if not stages or len(kinds) < len(stages):
            continue
        count = Counter(kinds)
        if count["won"] != 1:
            yield (*path, "stages"), ONE_WON.format(count=count["won"])
        if not count["lost"]:
            yield (*path, "stages"), SOME_LOST
        if not count["open"]:
            yield (*path, "stages"), SOME_OPEN
        if kinds != sorted(kinds, key=STAGE_KINDS.index):
            yield (*path, "stages"), ORDER


def _by_key(data: Any) -> dict[str, dict[str, Any]]:
    return {str(setting.get("key")): setting for _, setting in each(data, "settings")}


def _switches(data: Any) -> Found:
    """``only_if`` names a boolean setting, or a choice and one of its values."""
    settings = _by_key(data)
    for place in ("pipelines", "rules"):
        for path, part in each(data, place):
            words = part.get("only_if")
            if words is not None and not _is_switch(str(words), settings):
                yield (*path, "only_if"), NO_SWITCH.format(words=words)


def _is_switch(words: str, settings: dict[str, dict[str, Any]]) -> bool:
    key, _, wanted = words.partition("=")
    setting = settings.get(key, {})
    if not wanted:
        return setting.get("type") == "boolean"
    return setting.get("type") == "choice" and wanted in _choices(setting)


def _choices(setting: dict[str, Any]) -> set[str]:
    return {str(choice.get("key")) for _, choice in each(setting, "choices")}


def _settings(data: Any) -> Found:
    """A default must be a value the setting would take."""
    known = declared(data)
    settings = _by_key(data)
    for path, setting in each(data, "settings"):
        kind = setting.get("type")
        if kind == "choice" and not setting.get("choices"):
            yield (*path, "choices"), NO_CHOICES
        if kind == "fields" and "mode" not in setting:
            yield (*path, "mode"), NO_MODE
        if "default" in setting and not _suits(setting, setting["default"], known):
            yield (*path, "default"), BAD_VALUE.format(type=kind)
        conditional = setting.get("default_if")
        for other, value in conditional.items() if isinstance(conditional, dict) else ():
            if settings.get(other, {}).get("type") != "boolean":
                yield (*path, "default_if", other), NO_SWITCH.format(words=other)
            if not _suits(setting, value, known):
                yield (*path, "default_if", other), BAD_VALUE.format(type=kind)


def _suits(setting: dict[str, Any], value: Any, known: set[str]) -> bool:
    match setting.get("type"):
        case "boolean":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int) and not isinstance(value, bool)
        case "list" | "fields":
            return isinstance(value, list)
        case "stage":
            return isinstance(value, str) and value.startswith("stage.") and value in known
        case "choice":
            return str(value) in _choices(setting)
        case "span":
            return isinstance(value, str) and re.search(grammar.SPAN, value) is not None
        case "text":
            return isinstance(value, str)
    return True  # the type itself is wrong, and the schema says so


def _cards(data: Any) -> Found:
    """One card per pipeline and one for contacts, each with fields of its own entity."""
    seen: set[str] = set()
    for path, card in each(data, "cards"):
        entity = card.get("entity")
        if entity == "deal" and "pipeline" not in card:
            yield path, DEAL_CARD
        if entity == "contact" and "pipeline" in card:
            yield (*path, "pipeline"), CONTACT_CARD
        mark = f"{entity} {card.get('pipeline')}"
        if mark in seen:
            yield path, SECOND_CARD
        seen.add(mark)
        for place, section in each(card, "sections", path=path):
            shown = section.get("fields")
            for index, address in enumerate(shown if isinstance(shown, list) else ()):
                if str(address).startswith("field.") and not str(address).startswith(f"field.{entity}."):
                    yield (*place, "fields", index), FOREIGN_FIELD.format(entity=entity)


def _fields(data: Any) -> Found:
    settings = _by_key(data)
    for path, spec in each(data, "fields", "contact"):
        if spec.get("per_stage"):
            yield (*path, "per_stage"), NO_STAGE_FIELD
    for path, spec in each(data, "fields", "deal"):
        if spec.get("per_stage") and len(str(spec.get("key"))) > 10:  # pipeline and stage keys are to be appended
            yield (*path, "key"), LONG_TEMPLATE
    for entity in ("deal", "contact"):
        for path, spec in each(data, "fields", entity):
            origin = str(spec.get("options_from", ""))
            setting = settings.get(origin.removeprefix("setting."), {})
            if origin.startswith("setting.") and setting and setting.get("type") != "list":
                yield (*path, "options_from"), BAD_VALUE.format(type="list")


def _rules(data: Any) -> Found:
    """Spans, words that need a stage, options that exist."""
    settings = _by_key(data)
    options = _options(data)
    for path, rule in each(data, "rules"):
        per_stage = rule.get("per_stage") is True
        for place, trigger in each(rule, "when", path=path):
            span = trigger.get("span")
            if span == grammar.OF_STAGE and not per_stage:
                yield (*place, "span"), NOT_PER_STAGE
            elif span is not None and not _is_span(str(span), settings):
                yield (*place, "span"), NO_SPAN
        for place, step in each(rule, "do", path=path):
            if step.get("task") == grammar.OF_STAGE and not per_stage:
                yield (*place, "task"), NOT_PER_STAGE
            target = settings.get(str(step.get("to")).removeprefix("setting."), {})
            if str(step.get("to")).startswith("setting.") and target and target.get("type") != "stage":
                yield (*place, "to"), BAD_VALUE.format(type="stage")
            known = options.get(str(step.get("field")))
            if known and "value" in step and step["value"] not in (*known, *grammar.VALUES):
                yield (*place, "value"), NO_OPTION.format(value=step["value"])


def _is_span(span: str, settings: dict[str, dict[str, Any]]) -> bool:
    if span.startswith("setting."):
        return settings.get(span.removeprefix("setting."), {}).get("type") == "span"
    return span == grammar.OF_STAGE or re.search(grammar.SPAN, span) is not None


def _options(data: Any) -> dict[str, set[str]]:
    """The option keys of each field that has options of its own."""
    found = {}
    for entity in ("deal", "contact"):
        for _, spec in each(data, "fields", entity):
            found[f"field.{entity}.{spec.get('key')}"] = {str(option.get("key")) for _, option in each(spec, "options")}
    return found
