"""What every view may ask for: settings, database, sessions. Made once by ``create_app``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Flask, Response, current_app, make_response

from widget_backend.config import ServerSettings
from widget_backend.db import Database
from widget_backend.security.sessions import Sessions

EXTENSION: Final = "dental"


@dataclass(frozen=True)
class Context:
    """``sessions`` issues and reads the bearer tokens of pages."""

    settings: ServerSettings
    database: Database
    sessions: Sessions

    def serve(self, app: Flask) -> None:
        """Be the context of this application."""
        app.extensions[EXTENSION] = self


def context() -> Context:
    """The context of the application that answers this request."""
    found: Context = current_app.extensions[EXTENSION]
    return found


def handed(endpoint: str) -> Response:
    """The answer of another view to this request, by its name: a layer's views need not know each other."""
    return make_response(current_app.view_functions[endpoint]())
