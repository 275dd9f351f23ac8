"""``crm.category.*``: the deal pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm.stock import add_stages
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import Page, RestError
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.refusals import pipeline_cap
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import COMPANY, CONTACT, DEAL, LEAD, Category, stage_directory

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

FIELDS = {
    "id": ("integer", False, True),
    "name": ("string", False, False),
    "sort": ("integer", False, False),
    "entityTypeId": ("integer", True, True),
    "isDefault": ("boolean", False, True),
    "originId": ("string", False, False),
    "originatorId": ("string", False, False),
}


@method("crm.category.fields")
def fields(call: Call) -> Any:
    _check_type(call)
    return {"fields": {name: _described(name, *kind) for name, kind in FIELDS.items()}}


@method("crm.category.list")
def list_(call: Call) -> Any:
    _check_type(call)
    rows = sorted(call.portal.categories.values(), key=lambda row: (row.sort, row.id)) if call.caller.user.crm else []
    return Page({"categories": [shown(row) for row in rows]}, total=len(rows))


@method("crm.category.get")
def get(call: Call) -> Any:
    return {"category": shown(_found(call))}


@method("crm.category.add", write=True)
def add(call: Call) -> Any:
    _check_type(call)
    _check_right(call)
    given = enumerate_map(call.required("fields"))
    name = str(given.get("name") or "").strip()
    if not name:
        raise RestError("0", call.portal.say("Обязательное поле «Название» не заполнено", "Field 'NAME' is required"))
    _check_limit(call.portal)
    category = Category(call.portal.number("category"), name, max(0, to_int(given.get("sort"))))
    category.origin_id, category.originator_id = str(given.get("originId") or ""), str(given.get("originatorId") or "")
    call.portal.categories[category.id] = category
    add_stages(call.portal, category.id)
    return {"category": shown(category)}


@method("crm.category.update", write=True)
def update(call: Call) -> Any:
    category = _found(call)
    _check_right(call)
    given = enumerate_map(call.required("fields"))
    if "name" in given:
        category.name = str(given["name"]).strip() or category.name
    if to_int(given.get("sort"), -1) >= 0:
        category.sort = to_int(given["sort"])
    category.origin_id = str(given.get("originId", category.origin_id))
    category.originator_id = str(given.get("originatorId", category.originator_id))
    return {"category": shown(category)}


@method("crm.category.delete", write=True)
def delete(call: Call) -> Any:
    category = _found(call)
    _check_right(call)
    portal = call.portal
    if category.id == 0:
        raise RestError("0", "Default deal category cannot be deleted")
    if any(item["categoryId"] == category.id for item in portal.items[DEAL].values()):
        raise RestError("0", f"Deals related to the funnel {category.name} found")
    del portal.categories[category.id]
    directory = stage_directory(category.id)
    portal.statuses = {key: row for key, row in portal.statuses.items() if row.entity_id != directory}
    portal.layouts = {key: data for key, data in portal.layouts.items() if key[:2] != (DEAL, category.id)}
    return None


def shown(category: Category) -> dict[str, Any]:
    """A pipeline as the API writes it; the default one has no origin."""
    row: dict[str, Any] = {
        "id": category.id,
        "name": category.name,
        "sort": category.sort,
        "entityTypeId": DEAL,
        "isDefault": "N" if category.id else "Y",
    }
    origin = {"originId": category.origin_id, "originatorId": category.originator_id}
    return row | (origin if category.id else {})


def _check_type(call: Call) -> None:
    entity_type = call.required_int("entityTypeId")
    if entity_type == DEAL:
        return
    if entity_type in (LEAD, CONTACT, COMPANY):
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", f"Entity type {entity_type} is not supported")
    raise RestError("NOT_FOUND", "SPA not found")


def _check_right(call: Call) -> None:
    if not call.caller.user.crm_admin:
        raise RestError("ACCESS_DENIED", "Access denied")


def _check_limit(portal: Portal) -> None:
    """The default pipeline is not stored with the others and does not count."""
    limit = portal.settings.pipeline_limit
    if limit and len(portal.categories) - 1 >= limit:
        raise pipeline_cap(portal)


def _found(call: Call) -> Category:
    _check_type(call)
    category = call.portal.categories.get(call.required_int("id"))
    if category is None or not call.caller.user.crm:
        raise RestError("NOT_FOUND", "Element not found")
    return category


def _described(name: str, kind: str, required: bool, read_only: bool) -> dict[str, Any]:
    upper = "".join("_" + letter if letter.isupper() else letter for letter in name).upper()
    return {
        "type": kind,
        "isRequired": required,
        "isReadOnly": read_only,
        "isImmutable": False,
        "isMultiple": False,
        "isDynamic": False,
        "title": upper,
        "upperName": upper,
    }
