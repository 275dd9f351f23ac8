"""Phones as receptionists and patients type them: one number, one spelling, in both CRMs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.phones import e164


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("+7 900 000-00-01", "+79000000001"),
        ("8 (900) 000-00-01", "+79000000001"),
        ("79000000001", "+79000000001"),
        ("900 000 00 01", "+79000000001"),
        ("+8 900 000 00 01", "+79000000001"),
        ("007 900 000 00 01", "+79000000001"),
        ("8(495)000-00-01 доб. 12", "+74950000001"),
        ("8-900-000-00-01 внутр 3", "+79000000001"),
        ("+7 (900) 000-00-01 ext 4", "+79000000001"),
        ("+7 900 000 00 01, Анна", "+79000000001"),
        ("0049 30 1234567", "+49301234567"),
        ("+49 30 1234567", "+49301234567"),
        ("+84 91 234 56 78", "+84912345678"),
        ("+375 29 000-00-01", "+375290000001"),
        ("375290000001", "+375290000001"),
        ("+1234567890123456", "+1234567890123456"),
        ("123-45-67", "123-45-67"),
        ("12 34 56 78", "12 34 56 78"),
        ("00-01", "00-01"),
        (" мамин номер ", "мамин номер"),
        ("  12345  ", "12345"),
        ("", ""),
    ],
)
def test_a_phone_is_told_by_its_number_however_it_is_typed(typed: str, phone: str) -> None:
    assert e164(typed) == phone


@given(st.text(max_size=40) | st.text("+0123456789 -()", max_size=20))
def test_reading_twice_is_reading_once(typed: str) -> None:
    assert e164(e164(typed)) == e164(typed)
