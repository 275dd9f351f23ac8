"""``crm.stagehistory.list``: which stages a deal has stood on, in the pipeline that it is in now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widget_backend.sandbox.bitrix24.crm import filters
from widget_backend.sandbox.bitrix24.envelope import Page, RestError, iso
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import DEAL, LEAD, Moved

COLUMNS = ("ID", "TYPE_ID", "OWNER_ID", "CREATED_TIME", "CATEGORY_ID", "STAGE_SEMANTIC_ID", "STAGE_ID")


@method("crm.stagehistory.list")
def list_(call: Call) -> Any:
    entity_type = call.required_int("entityTypeId")
    if entity_type not in (LEAD, DEAL):
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", f"Entity type {entity_type} is not supported")
    if entity_type == LEAD:  # nobody here works with leads
        return Page({"items": []}, total=0)
    conditions = call.mapping("filter")
    filters.check(conditions, _reader)
    deals = call.portal.items[DEAL]
    rows = [_row(row) for row in call.portal.history if deals[row.owner_id]["categoryId"] == row.category_id]
    rows = [row for row in rows if filters.matches(row, conditions, _reader)]
    filters.sort(rows, call.mapping("order") or {"ID": "ASC"}, _reader)
    select = [str(name) for name in call.mapping("select").values()]
    wanted = COLUMNS if not select or "*" in select else [name for name in COLUMNS if name in select]
    return filters.paged(rows, call.any_case("start"), False, "items", lambda row: {name: row[name] for name in wanted})


def _reader(name: str) -> Callable[[dict[str, Any]], Any] | None:
    return (lambda row: row[name]) if name in COLUMNS else None


def _row(row: Moved) -> dict[str, Any]:
    return {
        "ID": row.id,
        "TYPE_ID": row.type_id,
        "OWNER_ID": row.owner_id,
        "CREATED_TIME": iso(row.created),
        "CATEGORY_ID": row.category_id,
        "STAGE_SEMANTIC_ID": row.semantics,
        "STAGE_ID": row.stage_id,
    }
