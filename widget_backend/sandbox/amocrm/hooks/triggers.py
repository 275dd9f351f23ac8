"""The Digital Pipeline: automatic actions that an admin has placed on stages, and which changes set them off.

A webhook is told once; a widget's action is told with the direction of the move; a bot is started on the lead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.bots import running
from widget_backend.sandbox.amocrm.hooks import automation
from widget_backend.sandbox.amocrm.live import Trigger
from widget_backend.sandbox.amocrm.state import LEADS

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.hooks.changes import Change

KINDS = ("webhook", "widget", "bot")
EVENTS = ("status", "call_in", "chat", "mail_in", "site_visit")

INTO, WITHIN, OUT = "went_to_trigger", "went_in_trigger", "went_from_trigger"


def place(account: Account, pipeline_id: int, status_ids: list[int], kind: str, **how: Any) -> Trigger:
    """Put an action on stages; raises ``ValueError`` for what the vendor's page would not offer."""
    pipeline = account.pipelines.get(pipeline_id)
    if pipeline is None or not status_ids or not set(status_ids) <= pipeline.statuses.keys():
        raise ValueError("unknown pipeline or stage")
    events = tuple(how.pop("events", ("status",)))
    if kind not in KINDS or not events or not set(events) <= set(EVENTS):
        raise ValueError("unknown kind or event")
    trigger = Trigger(account.number("trigger", 6001, 2), pipeline_id, tuple(status_ids), kind, events, **how)
    if kind == "widget" and trigger.client_id not in account.integrations:
        raise ValueError("unknown integration")
    if kind == "bot" and trigger.bot_id not in account.bots:
        raise ValueError("unknown bot")
    account.triggers[trigger.id] = trigger
    return trigger


def fire(account: Account, change: Change) -> None:
    """Do what the actions of stages have waited for."""
    happened = _happened(account, change)
    if happened is None:
        return
    word, lead_id, before = happened
    own = account.records[LEADS][lead_id].own
    for trigger in list(account.triggers.values()):
        direction = _direction(trigger, word, own, before)
        if word in trigger.events and direction is not None:
            _act(account, trigger, word, lead_id, before, direction)


def _happened(account: Account, change: Change) -> tuple[str, int, dict[str, int]] | None:
    """The word of the vendor's page, the lead it is about, and the stage before."""
    if change.entity == LEADS and change.action in ("add", "status"):
        return "status", change.id, change.before
    if change.entity == LEADS and change.action == "note" and not change.body.get("quiet"):
        called = account.notes[change.body["note_id"]].note_type == "call_in"
        return ("call_in", change.id, {}) if called else None
    if change.entity == "messages" and change.body["incoming"] and account.talks[change.id].lead_id:
        return "chat", account.talks[change.id].lead_id or 0, {}
    return None


def _direction(trigger: Trigger, word: str, own: dict[str, Any], before: dict[str, int]) -> str | None:
    """How the lead has moved against the action; none if it is none of its business."""
    inside = own["pipeline_id"] == trigger.pipeline_id and own["status_id"] in trigger.status_ids
    if word != "status":
        return "" if inside else None
    was = before.get("pipeline_id") == trigger.pipeline_id and before.get("status_id") in trigger.status_ids
    stretched = len(trigger.status_ids) > 1 and trigger.kind == "widget"
    if inside and not was:
        return INTO
    if was and stretched:
        return WITHIN if inside else OUT
    return None


def _act(account: Account, trigger: Trigger, word: str, lead_id: int, before: dict[str, int], direction: str) -> None:
    if trigger.kind == "bot":
        running.start(account, account.bots[trigger.bot_id], LEADS, lead_id)
    elif trigger.kind == "webhook":
        automation.call_trigger(account, trigger.url, lead_id, before, event=word, delay=trigger.delay)
    else:
        automation.act_on_stage(
            account,
            account.integrations[trigger.client_id],
            lead_id,
            trigger.settings,
            type_code=_type_code(trigger, word, before),
            direction=direction,
            as_json=account.settings.actions_as_json,
            delay=trigger.delay,
        )


def _type_code(trigger: Trigger, word: str, before: dict[str, int]) -> str:
    if word != "status":
        return word
    if len(trigger.status_ids) > 1:
        return "lead_appeared_in_status"
    return "lead_status_changed" if before else "lead_added"
