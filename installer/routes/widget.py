"""What the widget asks for from the pages of an amoCRM account: a frame, the column of a card, acts of one press, copies."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request

from installer import onboarding
from installer.routes import callers
from installer.routes.amocrm import VIEWS
from widget_backend import audit
from widget_backend.audit import Act
from widget_backend.crm import charts, registry
from widget_backend.db import scope
from widget_backend.deals.clinic import Clinic
from widget_backend.errors import Forbidden, InvalidInput
from widget_backend.inbox.directory import action_key
from widget_backend.panel import acts, card, choosing, known, several
from widget_backend.panel.acts import Done
from widget_backend.panel.choosing import Places, Prospect
from widget_backend.panel.known import Known
from widget_backend.panel.several import Outcome, Outlooks
from widget_backend.robots import naming
from widget_backend.security.sessions import Visit
from widget_backend.tenancy import roles, standing
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.tenancy.roles import Right
from widget_backend.texts import Text
from widget_backend.web import errors
from widget_backend.web.api import acting
from widget_backend.web.api.bodies import parsed
from widget_backend.web.context import Context
from widget_backend.web.words import say

#: what a widget's answer is: an object of JSON
Told = Mapping[str, Any]
#: from the server, the origin and what was asked to the answer
View = Callable[[Context, str, Told], Told]

NO_VIEW = Text(
    "Виджет просит страницу, которой нет, или не говорит, о какой сделке речь. Ничего не изменено: обновите страницу amoCRM.",
    "The widget asks for a page that is not there, or does not say which deal it is about. Nothing was changed: reload the "
    "page of amoCRM.",
)
NO_ACT = Text(
    "Виджет просит действие, которого нет. Ничего не изменено: обновите страницу amoCRM.",
    "The widget asks for an act that is not there. Nothing was changed: reload the page of amoCRM.",
)

blueprint = Blueprint("widget", __name__, url_prefix="/amo/api")
blueprint.after_request(callers.allow_origin)


def asked(view: View) -> View:
    """Serve the view at its own name, with the browser's question in front: who asks is proven before anything is read."""

    @functools.wraps(view)
    def answer() -> Response:
        ours = callers.offered()
        origin = callers.known_origin(ours)
        return Response(status=204) if request.method == "OPTIONS" else jsonify(view(ours, origin, _body()))

    rule = {"methods": ["POST", "OPTIONS"], "provide_automatic_options": False}
    blueprint.add_url_rule(f"/{view.__name__}", view.__name__, answer, **rule)  # type: ignore[arg-type]
    return view


@asked
def ticket(ours: Context, origin: str, told: Told) -> Told:
    """An address for a frame, for whom the widget's token names: ``{view, deal}`` → ``{url}``."""
    view = str(told.get("view") or "wizard")
    deal = _deal(told, needed="{deal}" in VIEWS.get(view, ""))
    if view not in VIEWS:
        raise InvalidInput(NO_VIEW)
    info, guest = callers.guest(ours, origin, deal)
    with callers.proving():
        made = onboarding.invite(ours.database, ours.settings, info, guest)
    return {"url": f"{ours.settings.public_url}/amo/frame/{view}?t={made}"}


@asked
def panel(ours: Context, origin: str, told: Told) -> Told:
    """``{deal}`` → a deal in a few lines, its buttons, and the key under which one of them is pressed once: ``{lines, buttons:
    [{action, label, hint, primary, deal}], key}``; ``deal`` of a button: the copy it takes back."""
    deal = _deal(told)
    info, visit = callers.admitted(ours, origin)
    return _column(ours, info, visit, deal)


@asked
def pipeline(ours: Context, origin: str, told: Told) -> Told:
    """For who puts an action of ours on a stage: ``{key, stages: [{value, label}]}``, what the action proves itself by
    (:func:`directory.action_key`) and where it may lead. Raises :class:`Forbidden` for who may not set up."""
    info, _ = _allowed(ours, origin, "set_up")
    with scope(info.id), ours.database.transaction() as session:
        chart = charts.load(session)
    led = [stage for stage in chart.stages if stage.address] if chart else []
    stages = [{"value": stage.address, "label": naming.stage(chart, stage.id)} for stage in led if chart]
    return {"key": action_key(info.application_token), "stages": stages}


@asked
def act(ours: Context, origin: str, told: Told) -> Told:
    """``{deal, action: route | wake | undo, copy, key}`` → what came of the press, and the column as it is now: ``{said, deal,
    url, lost, warning, card}``. Sent twice under its key it is done once. Raises as the acts do."""
    deal, key, action = _deal(told), str(told.get("key") or ""), str(told.get("action") or "")
    if action not in ACTS:
        raise InvalidInput(NO_ACT)
    info, visit = _allowed(ours, origin, "work_deals")
    with scope(info.id):
        done = ACTS[action](acting.opened(info.id), deal, key, str(told.get("copy") or ""), visit.user_id)
        if action in NOTED:
            by = Act(visit.user_id, visit.role, NOTED[action], f"deal:{deal}", "widget")
            with audit.recorded(ours.database, info.id, by, {"form": key}):
                pass
    return {**_done(done), "card": _column(ours, info, visit, deal)}


@asked
def prospects(ours: Context, origin: str, told: Told) -> Told:
    """``{deals: [number], to}`` → where they can be copied, and what the copies would be; nothing is written: ``{key, to,
    places: [{value, label}], deals: [{deal, title, said, existing, url}], again, warning, moves, stays, links}``, of which the
    last three are of a single deal."""
    deals = several.chosen(told.get("deals"))
    info, _ = _allowed(ours, origin, "work_deals")
    with scope(info.id):
        with ours.database.transaction() as session:
            places = choosing.places(known.read(session, info.settings, deals[0]), str(told.get("to") or ""))
        seen = several.outlooks(acting.opened(info.id), deals, places.chosen) if places.chosen else Outlooks(None, ())
    return {"key": acts.new_key(), "to": places.chosen, "places": list(_places(places)), **_seen(seen)}


@asked
def copies(ours: Context, origin: str, told: Told) -> Told:
    """``{deals, to, key, again}`` → each deal's own outcome, and those that are to be sent once more under the same key:
    ``{deals: [{deal, said, copy, made, url, lost, warning, bad, code}], left: [number]}``."""
    deals, key, to = several.chosen(told.get("deals")), str(told.get("key") or ""), str(told.get("to") or "")
    info, visit = _allowed(ours, origin, "work_deals")
    with scope(info.id):
        clinic = acting.opened(info.id)
        made = several.copies(clinic, deals, to, key, visit.user_id, again=told.get("again") is True)
    answered = {one.deal for one in made if not isinstance(one.fault, several.COMMON)}
    return {"deals": [_outcome(one) for one in made], "left": [deal for deal in deals if deal not in answered]}


def _body() -> Told:
    """What is asked, as JSON or as a form. Raises :class:`InvalidInput` for a body that cannot be read."""
    body = request.get_data()
    told = parsed(body) if body and not request.form else request.form
    return told if isinstance(told, Mapping) else {}


def _deal(told: Told, *, needed: bool = True) -> str:
    """Which deal it is about. Raises :class:`InvalidInput`."""
    deal = str(told.get("deal") or "")
    if (deal or needed) and not known.DEAL.fullmatch(deal):
        raise InvalidInput(NO_VIEW)
    return deal


def _allowed(ours: Context, origin: str, right: Right) -> tuple[InstallationInfo, Visit]:
    """Raises as :func:`callers.admitted` does, :class:`Forbidden` for who may not."""
    info, visit = callers.admitted(ours, origin)
    if not roles.can(visit.role, right):
        raise Forbidden(roles.NOT_YOURS[right])
    return info, visit


def _column(ours: Context, info: InstallationInfo, visit: Visit, deal: str) -> Told:
    with scope(info.id), ours.database.transaction() as session:
        seen: Known = known.read(session, info.settings, deal)
    held = standing.screen(info)
    shown = card.card(seen, may_work=roles.can(visit.role, "work_deals") and held is None)
    buttons = [
        {
            "action": one.action,
            "label": say(one.label),
            "hint": say(one.hint or ""),
            "primary": one.primary,
            "deal": one.deal,
        }
        for one in shown.offers
    ]
    lines = [*(held[1:] if held else ()), *card.lines(shown)]
    return {"lines": [say(line) for line in lines], "buttons": buttons, "key": acts.new_key()}


def _done(done: Done) -> Told:
    return {
        "said": say(done.said),
        "deal": done.deal,
        "url": _address(done.deal),
        "lost": [say(one) for one in done.lost],
        "warning": say(done.warning or ""),
    }


def _places(places: Places) -> Iterator[Told]:
    for pipeline_name, stages in places.groups:
        yield from ({"value": address, "label": f"{pipeline_name} / {name}"} for address, name in stages)


def _seen(seen: Outlooks) -> Told:
    rows = [
        {
            "deal": one.deal,
            "title": one.title,
            "said": say(one.said),
            "existing": list(one.existing),
            "url": _address(one.deal),
        }
        for one in seen.of
    ]
    warning = say(seen.first.warning or "") if seen.first else ""
    detail = _detail(seen.first) if len(rows) == 1 else {}
    return {"deals": rows, "again": any(one.existing for one in seen.of), "warning": warning, **detail}


def _detail(first: Prospect | None) -> Told:
    if first is None:
        return {}
    moves = [{"name": say(name), "value": say(value)} for name, value in first.moves]
    return {"moves": moves, "stays": [say(one) for one in first.stays], "links": [say(one) for one in first.links]}


def _outcome(one: Outcome) -> Told:
    done = one.done or Done(one.fault.message if one.fault else Text("", ""))
    told = {**_done(done), "copy": done.deal, "made": done.made, "deal": one.deal}
    return {**told, "bad": one.fault is not None, "code": errors.noted(one.fault) if one.fault else ""}


def _address(deal: str) -> str:
    """Of a deal's card in the account; empty for no deal."""
    return registry.VENDORS["amocrm"].card(deal) if deal else ""


#: action of a button -> what it does
ACTS: Final[Mapping[str, Callable[[Clinic, str, str, str, str], Done]]] = {
    "route": lambda clinic, deal, key, copy, by: acts.route(clinic, deal, key),
    "wake": lambda clinic, deal, key, copy, by: acts.wake(clinic, deal, key),
    "undo": lambda clinic, deal, key, copy, by: acts.undo(clinic, copy, by),
}
#: those that leave no row of the audit by themselves -> as what they are noted
NOTED: Final[Mapping[str, str]] = {"route": "deal.route", "wake": "deal.wake"}
