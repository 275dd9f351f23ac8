"""``userfieldtype.*``: field types that an application draws itself, in a frame."""

from __future__ import annotations

import re
from typing import Any

from widget_backend.sandbox.bitrix24.envelope import RestError, argument_missing
from widget_backend.sandbox.bitrix24.methods.subscriptions import check_url
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import UserFieldType

LONGEST = 50


@method("userfieldtype.add", "placement", app=True, admin=True, write=True)
def add(call: Call) -> Any:
    code, handler = _code(call), str(call.any_case("HANDLER") or "")
    if not handler:
        raise argument_missing("HANDLER")
    check_url(handler)
    if not re.fullmatch(r"[a-z0-9_]+", code) or len(f"rest_{call.app.id}_{code}") > LONGEST:
        raise RestError("ERROR_ARGUMENT", "Wrong user field type code", argument="USER_TYPE_ID")
    if any(row.code == code for row in _mine(call)):
        raise RestError("ERROR_CORE", "Unable to set placement handler: Handler already binded")
    row = UserFieldType(call.app.client_id, code, handler)
    _apply(call, row)
    call.portal.user_field_types.append(row)
    return True


@method("userfieldtype.update", "placement", app=True, admin=True, write=True)
def update(call: Call) -> Any:
    row = _found(call)
    if handler := str(call.any_case("HANDLER") or ""):
        check_url(handler)
        row.handler = handler
    _apply(call, row)
    return True


@method("userfieldtype.list", "placement", app=True, admin=True)
def list_(call: Call) -> Any:
    names = ("USER_TYPE_ID", "HANDLER", "TITLE", "DESCRIPTION")
    return [dict(zip(names, (row.code, row.handler, row.title, row.description), strict=True)) for row in _mine(call)]


@method("userfieldtype.delete", "placement", app=True, admin=True, write=True)
def delete(call: Call) -> Any:
    call.portal.user_field_types.remove(_found(call))
    return True


def _apply(call: Call, row: UserFieldType) -> None:
    row.title = str(call.any_case("TITLE", row.title))
    row.description = str(call.any_case("DESCRIPTION", row.description))
    row.options = call.mapping("OPTIONS") or row.options


def _code(call: Call) -> str:
    code = str(call.any_case("USER_TYPE_ID") or "")
    if not code:
        raise argument_missing("USER_TYPE_ID")
    return code


def _found(call: Call) -> UserFieldType:
    row = next((row for row in _mine(call) if row.code == _code(call)), None)
    if row is None:
        raise RestError("ERROR_NOT_FOUND", "User field type not found")
    return row


def _mine(call: Call) -> list[UserFieldType]:
    return [row for row in call.portal.user_field_types if row.client_id == call.app.client_id]
