"""The page of settings: fragments for htmx. Parse, call, render."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, Response, request
from flask.sansio.app import App

from widget_backend import audit
from widget_backend.audit import Act
from widget_backend.crm import registry
from widget_backend.errors import AppError, Forbidden, InvalidInput, NotFound
from widget_backend.preferences import hours, page, rest, words
from widget_backend.preferences.forms import Form, Wrong
from widget_backend.preferences.versions import Stale
from widget_backend.tenancy import installations, roles
from widget_backend.texts import Text
from widget_backend.transport import HURRIED
from widget_backend.web import errors, office, pressed
from widget_backend.web.auth import installation, require, visit
from widget_backend.web.context import context
from widget_backend.wellbeing import checking

#: act -> its words, where it is sent, and the button's label
DANGERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "pause": {
        "title": words.HALT_TITLE,
        "what": words.HALT_WHAT,
        "label": words.HALT,
        "send": "/office/settings/danger/pause",
    },
    "disconnect": {
        "title": words.PART_TITLE,
        "what": words.PART_WHAT,
        "label": words.PART,
        "send": "/office/settings/disconnect",
    },
}


blueprint = Blueprint("preferences", __name__, url_prefix="/office/settings")
blueprint.record_once(lambda state: furnish(state.app))


def furnish(app: App) -> None:
    """Give templates the words of this page."""
    app.jinja_env.globals.update(pf=words)


@blueprint.get("")
def shown() -> Response:
    """All sections."""
    return again()


@blueprint.post("/hours")
@require("change_settings")
def keep_hours() -> Response:
    """Working hours and time zone."""
    given, number, version = answered(), installation().id, request.form.get("version", "")
    try:
        said = pressed.once(
            number_sent(),
            "settings.hours",
            "settings:hours",
            lambda session: hours.save(session, number, given, version),
        )
    except Wrong:
        return again(422, form=hours.form(installation().settings, visit().language, given, version), unsaved=True)
    except Stale as stale:
        now_kept = hours.form(kept(), visit().language)
        form = hours.form(installation().settings, visit().language, given, now_kept.version)
        return again(409, form=meanwhile(form, stale), unsaved=True, present=now_kept)
    return again(done=said)


@blueprint.post("/check")
@require("change_settings")
def check() -> Response:
    """Ask the CRM, once."""
    number = installation().id
    account = registry.connect(context().database, context().settings, number, HURRIED)
    checked = checking.check(context().database, account.structure, number)
    act = Act(visit().user_id or "unknown", visit().role, "link.check", f"installation:{number}", "office")
    with audit.recorded(context().database, number, act) as session:
        checking.keep(session, number, checked)
    return drawn("settings_checked", checked=checked)


@blueprint.get("/danger/<act>")
@require("change_settings")
def ask(act: str) -> Response:
    """Asked once more before anything dangerous."""
    if act not in DANGERS:
        raise NotFound(words.NO_MEMBER)
    return _ask(act)


@blueprint.post("/danger/pause")
@require("change_settings")
def pause() -> Response:
    """The clinic's work stops."""
    number, by = installation().id, visit().user_id
    try:
        rest.sure(request.form.get("sure", ""))
    except InvalidInput as fault:
        return _ask("pause", fault)
    return press("settings.pause", "settings:rest", lambda session: rest.pause(session, number, by))


@blueprint.post("/resume")
@require("change_settings")
def resume() -> Response:
    """The clinic's work goes on."""
    number = installation().id
    return press("settings.resume", "settings:rest", lambda session: rest.resume(session, number))


def press(action: str, what: str, do: Callable[[Any], Text], details: Mapping[str, Any] | None = None) -> Response:
    """Do it once for its form, and show the page; a refusal is said above it."""
    try:
        said = pressed.once(number_sent(), action, what, do, details)
    except Forbidden:
        raise
    except AppError as fault:
        return again(errors.status_of(fault), fault=fault)
    return again(done=said)


def again(
    status: int = 200,
    *,
    form: Form | None = None,
    present: Form | None = None,
    unsaved: bool = False,
    done: Text | None = None,
    fault: AppError | None = None,
) -> Response:
    """The page of all sections."""
    with context().database.transaction() as session:
        info = installations.get(session, installation().id)
        found = page.page(session, info, visit().language, form)
    told = {"fault": fault, "code": errors.noted(fault) if fault else "", "done": done, "unsaved": unsaved}
    return drawn("settings", status, page=found, info=info, present=present, key=pressed.key_for(""), **told)


def _ask(act: str, fault: AppError | None = None) -> Response:
    status = errors.status_of(fault) if fault else 200
    told = {"fault": fault, "code": errors.noted(fault) if fault else "", "key": pressed.key_for(number_sent())}
    return drawn("settings_ask", status, act=act, **DANGERS[act], **told)


def kept() -> Mapping[str, Any]:
    """As they are now: somebody may have changed them since this request began."""
    with context().database.transaction() as session:
        return installations.get(session, installation().id).settings


def meanwhile(form: Form, stale: Stale) -> Form:
    """The form with word of what somebody else has done."""
    return replace(form, meanwhile=stale.message)


def answered() -> dict[str, list[str]]:
    """What the form of this request was filled in with."""
    return request.form.to_dict(flat=False)


def number_sent() -> str:
    """The form's own number."""
    return request.form.get("key", "")


def drawn(template: str, status: int = 200, **shown: Any) -> Response:
    """A page of the settings, for whoever looks at it."""
    may = roles.can(visit().role, "change_settings")
    why_not = None if may else roles.NOT_YOURS["change_settings"]
    return office.drawn(template, status, may=may, why_not=why_not, **shown)
