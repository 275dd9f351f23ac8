"""The feed of a lead's card: what happened, newest last, with notes, calls, messages and finished tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm.linking import linked
from widget_backend.sandbox.amocrm.pages.words import moment, money, said, user_name
from widget_backend.sandbox.amocrm.state import CONTACTS, LEADS, Note, Record

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

#: lines that a card shows
MOST_LINES = 100

CALLS = {"call_in": "Входящий звонок", "call_out": "Исходящий звонок"}
SMS = {"sms_in": "Входящее SMS", "sms_out": "Исходящее SMS"}


@dataclass(frozen=True)
class Line:
    """One line: ``kind`` is the look, ``title`` what it is, ``text`` what it says, ``who`` did it."""

    at: int
    kind: str
    title: str
    text: str
    who: str

    @property
    def when(self) -> str:
        """Its moment, for reading."""
        return moment(self.at)


def feed(account: Account, lead: Record) -> list[Line]:
    """The last lines of a lead's card in their order."""
    lines = [*_notes(account, lead), *_messages(account, lead), *_done(account, lead), *_events(account, lead)]
    return sorted(lines, key=lambda line: line.at)[-MOST_LINES:]


def _notes(account: Account, lead: Record) -> Iterator[Line]:
    places = {(LEADS, lead.id), *((CONTACTS, number) for number in linked(account, lead, CONTACTS))}
    for note in account.notes.values():
        if (note.entity, note.entity_id) in places:
            title, text = _of_note(note)
            kind = "call" if note.note_type in CALLS else "note"
            yield Line(note.created_at, kind, title, text, user_name(account, note.created_by))


def _of_note(note: Note) -> tuple[str, str]:
    params = note.params
    if note.note_type in CALLS:
        length = f"{params['duration']} с" if params.get("duration") else "пропущен"
        return CALLS[note.note_type], " · ".join(
            str(part) for part in (params.get("phone"), length, params.get("link")) if part
        )
    title = SMS.get(note.note_type) or params.get("service") or "Примечание"
    return str(title), str(params.get("text") or params.get("file_name") or note.note_type)


def _messages(account: Account, lead: Record) -> Iterator[Line]:
    for talk in account.talks.values():
        if talk.lead_id == lead.id:
            for message in talk.messages:
                kind = "said" if message.incoming else "told"
                yield Line(message.created_at, kind, f"Чат · {talk.origin}", message.text, message.author)


def _done(account: Account, lead: Record) -> Iterator[Line]:
    for task in account.tasks.values():
        if task.is_completed and (task.entity_type, task.entity_id) == (LEADS, lead.id):
            text = task.text + (f" — {task.result}" if task.result else "")
            yield Line(task.updated_at, "done", "Задача выполнена", text, user_name(account, task.updated_by))


def _events(account: Account, lead: Record) -> Iterator[Line]:
    for event in account.events.values():
        if (event["entity_type"], event["entity_id"]) != ("lead", lead.id):
            continue
        told = _told(account, event)
        if told is not None:
            yield Line(event["created_at"], "event", told, "", user_name(account, event["created_by"]))


def _told(account: Account, event: dict[str, Any]) -> str | None:
    kind = event["type"]
    if kind.startswith("custom_field_"):
        return _field(account, event)
    tell = TELL.get(kind)
    return tell(account, event) if tell else None


def _field(account: Account, event: dict[str, Any]) -> str:
    rows = event["value_after"] or event["value_before"]
    field = account.fields[LEADS].get(rows[0]["custom_field_value"]["field_id"]) if rows else None
    name = field.name if field else "поле удалено"
    return f"{name}: {said(field, event['value_before']) or '—'} → {said(field, event['value_after']) or '—'}"


def _stage(account: Account, event: dict[str, Any]) -> str:
    before, after = (event[side][0]["lead_status"] for side in ("value_before", "value_after"))
    moved = before["pipeline_id"] != after["pipeline_id"]
    return f"Этап: {_place(account, before, moved)} → {_place(account, after, moved)}"


def _place(account: Account, place: dict[str, int], with_pipeline: bool) -> str:
    pipeline = account.pipelines.get(place["pipeline_id"])
    status = pipeline.statuses.get(place["id"]) if pipeline else None
    name = status.name if status else f"№ {place['id']}"
    return f"«{pipeline.name}», {name}" if with_pipeline and pipeline else name


def _sides(event: dict[str, Any], *path: str) -> tuple[Any, Any]:
    ends = []
    for side in ("value_before", "value_after"):
        value: Any = event[side][0]
        for key in path:
            value = value[key]
        ends.append(value)
    return ends[0], ends[1]


def _price(_: Account, event: dict[str, Any]) -> str:
    before, after = _sides(event, "sale_field_value", "sale")
    return f"Бюджет: {money(before)} → {money(after)}"


def _name(_: Account, event: dict[str, Any]) -> str:
    before, after = _sides(event, "name_field_value", "name")
    return f"Название: {before} → {after}"


def _owner(account: Account, event: dict[str, Any]) -> str:
    before, after = _sides(event, "responsible_user", "id")
    return f"Ответственный: {user_name(account, before)} → {user_name(account, after)}"


def _tags(event: dict[str, Any], side: str) -> str:
    return ", ".join(row["tag"]["name"] for row in event[side])


TELL: dict[str, Callable[[Account, dict[str, Any]], str]] = {
    "lead_added": lambda *_: "Сделка создана",
    "lead_deleted": lambda *_: "Сделка в корзине",
    "lead_restored": lambda *_: "Сделка восстановлена",
    "entity_merged": lambda *_: "Объединена с дублем",
    "lead_status_changed": _stage,
    "sale_field_changed": _price,
    "name_field_changed": _name,
    "entity_responsible_changed": _owner,
    "entity_tag_added": lambda _, event: f"Теги добавлены: {_tags(event, 'value_after')}",
    "entity_tag_deleted": lambda _, event: f"Теги убраны: {_tags(event, 'value_before')}",
}
