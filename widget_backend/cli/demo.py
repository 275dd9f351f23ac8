"""demo: both emulators, the dental preset installed into both, and their pages to look at."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import click

from installer.wishes import Choices
from widget_backend.cli.context import Context, command
from widget_backend.cli.sandbox import Addresses, running, wait
from widget_backend.cli.session import Session
from widget_backend.cli.target import Target, read_target, workplace
from widget_backend.texts import Text


@command("demo")
@click.option("--once", is_flag=True, help="End when done instead of serving the pages.")
@click.option("--bitrix24-port", type=click.IntRange(0, 65535), default=0)
@click.option("--amocrm-port", type=click.IntRange(0, 65535), default=0)
def demo(context: Context, once: bool, bitrix24_port: int, amocrm_port: int) -> int:
    """Install the preset «dental» into both emulated CRMs and show them. Nothing of yours is touched."""
    with tempfile.TemporaryDirectory(prefix="dental-crm-demo-") as home:
        own = replace(context, settings=replace(context.settings, home=Path(home)))
        with running(bitrix24_port, amocrm_port) as addresses:
            _install(own, addresses)
            _tell(context, addresses)
            if not once:
                context.terminal.say(Text("Остановить: Ctrl+C", "Stop: Ctrl+C"), "dim")
                wait()
    return 0


def _install(context: Context, addresses: Addresses) -> None:
    targets = (
        (Text("Битрикс24", "Bitrix24"), read_target(addresses.bitrix24["webhook"], "", "")),
        (Text("amoCRM", "amoCRM"), read_target("", addresses.amocrm["url"], addresses.amocrm["token"])),
    )
    for title, target in targets:
        context.terminal.say(title, "bold")
        _apply(context, target)


def _apply(context: Context, target: Target) -> None:
    with workplace(context.settings, target, "dental", (), Choices(conflicts="keep")) as (place, door):
        Session(context, place, door, yes=True, force=False, checksum="", brief=True).run()


def _tell(context: Context, addresses: Addresses) -> None:
    context.terminal.data({"bitrix24": addresses.bitrix24, "amocrm": addresses.amocrm})
    if not context.terminal.as_json:
        context.terminal.say(Text("Посмотрите, что установлено:", "Look at what was installed:"), "bold")
        context.terminal.say(f"  {addresses.bitrix24['page']}")
        context.terminal.say(f"  {addresses.amocrm['page']}")


COMMANDS = (demo,)
