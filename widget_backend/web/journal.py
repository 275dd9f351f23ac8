"""The journal's pages: fragments for htmx. Parse, call, render."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, request
from flask.sansio.app import App

from widget_backend.crm import charts
from widget_backend.errors import AppError, Forbidden
from widget_backend.journal import asked, depth, entries, stopped, words
from widget_backend.panel.acts import new_key
from widget_backend.tenancy import roles, standing
from widget_backend.texts import Text
from widget_backend.web import errors, office, pressed
from widget_backend.web.auth import installation, require, visit
from widget_backend.web.context import context

Depth = Callable[[Any], depth.Depth]

NUMBER: Final = "<int(min=1, max=9223372036854775807):number>"

blueprint = Blueprint("journal", __name__, url_prefix="/office/journal")
blueprint.record_once(lambda state: furnish(state.app))


def furnish(app: App) -> None:
    """Give templates the journal's words, and a number for each of their forms."""
    app.jinja_env.globals.update(j=words, new_key=new_key)


@blueprint.get("")
def shown() -> Response:
    """The journal."""
    return _page()


@blueprint.get("/older")
def older() -> Response:
    """What comes before the entries that are shown."""
    wanted = asked.read(request.args)
    with context().database.transaction() as session:
        page = entries.read(session, installation().settings, wanted)
    return _drawn("journal_entries", page=page, wanted=wanted)


@blueprint.get("/news")
def news() -> Response:
    """Whether there is something newer than what is shown."""
    wanted, than = asked.read(request.args), request.args.get("than", "")
    with context().database.transaction() as session:
        is_newer = entries.newer(session, wanted, than)
    return _drawn("journal_news", is_newer=is_newer, wanted=wanted, than=than)


@blueprint.get("/stopped")
def halted() -> Response:
    """What has stopped, by cause."""
    with context().database.transaction() as session:
        heaps = stopped.heaps(session, installation().id, installation().settings)
    return _drawn("journal_stopped", heaps=heaps, wanted=asked.read(request.args))


@blueprint.get("/stopped/<string(minlength=1, maxlength=16):cause>")
def halted_one_by_one(cause: str) -> Response:
    """What has stopped for one cause."""
    with context().database.transaction() as session:
        pieces = stopped.pieces(session, installation().id, installation().settings, cause)
    return _drawn("journal_pieces", pieces=pieces, wanted=asked.read(request.args))


@blueprint.post("/repeat")
@require("replay")
def repeat() -> Response:
    """Try again what has stopped: one thing (``number``), or all of a ``cause``."""
    number, cause = request.form.get("number", ""), request.form.get("cause", "")
    ours = installation().id
    if number:
        do, what = partial(stopped.again_one, installation_id=ours, number=number), f"letter:{number}"
    else:
        do, what = partial(stopped.again, installation_id=ours, cause=cause), f"cause:{cause}"
    return _done("letters.replay", what[:200], do)


@blueprint.post(f"/again/{NUMBER}")
@require("replay")
def again(number: int) -> Response:
    """Run a robot again that could not do what it was to do."""
    do = partial(stopped.again_run, installation_id=installation().id, firing=number)
    return _done("firing.again", f"firing:{number}", do)


@blueprint.get("/why/<code>")
@require("work_deals")
def why(code: str) -> Response:
    """The facts, rules and calls behind what robots did."""
    return _behind(lambda session: depth.of_cause(session, installation(), code))


@blueprint.get(f"/decision/{NUMBER}")
@require("work_deals")
def decision(number: int) -> Response:
    """The calls behind a decision on a patient."""
    return _behind(lambda session: depth.of_decision(session, installation(), number))


@blueprint.get(f"/copy/{NUMBER}")
@require("work_deals")
def copy(number: int) -> Response:
    """The calls behind a copy."""
    return _behind(lambda session: depth.of_copy(session, installation(), number))


def _behind(read: Depth) -> Response:
    with context().database.transaction() as session:
        return _drawn("journal_depth", found=read(session))


def _done(action: str, what: str, do: Callable[[Any], Text]) -> Response:
    """Do it once for its form and say so above the journal; a refusal is said there too."""
    try:
        said = pressed.once(request.form.get("key", ""), action, what, do)
    except Forbidden:
        raise
    except AppError as fault:
        return _page(errors.status_of(fault), fault=fault)
    return _page(said=said)


def _page(status: int = 200, *, said: Text | None = None, fault: AppError | None = None) -> Response:
    wanted, held = asked.read(request.values), standing.SCREENS.get(installation().status)
    with context().database.transaction() as session:
        page = entries.read(session, installation().settings, wanted)
        is_set_up = charts.load(session) is not None
    code = errors.noted(fault) if fault else ""
    state = "error" if fault else "done" if said else "ready" if page.entries else "empty" if is_set_up else "partial"
    about: Mapping[str, Any] = {"held": held, "is_set_up": is_set_up, "said": said, "fault": fault, "code": code}
    return _drawn("journal", status, page=page, wanted=wanted, state=state, **about)


def _drawn(name: str, status: int = 200, **told: Any) -> Response:
    may = {right: roles.can(visit().role, right) for right in ("work_deals", "replay")}
    return office.drawn(name, status, may=may, why_not=roles.NOT_YOURS["replay"], days=asked.DAYS, **told)
