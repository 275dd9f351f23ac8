"""What reaches us around an installation: the OAuth redirect, the uninstall hook, the widget's token (amocrm.md §1.2, §1.6,
§1.7). Pure.

``secrets`` are the integration's client secrets, the newest first; an older one counts while it is being changed.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt

from widget_backend.crm import hosts
from widget_backend.errors import Forbidden, InvalidInput
from widget_backend.security.signing import same
from widget_backend.texts import Text

#: longest code or token accepted, in characters; the vendor's are unbounded and near a thousand
LONGEST = 20_000
#: clocks may differ by so much
LEEWAY = timedelta(minutes=3)
#: claims without which a widget's token is none
CLAIMS = ("iss", "aud", "jti", "iat", "exp", "account_id", "user_id", "client_uuid")

_NUMBER = re.compile(r"[0-9]{1,18}")
_DECLINED = Text(
    "Доступ к amoCRM не выдан: в окне amoCRM нажата кнопка «Отклонить». Ничего не изменено. Чтобы продолжить, подключите ещё "
    "раз и разрешите доступ.",
    "Access to amoCRM was not granted: “Decline” was pressed in amoCRM's window. Nothing was changed. To go on, connect again "
    "and allow access.",
)
_NOT_OURS = Text(
    "Эта страница открывается только из amoCRM: в запросе нет того, что она передаёт. Ничего не сохранено. Нажмите "
    "«Установить» в amoCRM ещё раз.",
    "This page opens from amoCRM only: the request lacks what it passes on. Nothing was stored. Press “Install” in amoCRM "
    "once more.",
)
_FORGED = Text(
    "Это сообщение пришло не от amoCRM: подпись не совпала. Ничего не сделано.",
    "This message did not come from amoCRM: its signature does not match. Nothing was done.",
)
_NO_PASS = Text(
    "amoCRM не подтвердила, кто открыл страницу. Ничего не изменено. Обновите страницу amoCRM и откройте виджет ещё раз.",
    "amoCRM did not confirm who opened the page. Nothing was changed. Reload the amoCRM page and open the widget again.",
)


@dataclass(frozen=True, slots=True)
class Callback:
    """The redirect after consent, or the hook of a widget switched on (``from_widget``), which has no ``state``.
    ``origin``: the account's address, of the allow-list. ``client_id`` is a hint only."""

    code: str = field(repr=False)
    origin: str
    state: str = ""
    from_widget: bool = False
    platform: str = ""
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class WidgetCaller:
    """Whom the widget's token names. Remember ``jti`` until ``expires_at`` and refuse it the second time.
    ``admin`` is ``None`` where the token does not say."""

    account: str
    user_id: str
    origin: str
    jti: str
    expires_at: datetime
    admin: bool | None = None


@dataclass(frozen=True, slots=True)
class WidgetCheck:
    """What a widget's token is held against. ``redirect_uri``: the integration's. ``hosts``: the allow-list.
    ``host_of``: account id to the host stored of its installation, empty where there is none."""

    client_id: str
    secrets: Sequence[str] = field(repr=False)
    redirect_uri: str
    hosts: Sequence[str]
    host_of: Callable[[str], str]


def read_callback(params: Mapping[str, str], entries: Iterable[str]) -> Callback:
    """The parameters at the redirect address. Raises :class:`Forbidden` (consent declined, a foreign ``referer``),
    :class:`InvalidInput`."""
    if params.get("error"):
        raise Forbidden(_DECLINED)
    code, referer = params.get("code", ""), params.get("referer", "")
    if not (0 < len(code) <= LONGEST and code.isascii() and code.isprintable()) or not referer:
        raise InvalidInput(_NOT_OURS)
    return Callback(
        code,
        hosts.allowed(referer, entries),
        params.get("state", ""),
        params.get("from_widget", "") not in ("", "0", "false"),
        params.get("platform", ""),
        params.get("client_id", ""),
    )


def read_uninstall(params: Mapping[str, str], client_id: str, secrets: Iterable[str]) -> str:
    """The account id of an uninstall hook. Raises :class:`Forbidden`. It can be replayed: ask the API before wiping."""
    account = params.get("account_id", "")
    # the page names the parameter both ways (§1.6)
    named = [params[name] for name in ("client_uuid", "client_id") if params.get(name)]
    good = _is_signed(f"{client_id}|{account}", params.get("signature", ""), secrets)
    if not (good and _NUMBER.fullmatch(account) and all(name == client_id for name in named)):
        raise Forbidden(_FORGED)
    return account


def read_widget_token(token: str, check: WidgetCheck, at: datetime) -> WidgetCaller:
    """The caller of a widget's request (header ``X-Auth-Token``). Raises :class:`Forbidden`."""
    claims = _verified(token, check)
    if claims["client_uuid"] != check.client_id or not _is_current(claims, at):
        raise Forbidden(_NO_PASS)
    account, user_id = _id(claims["account_id"]), _id(claims["user_id"])
    host = check.host_of(account)
    origin = hosts.allowed(str(claims["iss"]), check.hosts)
    if not host or hosts.allowed(host, check.hosts) != origin:
        raise Forbidden(_NO_PASS)
    expires_at = datetime.fromtimestamp(claims["exp"], UTC) + LEEWAY
    admin = claims.get("is_admin")
    return WidgetCaller(
        account, user_id, origin, str(claims["jti"]), expires_at, admin if isinstance(admin, bool) else None
    )


def _is_signed(message: str, signature: str, secrets: Iterable[str]) -> bool:
    """Compared in constant time with what each secret gives."""
    made = [hmac.digest(key.encode(), message.encode(), "sha256").hex() for key in secrets if key]
    return any(same(signature.lower(), one) for one in made)


def _verified(token: str, check: WidgetCheck) -> Mapping[str, Any]:
    """The claims, once signature, algorithm and audience hold; times are judged by :func:`_is_current`."""
    options: Any = {"require": list(CLAIMS), "verify_exp": False, "verify_nbf": False, "verify_iat": False}
    for secret in filter(None, check.secrets if len(token) <= LONGEST else ()):
        try:
            # HS256 and no other: the bot's tokens are HS512, and a header may say «none» (§11, pitfall 1)
            return jwt.decode(token, secret, ["HS256"], options, audience=_audiences(check.redirect_uri))
        except jwt.PyJWTError:
            continue
    raise Forbidden(_NO_PASS)


def _audiences(redirect_uri: str) -> list[str]:
    """Scheme and host of the redirect address; the vendor leaves a port out, so that it may come either way."""
    parts = urlsplit(redirect_uri)
    return list(dict.fromkeys((f"{parts.scheme}://{parts.netloc}", f"{parts.scheme}://{parts.hostname}")))


def _is_current(claims: Mapping[str, Any], at: datetime) -> bool:
    times = (claims["iat"], claims.get("nbf", claims["iat"]), claims["exp"])
    # some issuers count in parts of a second
    if not all(type(moment) in (int, float) and 0 < moment < 2**33 for moment in times):
        return False
    starts, ends = max(times[:2]), float(times[2])
    leeway = LEEWAY.total_seconds()
    return bool(starts - leeway <= at.timestamp() < ends + leeway)


def _id(value: object) -> str:
    text = str(value)
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        raise Forbidden(_NO_PASS)
    return text
