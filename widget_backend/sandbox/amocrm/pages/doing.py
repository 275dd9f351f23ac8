"""What a person does in the pages: forms, checked and written as the API would, in the name of who looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm import deleting, incidents, incoming, rights, unsorted
from widget_backend.sandbox.amocrm.crm.linking import linked
from widget_backend.sandbox.amocrm.crm.talking import open_talk, say, talk_of_lead
from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.pages import filling
from widget_backend.sandbox.amocrm.pages.words import seconds
from widget_backend.sandbox.amocrm.state import CONTACTS, LEADS, LOST, Note, Record, Task
from widget_backend.sandbox.amocrm.wire.problems import Problem, forbidden, not_found

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from widget_backend.sandbox.amocrm.live import Unsorted
    from widget_backend.sandbox.amocrm.wire.registry import Call

    Form = MultiDict[str, str]

#: length of a call in seconds, unless the form says one
CALL_SECONDS = 120


def add(call: Call, form: Form) -> str:
    """Take down an enquiry: a lead with a new contact; answers where its card is."""
    rights.check(call, "add", LEADS)
    item = filling.new_lead(call.account, form)
    person = filling.new_contact(call.account, form)
    _refuse(incoming.issues(call, LEADS, item, None))
    _refuse(incoming.issues(call, CONTACTS, person, None) if person else [])
    if person:
        contact = incoming.create(call, CONTACTS, person)
        item["_embedded"] = (item.get("_embedded") or {}) | {CONTACTS: [{"id": contact.id}]}
    return f"/leads/detail/{incoming.create(call, LEADS, item).id}"


def move(call: Call, lead: Record, form: Form) -> None:
    """Put a lead on another stage; a lost one may have a reason."""
    item: dict[str, Any] = {key: int(form[key]) for key in ("pipeline_id", "status_id")}
    if item["status_id"] == LOST and form.get("loss_reason_id"):
        item["loss_reason_id"] = int(form["loss_reason_id"])
    _change(call, lead, item)


def edit(call: Call, record: Record, form: Form) -> None:
    """Write the fields of a form that are not what they were."""
    item = filling.changes(call.account, record, form)
    if item:
        _change(call, record, item)


def note(call: Call, lead: Record, form: Form) -> None:
    """Leave a note."""
    account, now, by = call.account, int(call.account.now()), call.caller.user.id
    number = account.number("note", 401_001, 2)
    account.notes[number] = Note(number, LEADS, lead.id, "common", {"text": _said(form)}, by, by, by, now, now)
    account.change(Change(LEADS, "note", lead.id, by, body={"note_id": number}))


def task(call: Call, lead: Record, form: Form) -> None:
    """Set a task of a lead."""
    account, now, by = call.account, int(call.account.now()), call.caller.user.id
    till, owner = seconds(form["till"], "date_time"), int(form.get("responsible") or by)
    made = Task(account.number("task", 501_001, 2), _said(form), till, by, by, owner, now, now, lead.id, LEADS)
    made.task_type_id = int(form.get("type") or 1)
    account.tasks[made.id] = made
    _remind(call, lead)
    account.change(Change("tasks", "add", made.id, by))


def done(call: Call, lead: Record, form: Form) -> None:
    """Finish a task of a lead, with a result if one is told."""
    held = call.account.tasks.get(int(form["task"]))
    if held is None or held.entity_id != lead.id:
        raise not_found("Task not found")
    if not rights.may_edit_task(call, held.responsible_user_id):
        raise forbidden()
    before = {key: getattr(held, key) for key in ("is_completed", "responsible_user_id", "result")}
    held.is_completed, held.result = True, form.get("text") or held.result
    held.updated_at, held.updated_by = int(call.account.now()), call.caller.user.id
    _remind(call, lead)
    call.account.change(Change("tasks", "update", held.id, held.updated_by, before))


def wrote(call: Call, lead: Record, form: Form) -> str:
    """The patient writes into the chat; tells if his message has gone to another lead."""
    contact = next(iter(linked(call.account, lead, CONTACTS)), None)
    if contact is None:
        raise Problem(400, "У сделки нет контакта, писать некому.")
    talk = incidents.wrote(call.account, contact, _said(form), lead.id)
    return "" if talk.lead_id == lead.id else f"Сделка закрыта: сообщение пришло в сделку № {talk.lead_id}."


def answer(call: Call, lead: Record, form: Form) -> None:
    """Answer in the chat, which begins with that if there was none."""
    account, user = call.account, call.caller.user
    contact = next(iter(linked(account, lead, CONTACTS)), None)
    if contact is None:
        raise Problem(400, "У сделки нет контакта, писать некому.")
    talk = talk_of_lead(account, lead)
    action = "update" if talk else "add"
    talk = talk or open_talk(account, contact, lead.id)
    account.change(Change("talks", action, talk.id, user.id))
    say(account, talk, _said(form), user.name, incoming=False, by=user.id)


def called(call: Call, lead: Record, form: Form) -> None:
    """The patient calls."""
    incidents.called(call.account, lead.id, duration=int(form.get("duration") or CALL_SECONDS))


def accept(call: Call, lead: Record, form: Form) -> None:
    """Accept the request that a lead stands for."""
    rights.check(call, "edit", LEADS, lead)
    unsorted.accept(call.account, _request(call, lead), call.caller.user.id)


def decline(call: Call, lead: Record, form: Form) -> None:
    """Decline the request that a lead stands for."""
    rights.check(call, "edit", LEADS, lead)
    unsorted.decline(call.account, _request(call, lead), call.caller.user.id)


def trash(call: Call, lead: Record, form: Form) -> None:
    """Put a lead into the trash."""
    rights.check(call, "delete", LEADS, lead)
    deleting.trash(call.account, LEADS, lead.id, call.caller.user.id)


def restore(call: Call, lead: Record, form: Form) -> None:
    """Take a lead out of the trash."""
    rights.check(call, "delete", LEADS, lead)
    deleting.restore(call.account, LEADS, lead.id, call.caller.user.id)


def merge(call: Call, contact: Record, form: Form) -> None:
    """Merge a duplicate into a contact."""
    other = call.account.records[CONTACTS].get(int(form["other"]))
    if other is None or other.is_deleted or other is contact:
        raise not_found("Contact not found")
    rights.check(call, "edit", CONTACTS, contact, other)
    deleting.merge(call.account, CONTACTS, contact.id, other.id, call.caller.user.id)


#: word of an address below a lead's card -> what it does
OF_LEAD: dict[str, Callable[[Call, Record, Form], str | None]] = {
    "move": move,
    "edit": edit,
    "note": note,
    "task": task,
    "done": done,
    "wrote": wrote,
    "answer": answer,
    "called": called,
    "accept": accept,
    "decline": decline,
    "trash": trash,
    "restore": restore,
}
OF_CONTACT: dict[str, Callable[[Call, Record, Form], str | None]] = {"edit": edit, "merge": merge}


def _change(call: Call, record: Record, item: dict[str, Any]) -> None:
    rights.check(call, "edit", record.entity, record)
    _refuse(incoming.issues(call, record.entity, item, record))
    incoming.change(call, record, item)


def _refuse(found: list[Any]) -> None:
    if found:
        raise Problem(400, "; ".join(f"{issue.path}: {issue.detail}" for issue in found))


def _said(form: Form) -> str:
    text = form.get("text", "").strip()
    if not text:
        raise Problem(400, "Напишите текст.")
    return text


def _request(call: Call, lead: Record) -> Unsorted:
    held = unsorted.of_lead(call.account, lead.id)
    if held is None:
        raise not_found("Unsorted not found")
    return held


def _remind(call: Call, lead: Record) -> None:
    waiting = (each for each in call.account.tasks.values() if not (each.is_completed or each.is_deleted))
    due = [each.complete_till for each in waiting if (each.entity_type, each.entity_id) == (LEADS, lead.id)]
    lead.closest_task_at = min(due, default=None)
