"""``/{entity}/custom_fields``: created and changed in batches."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.crm import field_types
from widget_backend.sandbox.amocrm.state import CustomField
from widget_backend.sandbox.amocrm.wire.hal import listing, whole
from widget_backend.sandbox.amocrm.wire.problems import (
    Issue,
    forbidden,
    impossible,
    invalid,
    missing,
    not_a_choice,
    not_found,
)
from widget_backend.sandbox.amocrm.wire.query import MOST, order, values
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import Row, batch, is_kind, single, validated

BASE = "/<any(leads, contacts, companies):entity>/custom_fields"
ONE = BASE + "/<int:field_id>"

FILTERS, ORDERS = ("type",), ("sort", "id")


@route("GET", BASE)
def get_all(call: Call, entity: str) -> Answer:
    """A page of an entity's fields."""
    call.expect(FILTERS, ORDERS)
    kinds = values(call.filter.get("type"))
    rows = [field for field in call.account.fields_of(entity) if not kinds or field.type in kinds]
    key, downward = order(call.query, ORDERS, ("sort", "asc"))
    rows.sort(key=lambda field: (getattr(field, key), field.id), reverse=downward)
    most = min(MOST, call.account.settings.fields_page)
    return listing(call, "custom_fields", rows, lambda field: field_types.model(call, field), total=True, most=most)


@route("GET", ONE)
def get(call: Call, entity: str, field_id: int) -> Answer:
    """One field; unknown ids are not found."""
    found = call.account.fields[entity].get(field_id)
    if found is None:
        raise not_found("Custom field not found")
    return Answer(field_types.model(call, found))


@route("POST", BASE, admin=True)
def add(call: Call, entity: str) -> Answer:
    """Create fields; a code in use, also within the batch, refuses it as a whole."""
    rows = batch(call)
    codes: set[str] = set()

    def check(item: dict[str, Any]) -> list[Issue]:
        code = item.get("code")
        repeated = [not_a_choice("code")] if isinstance(code, str) and code in codes else []
        codes.update([code] if isinstance(code, str) and code else [])
        return field_types.issues(call.account, entity, item, None) or repeated

    validated(rows, check)
    own = sum(not field.is_predefined for fields in call.account.fields.values() for field in fields.values())
    quota = call.account.settings.field_quota
    if quota and own + len(rows) > quota:
        raise impossible(f"Limit {quota} custom fields per account")
    return _answer(call, [(row, _create(call, entity, row.item)) for row in rows], 201)


@route("PATCH", BASE, admin=True)
def change_many(call: Call, entity: str) -> Answer:
    """Change fields by the ids in the body."""
    rows = batch(call)
    known = call.account.fields[entity]

    def check(item: dict[str, Any]) -> list[Issue]:
        if not is_kind(item.get("id"), "int"):
            return [missing("id")]
        field = known.get(item["id"])
        return field_types.issues(call.account, entity, item, field) if field else [not_a_choice("id")]

    validated(rows, check)
    for row in rows:
        field_types.apply(call.account, known[row.item["id"]], row.item)
    return _answer(call, [(row, known[row.item["id"]]) for row in rows], 200)


@route("PATCH", ONE, admin=True)
def change(call: Call, entity: str, field_id: int) -> Answer:
    """Change one field."""
    field = call.account.fields[entity].get(field_id)
    if field is None:
        raise not_found("Custom field not found")
    row = single(call)
    validated([row], lambda item: field_types.issues(call.account, entity, item, field))
    field_types.apply(call.account, field, row.item)
    return Answer(field_types.model(call, field))


@route("DELETE", ONE, admin=True)
def delete(call: Call, entity: str, field_id: int) -> Answer:
    """Delete a field of one's own; its values in records are gone with it."""
    field = call.account.fields[entity].get(field_id)
    if field is None:
        raise invalid([("0", [not_a_choice("id")])])
    if field.is_predefined:
        raise forbidden("Predefined custom field can not be deleted")
    del call.account.fields[entity][field_id]
    return NOTHING


def _create(call: Call, entity: str, item: dict[str, Any]) -> CustomField:
    field = CustomField(call.account.number("field", 31001, 2), entity, item["name"], item["type"])
    field_types.apply(call.account, field, item)
    call.account.fields[entity][field.id] = field
    return field


def _answer(call: Call, done: list[tuple[Row, CustomField]], status: int) -> Answer:
    models = [field_types.model(call, field) | {"request_id": row.request_id} for row, field in done]
    return whole(call, "custom_fields", models, status)
