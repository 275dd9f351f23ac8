"""Who takes deals and who may what: the pages of the settings about people, which ask the CRM who works there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, request

from widget_backend.crm import charts, registry
from widget_backend.crm.asking import Users
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import User
from widget_backend.errors import Conflict, VendorError
from widget_backend.panel.known import names
from widget_backend.preferences import access, team
from widget_backend.preferences.forms import Form, Wrong, one
from widget_backend.preferences.versions import Stale
from widget_backend.texts import Text
from widget_backend.transport import HURRIED
from widget_backend.web import pressed
from widget_backend.web.auth import installation, require, visit
from widget_backend.web.context import context
from widget_backend.web.preferences import again, answered, drawn, kept, meanwhile, number_sent, press

MEMBER: Final = "/team/<string(maxlength=100):user>"

blueprint = Blueprint("staff", __name__, url_prefix="/office/settings")


@dataclass(frozen=True, slots=True)
class Known:
    """The CRM's users. ``named``: id -> name; ``admins``: of the CRM; ``away``: why only some are known."""

    named: Mapping[str, str]
    admins: frozenset[str]
    away: Text | None = None


@blueprint.get("/team/new")
@require("change_settings")
def hire() -> Response:
    """The form of somebody new."""
    return _member("")


@blueprint.get(f"{MEMBER}/edit")
@require("change_settings")
def edit(user: str) -> Response:
    """The form of one of the team."""
    return _member(user)


@blueprint.post("/team/save")
@require("change_settings")
def keep_member() -> Response:
    """Keep one of the team."""
    given, number = answered(), installation().id
    user, version = request.form.get("member", ""), request.form.get("version", "")
    known = _users()
    try:
        said = pressed.once(
            number_sent(),
            "settings.team",
            "settings:team",
            lambda session: team.save(session, number, user, given, version, known.named),
            {"user": user or one(given, "user")},
        )
    except Wrong as wrong:
        form = team.sheet(given, _chart(), known.named, version, wrong.problems, is_new=not user)
        return _member(user, form, known, status=422)
    except Stale as stale:
        if not team.is_there(kept(), user):
            given, user = {**given, "user": [user]}, ""  # somebody has let him go: he would come anew
        fresh = team.form(kept(), user, _chart(), known.named, visit().language)
        form = team.sheet(given, _chart(), known.named, fresh.version, {}, is_new=not user)
        return _member(user, meanwhile(form, stale), known, status=409)
    return again(done=said)


@blueprint.get(f"{MEMBER}/remove")
@require("change_settings")
def leave(user: str) -> Response:
    """Asked before somebody leaves the team."""
    there = team.form(kept(), user, _chart(), {}, visit().language)
    who = team.called(user, names(kept()))
    return drawn("settings_remove", user=user, who=who, version=there.version, key=pressed.key_for(""))


@blueprint.post(f"{MEMBER}/remove")
@require("change_settings")
def let_go(user: str) -> Response:
    """He leaves the team."""
    number = installation().id
    version = request.form.get("version", "")
    return press(
        "settings.team", "settings:team", lambda session: team.remove(session, number, user, version), {"user": user}
    )


@blueprint.get("/access")
@require("change_settings")
def appoint() -> Response:
    """Who may what."""
    return _access(access.form(kept()))


@blueprint.post("/access")
@require("change_settings")
def keep_access() -> Response:
    """Keep who may what."""
    given, number, version, known = answered(), installation().id, request.form.get("version", ""), _users()
    try:
        said = pressed.once(
            number_sent(),
            "settings.access",
            "settings:access",
            lambda session: access.save(session, number, given, version, visit().user_id, known.named, known.admins),
        )
    except Wrong as wrong:
        return _access(access.sheet(given, wrong.problems), known, 422, fault=wrong.message)
    except Stale as stale:
        form = access.sheet({**given, "version": [access.form(kept()).version]}, {})
        return _access(form, known, 409, meanwhile=stale.message)
    return again(done=said)


def _member(user: str, form: Form | None = None, known: Known | None = None, status: int = 200) -> Response:
    known = known or _users()
    form = form or team.form(kept(), user, _chart(), known.named, visit().language)
    who = team.called(user, {**names(kept()), **known.named})
    return drawn(
        "settings_member", status, user=user, who=who, form=form, known=known, key=pressed.key_for(number_sent())
    )


def _access(
    form: access.Appointing,
    known: Known | None = None,
    status: int = 200,
    *,
    fault: Text | None = None,
    meanwhile: Text | None = None,
) -> Response:
    told = {"wrong": fault, "meanwhile": meanwhile, "key": pressed.key_for(number_sent())}
    return drawn("settings_access", status, form=form, known=known or _users(), called=team.called, **told)


def _users() -> Known:
    """Who works there, by the CRM; where that is away, those we know already."""
    ours = {**names(kept()), **dict.fromkeys(access.staff(kept()), "")}
    account = registry.connect(context().database, context().settings, installation().id, HURRIED)
    try:
        found: tuple[User, ...] = account.records(_chart()).read(everybody := Users())[everybody]
    except (VendorError, Conflict) as fault:
        return Known(ours, frozenset(), fault.message)
    named = {user.id: user.name for user in found if user.active}
    return Known({**ours, **named}, frozenset(user.id for user in found if user.admin))


def _chart() -> Chart:
    with context().database.transaction() as session:
        return charts.load(session) or Chart()
