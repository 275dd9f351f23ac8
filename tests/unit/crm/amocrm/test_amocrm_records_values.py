"""Values of fields there and back, days in every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from amocrm_rows import CHART, enum, value
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.crm.amocrm.register.search import searched
from widget_backend.crm.amocrm.register.values import decoded, encoded
from widget_backend.crm.chart import ChartField

DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
#: hours from Alaska to the Line Islands
ZONES = st.integers(-9 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
KINDS = {
    "text": st.text(min_size=1),
    "long_text": st.text(min_size=1),
    "url": st.just("https://clinic.example/x"),
    "number": st.decimals(allow_nan=False, allow_infinity=False, places=3),
    "money": st.integers(0, 10**12),
    "boolean": st.booleans(),
    "date": DAYS,
    "datetime": st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
    ),
}


def field(kind: str) -> ChartField:
    return ChartField("field.deal.x", "77", kind, "Поле")


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_what_is_written_is_read_back(kind: str, data: st.DataObject) -> None:
    told = data.draw(KINDS[kind])

    assert decoded(field(kind), encoded(field(kind), told) or []) == told


@pytest.mark.parametrize(
    ("address", "told"), [("field.deal.branch", "south"), ("field.deal.services", ("implant", "#777"))]
)
def test_choices_are_read_back(address: str, told: Any) -> None:
    items = encoded(CHART.field[address], told)

    assert decoded(CHART.field[address], items or []) == told


@given(day=DAYS, zone=ZONES)
def test_a_midnight_of_any_zone_is_read_as_its_day(day: date, zone: timezone) -> None:
    midnight = int(datetime.combine(day, time(0), zone).timestamp())

    assert decoded(field("date"), [{"value": midnight}]) == day


@given(day=DAYS, zone=ZONES)
def test_the_day_we_write_is_the_same_in_any_zone(day: date, zone: timezone) -> None:
    ((item),) = encoded(field("date"), day) or []

    assert datetime.fromtimestamp(item["value"], zone).date() == day


@given(day=DAYS, zone=ZONES)
def test_a_day_the_vendor_puts_back_to_midnight_stays_that_day(day: date, zone: timezone) -> None:
    ((item),) = encoded(field("date"), day) or []
    midnight = datetime.combine(datetime.fromtimestamp(item["value"], zone).date(), time(0), zone)

    assert decoded(field("date"), [{"value": int(midnight.timestamp())}]) == day


@pytest.mark.parametrize("kind", ["text", "number", "money", "boolean", "date", "datetime", "list"])
@pytest.mark.parametrize("nothing", [None, "", ()])
def test_nothing_clears_a_field(kind: str, nothing: Any) -> None:
    assert encoded(field(kind), nothing) is None
    assert decoded(field(kind), []) is None


@pytest.mark.parametrize("kind", ["number", "money", "date", "datetime", "list"])
@pytest.mark.parametrize("junk", [{"value": "мусор"}, {"value": None}, {}, {"enum_id": None}])
def test_junk_of_the_vendor_is_no_value(kind: str, junk: dict[str, Any]) -> None:
    assert decoded(field(kind), [junk]) is None


@pytest.mark.parametrize(
    ("told", "on"), [(True, True), ("1", True), (1, True), (False, False), ("0", False), (0, False)]
)
def test_a_checkbox_is_told_in_many_ways(told: Any, on: bool) -> None:
    assert decoded(field("boolean"), [{"value": told}]) is on


def test_a_number_is_sent_as_text_without_an_exponent() -> None:
    assert encoded(field("number"), Decimal("1E+3")) == [{"value": "1000"}]
    assert encoded(field("money"), 450000) == [{"value": "4500"}]


def test_a_single_choice_of_several_is_the_first() -> None:
    filled = value(31, enum(3101), enum(3102))["values"]

    assert decoded(CHART.field["field.deal.branch"], filled) == "north"


def test_a_russian_phone_is_searched_by_its_part_first() -> None:
    assert searched("+79000000001") == ("9000000001", "79000000001")
    assert searched("+49301234567") == ("49301234567",)
