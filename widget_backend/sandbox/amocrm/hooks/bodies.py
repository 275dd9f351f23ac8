"""The bodies of account hooks: bracket keys, companies among the contacts, the old stage beside the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm.linking import linked
from widget_backend.sandbox.amocrm.crm.values import shown
from widget_backend.sandbox.amocrm.crm.words import SINGULAR
from widget_backend.sandbox.amocrm.hooks import satellites
from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS, Record

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.hooks.changes import Change

#: entity -> first key of a hook
TOP_KEYS = {
    LEADS: "leads",
    CONTACTS: "contacts",
    COMPANIES: "contacts",
    "tasks": "task",
    "talks": "talk",
    "messages": "message",
    "unsorted": "unsorted",
}


def word(change: Change) -> str:
    """The event's name in a subscription."""
    return f"{change.action}_{SINGULAR[change.entity]}"


def body(account: Account, changes: list[Change]) -> dict[str, Any]:
    """One hook with several changes, and the account at its end."""
    tree: dict[str, Any] = {}
    for change in changes:
        tree.setdefault(TOP_KEYS[change.entity], {}).setdefault(change.action, []).append(_item(account, change))
    who = {"subdomain": account.subdomain, "id": account.id, "_links": {"self": account.base_url}}
    return tree | {"account": who}


def _item(account: Account, change: Change) -> dict[str, Any]:
    if change.entity in satellites.ITEMS:
        return satellites.ITEMS[change.entity](account, change)
    if change.action == "note":
        return {"note": satellites.note(account, change)}
    record = account.records[change.entity][change.id]
    if change.action == "delete":
        own = record.own
        kind = {"status_id": own["status_id"], "pipeline_id": own["pipeline_id"]} if change.entity == LEADS else {}
        return {"id": record.id, **kind, **_type(change.entity)}
    old = {f"old_{key}": change.before[key] for key in _OLD.get(change.action, ()) if key in change.before}
    return {**_record(account, record), **old}


_OLD = {"status": ("status_id", "pipeline_id"), "responsible": ("responsible_user_id",)}


def _record(account: Account, record: Record) -> dict[str, Any]:
    tree: dict[str, Any] = {"id": record.id, "name": record.own["name"]}
    if record.entity == LEADS:
        tree |= {key: record.own[key] for key in ("status_id", "price", "pipeline_id", "loss_reason_id")}
    tree |= {
        "responsible_user_id": record.responsible_user_id,
        "last_modified": record.updated_at,
        "modified_user_id": record.updated_by,
        "created_user_id": record.created_by,
        "date_create": record.created_at,
        "account_id": account.id,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        **_type(record.entity),
        **_relations(account, record),
    }
    tags = [{"id": number, "name": account.tags[record.entity][number].name} for number in record.tags]
    fields = [_field(account, record, number, values) for number, values in record.values.items()]
    fields = [field for field in fields if field]
    return tree | ({"tags": tags} if tags else {}) | ({"custom_fields": fields} if fields else {})


def _type(entity: str) -> dict[str, str]:
    return {} if entity == LEADS else {"type": SINGULAR[entity]}


def _relations(account: Account, record: Record) -> dict[str, Any]:
    if record.entity == LEADS:
        return {}
    leads = {number: {"ID": number} for number in linked(account, record, LEADS)}
    company = next(iter(linked(account, record, COMPANIES)), None) if record.entity == CONTACTS else None
    tree: dict[str, Any] = {"linked_leads_id": leads} if leads else {}
    if company is not None:
        tree |= {"linked_company_id": company, "company_name": account.records[COMPANIES][company].own["name"]}
    return tree


def _field(account: Account, record: Record, number: int, stored: list[dict[str, Any]]) -> dict[str, Any]:
    field = account.fields[record.entity].get(number)
    values = shown(field, stored) if field else []
    if field is None or not values:
        return {}
    rows = [
        {"value": each.get("value"), **({"enum": each["enum_id"]} if each.get("enum_id") else {})} for each in values
    ]
    return {"id": field.id, "name": field.name, **({"code": field.code} if field.code else {}), "values": rows}
