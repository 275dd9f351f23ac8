"""Counters that follow from the journal of visits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.deals.visits import Visit, counters

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 25, 9, tzinfo=UTC)
DAY = timedelta(days=1)

visits = st.builds(
    Visit,
    contact=st.just("301"),
    source=st.sampled_from(["deal", "mis", "hand"]),
    key=st.integers(1, 6).map(str),
    outcome=st.sampled_from(["booked", "completed", "missed", "cancelled"]),
    told_at=st.integers(0, 3).map(lambda days: NOON - days * DAY),
    at=st.none() | st.integers(-1, 3).map(lambda days: NOON - days * DAY),
    deal=st.sampled_from(["", "1", "2"]),
    insured=st.booleans(),
)
journals = st.lists(visits, max_size=6, unique_by=lambda one: (one.source, one.key))


def completed(*journal: Visit, **how: object) -> int:
    return counters(journal, MOSCOW, NOON, **how).completed  # type: ignore[arg-type]


@given(journals, st.booleans(), st.randoms())
def test_the_order_says_nothing(journal: list[Visit], insured: bool, random: object) -> None:
    mixed = list(journal)
    random.shuffle(mixed)  # type: ignore[attr-defined]

    assert counters(mixed, MOSCOW, NOON, insured=insured) == counters(journal, MOSCOW, NOON, insured=insured)


@given(journals, visits)
def test_one_more_telling_never_makes_fewer_visits(journal: list[Visit], more: Visit) -> None:
    assert completed(*journal, more) >= completed(*journal)


@given(journals)
def test_never_more_visits_than_were_told_and_none_where_none_was(journal: list[Visit]) -> None:
    told = [visit for visit in journal if visit.outcome == "completed"]

    assert bool(told) <= bool(completed(*journal)) <= completed(*journal) <= len(told)


@given(journals)
def test_insured_visits_are_some_of_all(journal: list[Visit]) -> None:
    assert 0 <= completed(*journal, insured=False) <= completed(*journal)


CAME = Visit("301", "deal", "1", "completed", NOON - DAY, NOON - DAY, "1")
IN_THE_SYSTEM = Visit("301", "mis", "v9", "completed", NOON, NOON - DAY)


@pytest.mark.parametrize(
    ("journal", "number"),
    [
        ([], 0),
        ([CAME], 1),
        ([CAME, replace(CAME, key="2", deal="2", at=NOON - 9 * DAY)], 2),
        ([CAME, replace(CAME, key="2", deal="2")], 2),
        ([CAME, IN_THE_SYSTEM], 1),
        ([CAME, replace(IN_THE_SYSTEM, at=NOON - 5 * DAY)], 2),
        ([CAME, replace(IN_THE_SYSTEM, at=NOON - 5 * DAY, deal="1")], 1),
        ([CAME, replace(IN_THE_SYSTEM, deal="1"), replace(IN_THE_SYSTEM, key="v10", deal="1")], 2),
        ([replace(CAME, outcome="missed"), replace(IN_THE_SYSTEM, deal="1")], 1),
        ([CAME, replace(IN_THE_SYSTEM, outcome="missed", deal="1")], 1),
        ([replace(CAME, outcome="missed")], 0),
        ([replace(CAME, outcome="booked")], 0),
        ([replace(CAME, outcome="cancelled")], 0),
    ],
)
def test_how_many_took_place(journal: list[Visit], number: int) -> None:
    assert completed(*journal) == number


def test_a_visit_just_after_midnight_is_of_the_clinics_new_day() -> None:
    late = replace(CAME, at=datetime(2026, 11, 24, 22, tzinfo=UTC))  # 1:00 on the 25th in Moscow
    early = replace(IN_THE_SYSTEM, at=datetime(2026, 11, 25, 6, tzinfo=UTC))

    assert completed(late, early) == 1


def test_the_visit_of_the_very_deal_can_be_left_out() -> None:
    assert completed(CAME, replace(IN_THE_SYSTEM, deal="1"), but="1") == 0
    assert completed(CAME, IN_THE_SYSTEM, but="2") == 1


@pytest.mark.parametrize(
    "journal",
    [
        [replace(IN_THE_SYSTEM, insured=True)],
        [CAME, replace(IN_THE_SYSTEM, insured=True)],
        [CAME, replace(IN_THE_SYSTEM, insured=True, deal="1", at=NOON - 5 * DAY)],
    ],
)
def test_insured_visits_count_unless_the_clinic_leaves_them_out(journal: list[Visit]) -> None:
    assert (completed(*journal), completed(*journal, insured=False)) == (1, 0)


def test_first_last_and_next() -> None:
    old = replace(CAME, key="2", deal="2", at=NOON - 90 * DAY)
    booked = replace(CAME, key="3", deal="3", outcome="booked", at=NOON + 2 * DAY)
    missed = replace(CAME, key="4", deal="4", outcome="missed", at=NOON - 200 * DAY)

    told = counters([CAME, old, booked, replace(booked, key="5", at=NOON + 9 * DAY), missed], MOSCOW, NOON)

    assert (told.first_at, told.last_at, told.next_at) == (NOON - 90 * DAY, NOON - DAY, NOON + 2 * DAY)
