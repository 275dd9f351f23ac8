"""What of the journal is asked, as an address says it, and the order of its entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.journal import asked
from widget_backend.journal.asked import DAYS, Asked, Place
from widget_backend.journal.words import KINDS, PERIODS

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2050, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
PLACES = st.builds(Place, MOMENTS, st.integers(0, 4), st.integers(1, 10**18 - 1))
DEALS = st.integers(1, 10**15 - 1).map(str)


@given(
    st.builds(Asked, DEALS | st.just(""), st.sampled_from(sorted(KINDS)), st.booleans(), st.sampled_from(DAYS)),
    PLACES | st.none(),
)
def test_an_address_says_all_that_is_asked(wanted: Asked, before: Place | None) -> None:
    read = asked.read(wanted.address(before))

    assert (read, read.before) == (Asked(wanted.deal, wanted.kind, wanted.failed, wanted.days, before), before)


@pytest.mark.parametrize(
    ("given", "deal"), [("759", "759"), (" №759 ", "759"), ("#759", "759"), ("0", ""), ("75 9", ""), ("7" * 16, "")]
)
def test_a_deal_is_known_by_its_number(given: str, deal: str) -> None:
    assert asked.read({"deal": given}).deal == deal


def test_the_newest_stands_first_then_the_source_then_the_last_made() -> None:
    later, first, second = Place(NOON + timedelta(microseconds=1), 4, 1), Place(NOON, 0, 1), Place(NOON, 1, 9)

    assert sorted([second, Place(NOON, 1, 8), first, later]) == [later, first, second, Place(NOON, 1, 8)]


def test_every_period_that_is_offered_has_words() -> None:
    assert tuple(PERIODS) == DAYS
