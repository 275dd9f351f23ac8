"""``crm.status.*``: directories, the stages of the deal pipelines among them."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.bitrix24.crm.directories import (
    check_place,
    code_of,
    color_of,
    generated,
    is_directory,
    is_stages,
    sort_of,
)
from widget_backend.sandbox.bitrix24.crm.stock import DIRECTORIES, add_status, directory_name
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import Page, legacy
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import DEAL, LEAD, Status, stage_directory

#: what the database holds of a name and of a colour
LONGEST_NAME = 100
LONGEST_COLOR = 10

CHANGEABLE = frozenset({"NAME", "SORT", "COLOR"})

#: keys of filters and orders
FILTERED = frozenset(
    ["ID", "ENTITY_ID", "STATUS_ID", "NAME", "SORT", "SYSTEM", "CATEGORY_ID", "SEMANTICS"],
)

#: filter keys that take one text only
TEXT_ONLY = ("ENTITY_ID", "STATUS_ID", "SORT", "SEMANTICS")

KINDS = {"S": "success", "F": "failure"}

#: name -> (type, required, read-only, immutable)
FIELDS = {
    "ID": ("integer", False, True, False),
    "ENTITY_ID": ("string", True, False, True),
    "STATUS_ID": ("string", True, False, True),
    "SORT": ("integer", False, False, False),
    "NAME": ("string", True, False, False),
    "NAME_INIT": ("string", False, True, False),
    "SYSTEM": ("char", False, True, False),
    "CATEGORY_ID": ("integer", False, False, True),
    "COLOR": ("string", False, False, False),
    "SEMANTICS": ("char", False, False, True),
    "EXTRA": ("crm_status_extra", False, False, False),
}


@method("crm.status.fields")
def fields(call: Call) -> Any:
    return {name: _described(name, *kind) for name, kind in FIELDS.items()}


@method("crm.status.list")
def list_(call: Call) -> Any:
    """All rows at once; a filter key that is no plain field name is ignored, and so is an empty value."""
    if not call.caller.user.crm:
        raise legacy("Access denied.")
    wanted = {key.upper(): value for key, value in call.mapping("filter").items() if key.upper() in FILTERED}
    for key in TEXT_ONLY:
        if isinstance(wanted.get(key), dict | list):
            raise legacy(f"Filter by {key} must be a string")
    rows = [shown(status) for status in call.portal.statuses.values()]
    rows = [row for row in rows if all(_equal(row[key], value) for key, value in wanted.items() if value != "")]
    for key, direction in reversed(list((call.mapping("order") or {"SORT": "ASC"}).items())):
        if key.upper() in FILTERED:
            rows.sort(key=lambda row: _sortable(row[key.upper()]), reverse=str(direction).upper() != "ASC")
    return Page(rows, total=len(rows))


@method("crm.status.get")
def get(call: Call) -> Any:
    return shown(_found(call))


@method("crm.status.entity.types")
def entity_types(call: Call) -> Any:
    portal = call.portal
    rows = [_type_row(directory_name(portal, entity_id), entity_id) for entity_id in DIRECTORIES]
    for category in portal.categories.values():
        prefix = f"C{category.id}:" if category.id else ""
        entity_id = stage_directory(category.id)
        more = (
            {"PARENT_ID": "DEAL_STAGE", "PREFIX": f"C{category.id}", "CATEGORY_ID": category.id} if category.id else {}
        )
        rows.append(_type_row(category.name, entity_id, prefix) | more)
    return rows


@method("crm.status.entity.items")
def entity_items(call: Call) -> Any:
    entity_id = str(call.any_case("entityId") or "")
    if not entity_id:
        raise legacy("The parameter entityId is not defined or invalid.")
    rows = call.portal.directory(entity_id.upper())
    return [{"NAME": row.name, "SORT": row.sort, "STATUS_ID": row.status_id} for row in rows]


@method("crm.status.add", write=True)
def add(call: Call) -> Any:
    given = call.array("fields")
    missing = [name for name in ("ENTITY_ID", "STATUS_ID") if not given.get(name)]
    if missing:
        raise legacy("\n".join(f"The field {name} is required." for name in missing))
    entity_id = str(given["ENTITY_ID"])
    if not is_directory(call.portal, entity_id):
        raise legacy("Specified entity type is not supported.")
    _check_right(call)
    if not str(given.get("NAME") or "").strip():
        raise legacy("The field Title is required.")
    code = code_of(call.portal, entity_id, str(given["STATUS_ID"]))
    sort = sort_of(given.get("SORT"))
    semantics = str(given.get("SEMANTICS") or "")
    check_place(call.portal, entity_id, sort, semantics)
    color = color_of(given.get("COLOR")) or generated(call.portal, entity_id, semantics)
    category_id = int(entity_id[11:]) if entity_id.startswith("DEAL_STAGE_") else None
    status = Status(0, entity_id, code, str(given["NAME"]), sort, "", False, color, semantics or None, category_id)
    if semantics not in KINDS:
        status.semantics = None
    return add_status(call.portal, status).id


@method("crm.status.update", write=True)
def update(call: Call) -> Any:
    """Answers ``true`` also when the database has refused the change; code, kind and directory are never listened to."""
    _check_right(call)
    status = _found(call)
    given = {key: value for key, value in call.array("fields").items() if key in CHANGEABLE}
    name = str(given.get("NAME") or "").strip() or status.name
    color = color_of(given.get("COLOR")) if "COLOR" in given else status.color
    if given and len(name) <= LONGEST_NAME and len(color or "") <= LONGEST_COLOR:
        status.name, status.color, status.sort = name, color, sort_of(given.get("SORT", status.sort))
    return True


@method("crm.status.delete", write=True)
def delete(call: Call) -> Any:
    _check_right(call)
    status = _found(call)
    if status.system and call.mapping("params").get("FORCED") != "Y":
        raise legacy('CRM System Status can be deleted only if parameter FORCED is specified and equal to "Y".')
    if any(item.get("stageId") == status.status_id for item in call.portal.items[DEAL].values()):
        raise legacy("There are active items in this status.")
    del call.portal.statuses[status.id]
    return True


def shown(status: Status) -> dict[str, Any]:
    """A row as the API writes it, numbers as text; stages say more about their kind."""
    row: dict[str, Any] = {
        "ID": str(status.id),
        "ENTITY_ID": status.entity_id,
        "STATUS_ID": status.status_id,
        "NAME": status.name,
        "NAME_INIT": status.name_init,
        "SORT": str(status.sort),
        "SYSTEM": "Y" if status.system else "N",
        "CATEGORY_ID": str(status.category_id) if status.category_id else None,
        "COLOR": status.color,
        "SEMANTICS": status.semantics,
    }
    if is_stages(status.entity_id):
        row["EXTRA"] = {"SEMANTICS": _kind(status), "COLOR": status.color}
    return row


def _kind(status: Status) -> str:
    """The second and further failures are called apology."""
    if status.semantics == "F" and not status.system:
        return "apology"
    return KINDS.get(status.semantics or "", "process")


def _check_right(call: Call) -> None:
    if not call.caller.user.crm_admin:
        raise legacy("Access denied.")


def _found(call: Call) -> Status:
    number = to_int(call.any_case("id"))
    if number <= 0:
        raise legacy("ID is not defined or invalid.")
    if number not in call.portal.statuses:
        raise legacy("Status is not found.")
    return call.portal.statuses[number]


def _equal(held: Any, wanted: Any) -> bool:
    return str(held or "") == str(wanted or "")


def _sortable(value: Any) -> tuple[int, Any]:
    text = str(value or "")
    return (0, int(text)) if text.isdigit() else (1, text)


def _type_row(name: str, entity_id: str, prefix: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {"ID": entity_id, "NAME": name}
    if is_stages(entity_id):
        codes = ("NEW", "CONVERTED", "JUNK") if entity_id == "STATUS" else ("NEW", "WON", "LOSE")
        ends = (prefix + code for code in codes)
        names = ("START_FIELD", "FINAL_SUCCESS_FIELD", "FINAL_UNSUCCESS_FIELD")
        row["SEMANTIC_INFO"] = {**dict(zip(names, ends, strict=True)), "FINAL_SORT": 0}
        row["ENTITY_TYPE_ID"] = LEAD if entity_id == "STATUS" else DEAL
    return row


def _described(name: str, kind: str, required: bool, read_only: bool, immutable: bool) -> dict[str, Any]:
    return {
        "type": kind,
        "isRequired": required,
        "isReadOnly": read_only,
        "isImmutable": immutable,
        "isMultiple": False,
        "isDynamic": False,
        "title": name,
    }
