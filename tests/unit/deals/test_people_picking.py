"""Who takes a deal: shift, branch, load and turn; and that somebody always does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.deals import people
from widget_backend.deals.clinic import Member
from widget_backend.deals.people import Seat

MOSCOW = ZoneInfo("Europe/Moscow")
WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=UTC)  # 12:00 in Moscow
NIGHT = WEDNESDAY + timedelta(hours=12)


@dataclass(frozen=True)
class Team:
    team: tuple[Member, ...] = ()
    owner: str = "1"
    hours: tuple[str, ...] = ("mon-fri 09:00-20:00",)
    zone: ZoneInfo = MOSCOW


def member(user: str, *roles: str, **more: object) -> Member:
    return Member(user, roles=roles or ("administrator",), **more)  # type: ignore[arg-type]


days = st.dates(date(2026, 11, 23), date(2026, 11, 27))
members = st.builds(
    Member,
    user=st.integers(10, 15).map(str),
    roles=st.sampled_from([("administrator",), ("coordinator",), ("administrator", "coordinator"), ()]),
    branches=st.sampled_from([(), ("north",), ("south",)]),
    pipelines=st.sampled_from([(), ("pipeline.visits",), ("pipeline.coord",)]),
    hours=st.sampled_from([(), ("mon-sun 00:00-24:00",), ("mon-fri 09:00-13:00",)]),
    away=st.lists(st.tuples(days, days), max_size=1).map(tuple),
)
teams = st.lists(members, max_size=5, unique_by=lambda one: one.user).map(tuple)
moments = st.integers(0, 5 * 24).map(lambda hours: datetime(2026, 11, 22, 21, tzinfo=UTC) + timedelta(hours=hours))
seats = st.builds(
    Seat,
    role=st.sampled_from(["administrator", "coordinator", "curator"]),
    branch=st.sampled_from(["", "north", "south"]),
    pipeline=st.sampled_from(["", "pipeline.visits"]),
)
loads = st.dictionaries(st.integers(10, 15).map(str), st.integers(0, 9))


@given(teams, seats, moments, loads)
def test_somebody_always_takes_it(team: tuple[Member, ...], seat: Seat, at: datetime, load: dict[str, int]) -> None:
    picked = people.choose(Team(team), seat, at, load)

    assert picked.user in {"1", *(one.user for one in team)}
    assert picked.reason.ru and picked.reason.en


@given(teams, seats, moments, loads)
def test_nobody_absent_is_chosen_while_somebody_is_in(
    team: tuple[Member, ...], seat: Seat, at: datetime, load: dict[str, int]
) -> None:
    clinic = Team(team)
    able = [one for one in team if seat.role in one.roles]
    present = [one.user for one in able if people.is_in(clinic, one, at)]
    of_the_branch = [one.user for one in able if people.is_in(clinic, one, at) and people.fits(one, seat)]

    picked = people.choose(clinic, seat, at, load).user

    assert picked in (of_the_branch or present or [picked])


@given(teams, seats, moments, loads)
def test_nobody_on_holiday_is_chosen_while_the_role_has_others(
    team: tuple[Member, ...], seat: Seat, at: datetime, load: dict[str, int]
) -> None:
    clinic = Team(team)
    staying = [one.user for one in team if seat.role in one.roles and not people.is_away(clinic, one, at)]

    assert people.choose(clinic, seat, at, load).user in (staying or ["1"])


@given(teams, seats, moments, loads, st.integers(10, 15).map(str))
def test_the_same_question_has_the_same_answer(
    team: tuple[Member, ...], seat: Seat, at: datetime, load: dict[str, int], last: str
) -> None:
    again = people.choose(Team(team), seat, at, dict(reversed(load.items())), last)

    assert people.choose(Team(team), seat, at, load, last) == again


@given(st.integers(1, 6), st.integers(1, 60))
def test_equal_people_stay_within_one_of_each_other(size: int, deals: int) -> None:
    clinic = Team(tuple(member(str(n)) for n in range(size)))
    load: Counter[str] = Counter()
    last = ""
    for _ in range(deals):
        last = people.pick(clinic, "administrator", "", "", WEDNESDAY, load, last)
        load[last] += 1

    assert max(load.values()) - min(load[str(n)] for n in range(size)) <= 1


@given(st.integers(1, 6), st.integers(1, 60))
def test_so_do_they_by_turns_while_the_load_is_not_known(size: int, deals: int) -> None:
    clinic = Team(tuple(member(str(n)) for n in range(size)))
    had: Counter[str] = Counter()
    last = ""
    for _ in range(deals):
        last = people.pick(clinic, "administrator", "", "", WEDNESDAY, {}, last)
        had[last] += 1

    assert max(had.values()) - min(had[str(n)] for n in range(size)) <= 1


def test_the_least_loaded_takes_it() -> None:
    clinic = Team((member("11"), member("12"), member("13")))

    assert people.pick(clinic, "administrator", "", "", WEDNESDAY, {"11": 3, "12": 1, "13": 2}) == "12"


def test_of_equals_it_is_whoever_follows_the_last() -> None:
    clinic = Team((member("11"), member("12"), member("13")))

    assert people.pick(clinic, "administrator", "", "", WEDNESDAY, {"12": 5}, last="11") == "13"


@pytest.mark.parametrize(
    ("seat", "user"),
    [
        (Seat("administrator", "north"), "11"),
        (Seat("administrator", "south"), "12"),
        (Seat("administrator", pipeline="pipeline.coord"), "13"),
        (Seat("administrator", direction="kids"), "14"),
    ],
)
def test_branch_pipeline_and_direction_have_their_own_people(seat: Seat, user: str) -> None:
    clinic = Team(
        (
            member("11", branches=("north",), pipelines=("pipeline.visits",), directions=("adults",)),
            member("12", branches=("south",), pipelines=("pipeline.visits",), directions=("adults",)),
            member("13", branches=("east",), pipelines=("pipeline.coord",), directions=("adults",)),
            member("14", branches=("east",), pipelines=("pipeline.visits",), directions=("kids",)),
        )
    )
    load = {number: 9 for number in ("11", "12", "13", "14") if number != user} | {user: 10}

    assert people.choose(clinic, seat, WEDNESDAY, load).user == user


def test_a_colleague_of_another_branch_helps_out_while_she_is_in() -> None:
    clinic = Team(
        (member("11", branches=("north",), hours=("mon-fri 14:00-20:00",)), member("12", branches=("south",)))
    )

    picked = people.choose(clinic, Seat("administrator", "north"), WEDNESDAY, {"12": 9})

    assert (picked.user, picked.reason) == ("12", people.FROM_ELSEWHERE)


def test_at_night_it_waits_for_whoever_comes_on_duty_and_is_not_on_holiday() -> None:
    clinic = Team((member("11", away=((date(2026, 11, 24), date(2026, 11, 26)),)), member("12")))

    picked = people.choose(clinic, Seat("administrator"), NIGHT, {"12": 9})

    assert (picked.user, picked.reason) == ("12", people.NEXT_IN)


@pytest.mark.parametrize("day", [24, 25])
def test_the_first_and_the_last_day_of_an_absence_count(day: int) -> None:
    away = member("11", away=((date(2026, 11, 24), date(2026, 11, 25)),))

    assert people.is_away(Team(), away, datetime(2026, 11, day, 12, tzinfo=UTC))


def test_a_day_of_absence_is_a_day_of_the_clinics_zone() -> None:
    away = member("11", away=((date(2026, 11, 25), date(2026, 11, 25)),))

    assert people.is_away(Team(), away, datetime(2026, 11, 24, 22, tzinfo=UTC))


def test_the_owner_takes_what_nobody_else_does() -> None:
    picked = people.choose(Team((member("11"),)), Seat("curator"), WEDNESDAY, {})

    assert (picked.user, picked.reason) == ("1", people.OWNER)


def test_without_a_known_owner_it_is_the_first_of_the_team() -> None:
    assert people.choose(Team((member("11"),), owner=""), Seat("curator"), WEDNESDAY, {}).user == "11"
