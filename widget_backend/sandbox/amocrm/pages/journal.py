"""The journal of hooks: what waits, what was sent where, and what the handlers answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.hooks.delivery import TIMED_OUT, Delivery, Sent
from widget_backend.sandbox.amocrm.pages.words import moment

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

#: tries that the page shows
MOST_SHOWN = 100

FATES = {"lost": "потерян песочницей", "twin": "дубль", "overtaken": "задержан"}
ANSWERS = {0: "нет связи", TIMED_OUT: "дольше 2 с"}


def view(account: Account) -> dict[str, Any]:
    """What the template shows."""
    with account.lock:
        sent, waiting = list(account.sent)[: -MOST_SHOWN - 1 : -1], sorted(account.outbox, key=lambda each: each.due)
        return {
            "hooks": list(account.webhooks.values()),
            "waiting": [_row(each) | {"due": moment(each.due, "%d.%m %H:%M:%S")} for each in waiting[:MOST_SHOWN]],
            "sent": [_sent(each) for each in sent],
        }


def _sent(each: Sent) -> dict[str, Any]:
    status = each.status
    good = status is not None and 100 <= status < 300
    answer = FATES["lost"] if status is None else ANSWERS.get(status, str(status))
    about = {"at": moment(each.at, "%d.%m %H:%M:%S"), "answer": answer, "good": good, "attempt": each.attempt}
    return _row(each.delivery) | about


def _row(delivery: Delivery) -> dict[str, Any]:
    body = delivery.json if delivery.json is not None else delivery.form
    return {
        "event": delivery.event,
        "about": delivery.about,
        "url": delivery.url,
        "attempt": delivery.attempt,
        "fate": FATES.get(delivery.fate, ""),
        # a token is nobody's to read, here as anywhere
        "body": [(key, "…" if key in ("token", "code", "signature") else value) for key, value in body.items()],
    }
