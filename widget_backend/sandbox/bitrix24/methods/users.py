"""People: who calls, who works here, in which departments; how much is told depends on the scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widget_backend.sandbox.bitrix24.crm import filters
from widget_backend.sandbox.bitrix24.crm.values import flag
from widget_backend.sandbox.bitrix24.envelope import argument_missing, insufficient_scope
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import Department, User

#: scopes that let users be read, the widest first
USER_SCOPES = ("user", "user_basic", "user_brief")

#: what the narrowest scope does not tell
NOT_BRIEF = frozenset({"EMAIL"})

DEPARTMENT_FILTERS = frozenset({"ID", "NAME", "SORT", "PARENT", "UF_HEAD"})


@method("profile", "basic")
def profile(call: Call) -> Any:
    user = call.caller.user
    row: dict[str, Any] = {"ID": str(user.id), "ADMIN": user.admin, "NAME": user.name, "LAST_NAME": user.last_name}
    return row | {"PERSONAL_GENDER": "", "TIME_ZONE": ""}


@method("user.admin", "basic")
def user_admin(call: Call) -> Any:
    return call.caller.user.admin


@method("user.access", "basic")
def user_access(call: Call) -> Any:
    wanted = call.any_case("ACCESS")
    if not wanted:
        raise argument_missing("ACCESS")
    codes = wanted if isinstance(wanted, list) else [wanted]
    return call.caller.user.admin or f"U{call.caller.user.id}" in codes


@method("user.current", "basic")
def user_current(call: Call) -> Any:
    return shown(call, call.caller.user)


@method("user.get", "basic")
def user_get(call: Call) -> Any:
    """Employees by ``FILTER`` or by keys beside it; 50 a page."""
    wanted = dict(call.mapping("FILTER"))
    wanted |= {key: value for key, value in call.params.items() if key.upper() in ("ID", "ACTIVE")}
    wanted = {key.upper(): _wanted(value) for key, value in wanted.items()}
    rows = [shown(call, user) for user in call.portal.users.values()]
    rows = [row for row in rows if filters.matches(row, wanted, _reader(rows))]
    name, direction = str(call.any_case("sort") or "ID").upper(), str(call.any_case("order") or "ASC")
    rows.sort(key=lambda row: filters.comparable(row.get(name)), reverse=direction.upper() == "DESC")
    return filters.paged(rows, call.any_case("start"), True)


@method("department.get", "department")
def department_get(call: Call) -> Any:
    rows = [_department(row) for row in call.portal.departments.values()]
    keys = {key.upper(): value for key, value in call.params.items()}
    wanted = {key: value for key, value in keys.items() if key in DEPARTMENT_FILTERS}
    rows = [row for row in rows if filters.matches(row, wanted, _reader(rows))]
    return filters.paged(rows, call.any_case("START"), True)


def _department(row: Department) -> dict[str, Any]:
    """A department's row; one that nobody heads does not say so."""
    shown_row: dict[str, Any] = {"ID": str(row.id), "NAME": row.name, "SORT": 500}
    shown_row |= {"PARENT": str(row.parent)} if row.parent else {}
    return shown_row | ({"UF_HEAD": str(row.head)} if row.head else {})


def shown(call: Call, user: User) -> dict[str, Any]:
    """A user's row; flags are real booleans here."""
    if not call.caller.scopes & set(USER_SCOPES):
        raise insufficient_scope()
    row = {
        "ID": str(user.id),
        "ACTIVE": user.active,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "SECOND_NAME": "",
        "EMAIL": f"user{user.id}@clinic.example",
        "PERSONAL_GENDER": "",
        "WORK_POSITION": user.position,
        "UF_DEPARTMENT": [user.department],
        "USER_TYPE": "employee",
    }
    if call.caller.scopes & {"user", "user_basic"}:
        return row
    return {name: value for name, value in row.items() if name not in NOT_BRIEF}


def _reader(rows: list[dict[str, Any]]) -> filters.Reader:
    """How a filter reads a row; flags are held against 1 and 0."""
    known = {name for row in rows for name in row}

    def reader(name: str) -> Callable[[dict[str, Any]], Any] | None:
        return (
            (lambda row: int(row[name]) if isinstance(row.get(name), bool) else row.get(name))
            if name in known
            else None
        )

    return reader


def _wanted(value: Any) -> Any:
    """A flag in any spelling as 1 or 0, everything else as it is."""
    return int(flag(value) == "Y") if isinstance(value, bool) or value in ("Y", "N", "true", "false") else value
