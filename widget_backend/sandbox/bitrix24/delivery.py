"""What leaves the portal: form-encoded POSTs that wait in ``portal.outbox`` until a test or the demo hands them to a sender.

A delivery is handed over once, whatever comes of it; ``portal.sent`` keeps what the handler said. The settings lose, double,
hold up or turn round deliveries; which of them is told by the seed and by what a delivery says, not by when it came.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.settings import Settings
    from widget_backend.sandbox.bitrix24.state import Application

LOST, TWIN, OVERTAKEN = "lost", "twin", "overtaken"

#: parts of a POST that say what it is about; the rest is new every time
ABOUT = ("event", "event_handler_id", "code", "document_id[2]")


@dataclass(frozen=True)
class Delivery:
    """One form-encoded POST to come: address and flat PHP-style pairs; not before ``due``, ``fate`` names its fault."""

    url: str
    event: str
    form: dict[str, str]
    number: int = 0
    due: float = 0.0
    fate: str = ""


@dataclass(frozen=True)
class Sent:
    """A delivery that was handed over (or lost) at ``at``, and the handler's status; None: it said nothing."""

    delivery: Delivery
    at: float
    status: int | None = None
    seconds: float = 0.0


#: posts a form to an address; a whole number it returns is the handler's status
Sender = Callable[[str, dict[str, str]], object]


def queue(portal: Portal, url: str, event: str, body: dict[str, Any]) -> None:
    """Put one POST into the outbox, as it is or as the faults will have it."""
    form = dict(flat(body))
    told = tuple(value for name, value in form.items() if name in ABOUT or name.startswith("data["))
    portal.told[told] += 1
    due = portal.clock() + portal.settings.delay_s
    one = Delivery(url, event, form, portal.number("delivery", 1, 1), due)
    for each in _fated(portal.settings, one, f"{told}:{portal.told[told]}"):
        if each.fate == LOST:
            portal.sent.append(Sent(each, portal.clock()))
        else:
            portal.outbox.append(each)


def deliver(portal: Portal, sender: Sender, at_once: int = 1) -> int:
    """Hand what is due to ``sender``, once each: a lost event stays lost. Answers how many were handed over.

    A handler that was slow has to wait for its next ones; the settings may lose, double or turn round deliveries.
    """
    waiting = _due(portal)

    def hand_over(delivery: Delivery) -> None:
        _hand_over(portal, sender, delivery)

    if at_once > 1 and len(waiting) > 1:
        with ThreadPoolExecutor(at_once, "sandbox-events") as pool:
            list(pool.map(hand_over, waiting))
    else:
        for delivery in waiting:
            hand_over(delivery)
    if waiting:
        portal.changed()
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


def _fated(settings: Settings, one: Delivery, what: str) -> list[Delivery]:
    """The delivery with what the seed has in store for it."""
    if not (settings.lose_percent or settings.double_percent or settings.reorder_percent):
        return [one]
    dice = random.Random(f"{settings.event_seed}:{what}")
    lost, double, overtaken = (dice.uniform(0, 100) for _ in range(3))
    if lost < settings.lose_percent:
        return [replace(one, fate=LOST)]
    if overtaken < settings.reorder_percent:
        one = replace(one, due=one.due + settings.overtaken_s, fate=OVERTAKEN)
    return [one, replace(one, fate=TWIN)] if double < settings.double_percent else [one]


def _hand_over(portal: Portal, sender: Sender, delivery: Delivery) -> None:
    began = portal.clock()
    status = sender(delivery.url, delivery.form)
    spent = portal.clock() - began
    if spent > portal.settings.slow_handler_s:
        portal.backing_off[delivery.url] = portal.clock() + portal.settings.back_off_s
    portal.sent.append(Sent(delivery, began, status if isinstance(status, int) else None, spent))


def _due(portal: Portal) -> list[Delivery]:
    """Take from the outbox what may go now, the longest due first."""
    with portal.lock:
        now = portal.clock()
        held = {url for url, until in portal.backing_off.items() if until > now}
        due = [row for row in portal.outbox if row.url not in held and row.due <= now]
        if not due:
            return []
        portal.outbox = [row for row in portal.outbox if row.url in held or row.due > now]
        return _disturbed(portal, sorted(due, key=lambda row: (row.due, row.number)))


def _disturbed(portal: Portal, due: list[Delivery]) -> list[Delivery]:
    settings = portal.settings
    lost = min(settings.drop_events, len(due))
    portal.sent.extend(Sent(replace(row, fate=LOST), portal.clock()) for row in due[:lost])
    due = due[lost:]
    twice = [replace(row, fate=TWIN) for row in due[: settings.duplicate_events]]
    settings.drop_events -= lost
    settings.duplicate_events -= len(twice)
    due = [*twice, *due]
    return due[::-1] if settings.reorder_events else due
