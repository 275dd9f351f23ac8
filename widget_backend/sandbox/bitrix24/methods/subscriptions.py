"""``event.*`` and ``events``: subscriptions, and the offline queue an application reads itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from widget_backend.sandbox.bitrix24 import plans
from widget_backend.sandbox.bitrix24.crm import filters
from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.crm.values import LEGACY_YES, flag, to_int
from widget_backend.sandbox.bitrix24.envelope import RestError, access_denied, argument_missing
from widget_backend.sandbox.bitrix24.events import fire
from widget_backend.sandbox.bitrix24.offline import PING
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import Handler

_CHANGES = ("ADD", "UPDATE", "DELETE")

#: scope -> event names
EVENTS: dict[str, list[str]] = {
    "basic": [
        "ONAPPINSTALL",
        "ONAPPUPDATE",
        "ONAPPUNINSTALL",
        "ONAPPPAYMENT",
        "ONAPPMETHODCONFIRM",
        "ONAPPTEST",
        "ONOFFLINEEVENT",
    ],
    "task": [f"ONTASK{change}" for change in _CHANGES],
    "crm": [
        *(f"ONCRM{name.upper()}{change}" for _, name, _ in NAMES.values() for change in _CHANGES),
        *(
            f"ONCRM{name.upper()}USERFIELD{change}"
            for _, name, _ in NAMES.values()
            for change in (*_CHANGES, "SETENUMVALUES")
        ),
        "ONCRMDEALMOVETOCATEGORY",
        *(f"ONCRM{what}{change}" for what in ("ACTIVITY", "TIMELINECOMMENT") for change in _CHANGES),
    ],
}


#: column of the offline queue -> its key in a row
COLUMNS = {"ID": "id", "TIMESTAMP_X": "at", "EVENT_NAME": "event", "MESSAGE_ID": "message_id"} | {
    "PROCESS_ID": "process_id",
    "ERROR": "error",
}


@method("events", "basic")
def events(call: Call) -> Any:
    if wanted := call.any_case("SCOPE"):
        return EVENTS.get(str(wanted), [])
    whole = flag(call.any_case("FULL")) == "Y"
    scopes = EVENTS.keys() if whole else ["basic", *(scope for scope in EVENTS if scope in call.caller.scopes)]
    return [name for scope in scopes for name in EVENTS[scope]]


@method("event.get", "basic", app=True)
def event_get(call: Call) -> Any:
    rows = [row for row in call.portal.handlers if row.client_id == call.app.client_id]
    return [
        {"event": row.event, "connector_id": row.connector, "offline": 1}
        if row.offline
        else {"event": row.event, "handler": row.url, "auth_type": str(row.user_id), "offline": 0}
        for row in rows
    ]


@method("event.bind", "basic", app=True, write=True)
def event_bind(call: Call) -> Any:
    event, offline, user = _subscription(call)
    _check_known(call, event)
    url = str(call.any_case("handler") or "")
    if not offline:
        if not url:
            raise argument_missing("HANDLER")
        check_url(url)
    if user not in (0, call.caller.user.id) or offline:
        _check_admin(call)
    user = user if call.caller.user.admin else call.caller.user.id
    kept = (0, True) if offline else (user, False)
    handler = Handler(0, call.app.client_id, event, "" if offline else url, *kept, call.caller.connector)
    if event == PING:
        handler.min_timeout = to_int(call.mapping("options").get("minTimeout"), 1)
    if any(_same(row, handler) for row in call.portal.handlers):
        raise RestError("ERROR_CORE", "Unable to set event handler: Handler already binded")
    handler.id = call.portal.number("handler", 1, 1)
    call.portal.handlers.append(handler)
    return True


@method("event.unbind", "basic", app=True, write=True)
def event_unbind(call: Call) -> Any:
    event, offline, user = _subscription(call)
    url = str(call.any_case("handler") or "")
    if not offline and not url:
        raise argument_missing("HANDLER")
    gone = [
        row
        for row in call.portal.handlers
        if (row.client_id, row.event, row.offline) == (call.app.client_id, event, offline)
        and (offline or row.url == url)
        and (call.any_case("auth_type") is None or row.user_id == user)
    ]
    call.portal.handlers = [row for row in call.portal.handlers if row not in gone]
    return {"count": len(gone)}


@method("event.test", "basic", app=True, write=True)
def event_test(call: Call) -> Any:
    fire(call.portal, "ONAPPTEST", {"QUERY": dict(call.params)}, call.caller)
    return 1


@method("event.offline.get", "basic", app=True, admin=True, write=True)
def offline_get(call: Call) -> Any:
    """Taken rows are gone, unless ``clear=0`` reserves them under a process id."""
    clear = any(call.any_case("clear", 1) == yes for yes in LEGACY_YES)
    if not clear and not plans.has_feature(call.portal.settings, "rest_offline_extended"):
        raise RestError("WRONG_LICENSE", "Your license does not allow this feature", 403)
    if known := str(call.any_case("process_id") or ""):
        rows = [row for row in _queue(call) if row["process_id"] == known]
        return {"process_id": known, "events": [_offline_row(row) for row in rows]}
    limit = to_int(call.any_case("limit"), 50) or 50
    rows = [row for row in _chosen(call) if not row["process_id"]][:limit]
    process_id = None if clear else secrets.token_hex(16)
    for row in rows:
        row["process_id"] = process_id or ""
    if clear:
        call.portal.offline_events = [row for row in call.portal.offline_events if row not in rows]
    return {"process_id": process_id, "events": [_offline_row(row) for row in rows]}


@method("event.offline.list", "basic", app=True, admin=True)
def offline_list(call: Call) -> Any:
    def show(row: dict[str, Any]) -> dict[str, Any]:
        return _offline_row(row) | {"PROCESS_ID": row["process_id"], "ERROR": str(row["error"])}

    return filters.paged(_chosen(call), call.any_case("start"), True, show=show)


@method("event.offline.clear", "basic", app=True, admin=True, write=True)
def offline_clear(call: Call) -> Any:
    gone = _reserved(call, "id", "message_id")
    call.portal.offline_events = [row for row in call.portal.offline_events if row not in gone]
    return True


@method("event.offline.error", "basic", app=True, admin=True, write=True)
def offline_error(call: Call) -> Any:
    for row in _reserved(call, "message_id"):
        row["error"] = 1
    return True


def check_url(url: str) -> None:
    """Refuse a handler's address that the portal would not call: its host needs a dot, so ``127.0.0.1`` will do."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise RestError("ERROR_UNSUPPORTED_PROTOCOL", "Unsupported event handler protocol")
    if "." not in (parts.hostname or ""):
        raise RestError("ERROR_WRONG_HANDLER_URL", "Wrong handler URL")


def _subscription(call: Call) -> tuple[str, bool, int]:
    """Event name, whether offline, and the user whose tokens a handler is to get."""
    event = str(call.any_case("event") or "").upper()
    if not event:
        raise argument_missing("EVENT")
    kind = str(call.any_case("event_type") or "online").lower()
    if kind not in ("online", "offline"):
        raise RestError("ERROR_ARGUMENT", "Value must be one of {online|offline}", argument="EVENT_TYPE")
    return event, kind == "offline", to_int(call.any_case("auth_type"))


def _check_known(call: Call, event: str) -> None:
    known = [name for scope, names in EVENTS.items() for name in names if scope in {*call.caller.scopes, "basic"}]
    if event not in known:
        raise RestError("ERROR_EVENT_NOT_FOUND", "Event not found")


def _queue(call: Call) -> list[dict[str, Any]]:
    connector = str(call.any_case("auth_connector") or "")
    mine = (call.app.client_id, connector)
    return [row for row in call.portal.offline_events if (row["client_id"], row["connector"]) == mine]


def _chosen(call: Call) -> list[dict[str, Any]]:
    """The rows of the queue by ``filter`` and ``order``."""

    def reader(name: str) -> Callable[[dict[str, Any]], Any] | None:
        return (lambda row: row[COLUMNS[name]]) if name in COLUMNS else None

    rows = [row for row in _queue(call) if filters.matches(row, call.mapping("filter"), reader)]
    for name, direction in reversed(list(call.mapping("order").items())):
        if (read := reader(name)) is not None:
            rows.sort(key=lambda row: filters.comparable(read(row)), reverse=str(direction).upper() == "DESC")
    return rows


def _reserved(call: Call, *names: str) -> list[dict[str, Any]]:
    """The rows reserved under ``process_id``, all of them or those that a parameter of these names lists."""
    process_id = str(call.any_case("process_id") or "")
    if not process_id:
        raise argument_missing("PROCESS_ID")
    ids = {str(value) for name in names for value in call.mapping(name).values()}
    rows = [row for row in call.portal.offline_events if row["process_id"] == process_id]
    return [row for row in rows if not ids or ids & {str(row["id"]), row["message_id"]}]


def _offline_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "ID": str(row["id"]),
        "TIMESTAMP_X": row["at"],
        "EVENT_NAME": row["event"],
        "EVENT_DATA": row["data"],
        "EVENT_ADDITIONAL": {"user_id": row["user_id"]},
        "MESSAGE_ID": row["message_id"],
    }


def _same(one: Handler, other: Handler) -> bool:
    """Everything but the id and the options."""
    return vars(one) | {"id": 0, "min_timeout": 0} == vars(other) | {"id": 0, "min_timeout": 0}


def _check_admin(call: Call) -> None:
    if not call.caller.user.admin:
        raise access_denied()
