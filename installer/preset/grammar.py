"""The language of rules: triggers, facts, actions and who acts, each with the words an outline says it in."""

from __future__ import annotations

from dataclasses import dataclass

from widget_backend.texts import Text

#: minutes, hours or days
SPAN = r"^[1-9][0-9]{0,3}[mhd]$"


@dataclass(frozen=True, slots=True)
class Shape:
    """Which parts a trigger or action needs, which it may have, and how it reads."""

    says: Text
    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()


def _shape(ru: str, en: str, needs: str = "", may: str = "") -> Shape:
    return Shape(Text(ru, en), frozenset(needs.split()), frozenset(may.split()))


TRIGGERS = {
    "created": _shape("когда сделка создана на этапе {stages}", "when a deal is created at {stages}", "stages"),
    "entered": _shape("когда сделка входит на этап {stages}", "when a deal enters {stages}", "stages"),
    "stuck": _shape(
        "когда сделка стоит на этапе {stages} дольше {span}", "when a deal stays at {stages} over {span}", "stages span"
    ),
    "incoming": _shape(
        "когда клиент сам обратился ({channels}), а сделка на этапе {stages}",
        "when the client gets in touch ({channels}) and the deal is at {stages}",
        "stages channels",
    ),
    "before": _shape(
        "за {span} до «{field}», пока сделка на этапе {stages}",
        "{span} before «{field}» while the deal is at {stages}",
        "stages field span",
    ),
    "after": _shape(
        "через {span} после «{field}», пока сделка на этапе {stages}",
        "{span} after «{field}» while the deal is at {stages}",
        "stages field span",
    ),
    "reached": _shape(
        "когда наступает «{field}», пока сделка на этапе {stages}",
        "when «{field}» comes while the deal is at {stages}",
        "stages field",
    ),
    "mis": _shape("когда из МИС пришло: {fact}", "when the MIS tells: {fact}", "fact", "stages"),
}

MIS_FACTS = {
    "visit_booked": Text("пациент записан", "a visit is booked"),
    "visit_confirmed": Text("визит подтверждён", "the visit is confirmed"),
    "visit_completed": Text("визит состоялся", "the visit took place"),
    "visit_missed": Text("пациент не пришёл", "the patient did not come"),
    "visit_rescheduled": Text("запись закрыта и создана на новую дату", "the visit is closed and booked anew"),
    "plan_finished": Text("план лечения завершён", "the treatment plan is finished"),
    "check_up_task": Text("задача «Профосмотр»", "a check-up task"),
}

CHANNELS = {
    "call": Text("звонок", "call"),
    "message": Text("сообщение", "message"),
    "email": Text("письмо", "e-mail"),
}

FACTS = {
    "patient.is_primary": Text("пациент первичный", "the patient is new"),
    "patient.completed_visits": Text("завершённых визитов", "completed visits"),
    "patient.open_deal_in": Text("у пациента есть открытая сделка в", "the patient has an open deal in"),
    "patient.service_messages_allowed": Text("сервисные сообщения разрешены", "service messages are allowed"),
}

OPERATORS = {
    "equals": Text("=", "="),
    "differs": Text("≠", "≠"),
    "more": Text(">", ">"),
    "less": Text("<", "<"),
    "filled": Text("заполнено", "is filled"),
    "empty": Text("пусто", "is empty"),
}

ROLES = {
    "responsible": Text("ответственный", "the responsible person"),
    "mover": Text("кто перевёл сделку", "who moved the deal"),
    "head": Text("руководитель", "the head"),
    "administrator": Text("администратор", "the administrator"),
    "coordinator": Text("координатор", "the coordinator"),
    "chief_doctor": Text("главный врач", "the chief doctor"),
}

#: what a step may write besides a plain value
VALUES = {
    "today": Text("сегодня", "today"),
    "now": Text("сейчас", "now"),
    "visit.date": Text("дата визита", "the day of the visit"),
    "visit.start": Text("время визита", "the time of the visit"),
    "visit.doctor": Text("врач из записи", "the doctor of the visit"),
    "visit.branch": Text("филиал из записи", "the branch of the visit"),
    "deal.amount": Text("сумма сделки", "the amount of the deal"),
    "deal.pipeline": Text("воронка сделки", "the pipeline of the deal"),
}

#: where a step may send a deal besides a stage or a setting: the pipeline it once came from (S0-62)
ORIGIN = "origin"

#: in a per-stage rule: the task or span that the stage itself names
OF_STAGE = "of_stage"

ACTIONS = {
    "copy_deal": _shape("скопировать сделку в {to}", "copy the deal to {to}", "to", "once_per_patient"),
    "create_deal": _shape("создать сделку в {to}", "make a deal at {to}", "to"),
    "move_deal": _shape("перевести сделку в {to}", "move the deal to {to}", "to"),
    "move_patient_deal": _shape(
        "перевести открытую сделку пациента из {out_of} в {to}",
        "move the patient's open deal from {out_of} to {to}",
        "out_of to",
    ),
    "join_open_deal": _shape(
        "передать обращение открытой сделке пациента и перевести её в {to}",
        "hand the enquiry to the patient's open deal and move it to {to}",
        "to",
    ),
    "set_responsible": _shape("сделать ответственным: {who}", "make responsible: {who}", "who"),
    "create_task": _shape("поставить задачу {task}", "set the task {task}", "task", "who"),
    "notify": _shape("уведомить ({who}): {text}", "notify ({who}): {text}", "who text"),
    "set_field": _shape("записать в «{field}»: {value}", "write to «{field}»: {value}", "field value"),
    "increase_field": _shape("прибавить к «{field}»: {value}", "add to «{field}»: {value}", "field value"),
    "send_message": _shape("отправить пациенту: {text}", "send to the patient: {text}", "text"),
    "add_note": _shape("добавить примечание: {text}", "add a note: {text}", "text"),
}
