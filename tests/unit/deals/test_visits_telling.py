"""What a deal's way tells of visits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from front_desks import chart_of, deal

from widget_backend.deals.stage_history import Transition
from widget_backend.deals.visits.telling import MEANS, told_by

AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
STAGES = {**chart_of("dental").stage, **chart_of("dental-ident").stage}


def step(key: str, to: str, since: str = "") -> Transition:
    stages = chart_of(key).stage
    return Transition(1, "759", "moved", stages[since].id if since else "", stages[to].id, stages[to].pipeline_id, AT)


@pytest.mark.parametrize(
    ("key", "since", "to", "outcome"),
    [
        ("dental", "stage.visits.picking", "stage.visits.booked", "booked"),
        ("dental", "stage.visits.confirmed", "stage.visits.came", "completed"),
        ("dental", "stage.visits.confirmed", "stage.visits.missed", "missed"),
        ("dental", "stage.visits.missed", "stage.visits.came", "completed"),
        ("dental", "stage.visits.came", "stage.visits.picking", "cancelled"),
        ("dental-ident", "stage.repeat.booked", "stage.repeat.visited", "completed"),
        ("dental-ident", "stage.primary.visited", "stage.primary.won", "completed"),
        ("dental-ident", "stage.primary.visited", "stage.primary.taken", "cancelled"),
    ],
)
def test_a_step_tells_what_became_of_a_visit(key: str, since: str, to: str, outcome: str) -> None:
    told = told_by(chart_of(key), deal(key, "759", to, "301"), step(key, to, since))

    assert told is not None
    assert (told.contact, told.source, told.key, told.deal, told.outcome) == ("301", "deal", "759", "759", outcome)
    assert told.told_at == AT


@pytest.mark.parametrize(
    ("key", "since", "to"),
    [
        ("dental", "", "stage.visits.new"),
        ("dental", "stage.visits.new", "stage.visits.taken"),
        ("dental", "", "stage.coord.new"),
        ("dental", "stage.visits.came", "stage.base.base"),
        ("dental-ident", "stage.primary.visited", "stage.primary.lost"),
    ],
)
def test_a_step_that_is_no_visit(key: str, since: str, to: str) -> None:
    assert told_by(chart_of(key), deal(key, "759", to, "301"), step(key, to, since)) is None


def test_a_duplicate_closed_as_not_arrived_is_no_missed_visit() -> None:
    closed = deal("dental", "759", "stage.visits.missed", "301", fields={"field.deal.loss_reason": "duplicate"})

    assert told_by(chart_of("dental"), closed, step("dental", "stage.visits.missed")) is None


def test_the_visits_own_time_is_kept() -> None:
    visit_at = datetime(2026, 12, 1, 12, tzinfo=UTC)
    booked = replace(deal("dental", "759", "stage.visits.booked", "301"), fields={"field.deal.visit_at": visit_at})
    told = told_by(chart_of("dental"), booked, step("dental", "stage.visits.booked"))

    assert told is not None
    assert told.at == visit_at


def test_every_stage_that_means_a_visit_is_in_a_preset() -> None:
    assert set(MEANS) - set(STAGES) == set()
