"""The checklist of seed 001 against the preset `dental`."""

import pytest

from installer import preset as presets

STAGES = [
    ("visits", "Приемы", "new", "Новая заявка", "open"),
    ("visits", "Приемы", "taken", "Взято в работу", "open"),
    ("visits", "Приемы", "picking", "Подбираем время", "open"),
    ("visits", "Приемы", "booked", "Запись сформирована", "open"),
    ("visits", "Приемы", "confirmed", "Прием подтвержден", "open"),
    ("visits", "Приемы", "came", "Пациент пришёл (успех)", "won"),
    ("visits", "Приемы", "missed", "Пациент не пришёл (отказ)", "lost"),
    ("base", "База пациентов", "treatment", "База пациентов на лечении", "open"),
    ("base", "База пациентов", "base", "База пациентов", "open"),
    ("base", "База пациентов", "attention", "Требует обработки", "open"),
    ("base", "База пациентов", "taken", "Взято в работу", "open"),
    ("base", "База пациентов", "ready", "Подбираем время (успех)", "won"),
    ("base", "База пациентов", "refused", "Отказ", "lost"),
    ("coord", "Координаторы", "new", "База на проработку", "open"),
    ("coord", "Координаторы", "taken", "Взято в работу", "open"),
    ("coord", "Координаторы", "made", "План составлен", "open"),
    ("coord", "Координаторы", "approved", "План согласован", "open"),
    ("coord", "Координаторы", "presented", "План презентован пациенту", "open"),
    ("coord", "Координаторы", "consent", "Согласие получено", "open"),
    ("coord", "Координаторы", "signed", "Договор подписан (успех)", "won"),
    ("coord", "Координаторы", "refused", "Отказ", "lost"),
    ("revival", "Реанимация", "never", "Отказники ни разу не были", "open"),
    ("revival", "Реанимация", "returned", "Отказники были у нас", "open"),
    ("revival", "Реанимация", "active", "Проявил активность", "open"),
    ("revival", "Реанимация", "taken", "Взято в работу", "open"),
    ("revival", "Реанимация", "ready", "Подбираем время (успех)", "won"),
    ("revival", "Реанимация", "refused", "Отказ", "lost"),
]

#: id, entity, key, label, built-in field, type made where there is none
FIELDS = [
    ("S1-F01", "deal", "title", "Название", "deal.title", ""),
    ("S1-F02", "deal", "amount", "Сумма", "deal.amount", "money"),
    ("S1-F03", "deal", "client", "Клиент", "deal.client", ""),
    ("S1-F04", "deal", "responsible", "Ответственный", "deal.responsible", ""),
    ("S1-F05", "deal", "branch", "Филиал", "", "list"),
    ("S1-F06", "deal", "visit_at", "Дата и время записи", "", "datetime"),
    ("S1-F07", "deal", "service", "Услуга", "", "list"),
    ("S1-F08", "deal", "doctor", "Лечащий врач", "", "list"),
    ("S1-F09", "deal", "visit_type", "Тип приема", "", "list"),
    ("S1-F10", "deal", "comment", "Комментарий", "deal.comment", "long_text"),
    ("S1-F11", "deal", "loss_reason", "Причина отказа", "deal.loss_reason", "list"),
    ("S1-F12", "deal", "source", "Источник", "deal.source", "list"),
    ("S1-F13", "deal", "source_details", "Дополнительно об источнике", "deal.source_details", "text"),
    ("S1-F14", "deal", "utm", "UTM-метки", "deal.utm", ""),
    ("S1-F15", "deal", "at", "Дата", "", "date"),
    ("S1-F16", "contact", "last_name", "Фамилия", "contact.last_name", ""),
    ("S1-F17", "contact", "first_name", "Имя", "contact.first_name", ""),
    ("S1-F18", "contact", "second_name", "Отчество", "contact.second_name", "text"),
    ("S1-F19", "contact", "birth_date", "Дата рождения", "contact.birth_date", "date"),
    ("S1-F20", "contact", "phone", "Телефон", "contact.phone", ""),
    ("S1-F21", "contact", "email", "E-mail", "contact.email", ""),
    ("S1-F22", "contact", "responsible", "Ответственный", "contact.responsible", ""),
    ("S1-F23", "contact", "comment", "Комментарий", "contact.comment", "long_text"),
    ("S1-F24", "contact", "last_visit", "Дата последнего визита", "", "date"),
    ("S1-F25", "contact", "visit_count", "Количество визитов", "", "number"),
    ("S1-F26", "contact", "ltv", "LTV", "", "money"),
    ("S1-F27", "contact", "in_treatment", "На лечении", "", "boolean"),
]

#: the requirement, the rule, what it waits for and where, what it does and with what
RULES = [
    ("S1-17", "take", "entered", "stage.visits.taken", "set_responsible", "mover"),
    ("S1-18", "take_in_time", "stuck", "stage.visits.new", "create_task", "task.late_take"),
    ("S1-20", "booked", "mis", "stage.visits.picking", "move_deal", "stage.visits.booked"),
    ("S1-21", "confirm", "before", "stage.visits.booked", "create_task", "task.confirm"),
    ("S1-22", "came", "mis", "stage.visits.confirmed", "move_deal", "stage.visits.came"),
    ("S1-27", "to_treatment", "entered", "stage.visits.came", "copy_deal", "stage.base.treatment"),
    ("S1-28", "to_base", "entered", "stage.visits.came", "copy_deal", "stage.base.base"),
    ("S1-36", "to_coordinators", "entered", "stage.visits.came", "copy_deal", "stage.coord.new"),
    ("S1-29", "wake_base", "incoming", "stage.base.treatment", "move_deal", "stage.base.attention"),
    ("S1-30", "wake_base", "incoming", "stage.base.base", "notify", "responsible"),
    ("S1-32", "base_ready", "entered", "stage.base.ready", "copy_deal", "stage.visits.picking"),
    ("S1-33", "base_refused", "entered", "stage.base.refused", "copy_deal", "stage.revival.returned"),
    ("S1-35", "handed", "entered", "stage.coord.new", "set_responsible", "coordinator"),
    ("S1-42", "signed", "entered", "stage.coord.signed", "set_field", "field.contact.in_treatment"),
    ("Q-05", "plan_refused", "entered", "stage.coord.refused", "set_field", "field.contact.in_treatment"),
    ("S1-47", "gone", "after", "stage.base.base", "move_deal", "stage.revival.returned"),
    ("S1-48", "wake_revival", "incoming", "stage.revival.never", "move_deal", "stage.revival.active"),
    ("S1-50", "revival_ready", "entered", "stage.revival.ready", "copy_deal", "stage.visits.picking"),
    ("Q-17", "no_show_new", "entered", "stage.visits.missed", "copy_deal", "stage.revival.never"),
    ("Q-17", "no_show_known", "entered", "stage.visits.missed", "copy_deal", "stage.revival.returned"),
    ("Q-16", "active_patient", "created", "stage.visits.new", "join_open_deal", "stage.base.attention"),
    ("S1-F24", "visit_counters", "entered", "stage.visits.came", "set_field", "field.contact.last_visit"),
    ("S1-F25", "visit_counters", "entered", "stage.visits.came", "increase_field", "field.contact.visit_count"),
    ("S1-F26", "visit_counters", "entered", "stage.visits.came", "increase_field", "field.contact.ltv"),
    ("S1-F15", "date_visits_came", "entered", "stage.visits.came", "set_field", "field.deal.at_visits_came"),
    ("S1-52", "next_step_coord_made", "entered", "stage.coord.made", "create_task", "task.approve_plan"),
    ("S1-53", "stuck_visits_taken", "stuck", "stage.visits.taken", "create_task", "task.stuck"),
]

WORKING_STAGES = [
    "stage.visits.new", "stage.visits.taken", "stage.visits.picking", "stage.visits.booked", "stage.visits.confirmed",
    "stage.base.attention", "stage.base.taken", "stage.coord.new", "stage.coord.taken", "stage.coord.made",
    "stage.coord.approved", "stage.coord.presented", "stage.coord.consent", "stage.revival.active",
    "stage.revival.taken",
]  # fmt: skip


@pytest.fixture(scope="module")
def dental():
    return presets.find("dental")


def test_there_are_exactly_the_27_stages_in_order(dental):
    found = [(p.key, p.name.ru, s.key, s.name.ru, s.kind) for p, s in dental.active_stages()]

    assert found == STAGES


def test_every_stage_says_what_to_do_and_which_line_of_the_seed_it_is(dental):
    assert [s.key for _, s in dental.active_stages() if not s.hint or not s.source] == []


def test_there_are_exactly_the_27_fields(dental):
    found = [(f.source[0], f.entity, f.key, f.name.ru, f.system, f.type) for f in dental.fields]

    assert [field for field in found if field[2] != "copy_of"] == FIELDS


def test_one_field_more_says_where_a_copy_came_from(dental):
    [mark] = [f for f in dental.fields if f.key == "copy_of"]

    assert (mark.address, mark.type, mark.system) == ("field.deal.copy_of", "text", "deal.origin")


@pytest.mark.parametrize(
    ("data_class", "addresses"),
    [
        ("D1", ["deal.client", "contact.last_name", "contact.first_name", "contact.second_name", "contact.phone",
                "contact.email"]),
        ("D2", ["contact.birth_date"]),
        ("D3", ["deal.visit_at", "deal.service", "deal.comment", "contact.comment", "contact.last_visit",
                "contact.in_treatment"]),
        ("D4", ["deal.amount", "contact.ltv"]),
    ],
)  # fmt: skip
def test_fields_that_say_more_than_they_seem_to_bear_their_class(dental, data_class, addresses):
    found = [f.address.removeprefix("field.") for f in dental.fields if f.data_class == data_class]

    assert found == addresses


@pytest.mark.parametrize("key", ["branch", "visit_at", "service", "doctor"])
def test_a_booking_needs_doctor_service_branch_and_time(dental, key):
    assert [f.required_at for f in dental.fields if f.address == f"field.deal.{key}"] == [("stage.visits.booked",)]


def test_a_no_show_needs_its_reason(dental):
    assert [f.required_at for f in dental.fields if f.key == "loss_reason"] == [("stage.visits.missed",)]


def test_the_reasons_of_the_seed_come_first(dental):
    assert [reason.name.ru for reason in dental.loss_reasons][:4] == [
        "Неудобное время",
        "Передумал",
        "Дорого",
        "Обратился в другую клинику",
    ]


@pytest.mark.parametrize(("source", "key", "on", "stage", "action", "argument"), RULES)
def test_the_seed_s_robots_are_there(dental, source, key, on, stage, action, argument):
    (rule,) = [rule for rule in presets.working_rules(dental) if rule.key == key]

    assert (rule.when.on, source in rule.source, stage in rule.when.stages) == (on, True, True)
    assert argument in [
        word for step in rule.do if step.action == action for word in (step.to, step.who, step.task, step.field)
    ]


def test_every_open_stage_sets_a_task(dental):
    rules = [rule for rule in presets.working_rules(dental) if rule.key.startswith("next_step_")]
    stages = [p.stage_address(s) for p, s in dental.active_stages() if s.kind == "open"]

    assert [rule.when.stages for rule in rules] == [(stage,) for stage in stages]


def test_the_head_hears_of_deals_stuck_where_somebody_works(dental):
    rules = [rule for rule in presets.working_rules(dental) if rule.key.startswith("stuck_")]

    assert [rule.when.stages for rule in rules] == [(stage,) for stage in WORKING_STAGES]
    assert {step.who for rule in rules for step in rule.do} == {"head"}


@pytest.mark.parametrize(
    ("key", "place", "mark"),
    [
        ("signed", "stage.base.treatment", True),
        ("plan_refused", "stage.base.base", False),
        ("plan_finished", "stage.base.base", False),
    ],
)
def test_the_mark_in_treatment_moves_the_patients_deal(dental, key, place, mark):
    (rule,) = [rule for rule in presets.working_rules(dental) if rule.key == key]

    assert [step.value for step in rule.do if step.action == "set_field"] == [mark]
    assert [step.to for step in rule.do if step.action == "move_patient_deal"] == [place]


def test_a_task_follows_the_setting_its_deadline_names(dental):
    tasks = {
        task.key: task.deadline for task in presets.working_tasks(presets.configure(dental, {"take_within": "5m"}))
    }

    assert (tasks["take"], tasks["answer"], tasks["contact"]) == ("5m", "5m", "1h")


def test_a_patient_counts_as_new_until_the_counters_are_raised(dental):
    keys = [rule.key for rule in presets.working_rules(dental)]

    assert keys.index("to_coordinators") < keys.index("visit_counters")


def test_every_pipeline_and_the_contact_has_a_card(dental):
    assert [card.address for card in dental.cards] == [
        "card.deal.visits",
        "card.deal.base",
        "card.deal.coord",
        "card.deal.revival",
        "card.deal.warmup",
        "card.contact",
    ]


def test_the_application_brings_its_four_robots(dental):
    assert [robot.name.ru for robot in dental.application.robots] == [
        "Маршрутизировать пациента",
        "Скопировать сделку в воронку",
        "Проверить заполнение полей",
        "Разбудить сделку",
    ]
