"""Events on their way out: who is subscribed, what a handler is sent, the offline queue, robots' calls.

Nothing is sent by itself: deliveries wait in ``portal.outbox`` until a test or the demo hands them to a sender.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.envelope import iso

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.registry import Caller
    from widget_backend.sandbox.bitrix24.state import Application

#: events whose handlers are given a refresh token as well
WITH_REFRESH = frozenset({"ONAPPINSTALL", "ONAPPUPDATE", "ONAPPTEST", "ONOFFLINEEVENT"})


@dataclass(frozen=True)
class Delivery:
    """One form-encoded POST to come: address and flat PHP-style pairs."""

    url: str
    event: str
    form: dict[str, str]


Sender = Callable[[str, dict[str, str]], object]


def fire(portal: Portal, event: str, data: dict[str, Any], caller: Caller | None) -> None:
    """Queue an event for everybody subscribed; without a caller (a robot acted) it carries no tokens."""
    for handler in portal.handlers:
        app = portal.apps.get(handler.client_id)
        if handler.event != event or app is None or not app.installed or app.payment_expired:
            continue
        if handler.offline:
            _keep_offline(portal, handler.client_id, handler.connector, event, data, caller)
            continue
        body = {"event": event, "event_handler_id": handler.id, "data": data, "ts": int(portal.clock())}
        body["auth"] = auth(portal, app, handler.user_id or (caller.user.id if caller else 0), event in WITH_REFRESH)
        _queue(portal, handler.url, event, body)


def fire_uninstall(portal: Portal, client_id: str, clean: bool) -> None:
    """Queue ``ONAPPUNINSTALL``: its only proof of origin is the application token."""
    app = portal.apps.get(client_id)
    for handler in portal.handlers:
        if app and handler.client_id == client_id and handler.event == "ONAPPUNINSTALL":
            data = {"CLEAN": int(clean), "LANGUAGE_ID": portal.settings.lang}
            body = {"event": handler.event, "event_handler_id": handler.id, "data": data, "ts": int(portal.clock())}
            _queue(portal, handler.url, handler.event, body | {"auth": auth(portal, app, 0)})


def fire_install(portal: Portal, client_id: str, user_id: int) -> None:
    """Queue ``ONAPPINSTALL`` to handlers that the installer has bound meanwhile."""
    app = portal.apps[client_id]
    data = {"VERSION": app.version, "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": portal.settings.lang}
    for handler in portal.handlers:
        if handler.client_id == client_id and handler.event == "ONAPPINSTALL":
            body = {"event": handler.event, "event_handler_id": handler.id, "data": data, "ts": int(portal.clock())}
            _queue(portal, handler.url, handler.event, body | {"auth": auth(portal, app, user_id, refresh=True)})


def deliver(portal: Portal, sender: Sender) -> int:
    """Hand everything that waits to ``sender``, once each: a lost event stays lost."""
    with portal.lock:
        waiting, portal.outbox = portal.outbox, []
    for delivery in waiting:
        sender(delivery.url, delivery.form)
    return len(waiting)


def run_robots(portal: Portal, deal: dict[str, Any]) -> None:
    """Call the robots that an admin has placed on the stage the deal stands on."""
    for placed in portal.placed_robots:
        app = portal.apps.get(placed.client_id)
        robot = next((r for r in portal.robots if (r.client_id, r.code) == (placed.client_id, placed.code)), None)
        if placed.stage_id != deal["stageId"] or robot is None or app is None or app.payment_expired:
            continue
        token = event_token(portal)
        waits = "Y" if robot.fields.get("USE_SUBSCRIPTION") == "Y" else "N"
        if waits == "Y":
            portal.waiting_robots[token] = {"code": robot.code, "deal": deal["id"]}
        body = {
            "workflow_id": f"{secrets.token_hex(7)}.{secrets.randbelow(10**8):08}",
            "code": robot.code,
            "document_id": ["crm", "CCrmDocumentDeal", f"DEAL_{deal['id']}"],
            "document_type": ["crm", "CCrmDocumentDeal", "DEAL"],
            "event_token": token,
            "properties": {key: placed.properties.get(key, "") for key in robot.fields.get("PROPERTIES") or {}},
            "use_subscription": waits,
            "timeout_duration": 0,
            "ts": int(portal.clock()),
            "auth": auth(portal, app, int(robot.fields.get("AUTH_USER_ID") or 1), refresh=True),
        }
        _queue(portal, str(robot.fields["HANDLER"]), "robot", body)


def event_token(portal: Portal) -> str:
    """A signed token with which a robot's handler answers."""
    head = f"{secrets.token_hex(8)}|A{secrets.randbelow(10**5)}_{secrets.randbelow(10**5)}|{secrets.token_hex(8)}"
    return f"{head}.{_signature(portal, head)}"


def is_signed(portal: Portal, token: str) -> bool:
    """Whether a robot's token is one of ours, dead or alive."""
    head, _, signature = token.rpartition(".")
    return hmac.compare_digest(_signature(portal, head), signature)


def auth(portal: Portal, app: Application, user_id: int, refresh: bool = False) -> dict[str, Any]:
    """The ``auth`` part of an event; user 0 is the system and gets no tokens."""
    endpoint = f"{portal.base_url}/rest/"
    base: dict[str, Any] = {
        "domain": portal.base_url.split("//")[1],
        "client_endpoint": endpoint,
        "server_endpoint": endpoint,
        "member_id": portal.member_id,
        "application_token": app.application_token,
    }
    if not user_id:
        return base
    token = portal.tokens(user_id, app.client_id)
    base |= {
        "access_token": token.access,
        "expires": int(token.expires),
        "expires_in": int(token.expires - portal.clock()),
        "user_id": user_id,
        "scope": ",".join(sorted(app.scopes)),
        "status": app.status,
    }
    return base | ({"refresh_token": token.refresh} if refresh else {})


def flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested values as PHP-style pairs: ``data[FIELDS][ID]``."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from flat(item, f"{name}[{index}]")
    else:
        yield name, "" if value is None else str(value)


def _queue(portal: Portal, url: str, event: str, body: dict[str, Any]) -> None:
    portal.outbox.append(Delivery(url, event, dict(flat(body))))


def _keep_offline(
    portal: Portal, client_id: str, connector: str, event: str, data: dict[str, Any], caller: Caller | None
) -> None:
    """One row for an object and event: the latest state."""
    same = (client_id, connector, event, data)
    portal.offline_events = [
        row for row in portal.offline_events if (row["client_id"], row["connector"], row["event"], row["data"]) != same
    ]
    portal.offline_events.append(
        {
            "id": portal.number("offline", 1, 1),
            "client_id": client_id,
            "connector": connector,
            "event": event,
            "data": data,
            "user_id": str(caller.user.id) if caller else "0",
            "at": iso(portal.clock()),
            "message_id": secrets.token_hex(16),
            "process_id": "",
            "error": 0,
        }
    )


def _signature(portal: Portal, head: str) -> str:
    return hmac.new(portal.event_key.encode(), head.encode(), hashlib.sha256).hexdigest()
