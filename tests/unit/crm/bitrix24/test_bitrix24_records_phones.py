"""Phones as Boris's receptionists type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.crm.bitrix24.register.phones import e164


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("8 (900) 000-00-01", "+79000000001"),
        ("+7 900 000 00 01", "+79000000001"),
        ("79000000001", "+79000000001"),
        ("9000000001", "+79000000001"),
        ("8-900-000-00-01 доб. 12", "+79000000001"),
        ("+7 (900) 000-00-01 ext 4", "+79000000001"),
        ("007 900 000 00 01", "+79000000001"),
        ("+49 30 1234567", "+49301234567"),
        ("+375 29 000-00-01", "+375290000001"),
        ("375290000001", "+375290000001"),
        ("123-45", "123-45"),
        (" мамин номер ", "мамин номер"),
        ("+1234567890123456", "+1234567890123456"),
        ("", ""),
    ],
)
def test_a_phone_as_it_was_typed(typed, read):
    assert e164(typed) == read


@given(st.text(max_size=40))
def test_reading_twice_is_reading_once(typed):
    assert e164(e164(typed)) == e164(typed)
