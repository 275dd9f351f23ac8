"""People: who calls, who works here, in which departments; how much is told depends on the scope."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.bitrix24.crm.values import LEGACY_YES
from widget_backend.sandbox.bitrix24.envelope import Page, argument_missing, insufficient_scope
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import User

#: scopes that let users be read, the widest first
USER_SCOPES = ("user", "user_basic", "user_brief")

#: what the narrowest scope does not tell
NOT_BRIEF = frozenset({"EMAIL"})

HEADQUARTERS = {"ID": "1", "NAME": "Клиника", "SORT": 500, "PARENT": None}


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
    wanted = {key.lstrip("=").upper(): value for key, value in call.mapping("FILTER").items()}
    wanted |= {key.upper(): value for key, value in call.params.items() if key.upper() in ("ID", "ACTIVE")}
    rows = [shown(call, user) for user in call.portal.users.values()]
    rows = [row for row in rows if all(_fits(row, key, value) for key, value in wanted.items())]
    return Page(rows, total=len(rows))


@method("department.get", "department")
def department_get(call: Call) -> Any:
    return Page([HEADQUARTERS], total=1)


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
        "WORK_POSITION": "",
        "UF_DEPARTMENT": [1],
        "USER_TYPE": "employee",
    }
    if call.caller.scopes & {"user", "user_basic"}:
        return row
    return {name: value for name, value in row.items() if name not in NOT_BRIEF}


def _fits(row: dict[str, Any], key: str, value: Any) -> bool:
    if key not in row:
        return True
    if isinstance(row[key], bool):
        return bool(row[key]) == any(value is yes or value == yes for yes in LEGACY_YES)
    options = value if isinstance(value, list) else [value]
    return str(row[key]) in [str(option) for option in options]
