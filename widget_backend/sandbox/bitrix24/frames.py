"""Frames: an application's page, installer or widget opened by a user, as a form posted into an iframe; and ``BX24.js``."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, jsonify, render_template, request

from widget_backend.sandbox.bitrix24.portal import ACCESS_SECONDS

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.state import Application, Placement

#: where an application's own page stands
DEFAULT = "DEFAULT"


@dataclass(frozen=True)
class Opening:
    """What a frame is given: the address with its query, the fields of the POST, and what ``BX24.js`` is told by name."""

    title: str
    url: str
    fields: dict[str, str]
    name: str


def routes(portal: Portal) -> Blueprint:
    """The frames of one portal; ``?user=7`` opens them as another user than the admin."""
    blueprint = Blueprint("frames", __name__)

    @blueprint.before_request
    def note_address() -> None:
        portal.base_url = request.host_url.rstrip("/")

    @blueprint.get("/marketplace/app/<client_id>/")
    def app_page(client_id: str) -> str:
        return _page(portal, open_app(portal, client_id, _user()), client_id)

    @blueprint.get("/crm/deal/details/<int:deal_id>/widget/<int:placement_id>/")
    def widget(deal_id: int, placement_id: int) -> str:
        row = next((row for row in portal.placements if row.id == placement_id), None)
        if row is None:
            abort(404)
        options = {"ID": str(deal_id), "URI": f"/crm/deal/details/{deal_id}/"}
        return _page(portal, open_widget(portal, row, _user(), options), row.client_id)

    @blueprint.get("/api/v1/")
    def library() -> Response:
        return Response(render_template("sandbox/bx24.js"), mimetype="text/javascript")

    @blueprint.post("/_sandbox/install-finish/<client_id>")
    def finish(client_id: str) -> Response:
        with portal.lock:
            portal.finish_install(client_id, _user())
        return jsonify({"installed": True})

    return blueprint


def open_app(portal: Portal, client_id: str, user_id: int) -> Opening:
    """The application's page, or its installer until that has finished; 403 for who may not see it."""
    app = portal.apps.get(client_id)
    if app is None:
        abort(404)
    if not app.installed and not portal.users[user_id].admin:
        abort(403, "Приложение ещё не установлено: установку завершает администратор.")
    url = app.page_url if app.installed else app.installer_url or app.page_url
    return _opening(portal, app, user_id, url, DEFAULT, {})


def open_widget(portal: Portal, placement: Placement, user_id: int, options: dict[str, str]) -> Opening:
    """A widget; until the application is installed nobody sees it."""
    app = portal.apps[placement.client_id]
    if not app.installed:
        abort(404)
    return _opening(portal, app, user_id, placement.handler, placement.placement, options)


def _opening(
    portal: Portal, app: Application, user_id: int, url: str, placement: str, options: dict[str, str]
) -> Opening:
    if app.users is not None and user_id not in app.users:
        abort(403, "Приложение недоступно этому сотруднику.")
    scheme, _, domain = portal.base_url.partition("://")
    token, lang, sid = portal.tokens(user_id, app.client_id), portal.settings.lang, secrets.token_hex(16)
    query = {"DOMAIN": domain, "PROTOCOL": str(int(scheme == "https")), "LANG": lang, "APP_SID": sid}
    fields = {
        "AUTH_ID": token.access,
        "AUTH_EXPIRES": str(ACCESS_SECONDS),
        "REFRESH_ID": token.refresh,
        "SERVER_ENDPOINT": f"{portal.base_url}/rest/",
        "APPLICATION_TOKEN": app.application_token,
        "APPLICATION_SCOPE": ",".join(sorted(app.scopes)),
        "member_id": portal.member_id,
        "status": app.status,
        "PLACEMENT": placement,
        "PLACEMENT_OPTIONS": json.dumps(options, ensure_ascii=False),
    }
    told: dict[str, Any] = {"sid": sid, "portal": portal.base_url, "auth": fields["AUTH_ID"], "lang": lang}
    told |= {"refresh": fields["REFRESH_ID"], "member": portal.member_id, "isAdmin": portal.users[user_id].admin}
    told |= {"placement": placement, "options": options, "expires": ACCESS_SECONDS}
    separator = "&" if "?" in url else "?"
    return Opening(app.code, url + separator + urlencode(query), fields, json.dumps(told, ensure_ascii=False))


def _page(portal: Portal, opening: Opening, client_id: str) -> str:
    return render_template("sandbox/bitrix24_frame.html", opening=opening, client_id=client_id, user=_user())


def _user() -> int:
    return int(request.args.get("user", "1"))
