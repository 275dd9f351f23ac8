"""``crm.status.*``: directories, the stages of the deal pipelines among them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm.stock import DIRECTORIES, add_status, directory_name
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import Page, RestError, legacy
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import DEAL, LEAD, Status, stage_directory

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

#: a stage code with its pipeline's prefix fits into this
LONGEST_STAGE = 22
LONGEST_CODE = 50

KINDS = {"S": "success", "F": "failure"}
GENERATED = ("#39A8EF", "#2FC6F6", "#55D0E0", "#47E4C2", "#FFA900")
FAILURE_COLOR = "#FF5752"

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
    """All rows at once; a filter key that is no plain field name is ignored."""
    wanted = {key: value for key, value in call.mapping("filter").items() if key in FIELDS and key != "EXTRA"}
    rows = [shown(status) for status in call.portal.statuses.values()] if call.caller.user.crm else []
    rows = [row for row in rows if all(_equal(row.get(key), value) for key, value in wanted.items())]
    for key, direction in reversed(list((call.mapping("order") or {"SORT": "ASC"}).items())):
        if key in FIELDS:
            rows.sort(key=lambda row: _sortable(row.get(key)), reverse=str(direction).upper() == "DESC")
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
    rows = call.portal.directory(str(call.any_case("entityId") or ""))
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
    code = _code(call.portal, entity_id, str(given["STATUS_ID"]))
    sort = to_int(given.get("SORT"), 10)
    semantics = str(given.get("SEMANTICS") or "")
    _check_place(call.portal, entity_id, sort, semantics)
    color = str(given.get("COLOR") or "") or _generated(call.portal, entity_id, semantics)
    category_id = int(entity_id[11:]) if entity_id.startswith("DEAL_STAGE_") else None
    status = Status(0, entity_id, code, str(given["NAME"]), sort, "", False, color, semantics or None, category_id)
    if semantics not in KINDS:
        status.semantics = None
    return add_status(call.portal, status).id


@method("crm.status.update", write=True)
def update(call: Call) -> Any:
    """Answers ``true`` also when a rule of the database has refused the change."""
    _check_right(call)
    status = _found(call)
    given = call.array("fields")
    if _is_refused(status, given):
        return True
    status.name = str(given.get("NAME", status.name))
    status.sort = to_int(given.get("SORT", status.sort))
    status.color = given.get("COLOR", status.color)
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


def is_stages(entity_id: str) -> bool:
    """Whether a directory holds stages."""
    return entity_id == "STATUS" or entity_id.startswith("DEAL_STAGE")


def is_directory(portal: Portal, entity_id: str) -> bool:
    """Whether this portal has the directory."""
    stages = map(stage_directory, portal.categories)
    return entity_id in DIRECTORIES or entity_id in stages


def _kind(status: Status) -> str:
    """The second and further failures are called apology."""
    if status.semantics == "F" and not status.system:
        return "apology"
    return KINDS.get(status.semantics or "", "process")


def _code(portal: Portal, entity_id: str, given: str) -> str:
    """The code with its pipeline's prefix, checked."""
    prefix = f"C{entity_id[11:]}:" if entity_id.startswith("DEAL_STAGE_") else ""
    code = given
    if entity_id.startswith("DEAL_STAGE"):
        code = re.sub(r"^C\d+:", "", given)
        if len(code) > LONGEST_STAGE - len(prefix):
            raise RestError(
                "ERROR_CORE", f"Status ID is too long (more than {LONGEST_STAGE - len(prefix)} characters)."
            )
        if not re.fullmatch(r"[0-9A-Za-z_-]+", code):
            raise RestError("ERROR_CORE", "Status ID contains invalid characters.")
    elif len(code) > LONGEST_CODE:
        raise RestError("ERROR_CORE", f"Status ID is too long (more than {LONGEST_CODE} characters).")
    if any(row.status_id == prefix + code for row in portal.directory(entity_id)):
        raise RestError("ERROR_CORE", "The specified status ID already exists.")
    return prefix + code


def _check_place(portal: Portal, entity_id: str, sort: int, semantics: str) -> None:
    won = next((row.sort for row in portal.directory(entity_id) if row.semantics == "S"), None)
    if not is_stages(entity_id) or won is None:
        return
    if semantics == "S":
        raise legacy("There can be only one final successful stage.")
    if semantics == "F" and sort <= won:
        raise legacy("An unsuccessful stage has to come after the final successful stage.")
    if semantics != "F" and sort >= won:
        raise legacy(
            "Cannot create more stages after the final stage because the final successful stage already exists. "
            "Try using sort order values less than that of the final stage."
        )


def _is_refused(status: Status, given: dict[str, Any]) -> bool:
    changed = [name for name in ("STATUS_ID",) if name in given and given[name] != status.status_id]
    unnamed = "NAME" in given and not str(given["NAME"] or "").strip()
    return bool(changed) or unnamed or (given.get("SEMANTICS") == "S" != status.semantics)


def _generated(portal: Portal, entity_id: str, semantics: str) -> str | None:
    if not is_stages(entity_id):
        return None
    return FAILURE_COLOR if semantics == "F" else GENERATED[len(portal.directory(entity_id)) % len(GENERATED)]


def _check_right(call: Call) -> None:
    if not call.caller.user.crm_admin:
        raise legacy("Access denied.")


def _found(call: Call) -> Status:
    number = to_int(call.any_case("id"))
    if number <= 0:
        raise legacy("Invalid identifier.")
    if number not in call.portal.statuses:
        raise legacy("Status is not found.")
    return call.portal.statuses[number]


def _equal(held: Any, wanted: Any) -> bool:
    options = wanted if isinstance(wanted, list) else [wanted]
    return any(str(held or "") == str(option or "") for option in options)


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
