"""Links between records, kept from both ends; a lead has one company and one main contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS, Record

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

#: which entities can be linked to each other
PAIRS = {LEADS: (CONTACTS, COMPANIES), CONTACTS: (LEADS, COMPANIES), COMPANIES: (LEADS, CONTACTS)}


def linked(account: Account, record: Record, entity: str) -> dict[int, dict[str, Any]]:
    """Ids of the records of an entity that are linked to this one, with what the link says."""
    held = account.links.get((record.entity, record.id), {})
    return {
        number: about
        for (kind, number), about in held.items()
        if kind == entity and not account.records[entity][number].is_deleted
    }


def link(account: Account, one: Record, other: Record, by: int, is_main: bool | None = None) -> None:
    """Link two records; the first contact of a lead is its main one."""
    if one.entity == COMPANIES:
        one, other = other, one
    if other.entity == COMPANIES:
        _leave_companies(account, one, other, by)
    about = {"main_contact": False} if {one.entity, other.entity} == {LEADS, CONTACTS} else {}
    new = (other.entity, other.id) not in account.links.get((one.entity, one.id), {})
    if new:
        account.links[one.entity, one.id][other.entity, other.id] = about
        account.links[other.entity, other.id][one.entity, one.id] = about
        for left, right in ((one, other), (other, one)):
            account.change(Change(left.entity, "link", left.id, by, body={"entity": right.entity, "id": right.id}))
    if about:
        lead, contact = (one, other) if one.entity == LEADS else (other, one)
        _choose_main(account, lead, contact, is_main)


def unlink(account: Account, one: Record, other: Record, by: int) -> None:
    """Undo a link; safe to repeat."""
    if account.links.get((one.entity, one.id), {}).pop((other.entity, other.id), None) is None:
        return
    account.links[other.entity, other.id].pop((one.entity, one.id), None)
    for left, right in ((one, other), (other, one)):
        account.change(Change(left.entity, "unlink", left.id, by, body={"entity": right.entity, "id": right.id}))


def _leave_companies(account: Account, record: Record, but: Record, by: int) -> None:
    for number in linked(account, record, COMPANIES):
        if number != but.id:
            unlink(account, record, account.records[COMPANIES][number], by)


def _choose_main(account: Account, lead: Record, contact: Record, is_main: bool | None) -> None:
    contacts = linked(account, lead, CONTACTS)
    others = [about for number, about in contacts.items() if number != contact.id]
    if is_main or not any(about["main_contact"] for about in others):
        for about in others:
            about["main_contact"] = False
        contacts[contact.id]["main_contact"] = True
