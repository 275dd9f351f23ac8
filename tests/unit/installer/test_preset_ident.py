"""The checklist of seed 000 against the preset `dental-ident`."""

import pytest

from installer import preset as presets

#: label, class of data, default mode (domain part 6.1)
PATIENT = [
    ("S0-P01", "ФИО", "D1", "crm"),
    ("S0-P02", "Телефон", "D1", "crm"),
    ("S0-P03", "Представитель", "D2", "crm"),
    ("S0-P04", "Возраст", "D2", "crm"),
    ("S0-P05", "Пол", "D2", "crm"),
    ("S0-P06", "Дата и время последнего приема", "D3", "off"),
    ("S0-P07", "Дата и время будущего ближайшего приема", "D3", "off"),
    ("S0-P08", "Общая сумма за все визиты", "D4", "widget"),
    ("S0-P09", "Номер медкарты", "D2", "crm"),
    ("S0-P10", "Дата рождения", "D2", "off"),
    ("S0-P11", "Комментарий", "D3", "off"),
    ("S0-P12", "Доп. комментарий", "D3", "off"),
    ("S0-P13", "Скидки", "D4", "widget"),
    ("S0-P14", "Отказ об смс оповещении", "D0", "crm"),
    ("S0-P15", "Причина списания в архив", "D3", "off"),
    ("S0-P16", "Статус пациента", "D0", "crm"),
    ("S0-P17", "Информация о санации", "D3", "off"),
    ("S0-P18", "Откуда узнал", "D0", "crm"),
    ("S0-P19", "Завершено", "D0", "crm"),
    ("S0-P20", "Первый", "D0", "crm"),
    ("S0-P21", "Дата создания пациента", "D0", "crm"),
    ("S0-P22", "СНИЛС", "D2", "off"),
    ("S0-P23", "ИНН", "D2", "off"),
    ("S0-P24", "Филиал", "D0", "crm"),
    ("S0-P25", "Порядковый номер пациента в IDENT", "D0", "crm"),
    ("S0-P26", "Аванс/долг", "D4", "widget"),
]

VISIT = [
    ("S0-R01", "Имя и фамилия администратора создавшего запись", "D0", "crm"),
    ("S0-R02", "Дата и время создания записи", "D0", "crm"),
    ("S0-R03", "Дата и время приема", "D3", "off"),
    ("S0-R04", "ФИО врача к которому записан пациент", "D0", "crm"),
    ("S0-R05", "Статус записи", "D0", "crm"),
    ("S0-R06", "Сумма к оплате", "D4", "widget"),
    ("S0-R07", "Коды оказанных услуг", "D3", "off"),
    ("S0-R08", "Тема обращения", "D3", "off"),
    ("S0-R09", "Комментарий", "D3", "off"),
    ("S0-R10", "Тип приема", "D0", "crm"),
    ("S0-R11", "Филиал", "D0", "crm"),
    ("S0-R12", "ID Приема", "D0", "crm"),
    ("S0-R13", "ID Обращения", "D0", "crm"),
    ("S0-R14", "Скидка", "D4", "widget"),
    ("S0-R15", "Фактически полученная сумма ДС", "D4", "widget"),
    ("S0-R16", "Сумма оказанных услуг", "D4", "widget"),
    ("S0-R17", "Врач", "D0", "crm"),
    ("S0-R18", "Актуально с", "D0", "crm"),
    ("S0-R19", "Комментарий (профосмотр)", "D3", "off"),
    ("S0-R20", "ID Профосмотра", "D0", "crm"),
]

PIPELINES = [
    ("Техническая воронка", ()),
    ("Первичные пациенты", ("Первичные приемы",)),
    ("Повторные приемы", ("Повторные пациенты",)),
    ("Продажа лечения", ("Продажа комплексного лечения",)),
    ("Лечение", ()),
    ("Профосмотры", ()),
    ("Возврат лидов", ()),
    ("NPS", ()),
]

VISIT_STAGES = [
    ("Новый лид", "open"),
    ("Взяли в работу", "open"),
    ("Записан на прием", "open"),
    ("Посетил", "open"),
    ("Успешно реализована", "won"),
    ("Закрыто и не реализовано", "lost"),
]

#: the requirement, the rule, what it does and with what
RULES = [
    ("S0-35", "route_primary", "move_deal", "stage.primary.new"),
    ("S0-35", "route_repeat", "move_deal", "stage.repeat.new"),
    ("S0-48", "booked_primary", "move_deal", "stage.primary.booked"),
    ("S0-49", "booked_repeat", "move_deal", "stage.repeat.booked"),
    ("S0-37", "next_step_primary_new", "create_task", "task.check_lead"),
    ("S0-41", "no_show", "create_task", "task.no_show"),
    ("S0-41", "moved_primary", "copy_deal", "stage.primary.booked"),
    ("S0-41", "moved_primary", "move_deal", "stage.primary.lost"),
    ("S0-42", "visited_primary", "move_deal", "stage.primary.visited"),
    ("S0-42", "visited_repeat", "move_deal", "stage.repeat.visited"),
    ("S0-50", "to_nps", "copy_deal", "stage.nps.new"),
    ("S0-51", "to_sales", "copy_deal", "stage.sales.new"),
    ("S0-54", "to_care", "copy_deal", "stage.care.start"),
    ("S0-57", "check_up", "create_deal", "stage.checkup.new"),
    ("S0-57", "check_up", "create_task", "task.check_up"),
    ("S0-61", "next_step_comeback_new", "create_task", "task.still_relevant"),
    ("S0-62", "to_comeback", "set_field", "field.deal.origin"),
    ("S0-62", "comeback_won", "copy_deal", "origin"),
    ("S0-63", "next_step_comeback_later", "create_task", "task.call_again"),
    ("S0-63", "comeback_again", "move_deal", "stage.comeback.taken"),
    ("S0-59", "booked_check_up", "move_deal", "stage.checkup.won"),
    ("S0-45", "curator", "set_responsible", "curator"),
    ("S0-41", "moved_primary", "set_field", "field.deal.loss_reason"),
    ("S0-64", "nps_scored_low", "move_deal", "stage.nps.low"),
]


@pytest.fixture(scope="module")
def ident():
    return presets.find("dental-ident")


def test_the_26_patient_fields_bear_their_exact_names(ident):
    fields = [f for f in ident.fields if f.entity == "contact"]

    assert [(f.source[0], f.name.ru, f.data_class, f.mode) for f in fields] == PATIENT


def test_the_20_visit_fields_bear_their_exact_names(ident):
    fields = [f for f in ident.fields if f.entity == "deal" and f.source[0].startswith("S0-R")]

    assert [(f.source[0], f.name.ru, f.data_class, f.mode) for f in fields] == VISIT


@pytest.mark.parametrize("source", ["S0-P06", "S0-P07", "S0-R03", "S0-P17", "S0-R07", "S0-R08"])
def test_what_touches_secrecy_says_which_basis_it_needs(ident, source):
    assert [bool(f.basis) for f in ident.fields if source in f.source] == [True]


def test_there_are_eight_pipelines_known_by_all_their_names(ident):
    assert [(p.name.ru, p.aliases) for p in ident.pipelines] == PIPELINES


@pytest.mark.parametrize("key", ["primary", "repeat"])
def test_first_and_repeat_visits_go_through_the_same_stages(ident, key):
    (pipeline,) = [p for p in ident.pipelines if p.key == key]

    assert [(s.name.ru, s.kind) for s in pipeline.stages] == VISIT_STAGES


def test_selling_turns_on_the_prepared_plan(ident):
    (pipeline,) = [p for p in ident.pipelines if p.key == "sales"]

    assert "План лечения подготовлен" in [s.name.ru for s in pipeline.stages]


@pytest.mark.parametrize(("source", "key", "action", "argument"), RULES)
def test_the_seed_s_automations_are_there(ident, source, key, action, argument):
    (rule,) = [rule for rule in presets.working_rules(ident) if rule.key == key]

    assert source in rule.source
    assert argument in [
        word for step in rule.do if step.action == action for word in (step.to, step.task, step.field, step.who)
    ]


def test_a_check_up_task_keeps_the_deadline_of_ident(ident):
    (task,) = [task for task in ident.task_templates if task.key == "check_up"]

    assert (task.title.ru, task.type, task.deadline) == ("Профосмотр", "task_type.check_up", "mis")


def test_a_check_up_deal_starts_with_the_facts_of_the_task(ident):
    (rule,) = [rule for rule in presets.working_rules(ident) if rule.key == "check_up"]

    assert [source for field, _ in rule.do[0].filled for source in by_address(ident, field).source[:1]] == [
        "S0-R17",
        "S0-R18",
        "S0-R19",
        "S0-R20",
    ]


def by_address(preset, address):
    return {field.address: field for field in preset.fields}[address]


def test_another_date_leaves_the_old_deal_as_it_was(ident):
    (rule,) = [rule for rule in presets.working_rules(ident) if rule.key == "moved_primary"]

    assert rule.do[0].filled == (("field.deal.visit_at", "visit.start"),)
    assert [(step.field, step.value) for step in rule.do[1:2]] == [("field.deal.loss_reason", "rescheduled")]


def test_every_open_stage_sets_a_task_but_the_one_whose_task_comes_from_ident(ident):
    asked = {rule.when.stages[0] for rule in presets.working_rules(ident) if rule.key.startswith("next_step_")}
    stages = {p.stage_address(s) for p, s in ident.active_stages() if s.kind == "open"}

    assert stages - asked == {"stage.checkup.new"}


def test_a_late_contact_is_due_on_the_date_the_patient_named(ident):
    (task,) = [task for task in ident.task_templates if task.key == "call_again"]

    assert task.deadline == "field.deal.next_contact"


@pytest.mark.parametrize(("way", "key"), [("message", "founder"), ("bot", "founder_bot")])
def test_the_founder_writes_by_message_or_by_bot(ident, way, key):
    rules = presets.working_rules(presets.configure(ident, {"founder_message": way, "founder_bot": "565"}))

    assert [rule.key for rule in rules if rule.key.startswith("founder")] == [key]


def test_the_bot_is_the_one_the_clinic_named(ident):
    rules = presets.working_rules(presets.configure(ident, {"founder_message": "bot", "founder_bot": "565"}))

    assert [step.bot for rule in rules for step in rule.do if step.action == "start_bot"] == ["565"]
