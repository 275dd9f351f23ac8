"""demo: the preset installed into both emulated CRMs; beside them two more, whose market a person installs from by hand."""

from __future__ import annotations

import secrets
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

import click
from cryptography.fernet import Fernet

from installer.wishes import Choices
from widget_backend.cli.children import ended_by_sigterm, free_port, served
from widget_backend.cli.context import Context, command
from widget_backend.cli.sandbox import Addresses, Offers, running, wait
from widget_backend.cli.session import Session
from widget_backend.cli.target import Target, read_target, workplace
from widget_backend.texts import Text
from widget_backend.widget import Imprint, build

NAME = "Стоматология: воронки и карточки"
#: the support and the publisher of nobody, as the widget and the policy of a demo name them
SUPPORT, PUBLISHER = "help@dental.example", "Стоматология, показ на этой машине"

OPEN = Text(
    "Установите сами, как владелец клиники: откройте и нажмите «Установить», мастер проведёт вас дальше.",
    "Install it yourself, as a clinic's owner: open it and press “Установить” (Install), the wizard leads on.",
)
WORK = Text(
    "Потом поработайте на досках: создайте обращение, двигайте карточки, «Пациент написал». Копии, задачи и примечания "
    "«Почему» появятся сами.",
    "Then work on the boards: enter an enquiry, move cards, let the patient write. Copies, tasks and notes that say why come "
    "by themselves.",
)
CARD = Text(
    "Откройте карточку сделки: вкладка «Пациент» в Битрикс24, блок «Стоматология» справа в amoCRM. Скопируйте сделку и "
    "отмените копию; пункт меню «Стоматология» ведёт в журнал, который всё это объясняет.",
    "Open a deal's card: the patient's tab in Bitrix24, the block with a tooth on the right in amoCRM. Copy the deal and "
    "undo the copy; the application's item in the menu leads to the journal that explains all of it.",
)
LOOK = Text("Посмотрите, что установлено:", "Look at what was installed:")
READY = Text("Приложение запущено и отвечает.", "The application runs and answers.")
STOP = Text("Остановить: Ctrl+C", "Stop: Ctrl+C")


@command("demo")
@click.option("--once", is_flag=True, help="End when the preset is installed and the application has answered.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the application; 0 takes a free one.")
@click.option("--bitrix24-port", type=click.IntRange(0, 65535), default=0, help="Port of the emulated Bitrix24 market.")
@click.option("--amocrm-port", type=click.IntRange(0, 65535), default=0, help="Port of the emulated amoCRM market.")
def demo(context: Context, once: bool, port: int, bitrix24_port: int, amocrm_port: int) -> int:
    """Install «dental» into both emulated CRMs, then serve two more with a market, to install by hand."""
    with ended_by_sigterm(), tempfile.TemporaryDirectory(prefix="dental-crm-demo-") as folder, running() as ready:
        home, own = Path(folder), f"http://127.0.0.1:{port or free_port()}"
        offers = _offers(own)
        with (
            running(bitrix24_port, amocrm_port, offers) as fresh,
            served(int(own.rpartition(":")[2]), _settings(home, own, offers, fresh, context.language), home),
        ):
            settings = replace(context.settings, home=home, database_url="")
            _install(replace(context, settings=settings), ready)
            _tell(context, ready, fresh, once)
            if not once:
                wait()
    return 0


def _offers(own: str) -> Offers:
    """Keys of this demo alone, and the addresses of the application at ``own``."""
    bitrix24 = {
        "name": NAME,
        "client_id": f"local.{secrets.token_hex(7)}",
        "client_secret": secrets.token_urlsafe(32),
        "installer_url": f"{own}/install/bitrix24",
        "page_url": f"{own}/app/bitrix24",
        "handler_url": f"{own}/events/bitrix24",
    }
    amocrm = {
        "name": NAME,
        "client_id": str(uuid.uuid4()),
        "client_secret": secrets.token_hex(32),
        "redirect_uri": f"{own}/install/amocrm",
        "uninstall_url": f"{own}/uninstall/amocrm",
        "ticket_url": f"{own}/amo/api/ticket",
        "start_url": f"{own}/install/amocrm/start",
        "widget_code": "dental_crm",
    }
    return Offers(bitrix24, amocrm, build(Imprint(own, SUPPORT, f"{own}/privacy")))


def _settings(home: Path, own: str, offers: Offers, addresses: Addresses, language: str) -> dict[str, str]:
    """The environment of a real installation, as README tells it."""
    portal, account = addresses.bitrix24["origin"], addresses.amocrm["origin"]
    return {
        "DENTAL_CRM_HOME": str(home),
        "DENTAL_CRM_LANG": language,
        "DENTAL_CRM_PUBLIC_URL": own,
        "DENTAL_CRM_SUPPORT": SUPPORT,
        "DENTAL_CRM_PUBLISHER": PUBLISHER,
        "DENTAL_CRM_KEYS": Fernet.generate_key().decode(),
        "BITRIX24_CLIENT_ID": offers.bitrix24["client_id"],
        "BITRIX24_CLIENT_SECRET": offers.bitrix24["client_secret"],
        "BITRIX24_OAUTH_HOSTS": portal,
        "AMOCRM_CLIENT_ID": offers.amocrm["client_id"],
        "AMOCRM_CLIENT_SECRET": offers.amocrm["client_secret"],
        "AMOCRM_HOSTS": account,
        "AMOCRM_OAUTH_PAGE": f"{account}/oauth",
    }


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


def _tell(context: Context, ready: Addresses, fresh: Addresses, once: bool) -> None:
    markets = {"bitrix24": fresh.bitrix24["market"], "amocrm": fresh.amocrm["market"]}
    context.terminal.data({"bitrix24": ready.bitrix24, "amocrm": ready.amocrm} | ({} if once else {"markets": markets}))
    if context.terminal.as_json:
        return
    say = context.terminal.say
    say(LOOK, "bold")
    say(f"  {ready.bitrix24['page']}")
    say(f"  {ready.amocrm['page']}")
    say(READY)
    if not once:
        say(OPEN, "bold")
        say(f"  {markets['bitrix24']}")
        say(f"  {markets['amocrm']}")
        say(WORK)
        say(CARD)
        say(STOP, "dim")


COMMANDS = (demo,)
