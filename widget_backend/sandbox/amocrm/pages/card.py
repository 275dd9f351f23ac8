"""The card of a lead: tabs of fields to edit, contacts, tasks, and who may be put in charge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm import unsorted
from widget_backend.sandbox.amocrm.crm.field_types import MAIN_GROUP
from widget_backend.sandbox.amocrm.crm.linking import linked
from widget_backend.sandbox.amocrm.pages.feed import feed
from widget_backend.sandbox.amocrm.pages.words import INPUTS, moment, money, text_of, user_name
from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS, CustomField, Record

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

#: type of a field -> the control that edits it; the others are only read
CONTROLS = {
    "text": "text",
    "streetaddress": "text",
    "url": "text",
    "numeric": "number",
    "monetary": "number",
    "textarea": "textarea",
    "checkbox": "checkbox",
    "select": "select",
    "radiobutton": "select",
    "multiselect": "several",
    "date": "date",
    "birthday": "date",
    "date_time": "datetime-local",
    "multitext": "text",
}


def view(account: Account, lead: Record) -> dict[str, Any]:
    """What the template shows of a lead."""
    reason = account.loss_reasons.get(lead.own["loss_reason_id"] or 0)
    source = account.sources.get(lead.own["source_id"] or 0)
    return {
        "tabs": fields(account, lead),
        "price": money(lead.own["price"]),
        "responsible": user_name(account, lead.responsible_user_id),
        "reason": reason.name if reason else "",
        "source": source.name if source else "",
        "tags": [account.tags[LEADS][number] for number in lead.tags],
        "contacts": [person(account, account.records[CONTACTS][number]) for number in linked(account, lead, CONTACTS)],
        "companies": [account.records[COMPANIES][number].own["name"] for number in linked(account, lead, COMPANIES)],
        "feed": feed(account, lead),
        "tasks": tasks(account, lead),
        "request": unsorted.of_lead(account, lead.id),
        "till": moment(account.now() + 86_400, "%Y-%m-%dT12:00"),
    }


def fields(account: Account, record: Record) -> list[tuple[str, list[dict[str, Any]]]]:
    """The tabs of a record's card with the controls of their fields; tracking shows only what is filled."""
    rows = []
    for group in sorted(account.groups[record.entity].values(), key=lambda each: each.sort):
        held = [each for each in account.fields_of(record.entity) if (each.group_id or MAIN_GROUP) == group.id]
        shown = [each for each in held if each.type != "tracking_data" or record.values.get(each.id)]
        rows.append((group.name, [control(each, record) for each in shown]))
    return rows


def control(field: CustomField, record: Record) -> dict[str, Any]:
    """One field with its value, as text and as its control wants it."""
    kept = record.values.get(field.id, [])
    options = sorted(field.enums.values(), key=lambda each: (each.sort, each.id))
    value: Any = text_of(field, record)
    if field.type in INPUTS and kept:
        value = moment(kept[0]["value"], INPUTS[field.type])
    chosen = {each["enum_id"] for each in kept if "enum_id" in each}
    kind = "" if field.is_api_only else CONTROLS.get(field.type, "")
    checked = bool(kept and kept[0].get("value") is True)
    return {
        "field": field,
        "kind": kind,
        "text": text_of(field, record),
        "value": value,
        "checked": checked,
        "options": [(option.id, option.value, option.id in chosen) for option in options],
    }


def person(account: Account, contact: Record) -> dict[str, Any]:
    """A contact with its fields, and other contacts who share a phone with it."""
    return {
        "id": contact.id,
        "name": contact.own["name"],
        "tabs": fields(account, contact),
        "twins": [each for each in account.records[CONTACTS].values() if _twins(account, contact, each)],
    }


def tasks(account: Account, lead: Record) -> list[dict[str, Any]]:
    """The open tasks of a lead, the nearest first."""
    types = {each["id"]: each["name"] for each in account.task_types}
    held = [each for each in account.tasks.values() if (each.entity_type, each.entity_id) == (LEADS, lead.id)]
    waiting = sorted(
        (each for each in held if not (each.is_completed or each.is_deleted)), key=lambda each: each.complete_till
    )
    return [
        {
            "task": each,
            "type": types.get(each.task_type_id, ""),
            "till": moment(each.complete_till),
            "late": each.complete_till < account.now(),
            "who": user_name(account, each.responsible_user_id),
        }
        for each in waiting
    ]


def _twins(account: Account, one: Record, other: Record) -> bool:
    if other is one or other.is_deleted or other.is_unsorted:
        return False
    return bool(_phones(account, one) & _phones(account, other))


def _phones(account: Account, contact: Record) -> set[str]:
    known = account.fields[CONTACTS]
    held = [rows for number, rows in contact.values.items() if number in known and known[number].code == "PHONE"]
    digits = ("".join(letter for letter in each["value"] if letter.isdigit())[-10:] for rows in held for each in rows)
    return {each for each in digits if each}
