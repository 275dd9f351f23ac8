"""What a rule would have done last week, without doing it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from clinic_of_preset import PresetClinic, preset_of

from installer import preset as presets
from widget_backend.clock import now
from widget_backend.crm.asking import Contacts, Deals, DealsOf
from widget_backend.robots.dry_run import Backtest, backtest
from widget_backend.robots.reading import own
from widget_backend.robots.rule import Rule

WEEK = timedelta(days=7)


def rule(on: dict[str, Any], *conditions: dict[str, Any]) -> Rule:
    return own.read(
        {
            "key": "tried",
            "name": {"ru": "Проба", "en": "Trial"},
            "when": on,
            "if": list(conditions),
            "do": [{"action": "add_note", "text": {"ru": "Слова", "en": "Words"}}],
        }
    )


def tried(boris: PresetClinic, on: dict[str, Any], *conditions: dict[str, Any]) -> Backtest:
    return backtest(boris.clinic, rule(on, *conditions), now() - WEEK)


@pytest.fixture
def week(boris: PresetClinic) -> PresetClinic:
    """Three enquiries: of last month, of three days ago, of today; the last two have moved on."""
    boris.patient(visit_count=0)
    boris.patient("302", visit_count=5)
    boris.enquiry("stage.visits.new", "301", since=now() - timedelta(days=30))
    for number, contact in ((3, "301"), (0, "302")):
        deal = boris.enquiry("stage.visits.new", contact, since=now() - timedelta(days=number))
        boris.moves(deal, "stage.visits.taken")
    return boris


def test_each_time_of_the_week_is_a_row_the_newest_first(week: PresetClinic) -> None:
    found = tried(week, {"on": "created", "stages": ["stage.visits.new"]})

    assert [(row.deal, row.would) for row in found.rows] == [("703", True), ("702", True)]
    assert found.rows[0].why.ru == "сделка создана на этапе «Приемы / Новая заявка»"


def test_what_would_not_be_done_says_which_condition_does_not_hold(week: PresetClinic) -> None:
    found = tried(week, {"on": "left", "stages": ["stage.visits.new"]}, {"what": "patient.is_primary", "value": True})

    assert [(row.deal, row.would) for row in found.rows] == [("703", False), ("702", True)]
    assert found.rows[0].why.ru == "пациент первичный"


def test_deals_that_stayed_too_long_are_found(week: PresetClinic) -> None:
    found = tried(week, {"on": "stuck", "stages": ["stage.visits.new"], "span": "26d", "working_hours": False})

    assert [(row.deal, (now() - row.at).days) for row in found.rows] == [("701", 4)]


def test_a_deal_that_was_deleted_is_said_to_be(week: PresetClinic) -> None:
    del week.crm.deals["703"]

    found = tried(week, {"on": "created", "stages": ["stage.visits.new"]})

    assert found.rows[0].why.ru == "сделки больше нет в CRM"


def test_where_the_past_is_not_kept_that_is_said(week: PresetClinic) -> None:
    found = tried(week, {"on": "incoming", "stages": ["stage.base.base"], "channels": ["call"]})

    assert (found.rows, found.hint is not None) == ((), True)


def test_nothing_is_written(week: PresetClinic) -> None:
    week.crm.calls.clear()

    for each in presets.working_rules(preset_of("dental")):
        backtest(week.clinic, each, now() - WEEK)

    assert {type(one) for call in week.crm.calls for one in call} <= {Deals, Contacts, DealsOf}
    assert week.runs("to_base") == []
