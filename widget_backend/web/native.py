"""The page of the CRM's own robots: fragments for htmx, and the archive for whoever shows a ticket. Parse, call, render."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeVar

from flask import Blueprint, Response, request, send_file, url_for
from flask.sansio.app import App

from widget_backend.config import Client
from widget_backend.crm import registry
from widget_backend.crm.native import Native, Pack, Way
from widget_backend.crm.registry import VENDORS, Connected
from widget_backend.db import scope
from widget_backend.errors import AppError, Conflict, Forbidden, InvalidInput
from widget_backend.native import flows, handing, offers, words
from widget_backend.security import tickets
from widget_backend.tenancy import installations, roles, standing
from widget_backend.texts import Text
from widget_backend.transport import HURRIED
from widget_backend.web import errors, office, pressed
from widget_backend.web.auth import installation, require, visit
from widget_backend.web.context import context

#: what a ticket for the archive is good for, and nothing else
FILE: Final = "robots.zip"
WAYS: Final[dict[str, Way]] = {"robots": "robots", "flow": "flow"}

Got = TypeVar("Got")

blueprint = Blueprint("native", __name__, url_prefix="/office/robots")
blueprint.record_once(lambda state: furnish(state.app))


def furnish(app: App) -> None:
    """Give templates the words of this page."""
    app.jinja_env.globals.update(n=words)


@blueprint.get("")
def shown() -> Response:
    """What could be handed over, and what was."""
    return _page()


@blueprint.post("/give")
@require("change_rules")
def give() -> Response:
    """Hand the chosen rules to robots on stages."""
    keys, by, native = request.form.getlist("rule"), visit().user_id, _native()
    number, client = installation().id, _client(installation().vendor)
    return _pressed(lambda key: _give(key, keys, lambda s: handing.to_robots(s, number, native, keys, client, by)))


@blueprint.post("/flow")
@require("change_rules")
def flow() -> Response:
    """Hand a rule to a workflow, which is put into the CRM first."""
    rule, by, number = request.form.get("rule", ""), visit().user_id, installation().id
    client = _client(installation().vendor)

    def note(key: str) -> Text:
        native, crm = _native(), _crm()
        with flows.alone(context().database, number):
            put = _tried(lambda: flows.put(context().database, crm, native, rule, client))
            return pressed.once(
                key, "rule.flow", f"rule:{rule}", lambda s: handing.to_flow(s, number, rule, *put(), by)
            )

    return _pressed(note)


@blueprint.post("/back")
@require("change_rules")
def back() -> Response:
    """Take rules back; a workflow goes before its rule is ours again, robots a person has taken away."""
    keys, number = request.form.getlist("rule"), installation().id
    way, details = WAYS.get(request.form.get("way", ""), "robots"), {"rules": ",".join(keys)[:500]}

    def note(key: str) -> Text:
        with flows.alone(context().database, number):
            gone = _tried(_removal(keys, way))
            return pressed.once(key, "rule.back", f"rules:{len(keys)}", lambda s: _taken(s, keys, way, gone), details)

    return _pressed(note)


@blueprint.post("/download")
@require("export")
def download() -> Response:
    """An address that gives the archive once."""
    native, client = _native(), _client(installation().vendor)
    try:
        with context().database.transaction() as session:
            handing.pack(session, native, client)
            ticket = tickets.issue(session, replace(visit(), placement=FILE, entity=""))
    except InvalidInput as fault:
        return _page(fault=fault, status=errors.status_of(fault))
    return office.drawn("robots_file", address=url_for("native.pack_file", t=ticket))


@blueprint.get("/pack.zip")
def pack_file() -> Response:
    """The archive, for whoever shows a ticket made for it. Open: the ticket says who asks."""
    with context().database.transaction() as session:
        caller = tickets.redeem(session, request.args.get("t", ""))
        info = installations.get(session, caller.installation_id)
    native = VENDORS[info.vendor].native
    if caller.placement != FILE or native is None or not roles.can(caller.role, "export"):
        raise Forbidden(roles.NOT_YOURS["export"])
    with scope(caller.installation_id), context().database.transaction() as session:
        made = handing.pack(session, native, _client(info.vendor))
    return send_file(io.BytesIO(made.content), "application/zip", as_attachment=True, download_name=made.name)


def _give(key: str, keys: list[str], do: Callable[[Any], Text]) -> Text:
    return pressed.once(key, "rule.robots", f"rules:{len(keys)}", do, {"rules": ",".join(keys)[:500]})


def _removal(keys: list[str], way: Way) -> Callable[[], None]:
    """Robots are for a person to remove, who says so; workflows for us."""
    if way == "flow":
        return lambda: flows.remove(context().database, _crm(), _native(), keys)

    def told() -> None:
        if "removed" not in request.form:
            raise InvalidInput(words.STILL_THERE)

    return told


def _taken(session: Any, keys: list[str], way: Way, gone: Callable[[], None]) -> Text:
    gone()
    return handing.back(session, installation().id, keys, way)


def _tried(do: Callable[[], Got]) -> Callable[[], Got]:
    """What asking the CRM gives; a refusal of ours is raised where it is used: a form that is sent again has its answer."""
    try:
        got = do()
    except (Conflict, InvalidInput) as fault:
        kept = fault

        def refuse() -> Got:
            raise kept

        return refuse
    return lambda: got


def _pressed(do: Callable[[str], Text]) -> Response:
    key = request.form.get("key", "")
    try:
        said = do(key)
    except Forbidden:
        raise
    except AppError as fault:
        return _page(key, fault=fault, status=errors.status_of(fault))
    return _page(done=said)


def _page(key: str = "", *, done: Text | None = None, fault: AppError | None = None, status: int = 200) -> Response:
    native, client = VENDORS[installation().vendor].native, _client(installation().vendor)
    may = roles.can(visit().role, "change_rules")
    shown_: dict[str, Any] = {"offers": None, "pack": None, "import_page": ""}
    if native:
        with context().database.transaction() as session:
            found = offers.read(session, native, client)
            shown_ = {"offers": found, "import_page": native.page, "pack": _pack(session, native, client)}
    rights: dict[str, Any] = {"may": may, "may_take": roles.can(visit().role, "export")}
    rights |= {"why_not": None if may else roles.NOT_YOURS["change_rules"]}
    told = {"fault": fault, "code": errors.noted(fault) if fault else "", "done": done}
    return office.drawn("robots", status, key=pressed.key_for(key), **shown_, **told, **rights)


def _pack(session: Any, native: Native, client: str) -> Pack | None:
    """None where there is nothing to pack, or a rule has changed and cannot be said any more."""
    try:
        return handing.pack(session, native, client)
    except InvalidInput:
        return None


def _crm() -> Connected:
    standing.check(installation())
    return registry.connect(context().database, context().settings, installation().id, HURRIED)


def _native() -> Native:
    found = VENDORS[installation().vendor].native
    if found is None:
        raise InvalidInput(words.NO_ARCHIVE)
    return found


def _client(vendor: str) -> str:
    """Our application at the vendor."""
    client: Client | None = getattr(context().settings, vendor, None)
    return client.client_id if client else ""
