"""What a bot's handler ``action`` can do to the lead and the contact it runs on; all of it is the robot's doing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.acting import by_robot
from widget_backend.sandbox.amocrm.bots.markers import record_of
from widget_backend.sandbox.amocrm.crm import incoming
from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.state import CONTACTS, LEADS, Note

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.live import Run

#: number or word of the entity in a deed
ENTITIES = {1: CONTACTS, 2: LEADS, "1": CONTACTS, "2": LEADS, "contact": CONTACTS, "lead": LEADS}


def do(account: Account, run: Run, name: str, about: dict[str, Any]) -> str:
    """Do one deed; answers what was done, for people. What the vendor would refuse is left undone."""
    if name == "add_note":
        return _add_note(account, run, about)
    record = record_of(account, run, ENTITIES.get(about.get("type", 2), LEADS))
    if name not in BODIES or record is None:
        return f"не умеет: {name}"
    call, item = by_robot(account), BODIES[name](about)
    pipeline = account.pipelines.get(record.own.get("pipeline_id", 0))
    if name == "change_status" and pipeline and item["status_id"] not in pipeline.statuses:
        holding = (each.id for each in account.ordered_pipelines if item["status_id"] in each.statuses)
        item["pipeline_id"] = next(holding, pipeline.id)
    if incoming.issues(call, record.entity, item, record):
        return f"не вышло: {name}"
    incoming.change(call, record, item)
    return f"сделал: {name}"


def number(text: str) -> float:
    """The number of a text; no number is nought."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _whole(about: dict[str, Any]) -> int:
    return int(number(str(about.get("value", ""))))


def _tags(about: dict[str, Any]) -> list[dict[str, Any]]:
    given = about.get("value")
    return [{"name": str(each)} for each in (given if isinstance(given, list) else [given]) if each]


def _field(about: dict[str, Any]) -> dict[str, Any]:
    row = {"field_id": int(number(str(about.get("custom_fields_id", 0)))), "values": [{"value": about.get("value")}]}
    return {"custom_fields_values": [row]}


def _add_note(account: Account, run: Run, about: dict[str, Any]) -> str:
    now, key = int(account.now()), account.number("note", 401_001, 2)
    text = str(about.get("value", about.get("text", "")))
    note = Note(key, run.entity, run.entity_id, "common", {"text": text}, 0, 0, 0, now, now)
    account.notes[key] = note
    account.change(Change(run.entity, "note", run.entity_id, 0, body={"note_id": key}))
    return "сделал: add_note"


#: deed -> what it changes in the record, as the body of a write
BODIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "change_status": lambda about: {"status_id": _whole(about)},
    "set_budget": lambda about: {"price": _whole(about)},
    "change_responsible_user": lambda about: {"responsible_user_id": _whole(about)},
    "set_tag": lambda about: {"tags_to_add": _tags(about)},
    "unset_tag": lambda about: {"tags_to_delete": _tags(about)},
    "set_custom_fields": _field,
}
