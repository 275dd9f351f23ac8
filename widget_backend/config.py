"""Settings: read once from the environment, frozen; every wrong or missing value is named at once.

``read`` is what a command needs; ``read_server`` is that and what ``web`` and ``worker`` need besides.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from widget_backend.errors import InvalidInput
from widget_backend.security import keyfile
from widget_backend.texts import Language, Text

#: the schemes SQLAlchemy reads as PostgreSQL, and the driver we install
SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
BITRIX24_OAUTH_HOSTS = "https://oauth.bitrix.info https://oauth.bitrix24.tech"
AMOCRM_HOSTS = ".amocrm.ru .amocrm.com .kommo.com"
AMOCRM_OAUTH_PAGE = "https://www.amocrm.ru/oauth"

RATE = re.compile(r"(?=.*[1-9].*/)(\d{1,4}(?:\.\d{1,3})?)/([1-9]\d{0,3})", re.ASCII)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
SUFFIX = re.compile(r"(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?){2,}")

POSTGRES = Text("postgresql://…", "postgresql://…")
LANGUAGES = Text("ru или en", "ru or en")
RATES = Text("запросов в секунду/запас, например 5/250", "requests a second/burst, as 5/250")
MISSING = Text("не задано", "not set")
KEYS = Text("ключи Fernet через запятую, новый первым", "Fernet keys separated by commas, the newest first")
ADDRESS = Text("https://… (http только для 127.0.0.1)", "https://… (http for 127.0.0.1 only)")
MAILS = Text("почта поддержки, например help@clinic.ru", "the support's mail address, as help@clinic.ru")
SUFFIXES = Text(
    ".домен через пробел (или http://127.0.0.1:порт)", ".domain separated by spaces (or http://127.0.0.1:port)"
)
NO_VENDOR = Text(
    "BITRIX24_CLIENT_ID с BITRIX24_CLIENT_SECRET или AMOCRM_CLIENT_ID с AMOCRM_CLIENT_SECRET: не заданы",
    "BITRIX24_CLIENT_ID with BITRIX24_CLIENT_SECRET or AMOCRM_CLIENT_ID with AMOCRM_CLIENT_SECRET: not set",
)
WRONG = Text(
    "Неверные настройки окружения ({listed}). Ничего не сделано: исправьте их и запустите снова.",
    "Wrong settings in the environment ({listed}). Nothing was done: correct them and start again.",
)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests a second after a burst of so many, to one account."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Settings:
    """``home``: folder of the embedded database and the log. ``database_url``: any PostgreSQL instead of it. ``rates``: of
    vendors whose accounts allow another one than is usual. ``support``: mail address, ``publisher``: name of who answers for
    the service, as its policy and licence tell."""

    home: Path
    database_url: str = field(default="", repr=False)
    public_url: str = ""
    language: Language = "ru"
    rates: Mapping[str, Rate] = field(default_factory=dict)
    support: str = ""
    publisher: str = ""

    @property
    def log_file(self) -> Path:
        """Where tracebacks go; a user never sees one."""
        return self.home / "dental-crm.log"


@dataclass(frozen=True, slots=True)
class Client:
    """Our application's name and secret at one vendor. ``old_secret`` still counts while the vendor's secret is changed."""

    client_id: str
    secret: str = field(repr=False)
    old_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ServerSettings(Settings):
    """``keys``: Fernet keys, the newest first. A vendor without a :class:`Client` is not offered. ``bitrix24_oauth_hosts``:
    origins (``https://host``). ``amocrm_hosts``: suffixes (``.amocrm.ru``) and, for trials, loopback origins."""

    keys: tuple[str, ...] = field(default=(), repr=False)
    bitrix24: Client | None = None
    amocrm: Client | None = None
    bitrix24_oauth_hosts: tuple[str, ...] = tuple(BITRIX24_OAUTH_HOSTS.split())
    amocrm_hosts: tuple[str, ...] = tuple(AMOCRM_HOSTS.split())
    amocrm_oauth_page: str = AMOCRM_OAUTH_PAGE


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment. Raises :class:`InvalidInput` that names every wrong value."""
    wrong: list[Text] = []
    settings = _common(environ, wrong)
    _refuse(wrong)
    return settings


def read_server(environ: Mapping[str, str] = os.environ) -> ServerSettings:
    """Settings of ``web`` and ``worker``; makes the keys of an embedded database, once. Raises :class:`InvalidInput`."""
    wrong: list[Text] = []
    common = _common(environ, wrong)
    if not environ.get("DENTAL_CRM_PUBLIC_URL"):
        wrong.append(_line("DENTAL_CRM_PUBLIC_URL", MISSING))
    bitrix24, amocrm = _clients(environ, wrong)
    oauth_hosts, hosts, page = _places(environ, wrong)
    keys = _keys(environ, wrong)
    _refuse(wrong)
    return ServerSettings(
        common.home,
        common.database_url,
        common.public_url,
        common.language,
        common.rates,
        common.support,
        common.publisher,
        keys or keyfile.kept(common.home),
        bitrix24,
        amocrm,
        oauth_hosts,
        hosts,
        page,
    )


def _common(environ: Mapping[str, str], wrong: list[Text]) -> Settings:
    home = Path(environ.get("DENTAL_CRM_HOME") or Path.home() / ".dental-crm").expanduser().absolute()
    url = environ.get("DATABASE_URL", "")
    public_url = environ.get("DENTAL_CRM_PUBLIC_URL", "").rstrip("/")
    language = environ.get("DENTAL_CRM_LANG") or "ru"
    if url and not _is_database(url):
        wrong.append(_line("DATABASE_URL", POSTGRES))
    if public_url and not _is_address(public_url):
        wrong.append(_line("DENTAL_CRM_PUBLIC_URL", ADDRESS))
    if language not in ("ru", "en"):
        wrong.append(_line("DENTAL_CRM_LANG", LANGUAGES))
    rates = _rates(environ, wrong)
    support, publisher = environ.get("DENTAL_CRM_SUPPORT", ""), environ.get("DENTAL_CRM_PUBLISHER", "").strip()
    if support and not MAIL.fullmatch(support):
        wrong.append(_line("DENTAL_CRM_SUPPORT", MAILS))
    spoken: Language = "en" if language == "en" else "ru"
    return Settings(home, _with_driver(url), public_url, spoken, rates, support, publisher)


def _rates(environ: Mapping[str, str], wrong: list[Text]) -> dict[str, Rate]:
    rates = {}
    for vendor in ("bitrix24", "amocrm"):
        name = f"{vendor.upper()}_RATE"
        told = environ.get(name, "")
        if found := RATE.fullmatch(told):
            rates[vendor] = Rate(float(found[1]), int(found[2]))
        elif told:
            wrong.append(_line(name, RATES))
    return rates


def _clients(environ: Mapping[str, str], wrong: list[Text]) -> tuple[Client | None, Client | None]:
    pairs = {
        "BITRIX24": (environ.get("BITRIX24_CLIENT_ID", ""), environ.get("BITRIX24_CLIENT_SECRET", "")),
        "AMOCRM": (environ.get("AMOCRM_CLIENT_ID", ""), environ.get("AMOCRM_CLIENT_SECRET", "")),
    }
    old = environ.get("AMOCRM_CLIENT_SECRET_OLD", "")
    if not any(any(pair) for pair in pairs.values()):
        wrong.append(NO_VENDOR)
    for vendor, (client_id, secret) in pairs.items():
        if bool(client_id) != bool(secret):
            wrong.append(_line(f"{vendor}_CLIENT_{'SECRET' if client_id else 'ID'}", MISSING))
    bitrix24, amocrm = pairs.values()
    return Client(*bitrix24) if all(bitrix24) else None, Client(*amocrm, old) if all(amocrm) else None


def _places(environ: Mapping[str, str], wrong: list[Text]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    oauth_hosts = tuple((environ.get("BITRIX24_OAUTH_HOSTS") or BITRIX24_OAUTH_HOSTS).split())
    hosts = tuple((environ.get("AMOCRM_HOSTS") or AMOCRM_HOSTS).split())
    page = environ.get("AMOCRM_OAUTH_PAGE") or AMOCRM_OAUTH_PAGE
    if not all(_is_origin(host) for host in oauth_hosts):
        wrong.append(_line("BITRIX24_OAUTH_HOSTS", ADDRESS))
    if not all(SUFFIX.fullmatch(host) or _is_trial(host) for host in hosts):
        wrong.append(_line("AMOCRM_HOSTS", SUFFIXES))
    if not _is_address(page):
        wrong.append(_line("AMOCRM_OAUTH_PAGE", ADDRESS))
    return oauth_hosts, hosts, page


def _keys(environ: Mapping[str, str], wrong: list[Text]) -> tuple[str, ...]:
    """Nothing where the file beside the embedded database keeps them."""
    keys = keyfile.listed(environ.get("DENTAL_CRM_KEYS", ""))
    if not all(keyfile.is_key(key) for key in keys):
        wrong.append(_line("DENTAL_CRM_KEYS", KEYS))
    elif not keys and environ.get("DATABASE_URL"):
        wrong.append(_line("DENTAL_CRM_KEYS", MISSING))
    return keys


def _line(name: str, form: Text) -> Text:
    return Text(f"{name}: {form.ru}", f"{name}: {form.en}")


def _refuse(wrong: list[Text]) -> None:
    if wrong:
        listed = Text("; ".join(line.ru for line in wrong), "; ".join(line.en for line in wrong))
        raise InvalidInput(WRONG.format(listed=listed))


def _is_database(url: str) -> bool:
    """A password may hold any letter but ``@``, a port none but figures."""
    place = re.split("[/?]", url.partition("://")[2].rpartition("@")[2], maxsplit=1)[0]
    _, named, port = place.rpartition("]")[2].partition(":")
    return url.startswith(SCHEMES) and (not named or (port.isdecimal() and 0 < int(port) <= 65535))


def _is_address(url: str) -> bool:
    """``https``, or ``http`` to this machine; no name, password, query or fragment in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    clean = bool(parts.hostname) and "@" not in parts.netloc and not parts.query and not parts.fragment and port != 0
    return clean and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def _is_origin(url: str) -> bool:
    return _is_address(url) and urlsplit(url).path == ""


def _is_trial(url: str) -> bool:
    return _is_origin(url) and urlsplit(url).hostname in LOOPBACK


def _with_driver(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if separator and "+" not in scheme else url
