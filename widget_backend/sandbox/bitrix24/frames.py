"""Frames: an application's page, installer or widget opened by a user, as a form posted into an iframe; and ``BX24.js``.

The frame's name is ``domain|protocol|sid``; what it asks of the page around it (``getInitData``, ``setInstallFinish`` …) is
answered by ``bitrix24_frame.js`` in the words of the vendor's library, on a page of its own, in a panel beside, or on a card.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, jsonify, render_template, request

from widget_backend.sandbox.bitrix24.portal import ACCESS_SECONDS
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.state import Application, Placement, Robot, Token, User

#: where an application's own page stands
DEFAULT = "DEFAULT"

#: holds who is looking at the portal's pages
COOKIE = "sandbox_bitrix24_user"

#: placements of a card, by what it is of
TABS = {DEAL: "CRM_DEAL_DETAIL_TAB", CONTACT: "CRM_CONTACT_DETAIL_TAB"}
TOOLBARS = {DEAL: "CRM_DEAL_DETAIL_TOOLBAR", CONTACT: "CRM_CONTACT_DETAIL_TOOLBAR"}
LIST_MENU, LEFT_MENU = "CRM_DEAL_LIST_MENU", "LEFT_MENU"
#: where the settings of an application's robot stand, inside the dialog of the portal's designer
DIALOG = "BIZPROC_ACTIVITY_PROPERTIES_DIALOG"


@dataclass(frozen=True)
class Opening:
    """What a frame is given: the address with its query, the fields of the POST, and its name; ``told`` answers
    ``getInitData``."""

    client_id: str
    title: str
    url: str
    fields: dict[str, str]
    name: str
    told: dict[str, Any]

    @property
    def origin(self) -> str:
        """Whose messages the page around the frame listens to."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def routes(portal: Portal) -> Blueprint:
    """The frames of one portal; ``?user=7`` opens them as another user than the chosen one."""
    blueprint = Blueprint("frames", __name__)

    @blueprint.before_request
    def note_address() -> None:
        portal.base_url = request.host_url.rstrip("/")

    @blueprint.get("/marketplace/app/<client_id>/")
    def app_page(client_id: str) -> str:
        options = json.loads(request.args.get("options", "{}"))
        return _page(portal, open_app(portal, client_id, acting(portal).id, options))

    @blueprint.get("/crm/<any(deal,contact):name>/details/<int:number>/widget/<int:placement_id>/")
    def of_card(name: str, number: int, placement_id: int) -> str:
        return _page(portal, _bound(portal, placement_id, of_item(name, number)))

    @blueprint.get("/crm/deal/list/<int:number>/widget/<int:placement_id>/")
    def of_row(number: int, placement_id: int) -> str:
        return _page(portal, _bound(portal, placement_id, {"ID": str(number), "URI": "/crm/deal/list/"}))

    @blueprint.get("/marketplace/view/<int:placement_id>/")
    def of_menu(placement_id: int) -> str:
        return _page(portal, _bound(portal, placement_id, {"URI": request.path}))

    @blueprint.get("/api/v1/")
    def library() -> Response:
        return Response(render_template("sandbox/bx24.js"), mimetype="text/javascript")

    @blueprint.post("/_sandbox/install-finish/<client_id>")
    def finish(client_id: str) -> Response:
        with portal.lock:
            portal.finish_install(client_id, acting(portal).id)
        return jsonify({"installed": True})

    @blueprint.post("/_sandbox/frame-auth/<client_id>")
    def auth(client_id: str) -> Response:
        with portal.lock:
            return jsonify(_auth(portal.tokens(acting(portal).id, client_id)))

    return blueprint


def acting(portal: Portal) -> User:
    """Who looks at the portal's pages: the admin, unless somebody else was chosen."""
    chosen = request.args.get("user") or request.cookies.get(COOKIE) or "1"
    return portal.users.get(int(chosen) if chosen.isdecimal() else 1, portal.users[1])


def open_app(portal: Portal, client_id: str, user_id: int, options: dict[str, str] | None = None) -> Opening:
    """The application's page, or its installer until that has finished; 403 for who may not see it."""
    app = portal.apps.get(client_id)
    if app is None:
        abort(404)
    if not app.installed and not portal.users[user_id].admin:
        abort(403, "Приложение ещё не установлено: установку завершает администратор.")
    url = app.page_url if app.installed else app.installer_url or app.page_url
    return _opening(portal, app, user_id, url, DEFAULT, options or {})


def open_widget(portal: Portal, placement: Placement, user_id: int, options: dict[str, str]) -> Opening:
    """A widget; until the application is installed nobody sees it."""
    app = portal.apps[placement.client_id]
    if not app.installed:
        abort(404)
    opening = _opening(portal, app, user_id, placement.handler, placement.placement, options)
    return replace(opening, title=title_of(portal, placement))


def open_dialog(portal: Portal, robot: Robot, user_id: int, options: dict[str, Any]) -> Opening:
    """The settings of a robot that brings a page of its own for them."""
    app = portal.apps.get(robot.client_id)
    if app is None or not app.installed or robot.fields.get("USE_PLACEMENT") != "Y":
        abort(404)
    return _opening(portal, app, user_id, str(robot.fields["PLACEMENT_HANDLER"]), DIALOG, options)


def shown(portal: Portal, code: str, user_id: int) -> list[tuple[int, str]]:
    """Number and title of each widget that this user is offered at a place, in the order they were bound."""
    return [
        (row.id, title_of(portal, row))
        for row in portal.placements
        if row.placement == code and row.user_id in (0, user_id) and _may(portal.apps[row.client_id], user_id)
    ]


def title_of(portal: Portal, placement: Placement) -> str:
    """A widget's title in the portal's language, else its plain one, else the application's name."""
    app = portal.apps[placement.client_id]
    told = placement.lang_all.get(portal.settings.lang)
    own = str(told.get("TITLE") or "") if isinstance(told, dict) else ""
    return own or placement.title or app.name or app.code


def of_item(name: str, number: int) -> dict[str, str]:
    """What a widget of a card is told: whose card it is."""
    return {"ID": str(number), "URI": f"/crm/{name}/details/{number}/"}


def bound(portal: Portal, placement_id: int) -> Placement | None:
    """The widget of this number, if it is still there."""
    return next((row for row in portal.placements if row.id == placement_id), None)


def _bound(portal: Portal, placement_id: int, options: dict[str, str]) -> Opening:
    row = bound(portal, placement_id) or abort(404)
    return open_widget(portal, row, acting(portal).id, options)


def _may(app: Application, user_id: int) -> bool:
    return app.installed and (app.users is None or user_id in app.users)


def _opening(
    portal: Portal, app: Application, user_id: int, url: str, placement: str, options: dict[str, Any]
) -> Opening:
    if app.users is not None and user_id not in app.users:
        abort(403, "Приложение недоступно этому сотруднику.")
    scheme, _, domain = portal.base_url.partition("://")
    protocol, lang, sid = str(int(scheme == "https")), portal.settings.lang, secrets.token_hex(16)
    query = {"DOMAIN": domain, "PROTOCOL": protocol, "LANG": lang, "APP_SID": sid}
    auth = _auth(portal.tokens(user_id, app.client_id))
    fields = auth | {
        "SERVER_ENDPOINT": portal.server_endpoint,
        "APPLICATION_TOKEN": app.application_token,
        "APPLICATION_SCOPE": ",".join(sorted(app.scopes)),
        "member_id": portal.member_id,
        "status": app.status,
        "PLACEMENT": placement,
        "PLACEMENT_OPTIONS": json.dumps(options, ensure_ascii=False),
    }
    told: dict[str, Any] = auth | {"DOMAIN": domain, "PROTOCOL": protocol, "PATH": "/rest", "LANG": lang}
    told |= {"MEMBER_ID": portal.member_id, "IS_ADMIN": portal.users[user_id].admin}
    told |= {"INSTALL": not app.installed, "FIRST_RUN": False, "APP_OPTIONS": app.options, "USER_OPTIONS": {}}
    told |= {"PLACEMENT": placement, "PLACEMENT_OPTIONS": options}
    address = url + ("&" if "?" in url else "?") + urlencode(query)
    return Opening(app.client_id, app.name or app.code, address, fields, f"{domain}|{protocol}|{sid}", told)


def _auth(token: Token) -> dict[str, str]:
    return {"AUTH_ID": token.access, "AUTH_EXPIRES": str(ACCESS_SECONDS), "REFRESH_ID": token.refresh}


def _page(portal: Portal, opening: Opening) -> str:
    user, beside = acting(portal), request.args.get("IFRAME") == "Y"
    return render_template("sandbox/bitrix24_frame.html", opening=opening, user=user, beside=beside)
