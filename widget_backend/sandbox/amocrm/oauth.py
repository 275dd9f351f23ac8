"""The OAuth side: the consent page, the token endpoint with both grants, and where the account lives now.

In the world the consent page is on another host; here it is the same server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, render_template_string, request

from widget_backend.sandbox.amocrm.access import bearer
from widget_backend.sandbox.amocrm.stock import ADMIN
from widget_backend.sandbox.amocrm.wire.problems import unauthorized

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import Integration, Token

PLATFORM = "1"

PARAMETERS = {"authorization_code": "code", "refresh_token": "refresh_token"}

PROBLEM = {
    "title": "Некорректный запрос",
    "type": "https://developers.amocrm.ru/v3/errors/OAuthProblemJson",
    "status": 400,
    "detail": "В запросе отсутствует ряд параметров или параметры невалидны",
}

CONSENT = """<!DOCTYPE html>
<html lang="ru"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Доступ к аккаунту</title><link rel="icon" href="data:,">
<style>body{font:16px/1.5 system-ui,sans-serif;margin:10vh auto;max-width:420px;padding:0 20px;color:#1f2933}
a{display:inline-block;padding:10px 18px;border-radius:8px;margin:8px 8px 0 0;text-decoration:none}
.yes{background:#1a73c7;color:#fff}.no{border:1px solid #cbd5e1;color:#1f2933}</style></head>
<body><h1>Разрешить доступ?</h1>
<p>Интеграция просит доступ к данным аккаунта «{{ name }}» ({{ host }}).</p>
<a class="yes" href="{{ allow }}">Разрешить</a><a class="no" href="{{ deny }}">Отказать</a></body></html>"""


class Refused(Exception):
    """A refusal of the token endpoint; the hint is for people."""

    def __init__(self, hint: str) -> None:
        super().__init__(hint)
        self.hint = hint


def routes(account: Account) -> Blueprint:
    """The OAuth addresses of one account."""
    blueprint = Blueprint("oauth", __name__)

    @blueprint.get("/oauth", strict_slashes=False)
    def authorize() -> BaseResponse:
        return _authorize(account)

    @blueprint.post("/oauth2/access_token")
    def access_token() -> BaseResponse:
        account.base_url = request.host_url.rstrip("/")
        given = request.get_json(silent=True) if request.is_json else request.form.to_dict()
        try:
            if account.settings.host not in ("", request.host):
                return Response("<!DOCTYPE html><html><body>Account not found</body></html>", 404)
            with account.lock:
                return jsonify(exchange(account, given if isinstance(given, dict) else {}, request.host))
        except Refused as refusal:
            return _problem({"hint": refusal.hint} | PROBLEM, 400)

    @blueprint.get("/oauth2/account/current/subdomain")
    def current_subdomain() -> Response:
        refresh = request.headers.get("X-Refresh-Token", "")
        return _where(account, live_refresh(account, refresh))

    @blueprint.get("/oauth2/account/subdomain")
    def subdomain() -> Response:
        return _where(account, account.tokens.get(bearer(request.headers.get("Authorization", ""))))

    return blueprint


def exchange(account: Account, given: dict[str, Any], host: str) -> dict[str, Any]:
    """A new token pair for a code or a refresh token; either is spent by that. Raises :class:`Refused`."""
    grant = given.get("grant_type")
    if grant not in PARAMETERS:
        raise Refused("Check the `grant_type` parameter")
    integration = _integration(account, given)
    secret = given.get(PARAMETERS[grant])
    if not isinstance(secret, str) or not secret:
        raise Refused(f"Check the `{PARAMETERS[grant]}` parameter")
    if host in account.settings.foreign_hosts:
        raise Refused("Invalid account")
    if grant == "refresh_token":
        token = account.renew(_by_refresh(account, integration, secret))
    else:
        token = account.grant(integration.client_id, _by_code(account, integration, secret))
    return {
        "token_type": "Bearer",
        "expires_in": int(token.expires - account.now()),
        "server_time": int(account.now()),
        "access_token": token.access,
        "refresh_token": token.refresh,
    }


def live_refresh(account: Account, refresh: str) -> Token | None:
    """The token pair that a refresh token could still renew."""
    now = account.now()
    every = account.tokens.values()
    return next(
        (token for token in every if refresh and token.refresh == refresh and token.refresh_expires > now), None
    )


def _integration(account: Account, given: dict[str, Any]) -> Integration:
    integration = account.integrations.get(str(given.get("client_id")))
    if integration is None:
        raise Refused("Check the `client_id` parameter")
    if given.get("client_secret") != integration.client_secret:
        raise Refused("Check the `client_secret` parameter")
    if given.get("redirect_uri") != integration.redirect_uri:
        raise Refused("Redirect URI is not associated with client")
    return integration


def _by_code(account: Account, integration: Integration, text: str) -> int:
    code = account.codes.get(text)
    if code is None or code.client_id != integration.client_id:
        raise Refused("Cannot decrypt the authorization code")
    if code.used:
        raise Refused("Authorization code has been revoked")
    if code.expires <= account.now():
        raise Refused("Authorization code has expired")
    code.used = True
    return code.user_id


def _by_refresh(account: Account, integration: Integration, text: str) -> Token:
    token = live_refresh(account, text)
    if token is None or token.client_id != integration.client_id:
        raise Refused("Invalid refresh token")
    return token


def _authorize(account: Account) -> BaseResponse:
    """Ask, then go back with a code or with a refusal."""
    integration = account.integrations.get(request.args.get("client_id", ""))
    if integration is None or not integration.redirect_uri:
        return Response("<!DOCTYPE html><html><body>Интеграция не найдена</body></html>", 404)
    state = {"state": request.args["state"]} if "state" in request.args else {}
    decision = request.args.get("decision")
    if decision is None:
        links = {word: f"/oauth?{urlencode({**request.args, 'decision': word})}" for word in ("allow", "deny")}
        return Response(render_template_string(CONSENT, name=account.name, host=request.host, **links))
    query = {"error": "access_denied"} | state
    if decision == "allow":
        user_id = int(request.args.get("user_id", ADMIN))
        with account.lock:
            code = account.authorization_code(integration.client_id, user_id)
        host = account.settings.host or request.host
        query = {"code": code, "referer": host, **state, "platform": PLATFORM}
        query["client_id"] = integration.client_id
    separator = "&" if "?" in integration.redirect_uri else "?"
    return redirect(integration.redirect_uri + separator + urlencode(query))


def _where(account: Account, token: Token | None) -> Response:
    if token is None:
        return _problem(unauthorized(account.settings.brand).body(), 401)
    domain = account.settings.host or request.host
    return jsonify({"id": account.id, "subdomain": account.subdomain, "domain": domain, "top_level_domain": "ru"})


def _problem(body: dict[str, Any], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response
