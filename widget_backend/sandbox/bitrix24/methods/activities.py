"""Activities of any kind: reading them, closing them, deleting them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widget_backend.sandbox.bitrix24.crm import filters
from widget_backend.sandbox.bitrix24.crm.values import flag, moment, to_int
from widget_backend.sandbox.bitrix24.envelope import iso, legacy
from widget_backend.sandbox.bitrix24.events import fire
from widget_backend.sandbox.bitrix24.registry import Call, method

CHANGEABLE = ("SUBJECT", "DESCRIPTION", "RESPONSIBLE_ID", "PRIORITY", "LOCATION", "STATUS")
TIMES = ("DEADLINE", "START_TIME", "END_TIME")


@method("crm.activity.list")
def list_(call: Call) -> Any:
    def reader(name: str) -> Callable[[dict[str, Any]], Any]:
        return lambda row: row.get(name)

    def known(name: str) -> Callable[[dict[str, Any]], Any] | None:
        return reader(name) if any(name in row for row in call.portal.activities.values()) else None

    rows = list(call.portal.activities.values()) if call.caller.user.crm else []
    rows = [row for row in rows if filters.matches(row, call.mapping("filter"), known)]
    for name, direction in reversed(list((call.mapping("order") or {"ID": "ASC"}).items())):
        rows.sort(key=lambda row: filters.comparable(row.get(name)), reverse=str(direction).upper() == "DESC")
    select = {str(name) for name in call.mapping("select").values()} - {"*"}
    return filters.paged(rows, call.any_case("start"), True, show=lambda row: shown(row, select))


@method("crm.activity.get")
def get(call: Call) -> Any:
    return shown(found(call), set())


@method("crm.activity.update", write=True)
def update(call: Call) -> Any:
    row, given = found(call), call.array("fields")
    before = dict(row)
    row |= {name: given[name] for name in CHANGEABLE if name in given}
    row |= {name: read for name in TIMES if name in given and (read := moment(given[name]))}
    if "COMPLETED" in given:
        row["COMPLETED"] = flag(given["COMPLETED"])
        row["STATUS"] = "2" if row["COMPLETED"] == "Y" else "1"
    if row != before:
        row["LAST_UPDATED"], row["EDITOR_ID"] = iso(call.portal.clock()), call.caller.user.id
        fire(call.portal, "ONCRMACTIVITYUPDATE", {"FIELDS": {"ID": row["ID"]}}, call.caller)
    return True


@method("crm.activity.delete", write=True)
def delete(call: Call) -> Any:
    row = found(call)
    del call.portal.activities[row["ID"]]
    fire(call.portal, "ONCRMACTIVITYDELETE", {"FIELDS": {"ID": row["ID"]}}, call.caller)
    return True


def shown(row: dict[str, Any], select: set[str]) -> dict[str, Any]:
    """A row with its numbers as text."""
    wanted = {name: value for name, value in row.items() if name[0] != "_" and (not select or name in select)}
    return {name: str(value) if isinstance(value, int) else value for name, value in wanted.items()}


def found(call: Call) -> dict[str, Any]:
    row = call.portal.activities.get(to_int(call.any_case("id")))
    if row is None:
        raise legacy("Activity is not found.")
    return row
