"""Working time: spans in a clinic's hours and zone, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.worktime import FIRST, LAST, hours

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
USUAL = ("mon-fri 09:00-20:00", "sat 10:00-16:00")
BOOKS = st.sampled_from(
    [
        USUAL,
        ("mon-sun 00:00-24:00",),
        ("пн-пт 09:00-13:00", "пн-пт 14:00-18:00"),
        ("fri-mon 22:00-06:00",),
        ("wed 10:00-10:30",),
    ]
)
ZONES = st.sampled_from(
    [MOSCOW, BERLIN, ZoneInfo("America/Sao_Paulo"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


def moscow(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026: the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        (moscow(23, 10), "15m", moscow(23, 10, 15)),
        (moscow(23, 19, 50), "15m", moscow(24, 9, 5)),
        (moscow(23, 3), "15m", moscow(23, 9, 15)),
        (moscow(27, 19), "4h", moscow(28, 13)),
        (moscow(28, 15), "2h", moscow(30, 10)),
        (moscow(29, 12), "1h", moscow(30, 10)),
        (moscow(23, 15), "1d", moscow(24, 15)),
        (moscow(27, 15), "1d", moscow(28, 15)),
        (moscow(27, 19), "1d", moscow(28, 16)),
        (moscow(28, 12), "1d", moscow(30, 12)),
        (moscow(29, 12), "1d", moscow(1, 9) + timedelta(days=30)),
        (moscow(23, 21), "2d", moscow(26, 9)),
    ],
)
def test_a_span_is_counted_in_the_clinics_hours(start: datetime, span: str, end: datetime) -> None:
    assert hours(USUAL, MOSCOW).after(start, span) == end


def test_a_clinic_is_open_from_its_opening_until_just_before_it_closes() -> None:
    usual = hours(USUAL, MOSCOW)

    assert [usual.is_open(moscow(23, 9)), usual.is_open(moscow(23, 19, 59))] == [True, True]
    assert [usual.is_open(moscow(23, 8, 59)), usual.is_open(moscow(23, 20)), usual.is_open(moscow(29, 12))] == [
        False
    ] * 3


def test_the_same_moment_is_open_in_one_zone_and_closed_in_another() -> None:
    moment = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)

    assert hours(USUAL, MOSCOW).is_open(moment)
    assert not hours(USUAL, BERLIN).is_open(moment)


def test_who_says_no_hours_is_always_open() -> None:
    always = hours((), MOSCOW)

    assert always.is_open(moscow(29, 3))
    assert always.after(moscow(29, 3), "2h") == moscow(29, 5)


def test_hours_over_midnight_belong_to_both_days() -> None:
    nightly = hours(("fri 22:00-06:00",), MOSCOW)

    assert nightly.is_open(moscow(28, 5))
    assert nightly.after(moscow(27, 23), "3h") == moscow(28, 2)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        # the clocks go forward on 29 March 2026 and back on 25 October
        (datetime(2026, 3, 28, 10, tzinfo=BERLIN), "1d", datetime(2026, 3, 29, 10, tzinfo=BERLIN)),
        (datetime(2026, 10, 24, 10, tzinfo=BERLIN), "1d", datetime(2026, 10, 25, 10, tzinfo=BERLIN)),
        (datetime(2026, 10, 24, 10, tzinfo=BERLIN), "24h", datetime(2026, 10, 25, 9, tzinfo=BERLIN)),
    ],
)
def test_a_day_keeps_the_wall_clock_and_an_hour_has_sixty_minutes(start: datetime, span: str, end: datetime) -> None:
    usual = hours(USUAL, BERLIN)

    assert usual.later(start, span) == end
    assert usual.earlier(end, span) == start


def test_a_working_night_is_an_hour_shorter_when_the_clocks_go_forward() -> None:
    nightly = hours(("sat 22:00-06:00",), BERLIN)

    assert nightly.between(datetime(2026, 3, 28, 12, tzinfo=BERLIN), datetime(2026, 3, 30, tzinfo=BERLIN)) == timedelta(
        hours=7
    )
    assert nightly.between(
        datetime(2026, 10, 24, 12, tzinfo=BERLIN), datetime(2026, 10, 26, tzinfo=BERLIN)
    ) == timedelta(hours=9)


def test_a_date_arrives_when_the_clinic_opens_and_is_over_when_it_closes() -> None:
    usual = hours(USUAL, MOSCOW)

    assert (usual.dawn(date(2026, 11, 28)), usual.dusk(date(2026, 11, 28))) == (moscow(28, 10), moscow(28, 16))
    assert (usual.dawn(date(2026, 11, 29)), usual.dusk(date(2026, 11, 29))) == (moscow(29, 9), moscow(30, 0))


@given(BOOKS, ZONES, MOMENTS, st.integers(1, 5000))
def test_a_span_of_minutes_holds_just_so_much_working_time(
    lines: tuple[str, ...], zone: ZoneInfo, start: datetime, minutes: int
) -> None:
    book = hours(lines, zone)
    end = book.after(start, f"{minutes}m")

    assert book.between(start, end) == timedelta(minutes=minutes)
    assert end > start


@given(BOOKS, ZONES, MOMENTS, st.integers(1, 40))
def test_working_days_end_in_working_time_and_grow(
    lines: tuple[str, ...], zone: ZoneInfo, start: datetime, days: int
) -> None:
    book = hours(lines, zone)
    end, longer = book.after(start, f"{days}d"), book.after(start, f"{days + 1}d")

    assert start < end < longer
    assert book.opening(end - timedelta(microseconds=1)) <= end


@given(BOOKS, ZONES, MOMENTS)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    lines: tuple[str, ...], zone: ZoneInfo, at: datetime
) -> None:
    book = hours(lines, zone)
    opening = book.opening(at)

    assert book.is_open(opening)
    assert book.between(at, opening) == timedelta()


@given(ZONES, MOMENTS, st.integers(1, 400))
def test_a_later_day_has_the_same_wall_clock_where_that_hour_is_there(
    zone: ZoneInfo, start: datetime, days: int
) -> None:
    later = hours((), zone).later(start, f"{days}d").astimezone(zone)
    before = start.astimezone(zone)

    assert (later.date() - before.date()).days == days
    assert abs(later.replace(tzinfo=None) - before.replace(tzinfo=None) - timedelta(days=days)) <= timedelta(hours=1)


ENDS = st.sampled_from(
    [
        datetime.min.replace(tzinfo=UTC),
        datetime(1, 1, 1, 21, tzinfo=UTC),
        datetime(9999, 12, 31, 22, 30, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ]
)


@given(BOOKS, ZONES, ENDS, st.sampled_from(["1m", "9999h", "9999d"]))
def test_at_the_ends_of_the_calendar_moments_stay_in_it(
    lines: tuple[str, ...], zone: ZoneInfo, at: datetime, span: str
) -> None:
    book = hours(lines, zone)

    counted = [book.after(at, span), book.later(at, span), book.earlier(at, span), book.opening(at)]
    arrives = [book.dawn(at.date()), book.dusk(at.date())]

    assert [moment.utcoffset() for moment in [*counted, *arrives]] == [timedelta()] * 6
    assert FIRST <= book.wall(at) <= LAST
    assert book.is_open(at) in (True, False)
