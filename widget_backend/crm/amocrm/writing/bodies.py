"""Our attributes as bodies of writes (amocrm.md §3, §4.10, §13). Pure. References are resolved before they come here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from widget_backend.crm.amocrm import words
from widget_backend.crm.model import Attributes, Option, Resource, Value

Body = dict[str, Any]

#: new pipelines stand after those that are there; the vendor renumbers them (§11, 11)
PIPELINES_FROM = 1000
#: new tabs stand after those of the vendor
GROUPS_FROM = 10
#: the vendor's own distance between positions
STEP = 10
#: longest ``external_id`` of a source (§4.10)
EXTERNAL_ID = 36


def pipeline(name: str, position: Value, statuses: Sequence[Body]) -> Body:
    """A new pipeline with its stages; never the main one, and without «Неразобранное»."""
    return {
        "name": name,
        "sort": PIPELINES_FROM + number(position),
        "is_main": False,
        "is_unsorted_on": False,
        "_embedded": {"statuses": list(statuses)},
    }


def new_stage(attributes: Attributes, sort: int) -> Body:
    """A stage; won and lost ones exist in every pipeline and are only named (§3.2)."""
    final = words.FINAL_IDS.get(str(attributes.get("kind")))
    if final is not None:
        return {"id": final, "name": attributes["name"]}
    return {"name": attributes["name"], "sort": sort, **_colour(attributes)}


def changed_stage(attributes: Attributes, sort: int | None) -> Body:
    """The changed attributes of a stage."""
    named = {"name": attributes["name"]} if "name" in attributes else {}
    return {**named, **({} if sort is None else {"sort": sort}), **_colour(attributes)}


def named(resource: Resource, attributes: Attributes, ordinal: int) -> Body:
    """A loss reason: a name and its place."""
    return {"name": attributes["name"], "sort": ordinal * STEP}


def tag(resource: Resource, attributes: Attributes, ordinal: int) -> Body:
    """A tag."""
    return {"name": attributes["name"]}


def source(resource: Resource, attributes: Attributes, ordinal: int) -> Body:
    """A source of our integration, known by our key."""
    return {"name": attributes["name"], "external_id": resource.key[:EXTERNAL_ID]}


def group(resource: Resource, attributes: Attributes, ordinal: int) -> Body:
    """A tab of fields."""
    return {"name": attributes["name"], "sort": GROUPS_FROM + number(attributes.get("position", ordinal))}


def new_field(resource: Resource, attributes: Attributes, ordinal: int) -> Body:
    """A field, marked as ours by its code."""
    kind = str(attributes["type"])
    listed = words.MULTIPLE_LIST if attributes.get("multiple") else words.FIELD_TYPES["list"]
    body: Body = {
        "name": attributes["name"],
        "type": listed if kind == "list" else words.FIELD_TYPES.get(kind, kind),
        "code": words.CODE_PREFIX + resource.key.upper(),
        "sort": ordinal * STEP,
    }
    if attributes.get("group"):
        body["group_id"] = attributes["group"]
    if attributes.get("required_at"):
        body["required_statuses"] = required_statuses(attributes["required_at"])
    return body | ({"enums": enums(attributes.get("options"))} if kind == "list" else {})


def changed_field(remote_id: str, attributes: Attributes) -> Body:
    """The whole definition: name and choices are required, and a choice left out would be deleted (§3.3, §13)."""
    body: Body = {
        "id": int(remote_id),
        "name": attributes["name"],
        "group_id": attributes.get("group"),
        "required_statuses": required_statuses(attributes.get("required_at")),
    }
    return body | ({"enums": enums(attributes["options"])} if "options" in attributes else {})


def required_statuses(stages: Value) -> list[dict[str, int]]:
    """Stage ids as pairs of pipeline and status."""
    pairs = (str(stage).split(":") for stage in (stages if isinstance(stages, tuple) else ()))
    return [{"pipeline_id": int(pipeline_id), "status_id": int(status_id)} for pipeline_id, status_id in pairs]


def enums(options: Value) -> list[Body]:
    """Choices in their order; those the CRM knows keep their ids."""
    listed: Iterable[object] = options if isinstance(options, tuple) else ()
    return [_enum(option, place) for place, option in enumerate(listed, 1) if isinstance(option, Option)]


def number(value: Value) -> int:
    """A position."""
    return value if isinstance(value, int) else 0


def _enum(option: Option, place: int) -> Body:
    body: Body = {"value": option.label, "sort": place * STEP}
    if option.id:
        body["id"] = int(option.id)
    return body | ({"code": option.key} if option.key else {})


def _colour(attributes: Mapping[str, Value]) -> Body:
    """A colour by our name, or one of the vendor's put back as it was, if it may be written."""
    name = str(attributes.get("colour") or "")
    code = words.COLOURS.get(name, name)
    return {"color": code} if code in words.WRITABLE_COLOURS else {}
