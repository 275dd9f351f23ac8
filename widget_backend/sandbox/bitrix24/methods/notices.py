"""``im.notify.*``: notices to people; one with a known tag of the same application takes the place of the older one."""

from __future__ import annotations

import json
from typing import Any

from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import RestError, iso
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import User

LARGEST_ATTACHMENT = 60_000
PAGE = 50

#: kinds of notices: from a person, from the system
PERSONAL, SYSTEM = 2, 4


@method("im.notify.system.add", "im", write=True)
def system_add(call: Call) -> Any:
    return _add(call, 0, SYSTEM)


@method("im.notify.personal.add", "im", write=True)
def personal_add(call: Call) -> Any:
    return _add(call, call.caller.user.id, PERSONAL)


@method("im.notify.delete", "im", write=True)
def delete(call: Call) -> Any:
    """Only of the calling application, whose tag it is."""
    wanted = {name: str(call.any_case(name)) for name in ("ID", "TAG", "SUB_TAG") if call.any_case(name)}
    if not wanted:
        raise RestError("PARAMS_ERROR", "Incorrect params")
    client = _client(call)
    if not client:
        raise RestError("ACCESS_DENIED", "Access denied! Client ID not specified", 403)
    gone = [
        number
        for number, row in call.portal.notices.items()
        if row["client_id"] == client and all(str(row[name.lower()]) == value for name, value in wanted.items())
    ]
    for number in gone:
        del call.portal.notices[number]
    return bool(gone)


@method("im.notify.read", "im", write=True)
def read(call: Call) -> Any:
    """A notice and, unless told otherwise, all newer ones are read or unread."""
    first = call.any_case("ID")
    mark = "N" if str(call.any_case("ACTION") or "Y").upper() == "N" else "Y"
    alone = str(call.any_case("ONLY_CURRENT") or "").upper() == "Y"
    for row in notices_of(call.portal.notices, call.caller.user) if first is not None else ():
        if row["id"] == to_int(first) or (not alone and row["id"] > to_int(first)):
            row["read"] = mark
    return True


@method("im.notify.get", "im")
def get(call: Call) -> Any:
    last, kind = call.any_case("LAST_ID"), call.any_case("LAST_TYPE")
    if (last is None) != (kind is None):
        raise RestError("LAST_ID_AND_LAST_TYPE", "Parameters LAST_ID and LAST_TYPE should be used together.")
    if last is not None and not str(last).isdigit():
        raise RestError("LAST_ID_STRING", "Last notification ID can't be string")
    mine = notices_of(call.portal.notices, call.caller.user)
    limit = min(to_int(call.any_case("LIMIT"), PAGE) or PAGE, PAGE)
    page = [row for row in mine if last is None or row["id"] < int(last)][:limit]
    authors = {row["author_id"] for row in page} & call.portal.users.keys()
    return {
        "total_count": len(mine),
        "total_unread_count": sum(row["read"] == "N" for row in mine),
        "chat_id": call.caller.user.id,
        "notifications": [_shown(row) for row in page],
        "users": [_author(call.portal.users[number]) for number in sorted(authors)],
    }


def notices_of(notices: dict[int, dict[str, Any]], user: User) -> list[dict[str, Any]]:
    """A user's notices, the newest first."""
    return [row for row in reversed(notices.values()) if row["user_id"] == user.id]


def _add(call: Call, author: int, kind: int) -> int | bool:
    user, text = to_int(call.any_case("USER_ID")), str(call.any_case("MESSAGE") or "").strip()
    if user <= 0:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    if not text:
        raise RestError("MESSAGE_EMPTY", "Message can't be empty")
    attach = _attachment(call.any_case("ATTACH"))
    if user not in call.portal.users:
        return False
    client, tags = _client(call), {name: str(call.any_case(name.upper()) or "") for name in ("tag", "sub_tag")}
    if not client:
        tags = dict.fromkeys(tags, "")  # a webhook names no application, and a tag belongs to one
    notices = call.portal.notices
    same = [
        key for key, row in notices.items() if tags["tag"] and (row["client_id"], row["tag"]) == (client, tags["tag"])
    ]
    for key in same:
        del notices[key]
    number = call.portal.number("notice", 1500)
    row = {"id": number, "user_id": user, "author_id": author, "text": text, "kind": kind, "client_id": client}
    notices[number] = row | tags | {"read": "N", "at": iso(call.portal.clock()), "attach": attach}
    return number


def _client(call: Call) -> str:
    return call.caller.app.client_id if call.caller.app else str(call.any_case("CLIENT_ID") or "")


def _attachment(given: Any) -> Any:
    if not given:
        return None
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    if len(text) > LARGEST_ATTACHMENT:
        raise RestError("ATTACH_OVERSIZE", "You have exceeded the maximum allowable size of attach")
    try:
        read = json.loads(text)
    except ValueError:
        read = None
    if not isinstance(read, dict | list):
        raise RestError("ATTACH_ERROR", "Incorrect attach params")
    return read


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    marks = {name: f"MP|{row['client_id']}|{row[name]}" if row[name] else "" for name in ("tag", "sub_tag")}
    return {
        "id": row["id"],
        "chat_id": row["user_id"],
        "author_id": row["author_id"],
        "date": row["at"],
        "notify_type": row["kind"],
        "notify_module": "rest",
        "notify_event": "rest_notify",
        "notify_tag": marks["tag"],
        "notify_sub_tag": marks["sub_tag"],
        "notify_title": "",
        "setting_name": "rest|rest_notify",
        "text": row["text"],
        "notify_read": row["read"],
        "params": {"ATTACH": row["attach"]} if row["attach"] else None,
    }


def _author(user: User) -> dict[str, Any]:
    return {"id": user.id, "active": user.active, "name": user.full_name, "first_name": user.name} | {
        "last_name": user.last_name,
        "departments": [user.department],
        "bot": False,
        "type": "user",
    }
