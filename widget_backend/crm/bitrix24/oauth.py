"""Access to a portal: who is calling, a grant for what he brought, and its renewal (bitrix24.md §1.4, §1.5).

The client secret and any token go first to an OAuth host of the allow-list. Where the portal is, is
taken from that host's answer, never from the request; before it has answered nothing is sent to the portal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from widget_backend.clock import now
from widget_backend.config import Client
from widget_backend.crm import hosts
from widget_backend.crm.bitrix24.judge import Judge
from widget_backend.crm.bitrix24.oauth_judge import VENDOR, OAuthJudge
from widget_backend.crm.bitrix24.webhook import Offer, read_offer, read_scopes
from widget_backend.errors import AccessLost, Forbidden, InvalidInput
from widget_backend.tenancy.grants import Grant, Paid
from widget_backend.tenancy.tokens import Tokens
from widget_backend.texts import Text
from widget_backend.transport import Call, Door

#: longest life of an access token (§1.4)
LIFE = timedelta(hours=1)
#: status of the application on the portal, as the OAuth host tells it (§1.2); the end of a term is an error of its own
PAID: Mapping[str, Paid] = {"L": "ok", "F": "ok", "P": "ok", "S": "ok", "D": "trial", "T": "trial"}
#: codes by which the OAuth host says that a token is nothing, or not ours
FORGED = frozenset({"", "invalid_client", "invalid_grant", "invalid_token", "expired_token", "no_auth_found"})

_NOT_PROVEN = Text(
    "Битрикс24 не подтвердил, что этот запрос пришёл от него. Ничего не сохранено. Закройте страницу и откройте приложение "
    "заново из меню Битрикс24.",
    "Bitrix24 did not confirm that this request came from it. Nothing was stored. Close the page and open the application "
    "again from the Bitrix24 menu.",
)
_NO_PORTAL = Text(
    "Не назван адрес портала Битрикс24. Ничего не сделано. Введите его, например clinic.bitrix24.ru.",
    "The address of the Bitrix24 portal is missing. Nothing was done. Enter it, for example clinic.bitrix24.com.",
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What the OAuth host says of a token. ``base_url``: the portal's REST. ``installed``: false until ``installFinish``."""

    member_id: str
    base_url: str
    user_id: str
    status: str
    scopes: tuple[str, ...]
    installed: bool
    expires_at: datetime | None
    server_endpoint: str


class BitrixOAuth:
    """The portals' side of ``OAuth``. ``oauth_hosts``: origins, the first is asked where a request names none."""

    def __init__(self, client: Client, oauth_hosts: Sequence[str], door: Door) -> None:
        self._client = client
        self._hosts = tuple(oauth_hosts)
        self._door = door

    def authorize_url(self, state: str, account_host: str = "") -> str:
        """Where to send the browser for consent. Raises :class:`InvalidInput` without a portal, :class:`Forbidden`."""
        if not account_host:
            raise InvalidInput(_NO_PORTAL)
        parts = urlsplit(hosts.told(account_host.strip(), self._hosts[0]))
        query = urlencode({"client_id": self._client.client_id, "state": state})
        return f"{parts.scheme}://{parts.netloc}/oauth/authorize/?{query}"

    def exchange(self, answer: Mapping[str, str]) -> Grant:
        """A grant for the fields of a page's POST, of an event's ``auth``, or of a redirect with ``code``.

        Raises :class:`Forbidden` for what the OAuth host does not confirm, :class:`InvalidInput`, :class:`VendorError`.
        """
        if answer.get("code"):
            return self._redeem(answer)
        return self.grant(read_offer(answer))

    def grant(self, offer: Offer) -> Grant:
        """The same for tokens already read; safe to repeat. Costs one request to the OAuth host."""
        if not offer.access:
            raise Forbidden(_NOT_PROVEN)
        proof = self.prove(offer)
        lives_until = now() + min(timedelta(seconds=max(0, offer.expires_in)), LIFE)
        told = proof.expires_at
        return Grant(
            vendor=VENDOR,
            account=proof.member_id,
            host=urlsplit(proof.base_url).netloc,
            base_url=proof.base_url,
            access=offer.access,
            refresh=offer.refresh,
            expires_at=min(lives_until, told) if told and told > now() else lives_until,
            user_id=proof.user_id,
            scopes=proof.scopes,
            application_token=offer.application_token,
            server_endpoint=proof.server_endpoint,
            paid=PAID.get(proof.status, "unknown"),
        )

    def prove(self, offer: Offer) -> Proof:
        """Ask the OAuth host whose token it is. Raises :class:`Forbidden` unless it is ours and the portal's, as said."""
        for origin in self._origins(offer.server_endpoint):
            try:
                return self._prove_at(origin, offer)
            except AccessLost as lost:
                if lost.code not in FORGED:
                    raise
        raise Forbidden(_NOT_PROVEN)

    def refresh(self, token: Tokens, host: str) -> Grant:
        """A new pair. Raises :class:`AccessLost` where only opening the application again helps.

        Never sent twice by itself; after :class:`Unavailable` the old pair may or may not be good still (§1.4).
        """
        origin = next(self._origins(token.server_endpoint))
        secrets = {"refresh_token": token.refresh}
        return self._read_grant(origin, self._ask_tokens(origin, "refresh_token", secrets))

    def whereabouts(self, token: Tokens, account: str) -> str:
        """The portal's REST by its ``member_id``. Raises :class:`Forbidden` where the token is another's."""
        for origin in self._origins(token.server_endpoint):
            install = _map(self._ask_info(origin, token.access).get("install"))
            if str(install["member_id"]) != account:
                raise Forbidden(_NOT_PROVEN)
            return hosts.told(str(install["client_endpoint"]), origin)
        return ""

    def is_admin(self, grant: Grant) -> bool:
        """Whether the grant's user is an administrator of the portal; asked of the portal with his own token."""
        operation = "profile"
        url = f"{grant.base_url.rstrip('/')}/{operation}"
        call = Call("POST", url, operation, json={}, headers={"Authorization": f"Bearer {grant.access}"})
        data = self._door.send(call, Judge(grant.host, operation, False, (grant.access,)).whole).data
        profile = data.get("result") if isinstance(data, dict) else None
        # a dismissed user's profile is empty
        return isinstance(profile, dict) and profile.get("ADMIN") is True and str(profile.get("ID")) == grant.user_id

    def _origins(self, server_endpoint: str) -> Iterator[str]:
        """The OAuth host that was named; any of ours, in turn, where none was: old requests do not say (§1.2)."""
        if server_endpoint:
            yield hosts.allowed(server_endpoint, self._hosts)
        else:
            yield from (hosts.allowed(host, self._hosts) for host in self._hosts)

    def _prove_at(self, origin: str, offer: Offer) -> Proof:
        told = self._ask_info(origin, offer.access)
        install = _map(told["install"])
        if told["client_id"] != self._client.client_id or install["member_id"] != offer.member_id:
            raise Forbidden(_NOT_PROVEN)
        base_url = hosts.told(str(install["client_endpoint"]), origin)
        if not _is_same_portal(offer.domain, str(install.get("domain", "")), urlsplit(base_url).netloc):
            raise Forbidden(_NOT_PROVEN)
        return Proof(
            offer.member_id,
            base_url,
            str(told.get("user_id") or ""),
            str(install.get("status") or ""),
            read_scopes(str(told.get("scope") or install.get("scope") or "")),
            install.get("installed") is True,
            _moment(told.get("expires")),
            f"{origin}/rest/",
        )

    def _ask_info(self, origin: str, access: str) -> Mapping[str, Any]:
        """Whose token it is, as the OAuth host tells: ``client_id``, and ``install`` of a portal."""
        judge = OAuthJudge("oauth app.info", False, (access,))
        call = Call("GET", f"{origin}/rest/app.info/", judge.operation, params={"auth": access})
        told = _map(_map(self._door.send(call, judge).data).get("result"))
        install = _map(told.get("install"))
        if not told.get("client_id") or not install.get("member_id") or not install.get("client_endpoint"):
            raise judge.unclear("app.info")
        return told

    def _redeem(self, answer: Mapping[str, str]) -> Grant:
        """The authorization code, good for 30 s, for a pair of tokens; then whose they are."""
        origin = next(self._origins(answer.get("server_domain", "")))
        got = self._read_grant(origin, self._ask_tokens(origin, "authorization_code", {"code": answer["code"]}))
        if answer.get("member_id", got.account) != got.account:
            raise Forbidden(_NOT_PROVEN)
        seconds = round((got.expires_at - now()).total_seconds())
        domain = answer.get("domain", "").lower()
        return self.grant(Offer(got.account, domain, got.access, got.refresh, seconds, got.server_endpoint))

    def _ask_tokens(self, origin: str, kind: str, secrets: Mapping[str, str]) -> Mapping[str, Any]:
        operation = f"oauth token {kind}"
        judge = OAuthJudge(operation, True, (self._client.secret, *secrets.values()))
        keys = {"client_id": self._client.client_id, "client_secret": self._client.secret}
        asked = {"grant_type": kind, **keys, **secrets}
        call = Call("GET", f"{origin}/oauth/token/", operation, write=True, params=asked)
        data = _map(self._door.send(call, judge).data)
        if not all(data.get(name) for name in ("access_token", "refresh_token", "member_id", "client_endpoint")):
            raise judge.unclear("token")
        return data

    def _read_grant(self, origin: str, data: Mapping[str, Any]) -> Grant:
        base_url = hosts.told(str(data["client_endpoint"]), origin)
        return Grant(
            vendor=VENDOR,
            account=str(data["member_id"]),
            host=urlsplit(base_url).netloc,
            base_url=base_url,
            access=str(data["access_token"]),
            refresh=str(data["refresh_token"]),
            expires_at=now() + timedelta(seconds=_seconds(data.get("expires_in"))),
            user_id=str(data.get("user_id") or ""),
            scopes=read_scopes(str(data.get("scope") or "")),
            server_endpoint=f"{origin}/rest/",
            paid=PAID.get(str(data.get("status") or ""), "unknown"),
        )


def _is_same_portal(said: str, domain: str, netloc: str) -> bool:
    """Whether ``DOMAIN`` is the portal's; on a self-hosted one it may carry the port (§10, pitfall 21)."""
    return bool(said) and said in (domain.lower(), netloc)


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _seconds(value: Any) -> int:
    """Seconds out of 3600 or ``"3600"``; 0, so that the token is renewed at once, for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0


def _moment(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
