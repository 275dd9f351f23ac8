"""The market: applications on offer, installed, opened, brought to a newer version and removed by whoever presses a button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request

from widget_backend.sandbox.bitrix24 import frames
from widget_backend.sandbox.bitrix24.state import ALL_SCOPES

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.state import Application

#: what ``POST /_sandbox/apps`` may say of an application
KEYS = frozenset(
    {"name", "client_id", "client_secret", "redirect_uri", "installer_url", "page_url", "handler_url", "scopes"}
)


def routes(portal: Portal) -> Blueprint:
    """The market of one portal, and the control address that puts an application on offer."""
    blueprint = Blueprint("market", __name__)

    @blueprint.get("/market/")
    def shelf() -> str:
        with portal.lock:
            return render_template(
                "sandbox/bitrix24_market.html",
                apps=offered(portal),
                installed=portal.apps,
                users=portal.users.values(),
                user=frames.acting(portal),
            )

    @blueprint.post("/market/acting")
    def act_as() -> BaseResponse:
        response = redirect(request.referrer or "/market/")
        response.set_cookie(frames.COOKIE, request.form["user"])
        return response

    @blueprint.post("/market/<client_id>/<action>")
    def press(client_id: str, action: str) -> BaseResponse:
        if action not in ACTIONS:
            abort(404)
        if not frames.acting(portal).admin:
            abort(403, "Приложения устанавливает и удаляет администратор.")
        with portal.lock:
            return redirect(ACTIONS[action](portal, client_id))

    @blueprint.post("/_sandbox/apps")
    def put_on_offer() -> tuple[Response, int]:
        given: dict[str, Any] = request.get_json()
        unknown = sorted(given.keys() - KEYS)
        if unknown:
            return jsonify({"error": f"unknown keys: {', '.join(unknown)}"}), 400
        with portal.lock:
            app = offer(portal, **given)
        return jsonify({"client_id": app.client_id, "client_secret": app.client_secret}), 201

    return blueprint


def offer(portal: Portal, **keys: Any) -> Application:
    """Put an application on offer: the portal knows it, and nobody has installed it yet."""
    app = portal.issue_app(**{"scopes": ALL_SCOPES} | keys, installed=False)
    portal.removed_apps[app.client_id] = portal.apps.pop(app.client_id)
    return app


def offered(portal: Portal) -> list[Application]:
    """Every application with a page of its own, installed or not."""
    known = portal.removed_apps | portal.apps
    return sorted((app for app in known.values() if app.page_url), key=lambda app: app.id)


def _install(portal: Portal, client_id: str) -> str:
    known = portal.removed_apps.get(client_id)
    if known is None:
        abort(404)
    app = portal.issue_app(client_id, known.scopes, installed=not known.installer_url)
    if app.installed:
        portal.finish_install(client_id, frames.acting(portal).id)
    return _page_of(client_id)


def _update(portal: Portal, client_id: str) -> str:
    """A newer version: where there is an installer, it has to run again before anything works."""
    portal.update_app(_installed(portal, client_id).client_id, installed=not portal.apps[client_id].installer_url)
    return "/market/"


def _remove(portal: Portal, client_id: str) -> str:
    portal.uninstall(_installed(portal, client_id).client_id, clean="clean" in request.form)
    return "/market/"


def _installed(portal: Portal, client_id: str) -> Application:
    if client_id not in portal.apps:
        abort(404)
    return portal.apps[client_id]


def _page_of(client_id: str) -> str:
    return f"/marketplace/app/{client_id}/"


ACTIONS = {"install": _install, "update": _update, "remove": _remove}
