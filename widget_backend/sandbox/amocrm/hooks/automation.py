"""What leaves the account because an admin has set it up: a bot's question to a widget, and the actions of stages."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm import tokens
from widget_backend.sandbox.amocrm.hooks.delivery import Delivery, flat
from widget_backend.sandbox.amocrm.live import Run
from widget_backend.sandbox.amocrm.state import CONTACTS, LEADS

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import Integration

#: code of a Digital Pipeline event -> its number
EVENT_TYPES = {
    "lead_added": 1,
    "lead_status_changed": 14,
    "lead_appeared_in_status": 15,
    "mail_in": 16,
    "call_in": 17,
    "site_visit": 18,
    "chat": 19,
}

#: entity -> its number in the token of a bot
BOT_ENTITIES = {CONTACTS: 1, LEADS: 2}


def ask_widget(
    account: Account,
    integration: Integration,
    url: str,
    lead_id: int,
    data: dict[str, Any],
    *,
    bot_id: int = 565,
    algorithm: str = tokens.BOT_ALGORITHM,
    as_json: bool = False,
    **claims: Any,
) -> str:
    """Queue a bot's ``widget_request`` and let the bot wait; answers the address that continues it."""
    run = Run(bot_id, uuid.uuid4().hex, LEADS, lead_id)
    return ask(account, integration, url, run, data, algorithm, as_json, **claims)


def ask(
    account: Account,
    integration: Integration,
    url: str,
    run: Run,
    data: dict[str, Any],
    algorithm: str = "",
    as_json: bool | None = None,
    **claims: Any,
) -> str:
    """Queue the question of a run that waits from now on; the settings say how it is signed and written."""
    run.state, run.data = "waiting", data
    account.waiting_bots[run.bot_id, run.key] = run
    back = f"{account.base_url}/api/v4/salesbot/{run.bot_id}/continue/{run.key}"
    about = {"entity_type": BOT_ENTITIES[run.entity]} | claims
    token = tokens.bot_token(account, integration, run.entity_id, algorithm or account.settings.bot_algorithm, **about)
    body = {"token": token, "data": data, "return_url": back}
    as_json = account.settings.actions_as_json if as_json is None else as_json
    _queue(account, url, "widget_request", body, as_json, f"{run.entity} {run.entity_id}")
    return back


def act_on_stage(
    account: Account,
    integration: Integration,
    lead_id: int,
    settings: dict[str, str],
    *,
    type_code: str = "lead_appeared_in_status",
    direction: str = "went_to_trigger",
    as_json: bool = False,
    delay: float = 0.0,
) -> None:
    """Queue the Digital Pipeline action of an integration's widget for a lead on its stage."""
    own = account.records[LEADS][lead_id].own
    data = {"id": lead_id, "element_type": 2, "status_id": own["status_id"], "pipeline_id": own["pipeline_id"]}
    data |= {"direction_of_movement": direction} if direction else {}
    event = {"type": EVENT_TYPES[type_code], "type_code": type_code, "time": int(account.now())}
    body = {
        "event": event | {"data": data},
        "action": {"settings": {"widget": {"settings": settings}}},
        "subdomain": account.subdomain,
        "account_id": account.id,
    }
    _queue(account, integration.dp_url, "digital_pipeline", body, as_json, f"{LEADS} {lead_id}", delay)


def call_trigger(
    account: Account, url: str, lead_id: int, before: dict[str, int], *, event: str = "status", delay: float = 0.0
) -> None:
    """Queue the trigger "API: send webhook" of a stage; ``before`` has the old stage and pipeline."""
    own = account.records[LEADS][lead_id].own
    row = {"id": lead_id, "status_id": own["status_id"], "pipeline_id": own["pipeline_id"]}
    row |= {f"old_{key}": value for key, value in before.items()}
    who = {"id": account.id, "subdomain": account.subdomain}
    body = {"leads": {event: [row]}, "account": who}
    _queue(account, url, "trigger", body, False, f"{LEADS} {lead_id}", delay)


def _queue(
    account: Account, url: str, event: str, body: dict[str, Any], as_json: bool, about: str, delay: float = 0.0
) -> None:
    form = {} if as_json else dict(flat(body))
    due = account.now() + delay
    account.outbox.append(Delivery(url, event, form, due=due, json=body if as_json else None, about=about))
