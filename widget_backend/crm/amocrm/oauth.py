"""Access to an account: the link for consent, a grant for the code, and its renewal (amocrm.md §1.2-§1.5).

Every address is held against the allow-list before a secret leaves. Whose account it is, the account itself says; the
claims of its access token are unsigned hints to us.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from widget_backend.errors import AccessLost, Forbidden, Missing, Unavailable, VendorError
from widget_backend.tenancy.grants import Grant
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

    def refresh(self, token: Renewable, host: str) -> Grant:
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

    def current_origin(self, token: Renewable) -> str:
        """Where the account is now, by its tokens; empty where nobody says. Raises :class:`Unavailable`."""
        for call in self._ways_to_find(token):
            judge = OAuthJudge(call.operation, False, (token.access, token.refresh))
            try:
                data = self._door.send(call, judge).data
                return hosts.allowed(str(_map(data).get("domain") or ""), self._entries)
            except Unavailable:
                raise
            except (VendorError, Forbidden):
                continue
        return ""

    def is_admin(self, grant: Grant) -> bool:
        """Whether the grant's user is an administrator of the account (only admins may ask)."""
        if not grant.user_id.isdecimal():
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
