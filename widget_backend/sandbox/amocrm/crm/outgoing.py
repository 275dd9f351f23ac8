"""Records as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm.linking import linked
from widget_backend.sandbox.amocrm.crm.values import shown
from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS, Record

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.wire.registry import Call

#: entity -> its own keys in the order of the model
OWN = {
    LEADS: ("name", "price", "status_id", "pipeline_id", "loss_reason_id", "closed_at"),
    CONTACTS: ("name", "first_name", "last_name"),
    COMPANIES: ("name",),
}

#: entity -> word of ``with`` that embeds linked records of the same name
LINKED = {LEADS: (CONTACTS,), CONTACTS: (LEADS,), COMPANIES: (LEADS, CONTACTS)}
#: entity -> what is embedded empty when asked for: it is not emulated
EMPTY = {
    LEADS: ("catalog_elements",),
    CONTACTS: ("catalog_elements", "customers", "social_profiles"),
    COMPANIES: ("catalog_elements", "customers"),
}

#: word of ``with`` -> a lead's own key that it shows
ASKED = {"source_id": "source_id", "is_price_modified_by_robot": "priced_by_robot"}


def model(call: Call, record: Record) -> dict[str, Any]:
    """A record; one in the trash shows little."""
    link = {"_links": call.href(f"/{record.entity}/{record.id}")}
    if record.is_deleted:
        # contacts and companies in the trash say false, as reported from live accounts
        gone = {"id": record.id, "is_deleted": record.entity == LEADS}
        return gone | {"updated_at": record.updated_at, "account_id": call.account.id} | link
    body: dict[str, Any] = {"id": record.id}
    body |= {key: record.own[key] for key in OWN[record.entity]}
    body |= {
        "responsible_user_id": record.responsible_user_id,
        "group_id": 0,
        "created_by": record.created_by,
        "updated_by": record.updated_by,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "closest_task_at": record.closest_task_at,
        "is_deleted": False,
        "custom_fields_values": custom_fields(call, record) or None,
        "account_id": call.account.id,
    }
    if record.entity == LEADS:
        body |= {"score": None, "labor_cost": None}
        body |= {key: record.own[name] for key, name in ASKED.items() if key in call.with_}
    if record.entity == CONTACTS:
        body |= {"is_unsorted": record.is_unsorted}
    return body | link | {"_embedded": _embedded(call, record)}


def custom_fields(call: Call, record: Record) -> list[dict[str, Any]]:
    """The filled fields of a record, in the order of the card."""
    fields = call.account.fields[record.entity]
    rows = []
    for number, stored in record.values.items():
        field = fields.get(number)
        values = shown(field, stored) if field else []
        if field is not None and values:
            rows.append(
                {
                    "field_id": field.id,
                    "field_name": field.name,
                    "field_code": field.code,
                    "field_type": field.type,
                    "is_computed": False,
                    "values": values,
                }
            )
    return rows


def _embedded(call: Call, record: Record) -> dict[str, Any]:
    account, asked = call.account, call.with_
    tags = [account.tags[record.entity][number] for number in record.tags]
    body: dict[str, Any] = {"tags": [{"id": tag.id, "name": tag.name, "color": tag.color} for tag in tags]}
    if record.entity != COMPANIES:
        body[COMPANIES] = [_reference(call, COMPANIES, number) for number in linked(account, record, COMPANIES)]
    for entity in LINKED[record.entity]:
        if entity in asked:
            rows = linked(account, record, entity)
            body[entity] = [_reference(call, entity, number, about) for number, about in rows.items()]
    body |= {name: [] for name in EMPTY[record.entity] if name in asked}
    if record.entity == LEADS and "loss_reason" in asked:
        reason = account.loss_reasons.get(record.own["loss_reason_id"] or 0)
        body["loss_reason"] = [{**vars(reason)}] if reason else []
    if record.entity == LEADS and "source" in asked:
        source = account.sources.get(record.own["source_id"] or 0)
        body["source"] = {"id": source.id, "name": source.name, "type": "widget"} if source else None
    return body


def _reference(call: Call, entity: str, number: int, about: dict[str, Any] | None = None) -> dict[str, Any]:
    main = {"is_main": about["main_contact"]} if about and entity == CONTACTS and "main_contact" in about else {}
    return {"id": number, **main, "_links": call.href(f"/{entity}/{number}")}
