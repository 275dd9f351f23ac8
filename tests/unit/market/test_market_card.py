"""The texts of the cards: within the limits, in both languages, true to the product."""

from __future__ import annotations

import json
import re

import pytest
from publishers import ANNA

from widget_backend import widget
from widget_backend.deals.copying import undoing
from widget_backend.market.card import ABILITIES, KEYWORDS, LIMITS, SHORT, card
from widget_backend.market.naming import NAME
from widget_backend.panel import several
from widget_backend.robots import firing_log

VENDORS = ("bitrix24", "amocrm")
LANGUAGES = ("ru", "en")
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("vendor", "field"), [(v, f) for v in VENDORS for f in LIMITS[v]])
def test_a_text_fits_its_field(vendor: str, field: str, language: str) -> None:
    assert 0 < len(card(vendor, ANNA)[field].into(language)) <= LIMITS[vendor][field]


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_field_is_filled_in_its_own_language(vendor: str) -> None:
    texts = card(vendor, ANNA)

    assert [field for field, text in texts.items() if not CYRILLIC.search(text.ru) or CYRILLIC.search(text.en)] == []
    assert [field for field, text in texts.items() if "{" in text.ru + text.en] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_short_description_is_two_sentences_that_do_not_repeat_the_name(language: str) -> None:
    said = SHORT.into(language)

    assert len(re.findall(r"[.!?](?:\s|$)", said)) <= 2
    assert NAME.into(language).split(":")[0] not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_holds_no_vendors_brand(language: str) -> None:
    assert re.search("amo|битрикс|bitrix", NAME.into(language), re.IGNORECASE) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_keywords_are_parted_by_commas_and_name_no_brand(language: str) -> None:
    words = KEYWORDS.into(language).split(", ")

    assert len(words) == len(set(words)) > 5
    assert re.search("amo|битрикс|bitrix", KEYWORDS.into(language), re.IGNORECASE) is None


@pytest.mark.parametrize("vendor", VENDORS)
def test_no_english_text_sends_to_a_russian_site(vendor: str) -> None:
    assert [field for field, text in card(vendor, ANNA).items() if ".ru" in text.en] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_widget_and_the_cards_have_one_name(language: str) -> None:
    words = json.loads(widget.sources()[f"i18n/{language}.json"])

    assert words["widget"]["name"] == NAME.into(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_promised_in_numbers_is_what_the_code_does(language: str) -> None:
    promised = {int(number) for number in re.findall(r"\d+", ABILITIES.into(language))}
    minutes = int(undoing.TIME.total_seconds() // 60)

    assert promised == {minutes, firing_log.LIFE.days, several.MOST}
