"""The deal panel's pages: fragments for htmx, asked for with the session of the page around them. Parse, call, render."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request
from flask.sansio.app import App

from widget_backend import audit
from widget_backend.crm.registry import VENDORS
from widget_backend.deals.clinic import Clinic
from widget_backend.errors import AppError, Forbidden
from widget_backend.panel import acts, card, choosing, known, timeline, words
from widget_backend.panel.acts import Done
from widget_backend.robots import why
from widget_backend.tenancy import roles, standing
from widget_backend.texts import Text
from widget_backend.web import errors
from widget_backend.web.api.acting import act, clinic
from widget_backend.web.auth import installation, require, visit
from widget_backend.web.context import context

#: the CRM's number of a deal, as the API takes it too
DEAL: Final = "/<int(min=1, max=999999999999999):deal>"

blueprint = Blueprint("panel", __name__, url_prefix="/panel")
blueprint.record_once(lambda state: furnish(state.app))


def furnish(app: App) -> None:
    """Give templates the panel's words."""
    app.jinja_env.globals.update(p=words)


@blueprint.get(DEAL)
def shown(deal: int) -> Response:
    """The panel."""
    return _panel(str(deal))


@blueprint.get(f"{DEAL}/timeline")
def events(deal: int) -> Response:
    """What happened in the patient's deals."""
    show = request.args.get("show", "")
    with context().database.transaction() as session:
        seen = known.read(session, installation().settings, str(deal))
        found = timeline.read(session, seen, show, may=_may())
    return _drawn("timeline", deal=str(deal), timeline=found, filters=timeline.FILTERS, most=timeline.MOST)


@blueprint.get(f"{DEAL}/why/<code>")
@require("work_deals")
def explained(deal: int, code: str) -> Response:
    """From what happened to what robots wrote."""
    with context().database.transaction() as session:
        return _drawn("why", found=why.explain(session, code))


@blueprint.get(f"{DEAL}/copy")
def choose(deal: int) -> Response:
    """The copy dialog."""
    return _dialog(str(deal), request.args.get("to", ""))


@blueprint.get(f"{DEAL}/copy/preview")
@require("work_deals")
def preview(deal: int) -> Response:
    """What a copy would be; nothing is written."""
    return _drawn("preview", seen=choosing.prospect(clinic(), str(deal), request.args.get("to", "")))


@blueprint.post(f"{DEAL}/copy")
@require("work_deals")
def copy(deal: int) -> Response:
    """Make the copy, once for this form."""
    to, key, again = request.form.get("to", ""), request.form.get("key", ""), "again" in request.form
    name, by = str(deal), visit().user_id
    do = partial(acts.copy, deal=name, to=to, key=key, by=by, again=again)
    return _done(do, partial(_panel, name), partial(_dialog, name, to, key))


@blueprint.post(f"{DEAL}/undo")
@require("work_deals")
def undo(deal: int) -> Response:
    """Take a copy of this deal back, or this deal, which is one."""
    do = partial(acts.undo, deal=request.form.get("copy", ""), by=visit().user_id)
    return _done(do, partial(_panel, str(deal)), partial(_panel, str(deal)))


@blueprint.post(f"{DEAL}/route")
@require("work_deals")
def route(deal: int) -> Response:
    """Send the deal where it belongs, once for this form."""
    return _acted(acts.route, str(deal), "deal.route")


@blueprint.post(f"{DEAL}/wake")
@require("work_deals")
def wake(deal: int) -> Response:
    """Bring a parked deal back to work, once for this form."""
    return _acted(acts.wake, str(deal), "deal.wake")


def _acted(do: Callable[[Clinic, str, str], Done], deal: str, action: str) -> Response:
    key = request.form.get("key", "")

    def carried_out(ours: Clinic) -> Done:
        done = do(ours, deal, key)
        with audit.recorded(context().database, installation().id, act(action, f"deal:{deal}"), {"form": key}):
            return done

    return _done(carried_out, partial(_panel, deal), partial(_panel, deal, key))


def _done(do: Callable[[Clinic], Done], then: Callable[..., Response], back: Callable[..., Response]) -> Response:
    """Do it and show what came of it; a refusal is said where it was asked, and the same form may be sent again."""
    try:
        done = do(clinic())
    except Forbidden:
        raise
    except AppError as fault:
        return back(fault=fault, status=errors.status_of(fault))
    return then(done=done)


def _panel(
    deal: str, key: str = "", *, done: Done | None = None, fault: AppError | None = None, status: int = 200
) -> Response:
    held = standing.screen(installation())
    with context().database.transaction() as session:
        seen = known.read(session, installation().settings, deal)
    whole = card.card(seen, may_work=_may() and held is None)
    return _drawn("card", status, card=whole, held=held, key=_key(key), done=done, **_fault(fault))


def _dialog(deal: str, to: str = "", key: str = "", *, fault: AppError | None = None, status: int = 200) -> Response:
    with context().database.transaction() as session:
        seen = known.read(session, installation().settings, deal)
    return _drawn("copy", status, deal=deal, places=choosing.places(seen, to), key=_key(key), **_fault(fault))


def _fault(fault: AppError | None) -> Mapping[str, Any]:
    return {"fault": fault, "code": errors.noted(fault) if fault else ""}


def _key(sent: str) -> str:
    """A form that failed keeps its number, so that it goes on from where it stopped."""
    return sent if acts.KEY.fullmatch(sent) else acts.new_key()


def _may() -> bool:
    return roles.can(visit().role, "work_deals")


def _drawn(name: str, status: int = 200, **shown: Any) -> Response:
    why_not: Text | None = None if _may() else roles.NOT_YOURS["work_deals"]
    there = {"card_path": VENDORS[installation().vendor].card, "origin": installation().base_url.rstrip("/")}
    return make_response(render_template(f"panel/{name}.html", may=_may(), why_not=why_not, **there, **shown), status)
