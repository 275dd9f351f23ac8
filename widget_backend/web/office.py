"""The frame of the office: the row of tabs above the application's own pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template
from flask.sansio.app import App

from widget_backend.crm.registry import VENDORS
from widget_backend.texts import Text
from widget_backend.web.auth import installation
from widget_backend.web.context import handed

#: tab -> its words, and where its page begins
TABS: Final[Mapping[str, tuple[Text, str]]] = {
    "journal": (Text("Журнал", "Journal"), "/office/journal"),
    "rules": (Text("Правила", "Rules"), "/office/rules"),
    "settings": (Text("Настройки", "Settings"), "/office/settings"),
    "health": (Text("Состояние", "Health"), "/office/health"),
    "robots": (Text("Роботы CRM", "CRM robots"), "/office/robots"),
    "wizard": (Text("Установка", "Set-up"), "/wizard"),
}
TABS_NAME: Final = Text("Разделы приложения", "Parts of the application")

blueprint = Blueprint("office", __name__, url_prefix="/office")
blueprint.record_once(lambda state: furnish(state.app))


def furnish(app: App) -> None:
    """Give templates the row of tabs."""
    app.jinja_env.globals.update(TABS=TABS, TABS_NAME=TABS_NAME)


@blueprint.get("")
def begin() -> Response:
    """The first of the pages."""
    return handed("journal.shown")


def drawn(page: str, status: int = 200, /, **shown: Any) -> Response:
    """A page of the office, or a part of one: ``templates/office/<page>.html``."""
    there = {"card_path": VENDORS[installation().vendor].card, "origin": installation().base_url.rstrip("/")}
    return make_response(render_template(f"office/{page}.html", **there, **shown), status)
