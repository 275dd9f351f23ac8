"""Incoming requests («Неразобранное»): made by a form, a call or a chat; accepted, declined, or left by moving the lead."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.acting import by_robot
from widget_backend.sandbox.amocrm.crm import incoming
from widget_backend.sandbox.amocrm.crm.linking import link
from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.live import Unsorted
from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS, Record

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.wire.registry import Call

#: what a request is called when nothing says its name
NAME = "Заявка из «{}»"


def create(call: Call, category: str, item: dict[str, Any]) -> Unsorted:
    """A new request from a checked body, with the lead and the hidden people that it brings."""
    account, embedded = call.account, item.get("_embedded") or {}
    pipeline = account.pipelines.get(item.get("pipeline_id") or 0) or account.main_pipeline
    given: dict[str, Any] = next(iter(embedded.get(LEADS) or []), {})
    name = given.get("name") or NAME.format(item["source_name"])
    own = {key: value for key, value in given.items() if key not in ("status_id", "pipeline_id")}
    lead = incoming.create(call, LEADS, own | {"name": name, "pipeline_id": pipeline.id})
    lead.own["status_id"] = pipeline.ordered[0].id
    people = [_hidden(call, lead, entity, embedded) for entity in (CONTACTS, COMPANIES)]
    return put(account, category, lead, item, people)


def from_chat(account: Account, contact: Record, text: str, origin: str) -> Unsorted:
    """A request of somebody who has written and has no open lead."""
    call, now = by_robot(account), int(account.now())
    pipeline = account.main_pipeline
    lead = incoming.create(call, LEADS, {"name": f"Чат: {contact.own['name']}", "pipeline_id": pipeline.id})
    lead.own["status_id"], lead.responsible_user_id = pipeline.ordered[0].id, contact.responsible_user_id
    link(account, lead, contact, 0)
    metadata = {
        "from": contact.own["name"],
        "received_at": now,
        "service": origin,
        "client": {"name": contact.own["name"], "avatar": None},
        "origin": {"chat_id": "", "ref": None, "visitor_uid": None},
        "last_message_text": text,
        "source_name": origin,
    }
    item = {"source_name": origin, "metadata": metadata}
    return put(account, "chats", lead, item, [contact, None])


def accept(account: Account, held: Unsorted, by: int, status_id: int = 0) -> None:
    """Take a request in: its lead goes to a stage (the first, unless one is named), its people are seen."""
    lead = account.records[LEADS][held.lead_id]
    pipeline = account.pipelines[lead.own["pipeline_id"]]
    call = by_robot(account)
    goal = {"status_id": status_id or pipeline.first.id, "pipeline_id": pipeline.id, "updated_by": by}
    incoming.change(call, lead, goal)
    lead.responsible_user_id = by or lead.responsible_user_id
    left(account, lead, by)


def left(account: Account, lead: Record, by: int) -> None:
    """Note that a lead has left the incoming stage: whoever moved it has accepted its request."""
    held = of_lead(account, lead.id)
    if held is None:
        return
    for entity, number in ((CONTACTS, held.contact_id), (COMPANIES, held.company_id)):
        record = account.records[entity].get(number or 0)
        if record is not None and record.is_unsorted:
            record.is_unsorted = False
            account.change(Change(entity, "add", record.id, by))
    _close(account, held, "accept", by)


def decline(account: Account, held: Unsorted, by: int) -> None:
    """Refuse a request: its lead goes to the trash."""
    account.records[LEADS][held.lead_id].is_deleted = True
    account.change(Change(LEADS, "delete", held.lead_id, by))
    _close(account, held, "decline", by)


def attach(account: Account, held: Unsorted, lead: Record, by: int) -> None:
    """Tie the request of a chat to a lead that is there: its talk goes on about that one."""
    contact = account.records[CONTACTS].get(held.contact_id or 0)
    if contact is not None:
        contact.is_unsorted = False
        link(account, lead, contact, by)
    for talk in account.talks.values():
        if talk.lead_id == held.lead_id:
            talk.lead_id = lead.id
    account.records[LEADS][held.lead_id].is_deleted = True
    _close(account, held, "link", by)


def of_lead(account: Account, lead_id: int) -> Unsorted | None:
    """The request, not yet sorted, that a lead stands for."""
    return next((each for each in account.unsorted.values() if each.lead_id == lead_id and not each.outcome), None)


def put(account: Account, category: str, lead: Record, item: dict[str, Any], people: list[Record | None]) -> Unsorted:
    """Note the request that a lead and its people stand for."""
    contact, company = (person.id if person else None for person in people)
    made = item.get("created_at") or int(account.now())
    pipeline = lead.own["pipeline_id"]
    about = (category, item.get("source_uid"), item["source_name"], pipeline, made, item["metadata"], lead.id)
    held = Unsorted(secrets.token_hex(30), *about, contact, company)
    account.unsorted[held.uid] = held
    account.change(Change("unsorted", "add", lead.id, 0, body={"uid": held.uid}))
    return held


def _hidden(call: Call, lead: Record, entity: str, embedded: dict[str, Any]) -> Record | None:
    """A person or a company that a request brings; nobody sees it, and nobody is told, before it is accepted."""
    given = next(iter(embedded.get(entity) or []), None)
    if given is None:
        return None
    account = call.account
    if given.get("id") is not None:
        record = account.records[entity][given["id"]]
    else:
        record = incoming.create(call, entity, given)
        record.is_unsorted = True
        account.changes = [each for each in account.changes if (each.entity, each.id) != (entity, record.id)]
    link(account, lead, record, 0)
    return record


def _close(account: Account, held: Unsorted, outcome: str, by: int) -> None:
    held.outcome, held.sorted_at = outcome, int(account.now())
    body = {"uid": held.uid, "outcome": outcome}
    account.change(Change("unsorted", "delete", held.lead_id, by, body=body))
