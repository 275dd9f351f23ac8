"""Events: who is subscribed to what happens, and how the chain of writes that answer events comes to an end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24 import offline
from widget_backend.sandbox.bitrix24.delivery import auth, queue
from widget_backend.sandbox.bitrix24.state import HOPS, Handler

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.registry import Caller
    from widget_backend.sandbox.bitrix24.state import Application

#: events whose handlers are given a refresh token as well
WITH_REFRESH = frozenset({"ONAPPINSTALL", "ONAPPUPDATE", "ONAPPTEST", "ONOFFLINEEVENT"})


def fire(portal: Portal, event: str, data: dict[str, Any], caller: Caller | None) -> None:
    """Queue an event for everybody subscribed; without a caller, or where automation acted, it carries no tokens."""
    hops = _hops_left(portal, caller)
    acting = caller.user.id if caller and not caller.system else 0
    for handler in list(portal.handlers) if hops else ():
        app = portal.apps.get(handler.client_id)
        if handler.event != event or app is None or not app.installed or app.payment_expired:
            continue
        if handler.offline:
            _keep(portal, handler, event, data, caller)
        elif _is_news(caller, handler, event, data):
            _send(portal, app, handler, data, handler.user_id or acting, hops)


def fire_of_app(
    portal: Portal, client_id: str, event: str, data: dict[str, Any], user_id: int, known_url: str = ""
) -> None:
    """Queue an event of an application's own life to its handlers, whatever state it is in; user 0: no tokens.

    ``known_url`` is told as well, once: the vendor knows it without a subscription.
    """
    app = portal.apps[client_id]
    told = [row for row in portal.handlers if (row.client_id, row.event, row.offline) == (client_id, event, False)]
    if known_url and known_url not in {row.url for row in told}:
        told.append(Handler(0, client_id, event, known_url))
    for handler in told:
        _send(portal, app, handler, data, user_id, HOPS)


def _send(portal: Portal, app: Application, handler: Handler, data: dict[str, Any], user_id: int, hops: int) -> None:
    body = {"event": handler.event, "event_handler_id": handler.id, "data": data, "ts": int(portal.clock())}
    queue(
        portal,
        handler.url,
        handler.event,
        body | {"auth": auth(portal, app, user_id, handler.event in WITH_REFRESH, hops)},
    )


def _keep(portal: Portal, handler: Handler, event: str, data: dict[str, Any], caller: Caller | None) -> None:
    """A row of the offline queue, unless the same application wrote with the same connector; then ping its handlers."""
    own = caller and caller.app and caller.app.client_id == handler.client_id
    if own and caller and caller.connector and caller.connector == handler.connector:
        return
    offline.keep(portal, handler, event, data, caller.user.id if caller else 0)
    app = portal.apps[handler.client_id]
    for online in offline.to_ping(portal, handler):
        _send(portal, app, online, {}, online.user_id or (caller.user.id if caller else 0), HOPS)


def _is_news(caller: Caller | None, handler: Handler, event: str, data: dict[str, Any]) -> bool:
    """Whether this request has not yet told this handler the very same."""
    if caller is None:
        return True
    told = json.dumps([handler.id, event, data, caller.system], sort_keys=True)
    is_news = told not in caller.told
    caller.told.add(told)
    return is_news


def _hops_left(portal: Portal, caller: Caller | None) -> int:
    """How many events may follow on each other from here; none once the chain is used up."""
    token = portal.tokens_by_access.get(caller.access) if caller else None
    return token.hops - 1 if token and token.hops else HOPS
