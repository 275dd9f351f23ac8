"""The web application: the one place that knows all of it."""

from __future__ import annotations

import logging
from typing import Final

from flask import Flask

from installer.routes import BLUEPRINTS
from widget_backend import config
from widget_backend.config import ServerSettings
from widget_backend.db import Database
from widget_backend.security.sessions import Sessions
from widget_backend.storage import open_server
from widget_backend.web import (
    api,
    assets,
    auth,
    documents,
    errors,
    headers,
    journal,
    native,
    office,
    panel,
    preferences,
    probes,
    robot_settings,
    rulebook,
    staff,
    webhooks,
    wellbeing,
    words,
)
from widget_backend.web.context import Context

#: bytes of the largest body that is read; a CRM's events stay far below
LARGEST: Final = 2_000_000


def create_app(settings: ServerSettings | None = None, database: Database | None = None) -> Flask:
    """The application on these settings (those of the environment if none are given). Raises :class:`AppError`."""
    settings = settings or config.read_server()
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it quotes addresses, and Bitrix24 wants tokens in them
    app = Flask("dental_crm", template_folder=str(assets.FOLDER.parent / "templates"), static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST, MAX_FORM_MEMORY_SIZE=LARGEST)
    Context(settings, database or open_server(settings), Sessions(settings.keys)).serve(app)
    for prepare in (headers.guard, probes.measure, errors.guard, auth.guard, words.furnish):
        prepare(app)
    for part in (
        assets,
        probes,
        documents,
        webhooks,
        panel,
        office,
        journal,
        wellbeing,
        rulebook,
        preferences,
        staff,
        native,
        robot_settings,
    ):
        app.register_blueprint(part.blueprint)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    api.serve(app)
    return app
