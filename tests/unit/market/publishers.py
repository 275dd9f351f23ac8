"""The publisher of the tests: an invented one."""

from __future__ import annotations

from widget_backend.market import Publisher

ANNA = Publisher(
    "ООО «Пример Дент»", "https://app.dental.example", "help@dental.example", "https://app.dental.example/privacy"
)
