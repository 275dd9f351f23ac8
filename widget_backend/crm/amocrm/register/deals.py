"""Deals and contacts: rows to our values, drafts and changes to bodies (amocrm.md §4.1, §4.3, §10.2). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from widget_backend.crm.amocrm import words
from widget_backend.crm.amocrm.client import Row, embedded
from widget_backend.crm.amocrm.reading import stage_id
from widget_backend.crm.amocrm.register import own
from widget_backend.crm.amocrm.register.fields import (
    MARKER,
    Body,
    add_value,
    amount_of,
    contact_ids,
    fields_of,
    known_ids,
    marker_of,
    phones_of,
    price,
    put,
    typed,
)
from widget_backend.crm.amocrm.register.values import moment
from widget_backend.crm.asking import Draft, UpdateContact, UpdateDeal
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Contact, Deal, Product

#: what a list of deals must be asked to tell (§2.5)
WITH: Final = "contacts,loss_reason,source"
WITH_PRODUCTS: Final = f"{WITH},catalog_elements"
#: nobody's number: the robot's (§4.1)
ROBOT: Final = 0


def deal(row: Row, chart: Chart) -> Deal:
    """A deal. ``mover``: who last changed it, which is all the vendor tells."""
    company = next((str(one["id"]) for one in embedded(row, "companies")), "")
    return Deal(
        id=str(row["id"]),
        title=str(row.get("name") or ""),
        pipeline=str(row.get("pipeline_id")),
        stage=stage_id(str(row.get("pipeline_id")), row.get("status_id")),
        contacts=contact_ids(row),
        responsible=user_id(row.get("responsible_user_id")),
        amount=amount_of(row),
        currency=chart.currency,
        company=company,
        tags=tuple(str(tag["name"]) for tag in embedded(row, "tags") if tag.get("name")),
        created_at=moment(row.get("created_at")),
        updated_at=moment(row.get("updated_at")),
        mover=person(row.get("updated_by")),
        marker=marker_of(row, chart),
        fields=fields_of(row, chart, "deal"),
        own=own.carried(row, known_ids(chart, row), chart),
    )


def contact(row: Row, chart: Chart) -> Contact:
    """A patient."""
    return Contact(
        id=str(row["id"]),
        name=str(row.get("name") or ""),
        phones=phones_of(row),
        emails=typed(row, "EMAIL"),
        responsible=user_id(row.get("responsible_user_id")),
        updated_at=moment(row.get("updated_at")),
        fields=fields_of(row, chart, "contact"),
    )


def is_open(row: Row) -> bool:
    """Whether a deal is neither won nor lost."""
    return row.get("status_id") not in words.FINAL


def products(row: Row) -> tuple[Product, ...]:
    """Elements of the account's lists at a deal, as a link takes them (§4.4)."""
    rows = embedded(row, "catalog_elements")
    return tuple(Product({"id": one["id"], "metadata": _metadata(one.get("metadata"))}) for one in rows)


def new_deal(draft: Draft, chart: Chart) -> Body:
    """A deal to create. What the draft names itself goes before its fields. Raises :class:`Rejected`."""
    body: Body = {"created_by": ROBOT, "updated_by": ROBOT}
    put(body, draft.fields, chart, new=True)
    body |= {"name": draft.title, **placed(draft.stage)}
    if draft.responsible:
        body["responsible_user_id"] = int(draft.responsible)
    if draft.amount is not None:
        body["price"] = price(draft.amount)
    for value in own.values_of(draft.own):
        add_value(body, "field_id", value["field_id"], value["values"])
    if draft.marker and MARKER in chart.field:
        add_value(body, "field_id", int(chart.field[MARKER].id), [{"value": draft.marker}])
    return _lost_only(body) | _embedded(draft)


def changed_deal(write: UpdateDeal, chart: Chart) -> Body:
    """The changes of a deal. Raises :class:`Rejected`, :class:`Unsupported`."""
    body: Body = {"id": int(write.id)}
    put(body, write.fields, chart)
    if write.title:
        body["name"] = write.title
    if write.responsible:
        body["responsible_user_id"] = int(write.responsible)
    if write.tags:
        body["tags_to_add"] = [{"name": tag} for tag in write.tags]
    body |= placed(write.stage)
    return _lost_only(body) | {"updated_by": ROBOT} if len(body) > 1 else {}


def changed_contact(write: UpdateContact, chart: Chart) -> Body:
    """The changes of a contact. Raises :class:`Rejected`, :class:`Unsupported`."""
    body: Body = {"id": int(write.id)}
    put(body, write.fields, chart)
    if write.responsible:
        body["responsible_user_id"] = int(write.responsible)
    return body if len(body) > 1 else {}


def placed(stage: str) -> dict[str, int]:
    """Pipeline and status: always both, as won and lost are in every pipeline (§4.1)."""
    pipeline, _, status = stage.partition(":")
    return {"pipeline_id": int(pipeline), "status_id": int(status)} if stage else {}


def link(product: Product, deal_id: str) -> Body:
    """One element of a list, to be linked to a deal."""
    return {
        "entity_id": int(deal_id),
        "to_entity_id": product.row["id"],
        "to_entity_type": "catalog_elements",
        "metadata": dict(product.row["metadata"]),
    }


def user_id(number: object) -> str:
    """A user, empty for nobody."""
    return str(number) if number else ""


def person(number: object) -> str:
    """Who did something: a user, ``robot``, or empty where it is not told."""
    return "" if number is None else str(number) if number else "robot"


def _metadata(metadata: object) -> Mapping[str, object]:
    said = metadata if isinstance(metadata, dict) else {}
    return {name: value for name, value in said.items() if value is not None}


def _lost_only(body: Body) -> Body:
    """A reason of loss goes with a lost deal and no other (§4.1)."""
    if body.get("status_id", words.LOST) != words.LOST:
        body.pop("loss_reason_id", None)
    return body


def _embedded(draft: Draft) -> Body:
    inside: Body = {
        "contacts": [{"id": int(one), "is_main": number == 0} for number, one in enumerate(draft.contacts)],
        "companies": [{"id": int(draft.company)}] if draft.company else [],
        "tags": [{"name": tag} for tag in draft.tags],
    }
    if draft.own.get(own.SOURCE):
        inside["source"] = {"external_id": draft.own[own.SOURCE], "type": "widget"}
    held = {name: value for name, value in inside.items() if value}
    return {"_embedded": held} if held else {}
