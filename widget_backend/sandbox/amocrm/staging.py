"""The control room's stage: actions on stages, bots, and what patients do of themselves, set going from outside.

All of it is below ``/_sandbox/`` and takes JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from widget_backend.sandbox.amocrm.acting import by_robot
from widget_backend.sandbox.amocrm.crm import incidents, unsorted
from widget_backend.sandbox.amocrm.hooks import triggers
from widget_backend.sandbox.amocrm.hooks.telling import flush
from widget_backend.sandbox.amocrm.live import Bot

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account


def routes(account: Account) -> Blueprint:
    """The addresses of one account."""
    blueprint = Blueprint("staging", __name__, url_prefix="/_sandbox")

    @blueprint.post("/<what>")
    def do(what: str) -> tuple[Response, int]:
        if what not in DEEDS:
            return jsonify({"error": "not found"}), 404
        try:
            with account.lock:
                done = DEEDS[what](account, **request.get_json())
                account.version += 1
                flush(account)
        except (KeyError, TypeError, ValueError) as fault:
            return jsonify({"error": str(fault)}), 400
        return jsonify(done), 201

    return blueprint


def place(account: Account, pipeline_id: int, status_ids: list[int], kind: str, **how: Any) -> dict[str, Any]:
    """Put an action on stages."""
    return asdict(triggers.place(account, pipeline_id, status_ids, kind, **how))


def remove(account: Account, trigger_id: int) -> dict[str, Any]:
    """Take an action off its stages."""
    return asdict(account.triggers.pop(trigger_id))


def add_bot(account: Account, name: str, steps: Any, client_id: str = "", exits: Any = None) -> dict[str, Any]:
    """Keep a bot; its steps are a list, or a map by number as the designer writes it."""
    rows = [steps[key] for key in sorted(steps, key=int)] if isinstance(steps, dict) else list(steps)
    bot = Bot(account.number("bot", 565, 2), name, rows, client_id, exits or {})
    account.bots[bot.id] = bot
    return asdict(bot)


def message(account: Account, contact_id: int, text: str, lead_id: int = 0) -> dict[str, Any]:
    """A contact has written."""
    talk = incidents.wrote(account, contact_id, text, lead_id)
    return {"talk_id": talk.id, "lead_id": talk.lead_id}


def called(account: Account, lead_id: int, phone: str = "", duration: int = 60) -> dict[str, Any]:
    """A patient has called about a lead."""
    return {"note_id": incidents.called(account, lead_id, phone, duration).id}


def arrive(account: Account, category: str = "forms", **item: Any) -> dict[str, Any]:
    """An incoming request of a site's form, or of a call, as ``/leads/unsorted`` takes it."""
    usual = {"source_name": "Сайт", "source_uid": "site", "metadata": {"form_id": "1", "form_name": "Запись на приём"}}
    held = unsorted.create(by_robot(account), category, usual | item)
    return {"uid": held.uid, "lead_id": held.lead_id}


def in_trash(account: Account, entity: str, record_id: int) -> dict[str, Any]:
    """Put a record into the trash."""
    account.trash(entity, record_id)
    return {"trashed": record_id}


def out_of_trash(account: Account, entity: str, record_id: int) -> dict[str, Any]:
    """Take a record out of the trash."""
    account.restore(entity, record_id)
    return {"restored": record_id}


def merge(account: Account, entity: str, main_id: int, other_id: int) -> dict[str, Any]:
    """Merge a duplicate into a record."""
    account.merge(entity, main_id, other_id)
    return {"merged": other_id}


DEEDS: dict[str, Callable[..., dict[str, Any]]] = {
    "triggers": place,
    "untrigger": remove,
    "bots": add_bot,
    "message": message,
    "call": called,
    "request": arrive,
    "trash": in_trash,
    "restore": out_of_trash,
    "merge": merge,
}
