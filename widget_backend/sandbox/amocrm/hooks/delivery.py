"""Hooks on their way out: what waits, when it is due, how often it is tried, and when a subscription is switched off.

Nothing is sent by itself: deliveries wait in ``account.outbox`` until a test or the demo hands them to a sender;
``account.sent`` keeps what was answered. The settings lose, double, hold up or turn round hooks; which of them is told by
the seed and by what a hook says, not by when it came.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.settings import Settings
    from widget_backend.sandbox.amocrm.state import Integration

#: seconds from the previous try to the next
PAUSES = (5 * 60, 15 * 60, 15 * 60, 60 * 60)
#: from this try on only a server's failure is worth another one
SERVER_FAILURES_FROM = 2

TIMED_OUT = 499

#: what a fault has in store for a hook
LOST, TWIN, OVERTAKEN = "lost", "twin", "overtaken"

FAILURES_SECONDS = 2 * 3600
MOST_FAILURES = 100


@dataclass
class Delivery:
    """One request to come: a form-encoded POST, or a GET that carries its form in the address.

    ``due`` is account time; ``lasting`` deliveries are tried again. ``json`` posts the body as JSON instead. ``about`` says
    whom or what it tells of, for people; ``fate`` names its fault.
    """

    url: str
    event: str
    form: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    webhook_id: int = 0
    due: float = 0.0
    attempt: int = 1
    lasting: bool = False
    json: dict[str, Any] | None = None
    about: str = ""
    fate: str = ""


@dataclass(frozen=True)
class Sent:
    """A try of a delivery at account time ``at`` (or its loss: no status), and the handler's status; 0: no answer at all."""

    delivery: Delivery
    at: float
    status: int | None = None
    attempt: int = 1


#: sends one delivery; answers the status, 0 for no answer at all and 499 for one that took over two seconds
Sender = Callable[[Delivery], int]


def queue(account: Account, url: str, event: str, body: dict[str, Any], webhook_id: int, about: str = "") -> None:
    """Queue a hook of a subscription, spoilt as the settings say; ``about`` names what it tells of, without times."""
    told = f"{webhook_id}:{event}:{about}"
    account.told[told] += 1
    due = account.now() + account.settings.delay_s
    one = Delivery(url, event, dict(flat(body)), webhook_id=webhook_id, due=due, lasting=True, about=about)
    for each in _fated(account.settings, one, f"{told}:{account.told[told]}"):
        if each.fate == LOST:
            account.sent.append(Sent(each, account.now()))
        else:
            account.outbox.append(each)


def queue_install(account: Account, integration: Integration, user_id: int) -> None:
    """The install hook when somebody presses Install inside amoCRM: a GET with a code and no state, never repeated."""
    host = account.base_url.split("//")[1]
    form = {
        "code": account.authorization_code(integration.client_id, user_id),
        "referer": host,
        "platform": "1",
        "client_id": integration.client_id,
        "from_widget": "1",
    }
    account.outbox.append(Delivery(integration.redirect_uri, "install", form, "GET", due=account.now()))


def queue_uninstall(account: Account, integration: Integration) -> None:
    """The uninstall hook, signed with the client secret."""
    if integration.uninstall_url:
        form = {
            "account_id": str(account.id),
            "client_uuid": integration.client_id,
            "signature": uninstall_signature(account, integration),
        }
        account.outbox.append(Delivery(integration.uninstall_url, "uninstall", form, "GET", due=account.now()))


def uninstall_signature(account: Account, integration: Integration) -> str:
    """HMAC of id and account, in hex."""
    message = f"{integration.client_id}|{account.id}".encode()
    return hmac.new(integration.client_secret.encode(), message, hashlib.sha256).hexdigest()


def deliver(account: Account, sender: Sender) -> int:
    """Hand everything that is due to ``sender``; what fails waits for its next try. Answers how many were sent."""
    due = take(account)
    for delivery in due:
        hand_over(account, delivery, sender)
    return len(due)


def take(account: Account, busy: Container[str] = ()) -> list[Delivery]:
    """Take out of the outbox what is due, the longest due first; addresses that are ``busy`` keep theirs."""
    with account.lock:
        now = account.now()
        due = [each for each in account.outbox if each.due <= now and each.url not in busy]
        if due:
            taken = {id(each) for each in due}
            account.outbox = [each for each in account.outbox if id(each) not in taken]
        return sorted(due, key=lambda each: each.due)


def hand_over(account: Account, delivery: Delivery, sender: Sender) -> None:
    """Send one delivery, keep what was answered, and plan its next try if it failed."""
    status = sender(delivery)
    with account.lock:
        account.sent.append(Sent(delivery, account.now(), status, delivery.attempt))
        account.version += 1
        _settle(account, delivery, status)


def encoded(form: dict[str, str]) -> str:
    """The body of a hook."""
    return urlencode(form)


def flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested values as bracket keys, every value a text: ``leads[add][0][id]``."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from flat(item, f"{name}[{index}]")
    else:
        yield name, "" if value is None else str(int(value) if isinstance(value, bool) else value)


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


def _settle(account: Account, delivery: Delivery, status: int) -> None:
    """Plan the next try of a failed delivery and count it against its subscription."""
    if 100 <= status < 300 or not delivery.lasting:
        return
    hook = account.webhooks.get(delivery.webhook_id)
    if hook is None:
        return
    now = account.now()
    hook.failures.append(now)
    while hook.failures[0] <= now - FAILURES_SECONDS:
        hook.failures.popleft()
    if len(hook.failures) > MOST_FAILURES:
        hook.disabled = True
        return
    tries = delivery.attempt - 1
    worth = tries < SERVER_FAILURES_FROM or status == TIMED_OUT or status >= 500
    if tries < len(PAUSES) and worth:
        account.outbox.append(replace(delivery, attempt=delivery.attempt + 1, due=now + PAUSES[tries]))
