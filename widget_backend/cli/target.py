"""Which CRM a command works on: the options, what is wrong with them, and the workplace they make."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

import click

from installer import preset as presets
from installer.wishes import Choices
from installer.workplace import Workplace
from widget_backend.budget import DatabaseBudget
from widget_backend.config import Settings
from widget_backend.crm.port import Application, Connection
from widget_backend.crm.registry import VENDORS, rate
from widget_backend.db import in_transaction
from widget_backend.errors import InvalidInput
from widget_backend.requestlog import DatabaseLog
from widget_backend.storage import open_database
from widget_backend.texts import Text
from widget_backend.transport import Door

Command = TypeVar("Command", bound=Callable[..., Any])

WEBHOOK = re.compile(r"^/rest/\d+/[^/]+/")
HOST = re.compile(r"[\w.-]*")

WRONG_ADDRESS = Text(
    "Адрес CRM неверный: такого имени или порта не бывает. Ничего не сделано: скопируйте адрес из браузера и повторите.",
    "The CRM's address is wrong: there is no such name or port. Nothing was done: copy it from the browser and repeat.",
)


@dataclass(frozen=True, slots=True)
class Target:
    """One account of one CRM. ``url`` and ``token`` are secrets."""

    vendor: str
    url: str = field(repr=False)
    token: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """Host and port, in lower case."""
        return urlsplit(self.url).netloc.rpartition("@")[2].lower()


def target_options(command: Command) -> Command:
    """``--bitrix24`` or ``--amocrm`` with ``--token``, ``--set``, ``--no-adopt``, ``--conflicts``."""
    for option in (
        click.option(
            "--conflicts",
            type=click.Choice(["ask", "keep", "replace"]),
            default="ask",
            help="Where both the clinic and the preset changed something, or the clinic removed it: ask leaves it open, "
            "keep leaves the clinic's, replace takes the preset's.",
        ),
        click.option("--no-adopt", is_flag=True, help="Create beside same-named pipelines and fields of the clinic."),
        click.option(
            "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting of the preset; repeatable."
        ),
        click.option("--token", envvar="DENTAL_CRM_TOKEN", default="", help="amoCRM: long-lived token."),
        click.option("--amocrm", metavar="HTTPS://HOST", default="", help="amoCRM account."),
        click.option("--bitrix24", metavar="URL", default="", help="Bitrix24: address of an incoming webhook."),
    ):
        command = option(command)
    return command


def read_target(bitrix24: str, amocrm: str, token: str) -> Target:
    """The one target the options name. Raises :class:`InvalidInput`."""
    if bool(bitrix24) == bool(amocrm):
        raise InvalidInput(
            Text(
                "Укажите одну CRM: --bitrix24 АДРЕС-ВЕБХУКА или --amocrm https://АККАУНТ --token ТОКЕН. Ничего не сделано.",
                "Name one CRM: --bitrix24 WEBHOOK-URL or --amocrm https://ACCOUNT --token TOKEN. Nothing was done.",
            )
        )
    url = _checked(bitrix24 or amocrm)
    if amocrm:
        return Target("amocrm", url, _token(token))
    if WEBHOOK.match(urlsplit(url).path):
        parts = urlsplit(url)
        webhook = WEBHOOK.match(parts.path)
        assert webhook is not None
        return Target("bitrix24", f"{parts.scheme}://{parts.netloc}{webhook.group()}")
    if token:
        parts = urlsplit(url)
        return Target("bitrix24", f"{parts.scheme}://{parts.netloc}/rest/", _token(token))
    raise InvalidInput(
        Text(
            "Это не адрес входящего вебхука Битрикс24: он выглядит как https://портал.bitrix24.ru/rest/1/код/. Ничего не "
            "сделано: скопируйте его в разделе «Разработчикам» портала.",
            "This is not the address of a Bitrix24 incoming webhook: it looks like https://portal.bitrix24.com/rest/1/code/. "
            "Nothing was done: copy it from the portal's developer section.",
        )
    )


def _checked(url: str) -> str:
    """An absolute https address; http for this very machine only."""
    parts = _parts(url)
    host = parts.hostname or ""
    if parts.scheme == "https" and host and not parts.username:
        return parts.geturl().rstrip("/") + "/" if parts.path.strip("/") else f"https://{parts.netloc}"
    if parts.scheme == "http" and _is_loopback(host):
        return parts.geturl().rstrip("/") + "/" if parts.path.strip("/") else f"http://{parts.netloc}"
    raise InvalidInput(
        Text(
            "Адрес CRM должен начинаться с https:// (http:// — только для этого компьютера). Ничего не сделано: "
            "исправьте адрес.",
            "The CRM's address must start with https:// (http:// for this machine only). Nothing was done: correct it.",
        )
    )


def _parts(url: str) -> SplitResult:
    """The parts of something that may be an address: a name of labels and a port that exists."""
    try:
        parts = urlsplit(url.strip() if "://" in url else f"https://{url.strip()}")
        host, port = parts.hostname or "", parts.port
        host.encode("idna")  # raises where a label is empty or too long
    except ValueError as fault:
        raise InvalidInput(WRONG_ADDRESS) from fault
    if port == 0 or not (HOST.fullmatch(host) or parts.netloc.startswith("[")):
        raise InvalidInput(WRONG_ADDRESS)
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _token(token: str) -> str:
    stripped = token.strip()
    if stripped and stripped.isascii() and not re.search(r"\s", stripped):
        return stripped
    raise InvalidInput(
        Text(
            "Нужен токен: --token ТОКЕН (одной строкой, без пробелов) или переменная DENTAL_CRM_TOKEN. Ничего не сделано.",
            "A token is needed: --token TOKEN (one line, no spaces) or the variable DENTAL_CRM_TOKEN. Nothing was done.",
        )
    )


@contextmanager
def workplace(
    settings: Settings, target: Target, preset: str, given: tuple[str, ...], choices: Choices
) -> Iterator[tuple[Workplace, Door]]:
    """The workplace for these options; the database is closed at the end."""
    configured = presets.configure(presets.find(preset), _pairs(given))
    vendor = VENDORS[target.vendor]
    database = open_database(settings)
    try:
        account = f"{target.vendor}:{target.host}"
        log = DatabaseLog(database.engine, account)
        log.prune()
        budget = DatabaseBudget(database.engine, account, rate(settings, target.vendor))
        door = Door(target.vendor, budget, log, in_transaction=in_transaction)
        connection = Connection(target.url, target.token, _application(settings, target))
        structure = vendor.structure(connection, door)
        yield Workplace(database, structure, configured, target.vendor, target.host, choices), door
    finally:
        database.close()


def _application(settings: Settings, target: Target) -> Application | None:
    """A Bitrix24 access token speaks for an installed application; an incoming webhook and a long-lived token do not."""
    if target.vendor == "bitrix24" and target.token and settings.public_url:
        return Application(settings.public_url)
    return None


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for item in given:
        key, separator, value = item.partition("=")
        if not separator:
            raise InvalidInput(
                Text(f"--set ждёт КЛЮЧ=ЗНАЧЕНИЕ, а не «{item}».", f"--set takes KEY=VALUE, not “{item}”."),
            )
        pairs[key.strip()] = value
    return pairs
