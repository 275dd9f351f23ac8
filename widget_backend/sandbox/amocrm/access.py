"""Who is calling and whether the account lets anybody in: host, block, rate, subscription, bearer, acting user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widget_backend.sandbox.amocrm.wire.problems import Problem, blocked, forbidden, too_many, unauthorized, unpaid
from widget_backend.sandbox.amocrm.wire.registry import Caller

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import Token

CONTEXT_USER = "X-Context-User-ID"
SCOPE = "crm"


def check_host(account: Account, host: str) -> None:
    """Refuse hosts that are not, or no longer, this account's."""
    if host in account.settings.foreign_hosts:
        raise unauthorized(account.settings.brand)
    if account.settings.host and host != account.settings.host:
        raise Problem(404, "Account not found", html=True)


def check_open(account: Account, write: bool) -> None:
    """Refuse everything on a blocked account, and what an ended subscription no longer allows."""
    if account.settings.blocked:
        raise blocked()
    if account.settings.unpaid == "all" or (account.settings.unpaid == "writes" and write):
        raise unpaid()


def check_rate(account: Account, client: str) -> None:
    """Count one request of a client; refusals that go on end in the block of the whole account."""
    settings = account.settings
    if not settings.rate:
        return
    now = account.now()
    if account.rate.admits(now, client, settings.rate_per_client, settings.rate_per_account):
        return
    if settings.block_after and account.rate.refusals(now) >= settings.block_after:
        settings.blocked = True
    raise too_many(settings.retry_after, settings.limit_html)


def bearer(header: str) -> str:
    """The token of an ``Authorization`` header, empty if there is none."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def caller(account: Account, token: Token | None, headers: Headers) -> Caller:
    """The caller behind a token; raises a 401 for a dead one and a 403 for one without the CRM scope."""
    refusal = unauthorized(account.settings.brand)
    integration = account.integrations.get(token.client_id) if token else None
    if token is None or integration is None or not integration.installed or token.expires <= account.now():
        raise refusal
    user = account.users.get(token.user_id)
    if user is None or not (user.is_active or token.by_admin):
        raise refusal
    if SCOPE not in token.scopes:
        raise forbidden("Invalid scope")
    acting = headers.get(CONTEXT_USER)
    if acting is None:
        return Caller(user, integration, token, token.by_admin)
    other = account.users.get(int(acting)) if acting.isdigit() else None
    if not token.by_admin or other is None or other.is_free or not other.is_active:
        raise refusal
    return Caller(other, integration, token, other.is_admin)
