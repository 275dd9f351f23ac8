"""The language of rules: triggers, facts, actions and who acts, each with the words an outline says it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from widget_backend.texts import Text

#: minutes, hours or days; counted in working hours, a day is one working day
SPAN = r"^[1-9][0-9]{0,3}[mhd]$"

#: one line of a clinic's working hours
_DAY = "(mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|чт|пт|сб|вс)"
HOURS = rf"^{_DAY}(-{_DAY})? ([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9]$"

Sort = Literal["flag", "number", "time", "pipeline", "text", ""]


@dataclass(frozen=True, slots=True)
class Shape:
    """Which parts a trigger or action needs, which it may have, and how it reads."""

    says: Text
    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()


def _shape(ru: str, en: str, needs: str = "", may: str = "") -> Shape:
    return Shape(Text(ru, en), frozenset(needs.split()), frozenset(may.split()))


#: words that choose stages by kind, besides addresses of stages and pipelines
STAGE_WORDS = {
    "any": Text("любой этап", "any stage"),
    "open": Text("любой рабочий этап", "any open stage"),
    "won": Text("этап успеха", "the won stage"),
    "lost": Text("этап отказа", "a lost stage"),
}

#: ``stuck`` counts in working hours unless ``working_hours: false`` is said; the other spans are plain time
TRIGGERS = {
    "created": _shape("когда сделка создана на: {stages}", "when a deal is created at {stages}", "stages"),
    "entered": _shape("когда сделка переходит на: {stages}", "when a deal enters {stages}", "stages"),
    "left": _shape("когда сделка уходит с: {stages}", "when a deal leaves {stages}", "stages"),
    "stuck": _shape(
        "когда сделка стоит дольше {span} на: {stages}",
        "when a deal stays longer than {span} at {stages}",
        "stages span",
        "working_hours",
    ),
    "changed": _shape("когда меняется «{field}»", "when “{field}” changes", "field", "stages"),
    "incoming": _shape(
        "когда пациент сам обратился ({channels}), а сделка на: {stages}",
        "when the patient gets in touch ({channels}) while the deal is at {stages}",
        "stages channels",
    ),
    "before": _shape(
        "за {span} до «{field}», пока сделка на: {stages}",
        "{span} before “{field}” while the deal is at {stages}",
        "stages field span",
    ),
    "after": _shape(
        "через {span} после «{field}», пока сделка на: {stages}",
        "{span} after “{field}” while the deal is at {stages}",
        "stages field span",
    ),
    "reached": _shape(
        "когда наступает «{field}», а сделка на: {stages}",
        "when “{field}” arrives while the deal is at {stages}",
        "stages field",
    ),
    "mis": _shape("когда МИС сообщает: {fact}", "when the MIS reports: {fact}", "fact", "stages"),
    "button": _shape("по кнопке «{label}» в карточке", "on the card's button “{label}”", "label", "stages"),
    "robot": _shape("когда вызван робот «{robot}»", "when the robot “{robot}” is called", "robot", "stages"),
}

MIS_FACTS = {
    "visit_booked": Text("пациент записан", "a visit is booked"),
    "visit_confirmed": Text("визит подтверждён", "the visit is confirmed"),
    "visit_completed": Text("визит состоялся", "the visit took place"),
    "visit_missed": Text("пациент не пришёл", "the patient did not arrive"),
    "visit_rescheduled": Text("запись закрыта и создана на новую дату", "the booking was moved to another date"),
    "plan_finished": Text("план лечения завершён", "the treatment plan is finished"),
    "check_up_task": Text("поставлена задача «Профосмотр»", "a check-up task was set"),
}

CHANNELS = {
    "call": Text("звонок", "call"),
    "message": Text("сообщение", "message"),
    "email": Text("письмо", "e-mail"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a condition asks that is no field. A flag has its own words for «no»."""

    says: Text
    sort: Sort
    denied: Text | None = None


def _flag(ru: str, en: str, not_ru: str, not_en: str) -> Fact:
    return Fact(Text(ru, en), "flag", Text(not_ru, not_en))


FACTS = {
    "patient.is_primary": _flag(
        "пациент первичный", "the patient is new", "пациент повторный", "the patient has been here before"
    ),
    "patient.completed_visits": Fact(Text("завершённых визитов", "completed visits"), "number"),
    "patient.has_future_visit": _flag(
        "есть будущая запись", "a future visit is booked", "будущей записи нет", "no future visit is booked"
    ),
    "patient.open_deal_in": Fact(
        Text("у пациента открыта сделка в воронке", "the patient has an open deal in"), "pipeline"
    ),
    "patient.service_messages_allowed": _flag(
        "пациент разрешил сервисные сообщения",
        "the patient allows service messages",
        "пациент не разрешил сервисные сообщения",
        "the patient does not allow service messages",
    ),
    "deal.pipeline": Fact(Text("сделка в воронке", "the deal is in"), "pipeline"),
    "visit.branch": Fact(Text("филиал записи", "the branch of the visit"), "text"),
    "now.working_hours": _flag(
        "сейчас рабочее время", "it is working hours", "сейчас нерабочее время", "it is outside working hours"
    ),
}

#: what each operator needs beside it: a value, a number, or nothing
OPERATORS = {
    "equals": Text("=", "="),
    "differs": Text("≠", "≠"),
    "more": Text(">", ">"),
    "less": Text("<", "<"),
    "filled": Text("заполнено", "is filled in"),
    "empty": Text("пусто", "is empty"),
}
UNARY = frozenset({"filled", "empty"})
ORDERED = frozenset({"more", "less"})

#: conditions made of conditions
GROUPS = {
    "all": Text(" и ", " and "),
    "any": Text(" или ", " or "),
    "not": Text("неверно, что ", "not: "),
}


@dataclass(frozen=True, slots=True)
class Role:
    """A person a rule speaks of: who does it, and «notify whom»."""

    says: Text
    whom: Text


def _role(ru: str, whom: str, en: str) -> Role:
    return Role(Text(ru, en), Text(whom, en))


ROLES = {
    "responsible": _role("ответственный", "ответственного", "the responsible person"),
    "mover": _role("тот, кто перевёл сделку", "того, кто перевёл сделку", "whoever moved the deal"),
    "head": _role("руководитель", "руководителя", "the manager"),
    "administrator": _role("администратор", "администратора", "the receptionist"),
    "coordinator": _role("координатор", "координатора", "the treatment coordinator"),
    "curator": _role("куратор", "куратора", "the patient's coordinator"),
    "chief_doctor": _role("главный врач", "главного врача", "the chief dentist"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """What a step may write besides a plain value."""

    says: Text
    sort: Sort


VALUES = {
    "today": Value(Text("сегодняшнюю дату", "today's date"), "time"),
    "now": Value(Text("текущее время", "the current time"), "time"),
    "visit.date": Value(Text("дату визита", "the date of the visit"), "time"),
    "visit.start": Value(Text("дату и время визита", "the date and time of the visit"), "time"),
    "visit.doctor": Value(Text("врача из записи", "the doctor of the visit"), "text"),
    "visit.branch": Value(Text("филиал из записи", "the branch of the visit"), "text"),
    "deal.amount": Value(Text("сумму сделки", "the amount of the deal"), "number"),
    "deal.pipeline": Value(Text("воронку сделки", "the pipeline of the deal"), "text"),
    "check_up.doctor": Value(Text("врача из задачи", "the doctor of the task"), "text"),
    "check_up.from": Value(Text("дату из задачи", "the date of the task"), "time"),
    "check_up.comment": Value(Text("комментарий задачи", "the comment of the task"), "text"),
    "check_up.id": Value(Text("номер профосмотра", "the number of the check-up"), "text"),
}

#: what a task's or message's words may hold in braces; filled in when it is sent
PLACEHOLDERS = frozenset({"mis_comment", "patient", "visit_time", "branch"})

#: where a step may send a deal besides a stage or a setting: the pipeline it once came from (S0-62)
ORIGIN = "origin"

#: in a per-stage rule: the task or span that the stage itself names
OF_STAGE = "of_stage"

#: a task's deadline that the clinic's system gives
MIS = "mis"

ACTIONS = {
    "copy_deal": _shape("скопировать сделку на {to}", "copy the deal to {to}", "to", "once_per_patient set"),
    "create_deal": _shape("создать сделку на {to}", "create a deal at {to}", "to", "once_per_patient set"),
    "move_deal": _shape("перевести сделку на {to}", "move the deal to {to}", "to"),
    "move_patient_deal": _shape(
        "перевести открытую сделку пациента с {out_of} на {to}",
        "move the patient's open deal from {out_of} to {to}",
        "out_of to",
    ),
    "join_open_deal": _shape(
        "передать обращение открытой сделке пациента и перевести её на {to}",
        "hand the enquiry to the patient's open deal and move that one to {to}",
        "to",
    ),
    "set_responsible": _shape("назначить ответственным {whom}", "make {whom} responsible", "who"),
    "create_task": _shape("поставить задачу {task}", "set the task {task}", "task", "who"),
    "close_tasks": _shape("закрыть открытые задачи сделки", "close the deal's open tasks", "", "task"),
    "notify": _shape("уведомить {whom}: «{text}»", "notify {whom}: “{text}”", "who text"),
    "set_field": _shape("записать в «{field}» {value}", "set “{field}” to {value}", "field value"),
    "clear_field": _shape("очистить «{field}»", "clear “{field}”", "field"),
    "increase_field": _shape("прибавить к «{field}» {value}", "add {value} to “{field}”", "field value"),
    "send_message": _shape("отправить пациенту: «{text}»", "send the patient: “{text}”", "text"),
    "add_note": _shape("добавить примечание: «{text}»", "add the note: “{text}”", "text"),
    "start_bot": _shape("запустить бота «{bot}»", "start the bot “{bot}”", "bot"),
    "call_back": _shape(
        "вернуть роботу результат: {returns}", "give the robot its result: {returns}", "returns", "text"
    ),
}
