"""A portal's tariff is told in words, and a code nobody knows stays a code."""

from __future__ import annotations

import pytest

from widget_backend.crm.bitrix24.tariffs import tariff


@pytest.mark.parametrize(
    ("code", "russian", "english"),
    [
        ("ru_std", "Стандартный", "Standard"),
        ("ru_basic", "Базовый", "Basic"),
        ("de_pro100", "Профессиональный", "Professional"),
        ("kz_ent250", "Энтерпрайз 250", "Enterprise 250"),
        ("ru_ENT10000", "Энтерпрайз 10000", "Enterprise 10000"),
        ("std", "Стандартный", "Standard"),
        ("ru_project", "Проект", "Project"),
        ("ru_demo", "Демо", "Demo"),
        ("ru_crm-plus 2", "«ru_crm-plus 2»", "“ru_crm-plus 2”"),
        ("ru_", "«ru_»", "“ru_”"),
    ],
)
def test_a_code_is_told_in_words(code: str, russian: str, english: str) -> None:
    told = tariff(code)

    assert told is not None
    assert (told.ru, told.en) == (russian, english)


def test_a_portal_that_tells_none_has_none() -> None:
    assert tariff("") is None
