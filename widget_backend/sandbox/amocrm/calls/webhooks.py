"""``/webhooks``: subscriptions of the account, one for each address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from widget_backend.sandbox.amocrm.state import Webhook
from widget_backend.sandbox.amocrm.wire.hal import listing
from widget_backend.sandbox.amocrm.wire.problems import Issue, forbidden, impossible, missing, not_a_choice, not_found
from widget_backend.sandbox.amocrm.wire.query import values
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import shaped, single, validated

EVENTS = frozenset(
    [f"responsible_{name}" for name in ("lead", "contact", "company", "customer", "task")]
    + [f"restore_{name}" for name in ("lead", "contact", "company")]
    + [f"add_{name}" for name in ("lead", "contact", "company", "customer", "talk", "task")]
    + [f"update_{name}" for name in ("lead", "contact", "company", "customer", "talk", "task")]
    + [f"delete_{name}" for name in ("lead", "contact", "company", "customer", "task")]
    + [f"note_{name}" for name in ("lead", "contact", "company", "customer")]
    + ["status_lead", "add_chat_template_review"]
)
#: payloads are known, subscribing over the API of amocrm.ru is not
UNSORTED_EVENTS = frozenset({"add_unsorted", "update_unsorted", "delete_unsorted", "add_message"})

MOST_WEBHOOKS = 100

SHAPE = {"destination": "string*", "settings": "array*", "sort": "int?"}


@route("GET", "/webhooks", admin=True)
def get_all(call: Call) -> Answer:
    """All subscriptions, or that of one address."""
    call.expect(("destination",), ())
    wanted = values(call.filter.get("destination"))
    rows = [hook for hook in call.account.webhooks.values() if not wanted or hook.destination in wanted]
    return listing(call, "webhooks", rows, lambda hook: model(call, hook), total=True)


@route("POST", "/webhooks", admin=True)
def subscribe(call: Call) -> Answer:
    """Subscribe an address, or replace what it is subscribed to."""
    _check_plan(call)
    row = single(call)
    validated([row], lambda item: _issues(call, item))
    account, now = call.account, int(call.account.now())
    hook = _by_destination(call, row.item["destination"])
    if hook is None:
        if len(account.webhooks) >= MOST_WEBHOOKS:
            raise impossible(f"Limit {MOST_WEBHOOKS} webhooks per account")
        number = account.number("webhook", 839_661, 5)
        hook = Webhook(number, row.item["destination"], [], 10, call.caller.user.id, now, now)
        account.webhooks[number] = hook
    hook.settings = list(dict.fromkeys(row.item["settings"]))
    hook.sort = row.item.get("sort") or hook.sort
    hook.updated_at = now
    hook.disabled = hook.disabled and not account.settings.post_enables_webhook
    return Answer(model(call, hook), 201)


@route("DELETE", "/webhooks", admin=True)
def unsubscribe(call: Call) -> Answer:
    """Delete the subscription of the address in the body."""
    row = single(call)
    validated([row], lambda item: shaped(item, {"destination": "string*"}))
    hook = _by_destination(call, row.item["destination"])
    if hook is None:
        raise not_found("Webhook not found")
    del call.account.webhooks[hook.id]
    return NOTHING


def model(call: Call, hook: Webhook) -> dict[str, Any]:
    """A subscription; one report shows its events as a map."""
    as_map = call.account.settings.webhook_settings_map
    return {
        "id": hook.id,
        "destination": hook.destination,
        "created_at": hook.created_at,
        "updated_at": hook.updated_at,
        "account_id": call.account.id,
        "created_by": hook.created_by,
        "sort": hook.sort,
        "disabled": hook.disabled,
        "settings": dict.fromkeys(hook.settings, 1) if as_map else hook.settings,
    }


def _check_plan(call: Call) -> None:
    if not call.account.settings.webhooks_available:
        raise forbidden("Webhooks are not available on this plan")


def _by_destination(call: Call, destination: str) -> Webhook | None:
    return next((hook for hook in call.account.webhooks.values() if hook.destination == destination), None)


def _issues(call: Call, item: dict[str, Any]) -> list[Issue]:
    issues = shaped(item, SHAPE)
    destination = item.get("destination")
    if isinstance(destination, str) and not _is_address(destination):
        issues.append(not_a_choice("destination"))
    known = EVENTS | (UNSORTED_EVENTS if call.account.settings.unsorted_hooks else frozenset())
    given = item.get("settings")
    if given == []:
        issues.append(missing("settings.0"))
    for index, name in enumerate(given if isinstance(given, list) else []):
        if name not in known:
            issues.append(not_a_choice(f"settings.{index}"))
    return issues


def _is_address(text: str) -> bool:
    """Whether it is an http address without Cyrillic letters."""
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and parts.netloc.isascii()
