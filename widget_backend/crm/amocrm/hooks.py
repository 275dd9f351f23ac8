"""What the account tells of its records: webhooks of the account (amocrm.md §5.1, §5.2). Pure; hints, to be read anew.

Calls for our robots (Digital Pipeline, SalesBot) are in ``calls``; they are offered here too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from widget_backend.crm.amocrm.calls import CONTACT, DEAL
from widget_backend.crm.amocrm.calls import bot_call as bot_call  # noqa: PLC0414  # one face for all that reaches us
from widget_backend.crm.amocrm.calls import stage_action as stage_action  # noqa: PLC0414
from widget_backend.crm.forms import Tree, branch, leaf
from widget_backend.crm.records import Activity, Entity, Touched, Verb

#: what happened, in the vendor's words; a restored record is read anew like a changed one
VERBS: Final[Mapping[str, Verb]] = {
    "add": "added",
    "update": "updated",
    "status": "moved",
    "responsible": "updated",
    "restore": "updated",
    "delete": "deleted",
}
#: types of notes that are no call, message or letter: nothing of them is read
PLAIN_NOTES: Final = frozenset({"1", "2", "3", "4", "5", "12", "13", "25", "common", "attachment", "service_message"})
#: what became of an enquiry -> what that means for its deals and contacts
UNSORTED: Final[Mapping[str, Verb]] = {"accept_result": "added", "decline_result": "deleted"}

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_WORD = re.compile(r"[A-Za-z0-9_-]{1,64}")


def touched(tree: Tree) -> tuple[Touched, ...]:
    """The records one request speaks of, each event once. What cannot be understood is left out; never raises."""
    found = (one for name, read in READS.items() for one in read(branch(tree, name)))
    return tuple(dict.fromkeys(found))


def _leads(actions: Tree) -> Iterator[Touched]:
    yield from _notes("leads", actions)
    for action, verb in VERBS.items():
        for item in _items(actions, action):
            yield from _record("deal", leaf(item, "id"), verb, item)


def _contacts(actions: Tree) -> Iterator[Touched]:
    """Companies come under contacts too, told by their type."""
    yield from _notes("contacts", actions)
    for action, verb in VERBS.items():
        for item in _items(actions, action):
            if leaf(item, "type") != "company":
                yield from _record("contact", leaf(item, "id"), verb, item)


def _tasks(actions: Tree) -> Iterator[Touched]:
    for action, verb in VERBS.items():
        for item in _items(actions, action):
            yield from _record("task", leaf(item, "id"), verb, item)


def _notes(place: str, actions: Tree) -> Iterator[Touched]:
    """Calls, messages and letters are notes; they are read by where they hang and their number."""
    for item in _items(actions, "note"):
        note = branch(item, "note") or item
        if _NUMBER.fullmatch(leaf(note, "id")) and leaf(note, "note_type") not in PLAIN_NOTES:
            yield Touched("activity", f"{place}:{leaf(note, 'id')}", "added", _moment(note))


def _talks(actions: Tree) -> Iterator[Touched]:
    """A conversation, as it is with each message. Whose was the last is told by nobody having read it yet."""
    for action in ("add", "update"):
        for item in _items(actions, action):
            number = leaf(item, "talk_id") or leaf(item, "id")
            if _NUMBER.fullmatch(number):
                incoming = leaf(item, "is_read") in ("", "0", "false")
                yield _message(item, f"talk:{number}", f"talk:{number}", incoming)


def _messages(actions: Tree) -> Iterator[Touched]:
    """A message, if it is known whose: it cannot be read anew, and its conversation tells nothing more."""
    for item in _items(actions, "add"):
        told = _message(item, f"message:{leaf(item, 'id')}", "", leaf(item, "type") in ("", "incoming"))
        if _WORD.fullmatch(leaf(item, "id")) and told.activity and (told.activity.deals or told.activity.contacts):
            yield told


def _sent_messages(actions: Tree) -> Iterator[Touched]:
    for told in _messages(actions):
        if told.activity:
            yield replace(told, activity=replace(told.activity, incoming=False))


def _unsorted(actions: Tree) -> Iterator[Touched]:
    """An enquiry nobody has taken yet; taken or declined, it tells which deals and contacts came of it."""
    for action in ("add", "update"):
        for item in _items(actions, action):
            numbers = [leaf(lead, "id") for lead in _items(branch(item, "data"), "leads")]
            yield from (one for number in (*numbers, leaf(item, "lead_id")) for one in _record("deal", number))
    for item in _items(actions, "delete"):
        for result, verb in UNSORTED.items():
            outcome = branch(item, result)
            yield from (one for number in _leaves(outcome, "leads") for one in _record("deal", number, verb))
            yield from (one for number in _leaves(outcome, "contacts") for one in _record("contact", number, verb))


def _record(entity: Entity, number: str, verb: Verb = "added", item: Tree | None = None) -> Iterator[Touched]:
    if _NUMBER.fullmatch(number):
        yield Touched(entity, number, verb, _moment(item or {}))


def _message(item: Tree, number: str, readable: str, incoming: bool) -> Touched:
    at = _moment(item)
    about = leaf(item, "entity_id") or leaf(item, "element_id")
    kind = leaf(item, "entity_type") or leaf(item, "element_type")
    deals = (about,) if kind in DEAL and _NUMBER.fullmatch(about) else ()
    people = dict.fromkeys((leaf(item, "contact_id"), about if kind in CONTACT else ""))
    contacts = tuple(person for person in people if _NUMBER.fullmatch(person))
    return Touched("activity", number, "added", at, Activity(readable, "message", incoming, at, deals, contacts))


def _items(actions: Tree, name: str) -> Iterator[Tree]:
    """The items of one action: a list; a deleted one may be its bare number, and some come one level deeper (§5.2)."""
    told = actions.get(name)
    if isinstance(told, str):
        yield {"id": told}
        return
    for item in (told or {}).values():
        if isinstance(item, str):
            yield {"id": item}
        elif "id" not in item and isinstance(inner := item.get("0"), dict):
            yield inner
        else:
            yield item


def _leaves(tree: Tree, name: str) -> Iterator[str]:
    told = tree.get(name)
    values = [told] if isinstance(told, str) else (told or {}).values()
    yield from (value for value in values if isinstance(value, str))


def _moment(item: Tree) -> datetime | None:
    stamps = (leaf(item, name) for name in ("updated_at", "last_modified", "created_at", "date_create"))
    stamp = next((stamp for stamp in stamps if re.fullmatch("[0-9]{1,10}", stamp)), "")
    return datetime.fromtimestamp(int(stamp), UTC) if stamp else None


READS: Final[Mapping[str, Callable[[Tree], Iterator[Touched]]]] = {
    "leads": _leads,
    "contacts": _contacts,
    "task": _tasks,
    "talk": _talks,
    "message": _messages,
    "outgoing_message": _sent_messages,
    "unsorted": _unsorted,
}
