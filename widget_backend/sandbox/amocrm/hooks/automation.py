"""What an admin sets up in the vendor's pages and what comes of it: bots that ask a widget, Digital Pipeline actions."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm import tokens
from widget_backend.sandbox.amocrm.hooks.delivery import Delivery, flat
from widget_backend.sandbox.amocrm.state import LEADS

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import Integration

#: code of a Digital Pipeline event -> its number
EVENT_TYPES = {"lead_added": 1, "lead_status_changed": 14, "lead_appeared_in_status": 15}


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
    key = uuid.uuid4().hex
    account.waiting_bots[bot_id, key] = {"bot_id": bot_id, "continue_id": key, "lead_id": lead_id, "data": data}
    back = f"{account.base_url}/api/v4/salesbot/{bot_id}/continue/{key}"
    token = tokens.bot_token(account, integration, lead_id, algorithm, **claims)
    _queue(account, url, "widget_request", {"token": token, "data": data, "return_url": back}, as_json)
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
) -> None:
    """Queue the Digital Pipeline action of an integration's widget for a lead on its stage."""
    own = account.records[LEADS][lead_id].own
    data = {"id": lead_id, "element_type": 2, "status_id": own["status_id"], "pipeline_id": own["pipeline_id"]}
    event = {"type": EVENT_TYPES[type_code], "type_code": type_code, "time": int(account.now())}
    body = {
        "event": event | {"data": data | {"direction_of_movement": direction}},
        "action": {"settings": {"widget": {"settings": settings}}},
        "subdomain": account.subdomain,
        "account_id": account.id,
    }
    _queue(account, integration.dp_url, "digital_pipeline", body, as_json)


def call_trigger(account: Account, url: str, lead_id: int, before: dict[str, int]) -> None:
    """Queue the trigger "API: send webhook" of a stage; ``before`` has the old stage and pipeline."""
    own = account.records[LEADS][lead_id].own
    row = {"id": lead_id, "status_id": own["status_id"], "pipeline_id": own["pipeline_id"]}
    row |= {f"old_{key}": value for key, value in before.items()}
    who = {"id": account.id, "subdomain": account.subdomain}
    _queue(account, url, "trigger", {"leads": {"status": [row]}, "account": who}, as_json=False)


def _queue(account: Account, url: str, event: str, body: dict[str, Any], as_json: bool) -> None:
    form = {} if as_json else dict(flat(body))
    account.outbox.append(Delivery(url, event, form, due=account.now(), json=body if as_json else None))
