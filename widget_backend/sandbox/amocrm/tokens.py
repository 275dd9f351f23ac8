"""The JWTs of the vendor: access tokens, the widget front-end's disposable one, and the SalesBot's."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jwt

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import Integration

DISPOSABLE_SECONDS = 1800

FRONT_END_ALGORITHM, BOT_ALGORITHM = "HS256", "HS512"


def access_token(account: Account, client_id: str, user_id: int, scopes: frozenset[str], expires: float) -> str:
    """An access token; clients may read ``exp`` and ``api_domain``, nobody but the vendor can check it."""
    now = int(account.now())
    claims = {
        "aud": client_id,
        "jti": uuid.uuid4().hex,
        "iat": now,
        "nbf": now,
        "exp": int(expires),
        "sub": str(user_id),
        "account_id": account.id,
        "base_domain": "amocrm.ru",
        "version": 2,
        "scopes": sorted(scopes),
        "api_domain": urlsplit(account.base_url).netloc,
    }
    return jwt.encode(claims, account.signing_key, FRONT_END_ALGORITHM)


def front_end_token(account: Account, integration: Integration, user_id: int, **claims: Any) -> str:
    """What ``$authorizedAjax`` sends as ``X-Auth-Token``; further claims replace the usual ones, none removes one."""
    now = int(account.now())
    usual = _common(account, integration) | {
        "jti": str(uuid.uuid4()),
        "user_id": user_id,
        "exp": now + DISPOSABLE_SECONDS,
        "is_admin": account.users[user_id].is_admin,
    }
    return _signed(usual | claims, integration, FRONT_END_ALGORITHM)


def bot_token(
    account: Account, integration: Integration, entity_id: int, algorithm: str = BOT_ALGORITHM, **claims: Any
) -> str:
    """The ``token`` of a bot's ``widget_request`` for a lead."""
    usual = _common(account, integration) | {
        "exp": int(account.now()) + DISPOSABLE_SECONDS,
        "entity_id": entity_id,
        "entity_type": 2,
        "bot_type": "salesbot",
    }
    return _signed(usual | claims, integration, algorithm)


def _common(account: Account, integration: Integration) -> dict[str, Any]:
    now = int(account.now())
    target = urlsplit(integration.redirect_uri)
    return {
        "iss": account.base_url,
        "aud": f"{target.scheme}://{target.netloc}",
        "iat": now,
        "nbf": now,
        "account_id": account.id,
        "subdomain": account.subdomain,
        "client_uuid": integration.client_id,
    }


def _signed(claims: dict[str, Any], integration: Integration, algorithm: str) -> str:
    return jwt.encode(
        {key: value for key, value in claims.items() if value is not None}, integration.client_secret, algorithm
    )
