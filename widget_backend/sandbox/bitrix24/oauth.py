"""The OAuth side: the authorize page, the token endpoint with both grants, and the trusted ``/rest/app.info/``.

In the world it is another host; here it is the same server, and the trailing slash tells its ``app.info`` from the
portal's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, request

from widget_backend.sandbox.bitrix24.envelope import RestError, time_block
from widget_backend.sandbox.bitrix24.portal import ACCESS_SECONDS

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.state import Application, Token

#: the OAuth host's path below ``/rest/``; the portal's own has no trailing slash
APP_INFO = "app.info/"

PARAMETERS = {"authorization_code": "code", "refresh_token": "refresh_token"}


def routes(portal: Portal) -> Blueprint:
    """The OAuth addresses of one portal."""
    blueprint = Blueprint("oauth", __name__)

    @blueprint.errorhandler(RestError)
    def refuse(error: RestError) -> tuple[Response, int]:
        return jsonify(error.body()), error.status

    @blueprint.route("/oauth/token/", methods=["GET", "POST"], strict_slashes=False)
    def token() -> Response:
        with portal.lock:
            return jsonify(exchange(portal, {**request.args, **request.form}, request.host_url))

    @blueprint.get("/oauth/authorize/", strict_slashes=False)
    def authorize() -> BaseResponse:
        return _authorize(portal)

    return blueprint


def app_info(portal: Portal) -> Response:
    """Answer ``/rest/app.info/`` of the OAuth host."""
    values = {**request.args, **request.form}
    try:
        return jsonify(info(portal, values.get("auth") or values.get("access_token") or "", request.host_url))
    except RestError as error:
        response = jsonify(error.body())
        response.status_code = error.status
        return response


def exchange(portal: Portal, args: dict[str, str], host_url: str) -> dict[str, Any]:
    """Answer the token endpoint; a refresh kills the refresh token it was made with, unless the settings say otherwise."""
    grant = args.get("grant_type", "")
    missing = [name for name in ("client_id", "client_secret", PARAMETERS.get(grant, "")) if not args.get(name)]
    if grant not in PARAMETERS or missing:
        raise RestError("invalid_request", "Invalid request")
    app = portal.apps.get(args["client_id"]) or portal.removed_apps.get(args["client_id"])
    if app is None:
        raise RestError("wrong_client", "Unable to find application", 200)
    if app.client_secret != args["client_secret"]:
        raise RestError("invalid_client", "Invalid client")
    if app.client_id not in portal.apps:
        raise _not_installed()
    if app.payment_expired:
        raise RestError("PAYMENT_REQUIRED", "Subscription has been ended", 401)
    if not set(args.get("scope", "").replace(",", " ").split()) <= app.scopes:
        raise RestError("INVALID_SCOPE", "Invalid scope", 403)
    by_code = grant == "authorization_code"
    token = _by_code(portal, app, args["code"]) if by_code else _refreshed(portal, app, args["refresh_token"])
    told = _grant(portal, app, token, host_url)
    if by_code and portal.settings.brief_grants:
        return told
    return told | {"expires": int(token.expires), "user_id": token.user_id}


def info(portal: Portal, access: str, host_url: str) -> dict[str, Any]:
    """What the OAuth host vouches for about a token."""
    if not access:
        raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
    token = portal.tokens_by_access.get(access)
    if token is None:
        raise RestError("invalid_client", "Invalid client")
    app = portal.apps.get(token.client_id)
    if app is None:
        raise _not_installed()
    if token.expires <= portal.clock():
        raise RestError("expired_token", "The access token provided has expired.", 401)
    now = portal.clock()
    scope = ",".join(sorted(app.scopes))
    result = {
        "client_id": app.client_id,
        "scope": scope,
        "expires": datetime.fromtimestamp(token.expires, UTC).isoformat(),
        "user_id": token.user_id,
        "install": _installation(portal, app, scope, host_url),
    }
    return {"result": result, "time": time_block(now, portal.clock(), 0.0, int(now) + 600)}


def _not_installed() -> RestError:
    return RestError("NOT_INSTALLED", "Application not installed", 401)


def _installation(portal: Portal, app: Application, scope: str, host_url: str) -> dict[str, Any]:
    endpoint = portal_url(portal, host_url)
    return {
        "installed": app.installed,
        "version": app.version,
        "status": app.status,
        "scope": scope,
        "domain": endpoint.split("//")[1],
        "uri": endpoint,
        "client_endpoint": endpoint + "/rest/",
        "member_id": portal.member_id,
        "member_type": "self_hosted",
    }


def portal_url(portal: Portal, host_url: str) -> str:
    """The portal's address as the OAuth host knows it: the new one after a rename."""
    scheme, _, host = (portal.base_url if portal.settings.oauth_url else host_url).rstrip("/").partition("://")
    return f"{scheme}://{portal.settings.renamed_to or host}"


def _grant(portal: Portal, app: Application, token: Token, host_url: str) -> dict[str, Any]:
    return {
        "access_token": token.access,
        "refresh_token": token.refresh,
        "expires_in": ACCESS_SECONDS,
        "scope": ",".join(sorted(app.scopes)),
        "client_endpoint": portal_url(portal, host_url) + "/rest/",
        "server_endpoint": host_url + "rest/",
        "domain": host_url.rstrip("/").split("//")[1],
        "member_id": portal.member_id,
        "status": app.status,
    }


def _refreshed(portal: Portal, app: Application, refresh: str) -> Token:
    for token in portal.tokens_by_access.values():
        if token.refresh == refresh and token.client_id == app.client_id and token.refresh_expires > portal.clock():
            token.refresh_expires = token.refresh_expires if portal.settings.old_refresh_lives else 0.0
            return portal.tokens(token.user_id, app.client_id)
    raise RestError("invalid_grant", "Invalid grant")


def _by_code(portal: Portal, app: Application, code: str) -> Token:
    client_id, user_id, expires = portal.codes.pop(code, ("", 0, 0.0))
    if client_id != app.client_id or expires <= portal.clock():
        raise RestError("invalid_grant", "Invalid grant")
    return portal.tokens(user_id, client_id)


def _authorize(portal: Portal) -> BaseResponse:
    """Go back to the application with a code; a failure stays on the portal's page."""
    app = portal.apps.get(request.args.get("client_id", ""))
    if app is None or not app.redirect_uri:
        return Response("<!DOCTYPE html><html><body>Приложение не найдено</body></html>", 404)
    host = portal_url(portal, request.host_url).split("//")[1]
    query = {
        "code": portal.authorization_code(app.client_id, int(request.args.get("user_id", "1"))),
        "state": request.args.get("state", ""),
        "domain": host,
        "member_id": portal.member_id,
        "scope": ",".join(sorted(app.scopes)),
        "server_domain": request.host,
    }
    separator = "&" if "?" in app.redirect_uri else "?"
    return redirect(app.redirect_uri + separator + urlencode(query))
