"""What is stored comes back as it was."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from clinic_of_preset import preset_of
from hypothesis import given
from hypothesis import strategies as st
from made_up import conditions, happenings, rulesets

from installer import preset as presets
from widget_backend.crm.records import Contact, Deal
from widget_backend.robots import coding
from widget_backend.robots.facts import Facts
from widget_backend.robots.happenings import Called, Happening
from widget_backend.robots.rule import Condition, Rule
from widget_backend.robots.why import cause_of, code_of
from widget_backend.texts import Text

EVERY_WORD = presets.load(Path(__file__).parents[2] / "fixtures" / "presets" / "every_word.yaml")
AT = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize("preset", [preset_of("dental"), preset_of("dental-ident"), EVERY_WORD], ids=lambda p: p.key)
def test_the_rules_and_tasks_of_every_preset_come_back(preset: presets.Preset) -> None:
    rules, tasks = presets.working_rules(preset), presets.working_tasks(preset)

    assert [coding.rule(json.loads(json.dumps(coding.encode(one)))) for one in rules] == list(rules)
    assert [coding.template(json.loads(json.dumps(coding.encode(one)))) for one in tasks] == list(tasks)


@given(rulesets(), conditions)
def test_every_rule_comes_back(rules: tuple[Rule, ...], condition: Condition) -> None:
    asked = [Rule(one.key, one.name, one.when, one.do, (condition,)) for one in rules]

    assert [coding.rule(json.loads(json.dumps(coding.encode(one)))) for one in asked] == asked


@given(happenings)
def test_every_happening_comes_back(happening: Happening) -> None:
    assert coding.happening(json.loads(json.dumps(coding.told(happening)))) == happening


def test_a_call_comes_back_with_what_was_given() -> None:
    called = Called(cause="r:1", at=AT, robot="wake_deal", given={"stage": "stage.base.taken"}, reply="token")

    assert coding.happening(json.loads(json.dumps(coding.told(called)))) == called


def test_facts_come_back_without_names_and_phones() -> None:
    deal = Deal(
        "759",
        "Приём",
        "1",
        "11",
        ("301",),
        amount=1200000,
        created_at=AT,
        fields={"field.deal.visit_at": AT, "field.deal.branches": ("north",), "field.deal.nps": Decimal("9")},
        own={"UF_OWN": 1},
    )
    contact = Contact("301", "Мария Иванова", ("+79001234567",), fields={"field.contact.last_visit": date(2026, 11, 1)})
    kept = Facts(deal, contact, (deal,), {"patient.open_deal_in": frozenset({"pipeline.base"})}, AT).kept()

    back = Facts.of(kept)

    assert "Иванова" not in kept
    assert "9001234567" not in kept
    assert (back.deal.fields, back.deal.amount, back.deal.created_at) == (deal.fields, deal.amount, AT)
    assert back.contact is not None and back.contact.fields == contact.fields
    assert (back.values, back.others[0].id, back.at) == (
        {"patient.open_deal_in": frozenset({"pipeline.base"})},
        "759",
        AT,
    )


@given(st.integers(1, 2**59))
def test_a_code_leads_back_to_its_cause(number: int) -> None:
    assert cause_of(code_of(number)) == number
    assert cause_of(f" {code_of(number).lower()} ") == number


@given(st.integers(1, 2**30 - 1), st.integers(1, 2**30 - 1))
def test_two_causes_have_two_short_codes(one: int, other: int) -> None:
    assert (code_of(one) == code_of(other)) is (one == other)
    assert len(code_of(one)) == 6


def test_a_text_is_kept_in_both_languages() -> None:
    assert coding.encode(Text("да", "yes")) == ["да", "yes"]
