"""Access to an account: the link for consent, a grant for the code, and its renewal (amocrm.md §1.2-§1.5).

Every address is held against the allow-list before a secret leaves. Whose account it is, the account itself says; the
claims of its access token are unsigned hints to us.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt

from widget_backend.clock import now
from widget_backend.config import Client as Keys
from widget_backend.crm import hosts
from widget_backend.crm.amocrm.client import Client
from widget_backend.crm.amocrm.judge import FORBIDDEN
from widget_backend.crm.amocrm.oauth_judge import ELSEWHERE, VENDOR, OAuthJudge
from widget_backend.crm.amocrm.webhook import read_callback
from widget_backend.crm.port import Connection
from widget_backend.errors import AccessLost, Forbidden, Missing, RateLimited, Unavailable, VendorError
from widget_backend.tenancy.grants import Grant
from widget_backend.tenancy.tokens import Tokens
from widget_backend.texts import Text
from widget_backend.transport import Call, Door

_ANOTHER = Text(
    "amoCRM назвала другой аккаунт, чем тот, что выдал доступ. Ничего не сохранено. Подключите amoCRM ещё раз.",
    "amoCRM named another account than the one that granted access. Nothing was stored. Connect amoCRM again.",
)


class AmoOAuth:
    """The accounts' side of ``OAuth``. ``redirect_uri`` exactly as registered; ``entries``: the allow-list of hosts;
    ``page``: where consent is given (``https://www.amocrm.ru/oauth``)."""

    def __init__(self, keys: Keys, redirect_uri: str, entries: Sequence[str], page: str, door: Door) -> None:
        self._keys = keys
        self._redirect_uri = redirect_uri
        self._entries = tuple(entries)
        self._page = page
        self._door = door

    def authorize_url(self, state: str, account_host: str = "") -> str:
        """Where to send the browser for consent; the user picks the account there. ``post_message``: in the same window."""
        query = urlencode({"client_id": self._keys.client_id, "state": state, "mode": "post_message"})
        return f"{self._page}?{query}"

    def exchange(self, answer: Mapping[str, str]) -> Grant:
        """A grant for the parameters of a redirect or of the install hook; never sent twice by itself.

        Raises :class:`Forbidden` (declined, a foreign ``referer``: nothing was sent), :class:`InvalidInput`,
        :class:`AccessLost` for a spent code, :class:`Unavailable`.
        """
        callback = read_callback(answer, self._entries)
        pair = self._ask(callback.origin, "authorization_code", {"code": callback.code})
        account = Client(Connection(callback.origin, pair.access), self._door).get("account")
        named = str(account.get("id") or "")
        if not named:
            raise OAuthJudge("GET account", False).unclear("account")
        if pair.account not in ("", named):
            raise Forbidden(_ANOTHER)
        return replace(pair, account=named, user_id=str(account.get("current_user_id") or pair.user_id))

    def refresh(self, token: Tokens, host: str) -> Grant:
        """A new pair, once: a refresh token is good for one use. Raises :class:`AccessLost` where only consent helps.

        An account that is no longer at ``host`` is looked for, and the pair asked for where it is now.
        """
        origin = hosts.allowed(host, self._entries)
        try:
            return self._ask(origin, "refresh_token", {"refresh_token": token.refresh})
        except AccessLost as lost:
            moved = self.current_origin(token) if lost.code == ELSEWHERE else origin
            if moved in ("", origin):
                raise
        return self._ask(moved, "refresh_token", {"refresh_token": token.refresh})

    def whereabouts(self, token: Tokens, account: str) -> str:
        """Where the account is now; ``""`` where nobody says, or not of this account. Raises :class:`Unavailable`."""
        return self.current_origin(token) if str(read_claims(token.access).get("account_id")) == account else ""

    def current_origin(self, token: Tokens) -> str:
        """Where the account is now, by its tokens; empty where nobody says. Raises :class:`Unavailable`."""
        account = str(read_claims(token.access).get("account_id") or "")
        for call in self._ways_to_find(token):
            judge = OAuthJudge(call.operation, False, (token.access, token.refresh))
            try:
                said = _map(self._door.send(call, judge).data)
                if str(said.get("id")) == account or not account:
                    return hosts.allowed(str(said.get("domain") or ""), self._entries)
            except (Unavailable, RateLimited):
                raise
            except (VendorError, Forbidden):
                continue
        return ""

    def is_admin(self, grant: Grant) -> bool:
        """Whether the grant's user is an administrator of the account (only admins may ask)."""
        if not (grant.user_id.isascii() and grant.user_id.isdecimal()):
            return False
        origin = hosts.allowed(grant.host, self._entries)
        try:
            user = Client(Connection(origin, grant.access), self._door).get(f"users/{grant.user_id}")
        except Missing:
            return False
        except AccessLost as lost:
            if lost.code != FORBIDDEN:
                raise
            return False
        return _map(user.get("rights")).get("is_admin") is True

    def _ask(self, origin: str, kind: str, secrets: Mapping[str, str]) -> Grant:
        operation = f"oauth {kind}"
        judge = OAuthJudge(operation, True, (self._keys.secret, *secrets.values()))
        body = {
            "client_id": self._keys.client_id,
            "client_secret": self._keys.secret,
            "grant_type": kind,
            "redirect_uri": self._redirect_uri,
            **secrets,
        }
        data = _map(self._door.send(Call("POST", f"{origin}/oauth2/access_token", operation, True, body), judge).data)
        access, refresh, seconds = (data.get(name) for name in ("access_token", "refresh_token", "expires_in"))
        if not (isinstance(access, str) and isinstance(refresh, str) and access and refresh and type(seconds) is int):
            raise judge.unclear("tokens")
        claims = read_claims(access)
        return Grant(
            vendor=VENDOR,
            account=str(claims.get("account_id") or ""),
            host=urlsplit(origin).netloc,
            base_url=origin,
            access=access,
            refresh=refresh,
            expires_at=now() + timedelta(seconds=seconds),
            user_id=str(claims.get("sub") or ""),
            scopes=tuple(str(scope) for scope in claims.get("scopes") or ()),
        )

    def _ways_to_find(self, token: Tokens) -> Iterator[Call]:
        """The renamed account by its refresh token at the host its access token names, then the deprecated way (§1.4)."""
        try:
            api = hosts.allowed(str(read_claims(token.access).get("api_domain") or ""), self._entries)
        except Forbidden:
            api = ""
        if api:
            headers = {"X-Refresh-Token": token.refresh}
            yield Call("GET", f"{api}/oauth2/account/current/subdomain", "oauth current subdomain", headers=headers)
        page = urlsplit(self._page)
        headers = {"Authorization": f"Bearer {token.access}"}
        yield Call("GET", f"{page.scheme}://{page.netloc}/oauth2/account/subdomain", "oauth subdomain", headers=headers)


def read_claims(access: str) -> Mapping[str, Any]:
    """The claims of an access token, whose signature only the vendor can check: hints. Empty where it holds none."""
    try:
        return jwt.decode(access, options={"verify_signature": False})
    except jwt.PyJWTError:
        return {}


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
