"""sandbox: both emulators as real HTTP servers, for trying things and for other people's clients."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import click

from widget_backend.cli.context import Context, command
from widget_backend.errors import InvalidInput
from widget_backend.texts import Text


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the two emulated CRMs are, and the keys that open them."""

    bitrix24: dict[str, Any]
    amocrm: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Offers:
    """What the two emulated markets have on offer: the keys and addresses of one application each, and its amoCRM widget."""

    bitrix24: Mapping[str, str] = field(repr=False)
    amocrm: Mapping[str, str] = field(repr=False)
    widget: bytes = field(default=b"", repr=False)


@contextmanager
def running(bitrix24_port: int = 0, amocrm_port: int = 0, offers: Offers | None = None) -> Iterator[Addresses]:
    """Both emulators, serving and telling what happens in them until the block ends. Port 0 takes a free one."""
    from widget_backend.sandbox import amocrm, bitrix24
    from widget_backend.sandbox.amocrm import market as amo_market
    from widget_backend.sandbox.amocrm import staff as amo_staff
    from widget_backend.sandbox.bitrix24 import market, staff
    from widget_backend.sandbox.mount import handing_out, serve

    portal, account = bitrix24.Portal.demo(), amocrm.Account.demo()
    staff.hire(portal)
    amo_staff.hire(account)
    if offers:
        market.offer(portal, **offers.bitrix24)
        amo_market.offer(account, **offers.amocrm)
    if offers and offers.widget:
        account.upload_widget(offers.amocrm["client_id"], offers.widget)
    one, other = bitrix24.create_app(portal), amocrm.create_app(account)
    try:
        with (
            serve(one.wsgi_app, bitrix24_port) as first,
            serve(other.wsgi_app, amocrm_port) as second,
            handing_out(one.hand_out),
            handing_out(other.hand_out),
        ):
            yield Addresses(_bitrix24(portal, first.url), _amocrm(account, second.url))
    except OSError as fault:
        raise InvalidInput(
            Text(
                f"Порт занят ({fault.strerror}). Выберите другой: --bitrix24-port и --amocrm-port.",
                f"The port is taken ({fault.strerror}). Choose another: --bitrix24-port and --amocrm-port.",
            )
        ) from fault


def _bitrix24(portal: Any, url: str) -> dict[str, Any]:
    own = _named(url)
    return {
        "url": url,
        "webhook": url + portal.webhook(1),
        "page": url + "/",
        "origin": own,
        "market": own + "/market/",
    }


def _amocrm(account: Any, url: str) -> dict[str, Any]:
    token, own = account.long_lived_token(), _named(url)
    return {"url": url, "token": token, "page": url + "/", "origin": own, "market": own + "/amo-market/"}


def _named(url: str) -> str:
    """The same server under this machine's name: a site of its own for a browser, beside an application at 127.0.0.1."""
    return url.replace("127.0.0.1", "localhost")


@command("sandbox")
@click.option("--bitrix24-port", type=click.IntRange(0, 65535), default=8024, show_default=True)
@click.option("--amocrm-port", type=click.IntRange(0, 65535), default=8025, show_default=True)
def sandbox(context: Context, bitrix24_port: int, amocrm_port: int) -> int:
    """Serve both emulators; prints their addresses and keys, stops on Ctrl+C."""
    with running(bitrix24_port, amocrm_port) as addresses:
        context.terminal.data(asdict(addresses))
        if not context.terminal.as_json:
            _tell(context, addresses)
        wait()
    return 0


def wait() -> None:
    """Until Ctrl+C."""
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo()


def _tell(context: Context, addresses: Addresses) -> None:
    say = context.terminal.say
    say(Text("Битрикс24 (эмулятор)", "Bitrix24 (emulator)"), "bold")
    say(f"  {addresses.bitrix24['page']}")
    say(f"  {addresses.bitrix24['market']}")
    say(f"  dental-crm plan dental --bitrix24 {addresses.bitrix24['webhook']}")
    say(Text("amoCRM (эмулятор)", "amoCRM (emulator)"), "bold")
    say(f"  {addresses.amocrm['page']}")
    say(f"  {addresses.amocrm['market']}")
    say(f"  dental-crm plan dental --amocrm {addresses.amocrm['url']} --token {addresses.amocrm['token']}")
    say(Text("Остановить: Ctrl+C", "Stop: Ctrl+C"), "dim")


COMMANDS = (sandbox,)
