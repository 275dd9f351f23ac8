"""The timeline of a deal or a contact, the newest first, and what is still to be done about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm import activities, timeline
from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.envelope import iso
from widget_backend.sandbox.bitrix24.methods.tasks import COMPLETED, tasks_of
from widget_backend.sandbox.bitrix24.pages import wording
from widget_backend.sandbox.bitrix24.state import DEAL, Moved

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

#: provider of an activity -> sign and what it is called
PROVIDERS = {
    "IMOPENLINES_SESSION": ("message", "Сообщение"),
    "VOXIMPLANT_CALL": ("call", "Звонок"),
    "CRM_EMAIL": ("letter", "Письмо"),
    "CRM_MEETING": ("meeting", "Встреча"),
    "CRM_TODO": ("todo", "Дело"),
}

#: kind of an entry -> what stands in front of it; the last mark of some asks for no picture
SIGNS = {
    "comment": "❝",
    "log": "i",
    "stage": "→",
    "message": "✉\ufe0e",
    "call": "☎\ufe0e",
    "letter": "@",
    "meeting": "◷",
} | {
    "todo": "☑\ufe0e",
    "task": "☰",
}


@dataclass(frozen=True)
class Entry:
    """One thing that happened, ``when`` in seconds since the epoch."""

    key: str
    kind: str
    when: float
    title: str
    text: str = ""
    who: str = ""

    @property
    def at(self) -> str:
        """The same moment as the portal writes it."""
        return iso(self.when)


@dataclass(frozen=True)
class Duty:
    """A to-do or a task."""

    key: str
    address: str
    title: str
    text: str
    deadline: str
    who: str
    user_id: int
    done: bool
    late: bool
    kind: str
    place: tuple[int, int]


def entries(portal: Portal, place: tuple[int, int]) -> list[Entry]:
    """Everything that happened to an item, the newest first."""
    found = [*_stages(portal, place), *_comments(portal, place), *_logs(portal, place), *_activities(portal, place)]
    return sorted(found, key=lambda entry: entry.when, reverse=True)


def duties(portal: Portal, place: tuple[int, int] | None = None) -> list[Duty]:
    """To-dos and tasks of an item (of everybody and everything: None), open ones first, the most urgent on top."""
    rows = activities.of_item(portal, place) if place else list(portal.activities.values())
    found = [_todo(portal, row) for row in rows if row["PROVIDER_ID"] == "CRM_TODO"]
    tasks = tasks_of(portal.tasks, _code(place)) if place else portal.tasks.values()
    found += [_task(portal, row) for row in tasks]
    return sorted(found, key=lambda duty: (duty.done, duty.deadline or "9999"))


def _code(place: tuple[int, int]) -> str:
    return f"{NAMES[place[0]][2]}_{place[1]}"


def _todo(portal: Portal, row: dict[str, Any]) -> Duty:
    done = row["COMPLETED"] == "Y"
    return Duty(
        f"a{row['ID']}",
        f"/crm/activity/{row['ID']}/done",
        row["SUBJECT"] or "Дело",
        row["DESCRIPTION"],
        row["DEADLINE"] or "",
        wording.user_name(portal, row["RESPONSIBLE_ID"]),
        int(row["RESPONSIBLE_ID"]),
        done,
        not done and wording.is_late(row["DEADLINE"], portal.clock()),
        "Дело",
        (row["OWNER_TYPE_ID"], row["OWNER_ID"]),
    )


def _task(portal: Portal, row: dict[str, Any]) -> Duty:
    done = row["status"] == COMPLETED
    codes = {code: kind for kind, (_, _, code) in NAMES.items()}
    links = [link.split("_", 1) for link in row["ufCrmTask"] if "_" in link]
    places = [(codes[code], int(number)) for code, number in links if code in codes and number.isdigit()]
    return Duty(
        f"t{row['id']}",
        f"/company/tasks/{row['id']}/done",
        row["title"],
        row["description"],
        row["deadline"] or "",
        wording.user_name(portal, row["responsibleId"]),
        int(row["responsibleId"]),
        done,
        not done and wording.is_late(row["deadline"], portal.clock()),
        "Задача",
        places[0] if places else (0, 0),
    )


def _stages(portal: Portal, place: tuple[int, int]) -> Iterator[Entry]:
    names = {code: stage.name for code, stage in portal.deal_stages().items()}
    before = ""
    for row in portal.history if place[0] == DEAL else ():
        if row.owner_id != place[1]:
            continue
        stage = names.get(row.stage_id, row.stage_id)
        pipeline = portal.categories.get(row.category_id)
        text = f"{before} → {stage}" if before else f"{pipeline.name if pipeline else ''} · {stage}"
        if before and row.type_id == 5 and pipeline:
            text = f"{before} → {pipeline.name} · {stage}"
        title = "Стадия изменена" if before else "Сделка создана"
        yield Entry(f"s{row.id}", "stage", row.created, title, text, _mover(portal, row))
        before = stage


def _mover(portal: Portal, row: Moved) -> str:
    app = portal.apps.get(row.client_id)
    if row.by_automation:
        return "автоматизация"
    return f"приложение «{app.name or app.code}»" if app else wording.user_name(portal, row.user_id)


def _comments(portal: Portal, place: tuple[int, int]) -> Iterator[Entry]:
    for row in timeline.comments_of(portal, place):
        who = wording.user_name(portal, row["AUTHOR_ID"])
        yield Entry(f"c{row['ID']}", "comment", row["_at"], "Комментарий", row["COMMENT"], who)


def _logs(portal: Portal, place: tuple[int, int]) -> Iterator[Entry]:
    for row in timeline.logged_on(portal, place):
        yield Entry(f"l{row['id']}", "log", row["_at"], row["title"], row["text"])


def _activities(portal: Portal, place: tuple[int, int]) -> Iterator[Entry]:
    for row in activities.of_item(portal, place):
        kind, name = PROVIDERS.get(row["PROVIDER_ID"], ("todo", "Дело"))
        incoming = row["DIRECTION"] == activities.INCOMING
        who = "пациент" if incoming else wording.user_name(portal, row["AUTHOR_ID"])
        title = row["SUBJECT"] or name
        yield Entry(f"a{row['ID']}", kind, row["_at"], title, row["DESCRIPTION"], who)
    for row in tasks_of(portal.tasks, _code(place)):
        who = wording.user_name(portal, row["createdBy"])
        # its date has no fractions: it comes after what happened in the same second
        when = datetime.fromisoformat(row["createdDate"]).timestamp() + 0.999
        yield Entry(f"t{row['id']}", "task", when, f"Задача: {row['title']}", row["description"], who)
