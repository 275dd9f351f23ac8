"""Moments that rules wait for: in the clinic's zone and hours, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import CHART, DEAL

from widget_backend.crm.records import FieldValue
from widget_backend.robots.moments import Moment, derive
from widget_backend.robots.rule import Rule, Step, Trigger
from widget_backend.texts import Text
from widget_backend.worktime import hours

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
USUAL = ("mon-fri 09:00-20:00", "sat 10:00-16:00")
VISIT, LAST = "field.deal.visit_at", "field.contact.last_visit"
ZONES = st.sampled_from([MOSCOW, BERLIN, ZoneInfo("America/Sao_Paulo"), ZoneInfo("Pacific/Apia")])


def waiting(on: str, **more: Any) -> Rule:
    return Rule("r", Text("Правило", "Rule"), Trigger(on, ("stage.x.a",), **more), (Step("add_note"),))


def moments(
    rule: Rule,
    at: datetime,
    zone: ZoneInfo = MOSCOW,
    *,
    entered: datetime | None = None,
    deal: FieldValue = None,
    contact: FieldValue = None,
) -> list[Moment]:
    held = type(DEAL)(DEAL.id, DEAL.title, DEAL.pipeline, DEAL.stage, fields={VISIT: deal})
    return list(derive((rule,), held, {LAST: contact}, entered, CHART, hours(USUAL, zone), at))


def due(*given_: Any, **named: Any) -> datetime | None:
    found = moments(*given_, **named)
    return found[0].due if found else None


def moscow(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW)


NOW = moscow(25, 12)


def test_a_deal_is_stuck_after_working_hours_unless_the_rule_says_plain_time() -> None:
    late = moscow(27, 19, 30)

    assert due(waiting("stuck", span="1h"), NOW, entered=late) == moscow(28, 10, 30)
    assert due(waiting("stuck", span="1h", working_hours=False), NOW, entered=late) == moscow(27, 20, 30)


def test_before_a_visit_a_day_is_the_same_hour_of_the_day_before() -> None:
    assert due(waiting("before", span="1d", field=VISIT), NOW, deal=moscow(30, 10)) == moscow(29, 10)


def test_before_a_visit_that_is_over_nothing_is_due() -> None:
    rule = waiting("before", span="1d", field=VISIT)

    assert due(rule, NOW, deal=NOW - timedelta(minutes=1)) is None
    assert due(rule, NOW, deal=NOW + timedelta(hours=3)) == NOW + timedelta(hours=3) - timedelta(days=1)


def test_a_date_arrives_when_the_clinic_opens() -> None:
    assert due(waiting("reached", field=VISIT), NOW, deal=date(2026, 11, 28)) == moscow(28, 10)
    assert due(waiting("after", span="180d", field=LAST), NOW, contact=date(2026, 11, 25)) == datetime(
        2027, 5, 24, 9, tzinfo=MOSCOW
    )


def test_an_empty_date_is_waited_for_by_nobody() -> None:
    assert due(waiting("reached", field=VISIT), NOW) is None
    assert due(waiting("stuck", span="1h"), NOW, entered=None) is None


def test_a_deal_elsewhere_waits_for_nothing() -> None:
    rule = Rule("r", Text("Правило", "Rule"), Trigger("stuck", ("stage.y.a",), span="1h"), (Step("add_note"),))

    assert moments(rule, NOW, entered=NOW) == []


@pytest.mark.parametrize(
    ("visit", "reminder"),
    [
        # the clocks in Berlin go forward on 29 March 2026, back on 25 October
        (datetime(2026, 3, 29, 10, tzinfo=BERLIN), datetime(2026, 3, 28, 9, tzinfo=UTC)),
        (datetime(2026, 10, 25, 10, tzinfo=BERLIN), datetime(2026, 10, 24, 8, tzinfo=UTC)),
    ],
)
def test_a_reminder_keeps_the_wall_clock_when_the_clocks_change(visit: datetime, reminder: datetime) -> None:
    rule = waiting("before", span="1d", field=VISIT)

    assert due(rule, reminder - timedelta(days=1), BERLIN, deal=visit) == reminder


@given(ZONES, st.dates(date(2025, 1, 1), date(2028, 1, 1)), st.integers(1, 400))
def test_so_many_days_after_a_date_is_that_date_of_the_clinics_calendar(zone: ZoneInfo, day: date, days: int) -> None:
    found = due(waiting("after", span=f"{days}d", field=LAST), NOW, zone, contact=day)

    assert found is not None
    assert found.astimezone(zone).date() == day + timedelta(days=days)


@given(ZONES, st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))
def test_a_moment_depends_on_its_base_alone(zone: ZoneInfo, entered: datetime) -> None:
    rule = waiting("stuck", span="3h")

    assert moments(rule, NOW, zone, entered=entered) == moments(rule, NOW + timedelta(days=9), zone, entered=entered)
    assert hours(USUAL, zone).between(entered, due(rule, NOW, zone, entered=entered) or entered) == timedelta(hours=3)
