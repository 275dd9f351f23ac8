"""Policy and licence: they name who answers, and every term and table is the code's own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from publishers import ANNA

from widget_backend import market, requestlog, tables
from widget_backend.market import Publisher, terms
from widget_backend.market.naming import NAME

#: bitrix24.md §7, row 10
DEMANDED = timedelta(days=3)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_documents_name_the_application_and_who_answers(language: str) -> None:
    for document in (market.privacy(ANNA), market.licence(ANNA)):
        written = document.written(language)

        assert NAME.into(language) in written
        assert ANNA.name in written
        assert ANNA.support in written


@pytest.mark.parametrize("language", ["ru", "en"])
def test_where_nobody_is_named_the_card_of_the_market_is(language: str) -> None:
    nobody = Publisher("", "https://app.dental.example", "", "https://app.dental.example/privacy")

    written = market.privacy(nobody).written(language)

    assert {"ru": "в карточке приложения в маркете", "en": "in its card of the market"}[language] in written
    assert "{" not in written


def test_the_policy_speaks_of_every_table_once() -> None:
    told = [table for kept in terms.KEPT for table in kept.tables]

    assert len(told) == len(set(told))
    assert set(told) | terms.TECHNICAL == set(tables.metadata.tables)
    assert set(told) & terms.TECHNICAL == set()


def test_a_term_is_told_in_days_as_the_code_has_it() -> None:
    (log,) = (kept for kept in terms.KEPT if "request_log" in kept.tables)

    assert log.said.ru.endswith(f": {requestlog.KEPT.days}\u00a0дней.")
    assert log.said.en.endswith(f": {requestlog.KEPT.days}\u00a0days.")


def test_the_log_of_requests_is_kept_as_long_as_the_market_demands() -> None:
    assert requestlog.KEPT >= DEMANDED
