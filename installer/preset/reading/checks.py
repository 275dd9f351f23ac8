"""What a schema cannot say of a preset: keys and names are unique, pipelines can be won and lost, settings and cards fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from installer.preset.reading.nodes import Source
from installer.preset.reading.references import check_references, each
from installer.preset.reading.rule_checks import rule_problems
from installer.preset.reading.setting_checks import setting_problems, settings_of, switch_problems
from widget_backend.crm.vocabulary import STAGE_KINDS
from widget_backend.robots.reading.blocks import NAME
from widget_backend.robots.reading.complaints import Path
from widget_backend.texts import Text

REPEATED = Text("ключ «{key}» уже занят в строке {line}", "the key “{key}” is already taken on line {line}")
SAME_NAME = Text(
    "название «{name}» уже есть в строке {line}: CRM их не различит",
    "the name “{name}” is already there on line {line}: a CRM could not tell them apart",
)
NO_WON = Text(
    "в воронке нет этапа успеха: одному этапу нужно kind: won", "the pipeline has no won stage: one needs kind: won"
)
SECOND_WON = Text(
    "второй этап успеха: kind: won бывает только у одного этапа воронки",
    "a second won stage: only one stage of a pipeline may have kind: won",
)
SOME_LOST = Text(
    "в воронке нет этапа отказа: хотя бы одному этапу нужно kind: lost",
    "the pipeline has no lost stage: at least one needs kind: lost",
)
SOME_OPEN = Text(
    "в воронке нет рабочих этапов: нужен хотя бы один без kind",
    "the pipeline has no open stage: it needs one without kind",
)
ORDER = Text(
    "этап не на месте: сначала рабочие этапы, потом успех, потом отказы",
    "a misplaced stage: open stages come first, then the won one, then the lost ones",
)
DEAL_CARD = Text("карточке сделки нужна воронка: pipeline: pipeline.ключ", "a deal card needs pipeline: pipeline.key")
CONTACT_CARD = Text(
    "карточка контакта не относится к воронке: уберите pipeline", "a contact card has no pipeline: remove the key"
)
SECOND_CARD = Text("такая карточка уже есть в строке {line}", "there already is such a card on line {line}")
FOREIGN_FIELD = Text("это поле не с карточки {entity}", "this field is not on a card of a {entity}")
ENTITIES = {"deal": Text("сделки", "deal"), "contact": Text("контакта", "contact")}
LONG_TEMPLATE = Text(
    "ключ поля на каждый этап длиннее 10 знаков: к нему добавятся ключи воронки и этапа",
    "the key of a per-stage field is over 10 characters: the keys of pipeline and stage are added to it",
)
LONG_LABEL = Text(
    "вместе с воронкой и этапом название длиннее {limit} знаков: «{label}»",
    "with pipeline and stage the name is over {limit} characters: “{label}”",
)
NO_STAGE_FIELD = Text("per_stage бывает только у полей сделки", "only deal fields may have per_stage")
OPTIONS_SETTING = Text("нужна настройка типа list, а не {type}", "a setting of type list is needed, not {type}")


def check(source: Source) -> None:
    """All the checks, each noting what it finds."""
    check_references(source)
    for finder in (_kinds, _fields, _stage_fields, switch_problems, setting_problems, rule_problems):
        for path, message in finder(source.data):
            source.complain(path, message)
    for doubled in (_repeated, _same_names, _cards):
        for path, message in doubled(source.data, source):
            source.complain(path, message)


Found = Iterator[tuple[Path, Text]]


def _repeated(data: Any, source: Source, path: Path = ()) -> Found:
    """Equal keys within one list (of one entity, where that matters)."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _repeated(value, source, (*path, key))
    if isinstance(data, list):
        seen: dict[tuple[Any, Any], Path] = {}
        for index, item in enumerate(data):
            here = (*path, index, "key")
            yield from _repeated(item, source, here[:-1])
            if isinstance(item, dict) and isinstance(item.get("key"), str):
                mark = (str(item.get("entity")), item["key"])
                if mark in seen:
                    yield here, REPEATED.format(key=item["key"], line=source.line(seen[mark]))
                seen.setdefault(mark, here)


#: lists whose items a CRM or a person knows by name; stages and options within their own list
_NAMED = (
    ("pipelines",),
    ("pipelines", "stages"),
    ("loss_reasons",),
    ("sources",),
    ("tags",),
    ("task_types",),
    ("groups",),
    ("fields", "deal"),
    ("fields", "contact"),
    ("fields", "deal", "options"),
    ("fields", "contact", "options"),
)


def _same_names(data: Any, source: Source) -> Found:
    """Equal names (or former names) within one list, in either language."""
    for steps in _NAMED:
        seen: dict[tuple[Any, ...], Path] = {}
        for path, item in each(data, *steps):
            for name in _names(item):
                mark = (*path[:-1], str(item.get("entity")), name.casefold())
                first = seen.setdefault(mark, path)
                if first != path:
                    yield (*path, "name"), SAME_NAME.format(name=name, line=source.line((*first, "name")))
                    break


def _names(item: dict[str, Any]) -> list[str]:
    words, aliases = item.get("name"), item.get("aliases")
    said = [*(words.values() if isinstance(words, dict) else ()), *(aliases if isinstance(aliases, list) else ())]
    return [word for word in said if isinstance(word, str)]


def _kinds(data: Any) -> Found:
    """The rule of both vendors: one success, failures after it (Bitrix24 refuses any other order)."""
    for path, pipeline in each(data, "pipelines"):
        stages = [stage for _, stage in each(pipeline, "stages")]
        kinds = [kind for s in stages if (kind := s.get("kind", "open")) in STAGE_KINDS]
        if not stages or len(kinds) < len(stages):
            continue
        here = (*path, "stages")
        count = Counter(kinds)
        for kind, words in (("won", NO_WON), ("lost", SOME_LOST), ("open", SOME_OPEN)):
            if not count[kind]:
                yield here, words
        won = [index for index, kind in enumerate(kinds) if kind == "won"]
        yield from (((*here, index, "kind"), SECOND_WON) for index in won[1:])
        ranks = [STAGE_KINDS.index(kind) for kind in kinds]
        misplaced = [index for index in range(1, len(ranks)) if ranks[index] < ranks[index - 1]]
        yield from (((*here, index), ORDER) for index in misplaced[:1])


def _cards(data: Any, source: Source) -> Found:
    """One card per pipeline and one for contacts, each with fields of its own entity."""
    seen: dict[str, Path] = {}
    for path, card in each(data, "cards"):
        entity = card.get("entity")
        if entity == "deal" and "pipeline" not in card:
            yield path, DEAL_CARD
        if entity == "contact" and "pipeline" in card:
            yield (*path, "pipeline"), CONTACT_CARD
        mark = f"{entity} {card.get('pipeline')}"
        if mark in seen:
            yield path, SECOND_CARD.format(line=source.line(seen[mark]))
        seen.setdefault(mark, path)
        for place, section in each(card, "sections", path=path):
            shown = section.get("fields")
            for index, address in enumerate(shown if isinstance(shown, list) and str(entity) in ENTITIES else ()):
                if str(address).startswith("field.") and not str(address).startswith(f"field.{entity}."):
                    yield (*place, "fields", index), FOREIGN_FIELD.format(entity=ENTITIES[str(entity)])


def _fields(data: Any) -> Found:
    """A list taken from a setting needs a list setting."""
    settings = settings_of(data)
    for entity in ("deal", "contact"):
        for path, spec in each(data, "fields", entity):
            origin = str(spec.get("options_from", ""))
            setting = settings.get(origin.removeprefix("setting."), {})
            if origin.startswith("setting.") and setting and setting.get("type") != "list":
                yield (*path, "options_from"), OPTIONS_SETTING.format(type=setting.get("type"))


def _stage_fields(data: Any) -> Found:
    """A field per stage belongs to deals; its key and name must leave room for those of the stage."""
    for path, spec in each(data, "fields", "contact"):
        if spec.get("per_stage"):
            yield (*path, "per_stage"), NO_STAGE_FIELD
    for path, spec in each(data, "fields", "deal"):
        if spec.get("per_stage") is not True:
            continue
        if len(str(spec.get("key"))) > 10:
            yield (*path, "key"), LONG_TEMPLATE
        labels = [label for language in ("ru", "en") for label in _labels(data, spec, language)]
        longest = max(labels, key=len, default="")
        if len(longest) > NAME:
            yield (*path, "name"), LONG_LABEL.format(limit=NAME, label=longest)


def _labels(data: Any, spec: dict[str, Any], language: str) -> Iterator[str]:
    """What ``expansion.of_stage`` will call the fields of one template."""
    for _, pipeline in each(data, "pipelines"):
        for _, stage in each(pipeline, "stages"):
            names = [part.get("name") for part in (spec, pipeline, stage)]
            words = [str(name.get(language)) for name in names if isinstance(name, dict)]
            if len(words) == len(names):
                yield "{}: {} / {}".format(*words)
