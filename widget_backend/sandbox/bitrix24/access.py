"""Who is calling: a webhook by its path, an application's user by a token; and what is refused at the portal's door."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24 import plans
from widget_backend.sandbox.bitrix24.envelope import RestError, expired_token, query_limit, without_rest
from widget_backend.sandbox.bitrix24.limits import rate_of
from widget_backend.sandbox.bitrix24.registry import Caller

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.state import Application, User

TOKEN_KEYS = ("auth", "access_token")


def check_open(portal: Portal) -> None:
    """Refuse everything on a closed portal and where the plan has no REST."""
    if portal.settings.closed:
        raise RestError("PORTAL_DELETED", "Portal was deleted", 410)
    if not plans.has_rest(portal.settings):
        raise without_rest()


def check_rate(portal: Portal, address: str) -> None:
    """Count one HTTP request of a source address."""
    if not portal.settings.rate_limit:
        return
    with portal.lock:
        admitted = portal.buckets[address].admits(portal.clock(), *rate_of(portal.settings.plan))
    if not admitted:
        raise query_limit()


def by_webhook(portal: Portal, user_id: str, code: str) -> Caller:
    """The caller behind ``/rest/<user>/<code>/``."""
    for hook in portal.webhooks:
        if str(hook.user_id) == user_id and hook.code == code:
            return Caller(_active(portal, hook.user_id), None, hook.scopes, f"webhook:{code}")
    raise RestError("INVALID_CREDENTIALS", "Invalid request credentials", 401)


def by_token(portal: Portal, params: dict[str, Any], header: str) -> Caller:
    """The caller behind an access token, given in a parameter or as a bearer; the parameters lose it."""
    given = [str(params.pop(key)) for key in TOKEN_KEYS if key in params]
    access = header[7:].strip() if header.lower().startswith("bearer ") else next(iter(given), "")
    if not access:
        raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
    token = portal.tokens_by_access.get(access)
    if token is None:
        raise RestError("invalid_token", "Unable to get application by token", 401)
    app = _usable(portal.apps.get(token.client_id), token.user_id)
    if token.expires <= portal.clock():
        raise expired_token()
    return Caller(_active(portal, token.user_id), app, app.scopes, app.client_id, access)


def with_connector(portal: Portal, caller: Caller, params: dict[str, Any]) -> Caller:
    """The caller with the ``auth_connector`` of the call; any call that carries one needs the feature."""
    connector = str(params.get("auth_connector") or "")
    if connector and not plans.has_feature(portal.settings, "rest_auth_connector"):
        raise RestError("WRONG_LICENSE", "Your license does not allow this feature", 403)
    return replace(caller, connector=connector)


def _usable(app: Application | None, user_id: int) -> Application:
    if app is None:
        raise RestError("APPLICATION_NOT_FOUND", "Application not found", 401)
    if app.payment_expired:
        raise RestError("PAYMENT_REQUIRED", "Payment required", 401)
    if app.users is not None and user_id not in app.users:
        raise RestError("user_access_error", "The user does not have access to the application.", 403)
    return app


def _active(portal: Portal, user_id: int) -> User:
    user = portal.users.get(user_id)
    if user is None or not user.active:
        raise RestError("authorization_error", "Unable to authorize user", 401)
    return user
