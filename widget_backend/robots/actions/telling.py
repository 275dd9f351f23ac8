"""What tells people something: tasks, notices, notes, messages, bots, and the answer to a robot that called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from widget_backend.clock import now
from widget_backend.crm.asking import AddNote, AddTask, CallBack, CloseTask, Notify, StartBot, Tasks
from widget_backend.robots import grammar, naming
from widget_backend.robots.actions import people, values
from widget_backend.robots.actions.work import Deed, Numbered, Work
from widget_backend.robots.facts import BRANCH, Witness
from widget_backend.robots.happenings import Called, Reported
from widget_backend.robots.rule import Scalar, TaskTemplate
from widget_backend.texts import Text

#: what is left for a task that is set when its time is over
SOON: Final = "15m"
#: where the deadline should come from elsewhere and nobody gave it
USUAL: Final = "1d"
#: how soon a person sends what no channel can send yet
SEND_IN: Final = "1h"

TASK = Text("поставлена задача {title}", "the task {title} was set")
NO_TASK = Text("задачи {title} в правилах нет", "there is no task {title} in the rules")
CLOSED = Text("закрыто задач: {number}", "tasks closed: {number}")
NOTICE = Text("уведомлён {whom}", "{whom} was notified")
NOTED = Text("добавлено примечание", "a note was added")
SEND = Text("Отправить пациенту сообщение", "Send the patient a message")
SEND_TEXT = Text(
    "Отправьте пациенту: «{text}»\nКанал сообщений не подключён, поэтому это сделает человек.",
    "Send the patient: “{text}”\nNo messaging channel is connected, so a person has to do it.",
)
BY_HAND = Text(
    "сообщение пациенту передано человеку задачей: канал сообщений не подключён",
    "the message to the patient was given to a person as a task: no messaging channel is connected",
)
BOT = Text("запущен бот {bot}", "the bot {bot} was started")
NO_BOT = Text("бот не указан в настройках", "no bot is named in the settings")
RETURNED = Text("роботу возвращён результат", "the robot was given its result")
NOBODY_WAITS = Text("результата никто не ждёт", "nobody waits for a result")


def create_task(work: Work, steps: tuple[Numbered, ...]) -> Deed:
    """Set a task for a person."""
    number, step = steps[0].number, steps[0].step
    template = work.book.tasks.get(step.task)
    if template is None:
        return Deed((NO_TASK.format(title=naming.quoted(step.task)),))
    title, text = words(work, template.title), words(work, template.text)
    user = people.whom(work, step.who or template.who)
    task = AddTask(work.deal.id, title, text, deadline(work, template), user, template.type)
    refused = work.send(number, [task])
    return Deed(refused or (TASK.format(title=naming.quoted(title)),))


def deadline(work: Work, template: TaskTemplate) -> datetime:
    """By when; counted from when it happened, and never over already."""
    wanted, happening = template.deadline, work.firing.happening
    if wanted.startswith("field."):
        entity = wanted.split(".")[1]
        record = work.facts.contact if entity == "contact" else work.facts.deal
        value = record.fields.get(wanted) if record else None
        due = value if isinstance(value, datetime) else work.hours.dusk(value) if isinstance(value, date) else None
    elif wanted == grammar.MIS and isinstance(happening, Reported) and happening.given.get("deadline"):
        due = datetime.fromisoformat(happening.given["deadline"])
    elif re.fullmatch(grammar.SPAN, wanted):
        count = work.hours.after if template.working_hours else work.hours.later
        due = count(work.at, wanted)
    else:
        due = None
    due = due or work.hours.after(work.at, USUAL)
    return due if due > now() else work.hours.after(now(), SOON)


def close_tasks(work: Work, steps: tuple[Numbered, ...]) -> Deed:
    """Close the deal's open tasks, or those of one template."""
    number, step = steps[0].number, steps[0].step
    template = work.book.tasks.get(step.task)
    mark = words(work, template.title) if template else ""
    found = work.clinic.records.read(wanted := Tasks(work.deal.id))[wanted]
    closing = [CloseTask(task.id) for task in found if mark in task.text]
    refused = work.send(number, closing)
    return Deed(refused or (CLOSED.format(number=len(closing)),), quiet=not closing)


def notify(work: Work, steps: tuple[Numbered, ...]) -> Deed:
    """Tell somebody of the team."""
    number, step = steps[0].number, steps[0].step
    user = people.whom(work, step.who)
    refused = work.send(number, [Notify(user, work.deal.id, words(work, step.text))])
    return Deed(refused or (NOTICE.format(whom=grammar.ROLES[step.who].says),))


def add_note(work: Work, steps: tuple[Numbered, ...]) -> Deed:
    """Put a note to the deal."""
    refused = work.send(steps[0].number, [AddNote(work.deal.id, words(work, steps[0].step.text))])
    return Deed(refused or (NOTED,))


def send_message(work: Work, steps: tuple[Numbered, ...]) -> Deed:
    """Have a person send it: there is no channel yet, and no message is ever dropped in silence."""
    number, step = steps[0].number, steps[0].step
    text = work.clinic.say(SEND_TEXT).format(text=words(work, step.text))
    due, user = work.hours.after(max(work.at, now()), SEND_IN), people.whom(work, "responsible")
    refused = work.send(number, [AddTask(work.deal.id, work.clinic.say(SEND), text, due, user)])
    return Deed(refused or (BY_HAND,))


def start_bot(work: Work, steps: tuple[Numbered, ...]) -> Deed:
    """Start a bot of the CRM."""
    number, bot = steps[0].number, steps[0].step.bot
    if not bot:
        return Deed((NO_BOT,))
    refused = work.send(number, [StartBot(bot, work.deal.id)])
    return Deed(refused or (BOT.format(bot=bot),))


def call_back(work: Work, steps: tuple[Numbered, ...]) -> Deed:
    """Give the robot that called what it asked for."""
    number, step, happening = steps[0].number, steps[0].step, work.firing.happening
    if not isinstance(happening, Called) or not happening.reply:
        return Deed((NOBODY_WAITS,), quiet=True)
    returned = {name: returned_value(work, value) for name, value in step.returns}
    refused = work.send(number, [CallBack(happening.reply, returned, words(work, step.text))])
    return Deed(refused or (RETURNED,), quiet=True)


def returned_value(work: Work, value: Scalar) -> str:
    """A value as a CRM's robot takes it: a fact, a field, or plain."""
    known = Witness(work.facts, work.clinic.chart, work.book.settings)
    if isinstance(value, str) and (value in grammar.FACTS or value.startswith("field.")):
        found = known.of(value)
        value = found if isinstance(found, bool | int | str) else values.said(found, work.hours)  # type: ignore[arg-type]
    if isinstance(value, bool):
        return "Y" if value else "N"
    return "" if value is None else str(value)


def words(work: Work, text: Text | None) -> str:
    """In the language of the account, with its braces filled in; what nobody knows is left out."""
    if text is None:
        return ""
    said = work.clinic.say(text)
    for name in re.findall(r"\{(\w+)\}", said):
        filled = _FILLED[name](work) if name in _FILLED else ""
        said = said.replace(f"{{{name}}}", filled)
    return said.strip()


def _patient(work: Work) -> str:
    contact = work.contact_now()
    return contact.name if contact else ""


def _visit_time(work: Work) -> str:
    return values.said(values.taken(work, "visit.start"), work.hours)


def _branch(work: Work) -> str:
    value = work.facts.deal.fields.get(BRANCH)
    return naming.option(work.clinic.chart, BRANCH, value) if isinstance(value, str) else ""


_FILLED: Final[Mapping[str, Callable[[Work], str]]] = {
    "patient": _patient,
    "visit_time": _visit_time,
    "branch": _branch,
}
