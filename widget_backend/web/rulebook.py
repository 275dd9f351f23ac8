"""The page of rules: fragments for htmx. Parse, call, render."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, Response, request
from flask.sansio.app import App

from widget_backend.errors import AppError, Forbidden
from widget_backend.robots.reading.telling import told
from widget_backend.rulebook import acts, drafts, listing, mending, trial, words
from widget_backend.rulebook.acts import Stale
from widget_backend.rulebook.drafts import Draft
from widget_backend.tenancy import roles
from widget_backend.texts import Text
from widget_backend.web import errors, office, pressed
from widget_backend.web.api.acting import clinic
from widget_backend.web.auth import installation, require, visit
from widget_backend.web.context import context

KEY: Final = "/<string(maxlength=100):rule>"

blueprint = Blueprint("rulebook", __name__, url_prefix="/office/rules")
blueprint.record_once(lambda state: furnish(state.app))


def furnish(app: App) -> None:
    """Give templates the words of this page."""
    app.jinja_env.globals.update(rb=words)


@blueprint.get("")
def shown() -> Response:
    """All rules."""
    return _list()


@blueprint.post(f"{KEY}/switch")
@require("change_rules")
def switch(rule: str) -> Response:
    """On or off."""
    on = request.form.get("on") == "yes"
    return _pressed("rule.on" if on else "rule.off", rule, lambda s, number: acts.switch(s, number, rule, on=on))


@blueprint.post(f"{KEY}/place")
@require("change_rules")
def place(rule: str) -> Response:
    """Another stage for one that is gone."""
    gap, to = request.form.get("gap", ""), request.form.get("to", "")
    return _pressed("rule.mend", rule, lambda s, number: acts.mend(s, number, rule, gap, to))


@blueprint.get(f"{KEY}/drop")
@require("change_rules")
def leave(rule: str) -> Response:
    """Asked before a rule goes."""
    with context().database.transaction() as session:
        found = acts.find(session, rule)
        card = listing.card(listing.read(session, installation().settings), found)
    return _drawn("rules_drop", card=card, restores=card.replaces, key=pressed.key_for(""))


@blueprint.post(f"{KEY}/drop")
@require("change_rules")
def drop(rule: str) -> Response:
    """It goes."""
    version = request.form.get("version", "")
    return _pressed("rule.drop", rule, lambda s, number: acts.drop(s, number, rule, version))


@blueprint.get(f"{KEY}/trial")
@require("change_rules")
def try_out(rule: str) -> Response:
    """What it would have done lately: the page, which asks for its table."""
    with context().database.transaction() as session:
        found = acts.find(session, rule)
        card = listing.card(listing.read(session, installation().settings), found)
    return _drawn("rules_trial", card=card, days=trial.days(request.args.get("days", "")))


@blueprint.get(f"{KEY}/tried")
@require("change_rules")
def tried(rule: str) -> Response:
    """The table."""
    with context().database.transaction() as session:
        found = acts.find(session, rule).rule
    days = trial.days(request.args.get("days", ""))
    return _drawn("rules_tried", trial=trial.tried(clinic(), found, days), days=days)


@blueprint.get("/new")
@require("change_rules")
def begin() -> Response:
    """The form of a rule that is not there yet."""
    return _form(drafts.fresh(acts.new_key()))


@blueprint.get(f"{KEY}/edit")
@require("change_rules")
def edit(rule: str) -> Response:
    """The form of a rule in force."""
    with context().database.transaction() as session:
        found = acts.find(session, rule)
    return _form(Draft(told(mending.own(found.rule)), str(found.id)))


@blueprint.post("/form")
@require("change_rules")
def redraw() -> Response:
    """The same form with other fields: something was chosen, added or taken away."""
    draft = _sent()
    return _form(drafts.moved(draft, request.form.get("move", "")), unsaved=True)


@blueprint.post("/save")
@require("change_rules")
def save() -> Response:
    """Keep it, or show what is wrong."""
    draft = _sent()
    with context().database.transaction() as session:
        judged = drafts.judge(session, draft)
    if judged.rule is None or judged.problems:
        return _form(judged, unsaved=True, status=422)
    wanted, number, key = judged.rule, installation().id, request.form.get("key", "")
    try:
        said = pressed.once(
            key, "rule.save", f"rule:{wanted.key}", lambda s: acts.save(s, number, wanted, draft.version)
        )
    except Stale as stale:
        with context().database.transaction() as session:
            draft = drafts.of_now(session, judged, stale.message)
        return _form(draft, unsaved=True, status=409)
    except Forbidden:
        raise
    except AppError as fault:
        return _form(replace(judged, problems=(fault.message,)), unsaved=True, status=errors.status_of(fault))
    return _list(done=said, touched=wanted.key)


@blueprint.post("/compare")
@require("change_rules")
def compare() -> Response:
    """What the changed rule would have done lately, beside the one in force."""
    draft, days = _sent(), trial.days(request.args.get("days", ""))
    with context().database.transaction() as session:
        judged = drafts.judge(session, draft)
        present = drafts.present(session, draft)
    if judged.rule is None or judged.problems:
        wrong = _form(judged, unsaved=True, status=422)
        wrong.headers["HX-Retarget"] = "#wizard"
        return wrong
    if present is None:
        return _drawn("rules_tried", trial=trial.tried(clinic(), judged.rule, days), days=days)
    return _drawn("rules_compared", both=trial.compared(clinic(), present, judged.rule, days), days=days)


def _sent() -> Draft:
    sent = request.form.to_dict(flat=False)
    with context().database.transaction() as session:
        return drafts.read(session, sent, visit().language)


def _pressed(action: str, rule: str, do: Callable[[Any, int], Text]) -> Response:
    """Do it once for its form; a refusal is said above the list."""
    key, number = request.form.get("key", ""), installation().id
    try:
        said = pressed.once(key, action, f"rule:{rule}", lambda session: do(session, number))
    except Forbidden:
        raise
    except AppError as fault:
        return _list(key, touched=rule, fault=fault, status=errors.status_of(fault))
    return _list(done=said, touched=rule)


def _list(
    key: str = "",
    *,
    touched: str = "",
    done: Text | None = None,
    fault: AppError | None = None,
    status: int = 200,
) -> Response:
    with context().database.transaction() as session:
        found = listing.listing(listing.read(session, installation().settings))
    told = {"fault": fault, "code": errors.noted(fault) if fault else ""}
    return _drawn("rules", status, book=found, touched=touched, done=done, key=pressed.key_for(key), **told)


def _form(draft: Draft, *, unsaved: bool = False, status: int = 200) -> Response:
    as_text = (request.form.get("as") or request.args.get("as", "")) == "text"
    with context().database.transaction() as session:
        page = drafts.page(session, draft, visit().language)
    key = pressed.key_for(request.form.get("key", ""))
    return _drawn("rules_edit", status, page=page, as_text=as_text, unsaved=unsaved, key=key)


def _drawn(name: str, status: int = 200, **shown: Any) -> Response:
    may = roles.can(visit().role, "change_rules")
    why_not = None if may else roles.NOT_YOURS["change_rules"]
    return office.drawn(name, status, may=may, why_not=why_not, **shown)
