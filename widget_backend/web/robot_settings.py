"""The settings of a robot of ours inside the CRM's designer: a fragment for htmx. Parse, call, render."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.sansio.app import App

from widget_backend.crm import charts
from widget_backend.errors import NotFound
from widget_backend.native import robot_words, setting
from widget_backend.web import office
from widget_backend.web.context import context

blueprint = Blueprint("robot_settings", __name__, url_prefix="/office/robots/settings")
blueprint.record_once(lambda state: furnish(state.app))


def furnish(app: App) -> None:
    """Give templates the words of these pages."""
    app.jinja_env.globals.update(rs=robot_words)


@blueprint.get("/<string(maxlength=60):code>")
def shown(code: str) -> Response:
    """What can be chosen, and what is chosen in the robot now: that comes with the address."""
    with context().database.transaction() as session:
        chart = charts.load(session)
    if chart is None:
        return office.drawn("robot_setting", setting=None)
    found = setting.setting(code, request.args, chart)
    if found is None:
        raise NotFound(robot_words.NO_ROBOT)
    return office.drawn("robot_setting", setting=found)
