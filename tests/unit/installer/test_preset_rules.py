"""The language of rules: every word of it can be said, told to a person, and worked out for an engine."""

from dataclasses import asdict
from pathlib import Path

import pytest

from installer import preset as presets
from installer.preset.parts import Condition
from widget_backend.robots import grammar

EVERY_WORD = Path(__file__).parents[2] / "fixtures" / "presets" / "every_word.yaml"


@pytest.fixture(scope="module")
def preset():
    return presets.load(EVERY_WORD)


@pytest.fixture(scope="module")
def rules(preset):
    return {rule.key: rule for rule in presets.working_rules(preset)}


def flat(conditions):
    """Comparisons, however deep in groups."""
    for condition in conditions:
        yield condition
        yield from flat(condition.every + condition.some + tuple(filter(None, [condition.denied])))


def test_every_trigger_is_spoken(preset):
    assert {rule.when.on for rule in preset.rules} == set(grammar.TRIGGERS)


def test_every_word_for_stages_is_spoken(preset):
    assert {word for rule in preset.rules for word in rule.when.stages} >= set(grammar.STAGE_WORDS)


def test_every_action_is_spoken(preset):
    assert {step.action for rule in preset.rules for step in rule.do} == set(grammar.ACTIONS)


def test_every_fact_and_operator_is_spoken(preset):
    conditions = [condition for rule in preset.rules for condition in flat(rule.conditions)]

    assert {condition.what for condition in conditions} >= set(grammar.FACTS)
    assert {condition.op for condition in conditions} == set(grammar.OPERATORS)


def test_conditions_are_joined_by_all_any_and_not(rules):
    either, neither = rules["created"].conditions[:2]

    assert [condition.what for condition in either.some] == ["patient.is_primary", ""]
    assert [condition.op for condition in either.some[1].every] == ["more", "less"]
    assert neither.denied == Condition("field.contact.cured", "equals", True)


@pytest.mark.parametrize(
    ("key", "stages"),
    [
        ("won", ("stage.sales.won", "stage.base.won")),
        ("lost", ("stage.sales.lost", "stage.base.lost")),
        ("created", ("stage.sales.new", "stage.sales.won", "stage.sales.lost")),
        ("left", ("stage.sales.new",)),
        ("changed", ()),
    ],
)
def test_words_become_the_stages_that_are_there(rules, key, stages):
    assert rules[key].when.stages == stages


def test_spans_targets_and_bots_of_settings_are_filled_in(rules):
    assert rules["before"].when.span == "2h"
    assert rules["won"].do[0].to == "stage.base.kept"
    assert rules["incoming"].do[2].bot == "565"


def test_deadlines_of_settings_are_filled_in(preset):
    assert [task.deadline for task in presets.working_tasks(preset)] == ["2h", "field.deal.due", "1d"]


@pytest.mark.parametrize(("key", "counts"), [("stuck_sales_new", False), ("tasks_sales_new", True)])
def test_working_hours_count_unless_it_is_said_otherwise(rules, key, counts):
    assert rules[key].when.working_hours is counts


def test_a_new_deal_may_start_with_values_of_its_own(rules):
    assert rules["won"].do[0].filled == (("field.deal.due", "today"), ("field.deal.note", "visit.doctor"))


def test_a_robot_gets_its_answer(rules):
    assert (rules["robot"].when.robot, rules["robot"].do[0].returns) == ("robot.route", (("visit_type", "primary"),))


@pytest.mark.parametrize(("extra", "keys"), [(False, []), (True, ["spare"])])
def test_a_rule_of_a_pipeline_that_is_off_is_off(preset, extra, keys):
    rules = presets.working_rules(presets.configure(preset, {"extra": extra}))

    assert [rule.key for rule in rules if rule.key == "spare"] == keys


@pytest.mark.parametrize("key", ["dental", "dental-ident"])
@pytest.mark.parametrize("switch", [False, True])
def test_nothing_is_left_to_look_up(key, switch):
    preset = presets.find(key)
    on = {setting.key: switch for setting in preset.settings if setting.type == "boolean"}
    rules = presets.working_rules(presets.configure(preset, on))

    assert [rule.key for rule in rules if "setting." in str(asdict(rule)["when"])] == []
    assert [rule.key for rule in rules for step in rule.do if "setting." in step.to + step.bot] == []
    assert [rule.key for rule in rules if {"any", "open", "won", "lost"} & set(rule.when.stages)] == []


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (
            "created",
            "Когда сделка создана на: любой этап воронки «Продажи», если (пациент первичный или "
            "(завершённых визитов > 1 и завершённых визитов < 9)) и неверно, что отмечено «Готово» и "
            "филиал записи ≠ Центр и сделка в воронке «Продажи» и «Филиал» заполнено — "
            "добавить примечание: «Новая: {patient}»; назначить ответственным администратора.",
        ),
        (
            "won",
            "Когда сделка переходит на: этап успеха — скопировать сделку на «Храним» (База), если открытой там ещё нет; "
            "в новой сделке: «Срок» — сегодняшнюю дату, «Заметка» — врача из записи; закрыть открытые задачи сделки.",
        ),
        ("left", "Когда сделка уходит с: «Новая» (Продажи) — закрыть открытые задачи сделки."),
        (
            "stuck",
            "Когда сделка стоит дольше срока этого этапа на: «Новая» (Продажи), если сейчас рабочее время — "
            "уведомить руководителя: «Зависла».",
        ),
        (
            "before",
            "За 2 часа до «Срок», пока сделка на: «Новая» (Продажи) — поставить задачу «День».",
        ),
        (
            "reached",
            "Когда наступает «Срок», а сделка на: «Новая» (Продажи) — поставить задачу «Позже» "
            "(исполнитель — тот, кто перевёл сделку).",
        ),
        ("button", "По кнопке «Вернуть» в карточке — перевести сделку на воронку, откуда она пришла."),
        ("robot", "Когда вызван робот «Маршрут» — вернуть роботу результат: visit_type = primary."),
    ],
)
def test_rules_read_as_sentences(preset, key, words):
    outline = presets.outline(preset, "ru")

    assert [rule["says"] for rule in outline["rules"] if rule["key"] == key] == [words]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("key", ["dental", "dental-ident", str(EVERY_WORD)], ids=["dental", "ident", "every_word"])
def test_no_sentence_shows_an_address_or_a_gap(key, language):
    outline = presets.outline(presets.find(key), language)
    sentences = " ".join(rule["says"] for rule in outline["rules"])

    assert [word for word in sentences.split() if word.startswith(("«stage.", "«field.", "«task.", "setting."))] == []
    assert "«»" not in sentences
    assert "  " not in sentences
