"""``/{entity}/custom_fields/groups``: the tabs of the card; their ids are texts."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.crm.field_types import MAIN_GROUP
from widget_backend.sandbox.amocrm.state import FieldGroup
from widget_backend.sandbox.amocrm.wire.hal import listing, whole
from widget_backend.sandbox.amocrm.wire.problems import Issue, forbidden, not_a_choice, not_found
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import batch, optional, shaped, single, validated

BASE = "/<any(leads, contacts, companies):entity>/custom_fields/groups"
ONE = BASE + "/<string:group_id>"

SHAPE = {"name": "string*", "sort": "int*", "fields": "array?"}


@route("GET", BASE)
def get_all(call: Call, entity: str) -> Answer:
    """All tabs of an entity's card."""
    rows = sorted(call.account.groups[entity].values(), key=lambda each: each.sort)
    return listing(call, "custom_field_groups", rows, lambda each: model(call, each), total=True)


@route("GET", ONE)
def get(call: Call, entity: str, group_id: str) -> Answer:
    """One tab; unknown ids are not found."""
    return Answer(model(call, _group_of(call, entity, group_id)))


@route("POST", BASE, admin=True)
def add(call: Call, entity: str) -> Answer:
    """Create tabs."""
    rows = batch(call)
    validated(rows, lambda item: _issues(call, entity, item, SHAPE))
    models = []
    for row in rows:
        number = call.account.number("group", 2_745_158, 11)
        group = FieldGroup(f"{entity}_{number}", entity, row.item["name"], row.item["sort"])
        call.account.groups[entity][group.id] = group
        _fill(call, group, row.item.get("fields"))
        models.append(model(call, group) | {"request_id": row.request_id})
    return whole(call, "custom_field_groups", models, 201)


@route("PATCH", ONE, admin=True)
def change(call: Call, entity: str, group_id: str) -> Answer:
    """Change a tab; ``fields`` are all the fields it is to have, the others fall back to the main tab."""
    group = _group_of(call, entity, group_id)
    row = single(call)
    validated([row], lambda item: _issues(call, entity, item, optional(SHAPE)))
    group.name = row.item.get("name", group.name)
    group.sort = row.item.get("sort", group.sort)
    _fill(call, group, row.item.get("fields"))
    return Answer(model(call, group))


@route("DELETE", ONE, admin=True)
def delete(call: Call, entity: str, group_id: str) -> Answer:
    """Delete a tab of one's own; its fields fall back to the main tab."""
    group = _group_of(call, entity, group_id)
    if group.is_predefined:
        raise forbidden("Predefined group can not be deleted")
    _fill(call, group, [])
    del call.account.groups[entity][group_id]
    return NOTHING


def model(call: Call, group: FieldGroup) -> dict[str, Any]:
    """A tab with the ids of its fields in their order."""
    return {
        "id": group.id,
        "name": group.name,
        "is_predefined": group.is_predefined,
        "type": None,
        "entity_type": group.entity,
        "sort": group.sort,
        "fields": [
            each.id for each in call.account.fields_of(group.entity) if (each.group_id or MAIN_GROUP) == group.id
        ],
        "_links": call.href(f"/{group.entity}/custom_fields/groups/{group.id}"),
    }


def _group_of(call: Call, entity: str, group_id: str) -> FieldGroup:
    found = call.account.groups[entity].get(group_id)
    if found is None:
        raise not_found("Custom field group not found")
    return found


def _issues(call: Call, entity: str, item: dict[str, Any], shape: dict[str, str]) -> list[Issue]:
    known = call.account.fields[entity]
    fields = item.get("fields")
    unknown = [
        not_a_choice(f"fields.{index}")
        for index, number in enumerate(fields if isinstance(fields, list) else [])
        if not isinstance(number, int) or number not in known
    ]
    return shaped(item, shape) + unknown


def _fill(call: Call, group: FieldGroup, fields: list[int] | None) -> None:
    if fields is None:
        return
    key = None if group.id == MAIN_GROUP else group.id
    for field in call.account.fields[group.entity].values():
        if field.id in fields:
            field.group_id = key
        elif field.group_id == group.id:
            field.group_id = None
