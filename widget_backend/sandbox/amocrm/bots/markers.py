"""Markers in a bot's texts: ``{{lead.id}}``, ``{{contact.cf.31}}``, ``{{json.status}}`` and their like."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm.linking import linked
from widget_backend.sandbox.amocrm.crm.values import ZONE, shown
from widget_backend.sandbox.amocrm.state import CONTACTS, LEADS, Record

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.live import Run

MARKER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
PHONE, EMAIL = re.compile(r"\+?\d[\d() -]{8,}\d"), re.compile(r"[^\s@]+@[^\s@]+\.\w+")


def filled(account: Account, run: Run, value: Any) -> Any:
    """A value with its markers filled in, down to the texts of lists and maps; unknown markers are empty."""
    if isinstance(value, str):
        return MARKER.sub(lambda found: _text(account, run, found[1]), value)
    if isinstance(value, list):
        return [filled(account, run, each) for each in value]
    if isinstance(value, dict):
        return {key: filled(account, run, each) for key, each in value.items()}
    return value


def record_of(account: Account, run: Run, entity: str) -> Record | None:
    """The lead or the contact that a run is about; of a lead, its first contact."""
    own = account.records[run.entity].get(run.entity_id)
    if own is None or run.entity == entity:
        return own
    number = next(iter(linked(account, own, entity)), None)
    return account.records[entity].get(number or 0)


def _text(account: Account, run: Run, marker: str) -> str:
    head, _, rest = marker.partition(".")
    if head == "json":
        return str(run.json.get(rest, ""))
    if head in ENTITIES and (record := record_of(account, run, ENTITIES[head])):
        return _of_record(account, record, rest)
    plain = PLAIN.get(marker)
    return plain(account, run) if plain else ""


def _of_record(account: Account, record: Record, key: str) -> str:
    if key == "id":
        return str(record.id)
    if key.startswith("responsible."):
        user = account.users.get(record.responsible_user_id)
        return str(getattr(user, key.partition(".")[2], "")) if user else ""
    if key.startswith("cf."):
        number = key.removeprefix("cf.")
        field = account.fields[record.entity].get(int(number)) if number.isdigit() else None
        values = shown(field, record.values.get(field.id, [])) if field else []
        return ", ".join(str(each.get("value", "")) for each in values)
    value = record.own.get(key)
    return "" if value is None else str(value)


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[0] if match else ""


def _origin(account: Account, run: Run) -> str:
    return next((talk.origin for talk in account.talks.values() if talk.lead_id == run.entity_id), "")


ENTITIES = {"lead": LEADS, "contact": CONTACTS}

PLAIN: dict[str, Callable[[Account, Run], str]] = {
    "name": lambda account, run: _text(account, run, "contact.name"),
    "origin": _origin,
    "message_text": lambda _, run: run.message,
    "message_text.phone": lambda _, run: _found(PHONE, run.message),
    "message_text.email": lambda _, run: _found(EMAIL, run.message),
    "current_date": lambda account, _: datetime.fromtimestamp(account.now(), ZONE).strftime("%d.%m.%Y"),
    "rand": lambda *_: f"{random.getrandbits(64):016x}",
    "short_rand_num": lambda *_: str(random.randint(1111, 9999)),
}
