"""The JSON API under ``/api/v1``: a module for each noun. Its description is served at ``/api/v1/openapi.json``."""

from __future__ import annotations

from typing import Final

from flask import Flask
from flask_smorest import Api

from widget_backend.web.api import deals, letters, places, problems, rules, runs
from widget_backend.web.api.noun import PREFIX

NOUNS: Final = (deals.noun, rules.noun, runs.noun, letters.noun)
#: that of the addresses and words; a change that breaks callers gets another prefix
VERSION: Final = "1.0"
SAYS: Final = (
    "Deals, rules of robots, what robots did, and what has stopped, of one clinic. Every request carries the session of a page "
    "of ours. Times are in UTC, money in minor units, texts in the language of the session."
)


class _Described(Api):  # type: ignore[misc]  # the package has no types
    """Errors are answered and described as in the rest of the application."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        pass

    def _register_pagination_header(self) -> None:
        pass


def serve(app: Flask) -> None:
    """Add the API to the application."""
    app.config["OPENAPI_URL_PREFIX"] = PREFIX
    places.teach(app)
    about = {"title": "dental-crm", "version": VERSION, "openapi_version": "3.1.0"}
    api = _Described(app, spec_kwargs={**about, "info": {"description": SAYS}, "security": [{"session": []}]})
    places.describe(api)
    problems.describe(api)
    for noun in NOUNS:
        api.register_blueprint(noun.blueprint)
