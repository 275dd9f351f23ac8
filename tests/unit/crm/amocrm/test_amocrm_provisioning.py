"""The dental preset in an empty account: what can be said to amoCRM, and in how many requests."""

from __future__ import annotations

import pytest
from amocrm_answers import ACCOUNT, LOST, UNSORTED, WON, field, listed, pipeline, status

from installer import preset as presets
from installer.planner import survey
from widget_backend.crm.amocrm import words
from widget_backend.crm.model import Action, Kind
from widget_backend.crm.vocabulary import COLOURS, EVENTS, FIELD_TYPES

KINDS = (Kind.PIPELINE, Kind.STAGE, Kind.LOSS_REASON, Kind.TASK_TYPE, Kind.GROUP, Kind.FIELD, Kind.CARD)


@pytest.fixture(scope="module")
def dental():
    return presets.find("dental")


@pytest.fixture
def empty(alice):
    """An account as it is on its first day."""
    alice.answers("GET", "account", ACCOUNT)
    first = pipeline(9000, "Воронка", UNSORTED, status(70009, "Первичный контакт", 20), WON, LOST, is_main=True)
    alice.answers("GET", "leads/pipelines", listed("pipelines", [first]))
    utm = [field(n, f"utm_{n}", "tracking_data", group_id="statistic", is_predefined=True) for n in range(1, 6)]
    alice.answers("GET", "leads/custom_fields", listed("custom_fields", utm))
    tabs = [{"id": "default", "name": "Основное", "sort": 0, "is_predefined": True}]
    alice.answers("GET", "leads/custom_fields/groups", listed("custom_field_groups", tabs))
    phone = field(21, "Телефон", "multitext", code="PHONE", is_predefined=True)
    alice.answers("GET", "contacts/custom_fields", listed("custom_fields", [phone]))
    alice.answers("GET", "leads/loss_reasons", status=204)
    return alice


@pytest.fixture
def plan(empty, crm, dental):
    known = {resource.address: "" for resource in dental.desired(crm.capabilities, "ru")}
    return survey(dental, crm.snapshot(KINDS, known), {}, crm.capabilities)


def test_an_account_is_read_in_six_requests(plan, alice):
    assert alice.asked == [
        "GET account",
        "GET leads/pipelines",
        "GET leads/custom_fields",
        "GET leads/custom_fields/groups",
        "GET contacts/custom_fields",
        "GET leads/loss_reasons",
    ]


def test_dental_is_made_in_five_writes_and_seventeen_requests_with_the_proof(plan, alice, crm, dental, door):
    alice.answers("GET", "users/500", {"id": 500, "rights": {"is_admin": True}})
    alice.creates("leads/pipelines", "pipelines")
    alice.creates("leads/loss_reasons", "loss_reasons")
    alice.creates("leads/custom_fields/groups", "custom_field_groups", 201)
    alice.creates("leads/custom_fields", "custom_fields", 201)
    alice.creates("contacts/custom_fields", "custom_fields", 201)

    crm.access()
    outcomes = [outcome for step in crm.apply(plan.writes, {}) for outcome in step]
    crm.snapshot(KINDS, {resource.address: "" for resource in dental.desired(crm.capabilities, "ru")})

    assert [outcome.address for outcome in outcomes if outcome.error] == []
    assert {outcome.address for outcome in outcomes} == {change.address for change in plan.writes}
    assert [question for question in alice.asked if question.startswith("POST")] == [
        "POST leads/pipelines",
        "POST leads/loss_reasons",
        "POST leads/custom_fields/groups",
        "POST leads/custom_fields",
        "POST contacts/custom_fields",
    ]
    assert door.sent == 17


def test_task_types_and_cards_are_set_by_hand_with_a_verifier(plan):
    rows = [change for change in plan.changes if change.action is Action.MANUAL]

    assert {change.title: change.done for change in rows if change.kind is Kind.TASK_TYPE} == {
        "Связаться с пациентом": False,
        "Подтвердить визит": True,
        "План лечения": False,
        "Контроль руководителя": False,
    }
    assert {change.done for change in rows if change.kind is Kind.CARD} == {False}
    assert [change.address for change in rows if not change.note] == []


def test_sources_fall_back_to_a_list_field(plan):
    rows = [change for change in plan.changes if change.action is Action.UNSUPPORTED]

    assert {change.kind for change in rows} == {Kind.SOURCE}
    assert {"«Источник»" in change.note.ru for change in rows} == {True}
    assert "field.deal.source" in {change.address for change in plan.writes}


def test_without_an_application_nothing_is_promised_of_it(crm):
    can = crm.capabilities

    assert not can.application
    assert {Kind.SUBSCRIPTION, Kind.SOURCE, Kind.ROBOT, Kind.TRIGGER, Kind.PLACEMENT} <= set(can.unsupported)
    assert can.writes & {Kind.SUBSCRIPTION, Kind.SOURCE, Kind.TASK_TYPE, Kind.CARD} == set()


def test_an_application_writes_subscriptions_and_sources_too(application):
    can = application.capabilities

    assert can.application
    assert {Kind.SUBSCRIPTION, Kind.SOURCE} <= can.writes
    assert set(can.unsupported) == {Kind.ROBOT, Kind.TRIGGER, Kind.PLACEMENT}


def test_every_word_of_ours_has_one_of_theirs():
    assert set(words.COLOURS) == set(COLOURS)
    assert set(words.FIELD_TYPES) == set(FIELD_TYPES)
    assert set(words.EVENTS) == set(EVENTS)


def test_only_the_21_colours_are_ever_written():
    assert len(words.WRITABLE_COLOURS) == 21
    assert set(words.COLOURS.values()) <= words.WRITABLE_COLOURS
