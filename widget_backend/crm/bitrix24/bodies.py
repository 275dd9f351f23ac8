"""Our attributes as commands that write pipelines, sources and fields (bitrix24.md §4.1, §4.2, §4.5). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from widget_backend.crm.bitrix24 import naming, words
from widget_backend.crm.bitrix24.client import Inner
from widget_backend.crm.model import Attributes, Kind, Option, Remote, Resource, Value

#: new pipelines stand after those that are there
PIPELINES_FROM = 1000
#: new sources stand after the vendor's
SOURCES_FROM = 500
#: distance between places
STEP = 10


def new_pipeline(attributes: Attributes) -> Inner:
    """A pipeline; without a place it would stand in front of all (§14)."""
    place = attributes.get("position")
    sort = PIPELINES_FROM + STEP * (place if isinstance(place, int) else 0)
    return Inner("crm.category.add", {"entityTypeId": words.DEAL, "fields": {"name": attributes["name"], "sort": sort}})


def named_pipeline(pipeline_id: str, attributes: Attributes) -> Inner:
    """Another name for a pipeline."""
    whose = {"entityTypeId": words.DEAL, "id": pipeline_id}
    return Inner("crm.category.update", {**whose, "fields": {"name": attributes["name"]}})


def directory_list(directory: str) -> Inner:
    """One directory, by its name or a reference to it; ``=ENTITY_ID`` would be ignored (§14)."""
    return Inner("crm.status.list", {"order": {"SORT": "ASC"}, "filter": {"ENTITY_ID": directory}})


def new_source(resource: Resource, attributes: Attributes, ordinal: int) -> Inner:
    """A source, known by its code."""
    fields = {
        "ENTITY_ID": words.SOURCES,
        "STATUS_ID": naming.source_code(resource.key),
        "NAME": attributes["name"],
        "SORT": SOURCES_FROM + STEP * ordinal,
    }
    return Inner("crm.status.add", {"fields": fields})


def named_source(remote: Remote, attributes: Attributes) -> Inner:
    """Another name for a source."""
    return Inner("crm.status.update", {"id": remote.native, "fields": {"NAME": attributes["name"]}})


def made_source(resource: Resource, attributes: Attributes, number: object) -> Remote:
    """The source that was made; the answer is its number."""
    code = naming.source_code(resource.key)
    return Remote(Kind.SOURCE, code, dict(attributes), marker=resource.key, native=str(number))


def new_field(resource: Resource, attributes: Attributes, ordinal: int) -> Inner:
    """A user field, marked as ours by its name and mark."""
    kind = str(attributes["type"])
    fields: dict[str, Any] = {
        "FIELD_NAME": naming.field_name(resource.entity, resource.key),
        "XML_ID": naming.field_mark(resource.entity, resource.key),
        "USER_TYPE_ID": words.FIELD_TYPES.get(kind, kind),
        **_labels(attributes),
        "MULTIPLE": _flag(attributes.get("multiple")),
        "MANDATORY": "N",
        "SHOW_FILTER": _flag(attributes.get("filterable")),
        "SORT": STEP * ordinal + 100,
    }
    if kind == "long_text":
        fields["SETTINGS"] = {"ROWS": words.LONG_TEXT_ROWS}
    if kind == "list":
        fields["LIST"] = list(_choices(attributes.get("options")))
    return Inner(f"crm.{resource.entity}.userfield.add", {"fields": fields})


def made_field(resource: Resource, attributes: Attributes, number: object) -> Remote:
    """The field that was made; the answer is its number."""
    code = naming.field_name(resource.entity, resource.key)
    return Remote(Kind.FIELD, code, dict(attributes), entity=resource.entity, marker=resource.key, native=str(number))


def changed_field(remote: Remote, attributes: Attributes) -> Inner:
    """The changed attributes of a field. A choice without its id would be made anew (§14); one left out is dropped."""
    fields: dict[str, Any] = _labels(attributes) if "name" in attributes else {}
    if "filterable" in attributes:
        fields["SHOW_FILTER"] = _flag(attributes["filterable"])
    if "options" in attributes:
        fields["LIST"] = [*_choices(attributes["options"]), *_dropped(remote, attributes["options"])]
    return Inner(f"crm.{remote.entity}.userfield.update", {"id": remote.native, "fields": fields})


def _labels(attributes: Attributes) -> dict[str, Any]:
    """One text for all languages (§10, 20)."""
    return dict.fromkeys(("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"), attributes["name"])


def _choices(options: Value) -> Iterator[dict[str, Any]]:
    for place, option in enumerate(_options(options), 1):
        choice: dict[str, Any] = {"VALUE": option.label, "SORT": place * STEP, "DEF": "N"}
        yield choice | ({"ID": option.id} if option.id else {}) | ({"XML_ID": option.key} if option.key else {})


def _dropped(remote: Remote, options: Value) -> Iterator[Mapping[str, Any]]:
    kept = {option.id for option in _options(options)}
    for option in _options(remote.attributes.get("options")):
        if option.id not in kept:
            yield {"ID": option.id, "VALUE": option.label, "DEL": "Y"}


def _options(value: Value) -> Iterator[Option]:
    if isinstance(value, tuple):
        yield from (item for item in value if isinstance(item, Option))


def _flag(value: Value) -> str:
    return "Y" if value else "N"
