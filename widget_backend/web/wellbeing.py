"""The page of health: fragments for htmx. Parse, call, render."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from flask.sansio.app import App

from widget_backend.crm import registry
from widget_backend.errors import AppError, Forbidden
from widget_backend.tenancy import installations, roles
from widget_backend.texts import Text
from widget_backend.transport import HURRIED
from widget_backend.web import errors, office, pressed
from widget_backend.web.auth import installation, require, visit
from widget_backend.web.context import context
from widget_backend.wellbeing import checking, facts, lights, words
from widget_backend.wellbeing.checking import Checked

blueprint = Blueprint("wellbeing", __name__, url_prefix="/office/health")
blueprint.record_once(lambda state: furnish(state.app))


def furnish(app: App) -> None:
    """Give templates the words of health."""
    app.jinja_env.globals.update(wb=words)


@blueprint.get("")
def shown() -> Response:
    """How the installation does."""
    return _page()


@blueprint.post("/check")
@require("replay")
def check() -> Response:
    """Ask the CRM, and keep what came of it."""
    ours, key = installation().id, request.form.get("key", "")
    connected = registry.connect(context().database, context().settings, ours, HURRIED)

    def keep(session: Any) -> Text:
        checking.keep(session, ours, checked)
        return _said(checked)

    try:
        checked = checking.check(context().database, connected.structure, ours)
        said = pressed.once(key, "link.check", f"installation:{ours}", keep)
    except Forbidden:
        raise
    except AppError as fault:
        return _page(errors.status_of(fault), fault=fault)
    return _page(said=said)


def _said(checked: Checked) -> Text:
    if checked.fault:
        return words.CHECKED_ILL.format(why=checked.fault)
    if checked.missing:
        return words.CHECKED_PARTLY.format(missing=checked.missing, wanted=checked.wanted)
    return words.CHECKED_WELL.format(ms=checked.milliseconds)


def _page(status: int = 200, *, said: Text | None = None, fault: AppError | None = None) -> Response:
    with context().database.transaction() as session:
        info = installations.get(session, installation().id)
        known = facts.read(session, info, registry.rate(context().settings, info.vendor))
    rows = lights.lights(known)
    code = errors.noted(fault) if fault else ""
    state = "error" if fault else "done" if said else "ready" if known.is_set_up else "partial"
    told = {"rows": rows, "worst": lights.worst(rows), "zone": known.zone, "state": state, "code": code}
    return office.drawn("health", status, **told, said=said, fault=fault, may=roles.can(visit().role, "replay"))
