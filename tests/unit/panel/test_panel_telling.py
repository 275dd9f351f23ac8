"""Moments, people and sums as the panel names them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from widget_backend.crm.chart import Chart, ChartField
from widget_backend.crm.model import Option
from widget_backend.crm.records import FieldValue
from widget_backend.panel import telling

EVENING = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)


def test_a_moment_is_told_by_the_clinics_clock() -> None:
    said = telling.moment(EVENING, ZoneInfo("Asia/Novosibirsk"))

    assert (said.ru, said.en) == ("23.11.2026 04:30", "23 Nov 2026 04:30")


@pytest.mark.parametrize(
    ("user", "said"), [("7", "Ирина Орлова"), ("9", "сотрудник №9"), ("robot", "робот"), ("", "неизвестно кто")]
)
def test_a_person_is_named_where_the_clinic_has_told_the_name(user: str, said: str) -> None:
    assert telling.person(user, {"7": "Ирина Орлова"}).ru == said


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (1_500_000, "RUB", "15\u00a0000\u00a0₽"),
        (1_500_050, "RUB", "15\u00a0000,50\u00a0₽"),
        (5, "", "0,05\u00a0₽"),
        (-120_000, "KZT", "−1\u00a0200\u00a0KZT"),
    ],
)
def test_a_sum_is_written_with_its_currency(minor: int, currency: str, said: str) -> None:
    assert telling.amount(minor, currency) == said


FIELDS = Chart(
    fields=(
        ChartField(
            "field.deal.type", "1", "list", "Тип", options=(Option("primary", "Первичный"), Option("vip", "VIP"))
        ),
        ChartField("field.deal.sum", "2", "money", "Сумма плана"),
        ChartField("field.deal.any", "3", "text", "Прочее"),
    ),
    currency="RUB",
)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("type", "primary", "Первичный"),
        ("type", ("primary", "vip"), "Первичный, VIP"),
        ("type", "#77", "#77"),
        ("sum", 1_500_000, "15\u00a0000\u00a0₽"),
        ("any", "как есть", "как есть"),
        ("any", date(2026, 11, 5), "05.11.2026"),
        ("any", EVENING, "23.11.2026 00:30"),
        ("any", True, "да"),
        ("any", Decimal("2.5"), "2.5"),
        ("any", None, "пусто"),
    ],
)
def test_a_value_is_told_as_people_read_it(field: str, value: FieldValue, said: str) -> None:
    assert telling.value(value, f"field.deal.{field}", FIELDS, ZoneInfo("Europe/Moscow")).ru == said
