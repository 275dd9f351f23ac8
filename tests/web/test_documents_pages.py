"""The privacy policy and the licence as pages: open to anybody, in both languages, and linked where access is asked for."""

from __future__ import annotations

import pytest
from houses import House

from widget_backend.market.naming import NAME
from widget_backend.market.privacy import NOBODY


@pytest.mark.parametrize("path", ["/privacy", "/licence"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_document_is_read_without_a_session_in_the_language_asked_for(house: House, path: str, language: str) -> None:
    told = house.client.get(f"{path}?lang={language}")

    assert told.status_code == 200
    assert f'<html lang="{language}"' in told.text
    assert NAME.into(language) in told.text
    assert NOBODY.into(language) in told.text


def test_a_document_may_not_be_framed_and_loads_nothing_of_others(house: House) -> None:
    policy = house.client.get("/privacy").headers["Content-Security-Policy"]

    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
