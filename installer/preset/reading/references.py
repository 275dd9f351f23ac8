"""Every address in a file must name something the file declares. Works on the raw data, so all mistakes show at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from marshmallow import Schema, fields

from installer.preset.reading.nodes import Source
from installer.preset.reading.schema import PresetPart
from widget_backend.crm.vocabulary import SYSTEM_FIELDS
from widget_backend.robots.reading.blocks import Address
from widget_backend.robots.reading.complaints import Path
from widget_backend.texts import Text

DANGLING = Text("в файле нет «{address}»{near}", "the file has no “{address}”{near}")
NEAR = Text("; похоже на «{near}»", "; did you mean “{near}”?")
FAR = Text("; объявите или исправьте имя", "; declare it or correct the name")
WRONG_KIND = Text(
    "«{address}» здесь не подходит; пишется так: {forms}", "“{address}” does not fit here; write: {forms}"
)

#: how the address of each kind is written
FORMS = {
    "stage": Text("stage.воронка.этап", "stage.pipeline.stage"),
    "field": Text("field.deal.ключ или field.contact.ключ", "field.deal.key or field.contact.key"),
    "group": Text("group.deal.ключ или group.contact.ключ", "group.deal.key or group.contact.key"),
}


def each(data: Any, *steps: str, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The mappings found under ``steps`` (lists on the way are gone through), with their paths; other shapes are skipped."""
    if not steps:
        if isinstance(data, dict):
            yield path, data
        return
    inner = data.get(steps[0]) if isinstance(data, dict) else None
    here = (*path, steps[0])
    if isinstance(inner, list):
        for index, item in enumerate(inner):
            yield from each(item, *steps[1:], path=(*here, index))
    else:
        yield from each(inner, *steps[1:], path=here)


def declared(data: Any) -> set[str]:
    """The addresses a file declares; built-in fields are there without being declared."""
    found = {f"field.{name}" for name in SYSTEM_FIELDS}
    for kind, *steps in (
        ("setting", "settings"),
        ("task", "task_templates"),
        ("task_type", "task_types"),
        ("loss_reason", "loss_reasons"),
        ("source", "sources"),
        ("pipeline", "pipelines"),
        ("robot", "application", "robots"),
        ("field.deal", "fields", "deal"),
        ("field.contact", "fields", "contact"),
    ):
        found |= {f"{kind}.{part.get('key')}" for _, part in each(data, *steps)}
    for kind, steps_ in (("group", "groups"), ("tag", "tags")):
        found |= {f"{kind}.{part.get('entity')}.{part.get('key')}" for _, part in each(data, steps_)}
    stages = {(str(p.get("key")), str(s.get("key"))) for _, p in each(data, "pipelines") for _, s in each(p, "stages")}
    dated = {str(f.get("key")) for _, f in each(data, "fields", "deal") if f.get("per_stage") is True}
    found |= {f"stage.{pipeline}.{stage}" for pipeline, stage in stages}
    return found | {f"field.deal.{key}_{pipeline}_{stage}" for key in dated for pipeline, stage in stages}


def check_references(source: Source) -> None:
    """Complain of addresses that lead nowhere, or to the wrong kind of thing."""
    known = declared(source.data)
    for path, field, value in _walk(PresetPart(), source.data, ()):
        if field.is_plain(value):
            continue
        if not any(value.startswith(f"{kind}.") for kind in field.kinds):
            source.complain(path, WRONG_KIND.format(address=value, forms=_forms(field)))
        elif value not in known:
            source.complain(path, dangling(value, known))


def dangling(address: str, known: set[str]) -> Text:
    """There is no such thing; what the writer may have meant."""
    kind, _, rest = address.partition(".")
    same_kind = sorted(name.removeprefix(f"{kind}.") for name in known if name.startswith(f"{kind}."))
    near = get_close_matches(rest, same_kind, 1, 0.75)
    return DANGLING.format(address=address, near=NEAR.format(near=f"{kind}.{near[0]}") if near else FAR)


def _forms(field: Address) -> Text:
    forms = [FORMS.get(kind, Text(f"{kind}.ключ", f"{kind}.key")) for kind in field.kinds]
    forms += [Text(word, word) for word in field.words]
    forms += [Text("15m, 4h, 3d", "15m, 4h, 3d")] if field.form else []
    return Text(", ".join(form.ru for form in forms), ", ".join(form.en for form in forms))


def _walk(schema: Schema, data: Any, path: Path) -> Iterator[tuple[Path, Address, str]]:
    """All values that stand where the schema has an address."""
    if isinstance(data, Mapping):
        for name, field in schema.fields.items():
            key = field.data_key or name
            if key in data:
                yield from _inside(field, data[key], (*path, key))


def _inside(field: fields.Field[Any], value: Any, path: Path) -> Iterator[tuple[Path, Address, str]]:
    if isinstance(field, fields.Nested):
        yield from _walk(field.schema, value, path)
    elif isinstance(field, fields.List) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _inside(field.inner, item, (*path, index))
    elif isinstance(field, fields.Dict) and isinstance(field.key_field, Address) and isinstance(value, Mapping):
        yield from (((*path, name), field.key_field, name) for name in value)
    elif isinstance(field, Address) and isinstance(value, str):
        yield path, field, value
