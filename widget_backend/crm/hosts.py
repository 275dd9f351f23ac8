"""Which addresses may be spoken to, decided on their text alone: no name is resolved and nothing is sent. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from widget_backend.errors import Forbidden
from widget_backend.texts import Text

#: longest address looked at, in characters
LONGEST = 500

_PORTS = {"https": 443, "http": 80}
#: names that never belong to a public server
_INSIDE = (".localhost", ".internal")
# letters, digits, hyphens in between: no room for userinfo, escapes or a trailing dot; ASCII keeps out look-alike letters,
# as the Kelvin sign, which case-folds to «k»
_LABEL = r"[a-z0-9]+(?:-+[a-z0-9]+)*"
_ADDRESS = re.compile(
    rf"(?:(?P<scheme>https?)://)?(?P<host>\[::1\]|{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[1-9][0-9]{{0,4}}))?"
    r"(?P<path>/[a-z0-9._~/-]*)?",
    re.IGNORECASE | re.ASCII,
)
_STRANGE = Text(
    "Этот адрес не принадлежит CRM, с которой мы работаем. Ничего не сохранено и никуда не отправлено. Откройте приложение "
    "из самой CRM и повторите.",
    "This address is not that of a CRM we work with. Nothing was stored and nothing was sent. Open the application from the "
    "CRM itself and repeat.",
)
_UNFIT = Text(
    "По такому адресу портал открыть нельзя: нужен https и публичное имя сервера. Ничего не сохранено и никуда не "
    "отправлено. Включите на портале https или исправьте его адрес и повторите.",
    "A portal cannot be reached at such an address: it takes https and a public name. Nothing was stored and nothing was "
    "sent. Switch https on at the portal, or correct its address, and repeat.",
)


@dataclass(frozen=True, slots=True)
class _Address:
    """An address in lower case; ``scheme`` and ``port`` are empty and 0 where it does not name them."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """``scheme://host``, with the port where it is not the scheme's own."""
        port = f":{self.port}" if self.port not in (0, _PORTS[self.scheme]) else ""
        return f"{self.scheme}://{self.host}{port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it stays on this machine."""
        name = self.host.strip("[]")
        return name == "localhost" or (_is_number(name) and ip_address(name).is_loopback)

    @property
    def is_public(self) -> bool:
        """Whether it is the name of a server on the net, not a number or a name of some inner network."""
        number = self.host.rpartition(".")[2][:1].isdigit() or self.host.startswith("[")
        return "." in self.host and not number and not self.host.endswith(_INSIDE)


def allowed(url_or_host: str, entries: Iterable[str]) -> str:
    """The origin ``scheme://host[:port]`` of an address that fits one entry. Raises :class:`Forbidden`.

    An entry is a suffix (``.amocrm.ru``: https, one label before it, no port) or an exact origin
    (``https://oauth.bitrix.info``, ``http://127.0.0.1:8080``). A bare host takes its scheme from the entry.
    """
    address = _read(url_or_host)
    origins = (_fit(address, entry.strip().lower()) for entry in entries) if address else iter(())
    origin = next(filter(None, origins), "")
    if not origin:
        raise Forbidden(_STRANGE)
    return origin


def told(url: str, source: str) -> str:
    """The address, with its path, that the trusted server at ``source`` gave as a customer's own. Raises :class:`Forbidden`.

    Any public name will do, by https only; this machine is meant only by a source that is on it, as the sandbox is.
    """
    address, teller = _read(url), _read(source)
    if address is None or teller is None:
        raise Forbidden(_UNFIT)
    inside = address.is_loopback and teller.is_loopback
    scheme = address.scheme or ("http" if inside else "https")
    if not inside and (scheme != "https" or not address.is_public):
        raise Forbidden(_UNFIT)
    return _Address(scheme, address.host, address.port, "").origin + address.path


def _read(text: str) -> _Address | None:
    found = _ADDRESS.fullmatch(text) if len(text) <= LONGEST else None
    if found is None or (found["path"] and not found["scheme"]):
        return None
    port = int(found["port"] or 0)
    return _Address((found["scheme"] or "").lower(), found["host"].lower(), port, found["path"] or "")


def _fit(address: _Address, entry: str) -> str:
    if entry.startswith("."):
        return _fit_suffix(address, entry)
    exact = _read(entry)
    if exact is None or not exact.scheme or address.scheme not in ("", exact.scheme):
        return ""
    same = address.host == exact.host and (address.port or _PORTS[exact.scheme]) == (exact.port or _PORTS[exact.scheme])
    return exact.origin if same and (exact.scheme == "https" or exact.is_loopback) else ""


def _fit_suffix(address: _Address, suffix: str) -> str:
    label, dot, rest = address.host.partition(".")
    fits = dot + rest == suffix and address.scheme in ("", "https") and not address.port
    return f"https://{address.host}" if fits and not label.startswith("xn--") else ""


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
