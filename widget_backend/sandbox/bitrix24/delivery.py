"""What leaves the portal: form-encoded POSTs that wait in ``portal.outbox`` until a test or the demo hands them to a sender."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.state import Application


@dataclass(frozen=True)
class Delivery:
    """One form-encoded POST to come: address and flat PHP-style pairs."""

    url: str
    event: str
    form: dict[str, str]


Sender = Callable[[str, dict[str, str]], object]


def queue(portal: Portal, url: str, event: str, body: dict[str, Any]) -> None:
    """Put one POST into the outbox."""
    portal.outbox.append(Delivery(url, event, dict(flat(body))))


def deliver(portal: Portal, sender: Sender) -> int:
    """Hand what waits to ``sender``, once each: a lost event stays lost. Answers how many were handed over.

    A handler that was slow has to wait for its next ones; the settings may lose, double or turn round deliveries.
    """
    waiting = _due(portal)
    for delivery in waiting:
        began = portal.clock()
        sender(delivery.url, delivery.form)
        if portal.clock() - began > portal.settings.slow_handler_s:
            portal.backing_off[delivery.url] = portal.clock() + portal.settings.back_off_s
    return len(waiting)


def auth(portal: Portal, app: Application, user_id: int, refresh: bool = False, hops: int = 0) -> dict[str, Any]:
    """The ``auth`` part of an event; user 0 is the system and gets no tokens."""
    base: dict[str, Any] = {
        "domain": portal.base_url.split("//")[1],
        "client_endpoint": f"{portal.base_url}/rest/",
        "server_endpoint": portal.server_endpoint,
        "member_id": portal.member_id,
        "application_token": app.application_token,
    }
    if not user_id:
        return base
    token = portal.tokens(user_id, app.client_id, hops)
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


def _due(portal: Portal) -> list[Delivery]:
    """Take from the outbox what may go now."""
    with portal.lock:
        now = portal.clock()
        held = {url for url, until in portal.backing_off.items() if until > now}
        due = [row for row in portal.outbox if row.url not in held]
        portal.outbox = [row for row in portal.outbox if row.url in held]
        return _disturbed(portal, due)


def _disturbed(portal: Portal, due: list[Delivery]) -> list[Delivery]:
    settings = portal.settings
    lost = min(settings.drop_events, len(due))
    due = due[lost:]
    twice = due[: settings.duplicate_events]
    settings.drop_events -= lost
    settings.duplicate_events -= len(twice)
    due = [*twice, *due]
    return due[::-1] if settings.reorder_events else due
