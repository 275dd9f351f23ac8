"""What people do in the vendor's pages and the API cannot: delete, restore, merge duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widget_backend.sandbox.amocrm.crm.linking import link, linked, unlink
from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.state import ENTITIES

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account


def trash(account: Account, entity: str, record_id: int, by: int) -> None:
    """Put a record into the trash; safe to repeat."""
    record = account.records[entity][record_id]
    if not record.is_deleted:
        record.is_deleted, record.updated_at = True, int(account.now())
        account.change(Change(entity, "delete", record_id, by))


def restore(account: Account, entity: str, record_id: int, by: int) -> None:
    """Take a record out of the trash; safe to repeat."""
    record = account.records[entity][record_id]
    if record.is_deleted:
        record.is_deleted, record.updated_at = False, int(account.now())
        account.change(Change(entity, "restore", record_id, by))


def delete_task(account: Account, task_id: int, by: int) -> None:
    """Delete a task for good."""
    account.tasks[task_id].is_deleted = True
    account.change(Change("tasks", "delete", task_id, by))


def merge(account: Account, entity: str, main_id: int, other_id: int, by: int) -> None:
    """Merge a duplicate into a record: what the record lacks it takes over, with links, notes, tasks and talks.

    The duplicate is gone for good; its id finds nothing from now on.
    """
    main, other = account.records[entity][main_id], account.records[entity][other_id]
    before = {"values": {key: main.values.get(key, []) for key in other.values}, "tags": list(main.tags)}
    for key, held in other.values.items():
        own = main.values.get(key, [])
        several = account.fields[entity][key].type == "multitext"
        main.values[key] = [*own, *(each for each in held if each not in own)] if several else own or held
    main.tags = list(dict.fromkeys([*main.tags, *other.tags]))
    for kind in ENTITIES:
        for number in list(linked(account, other, kind)):
            link(account, account.records[kind][number], main, by)
            unlink(account, account.records[kind][number], other, by)
    _move_belongings(account, entity, main_id, other_id)
    main.updated_at, main.updated_by = int(account.now()), by
    account.change(Change(entity, "delete", other_id, by))
    account.change(Change(entity, "merge", main_id, by))
    account.change(Change(entity, "update", main_id, by, before))
    other.is_deleted = True
    account.merged[entity, other_id] = main_id


def _move_belongings(account: Account, entity: str, main_id: int, other_id: int) -> None:
    for note in account.notes.values():
        if (note.entity, note.entity_id) == (entity, other_id):
            note.entity_id = main_id
    for task in account.tasks.values():
        if (task.entity_type, task.entity_id) == (entity, other_id):
            task.entity_id = main_id
    for talk in account.talks.values():
        if entity == "contacts" and talk.contact_id == other_id:
            talk.contact_id = main_id
        if entity == "leads" and talk.lead_id == other_id:
            talk.lead_id = main_id
