"""market kit: the folder that the cards of both markets are filled from."""

from __future__ import annotations

from pathlib import Path

import click

from widget_backend import disk, market
from widget_backend.cli.context import Context, command
from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

WRITTEN = Text(
    "{folder}: файлов {count}. Начните с bitrix24/ru/checklist.md и amocrm/ru/checklist.md.",
    "{folder}: {count} files. Begin with bitrix24/en/checklist.md and amocrm/en/checklist.md.",
)
NO_SCREENS = Text(
    "Снимков экрана нет: укажите папку, которую оставляют тесты в браузере: --screenshots tests/e2e/screenshots/market.",
    "There are no pictures of screens: name the folder that the browser tests leave: --screenshots "
    "tests/e2e/screenshots/market.",
)
UNWRITABLE = Text(
    "Не записать {folder}: {reason}. Исправьте и соберите комплект снова: он будет тем же.",
    "{folder} cannot be written: {reason}. Correct it and make the kit again: it will be the same.",
)


@click.group("market")
def group() -> None:
    """What the markets of both CRMs want to be told of the application."""


@command("kit")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("market"), help="Where to write it."
)
@click.option("--service", default="", help="Public address of the application; DENTAL_CRM_PUBLIC_URL by default.")
@click.option("--support", default="", help="Mail address of the support; DENTAL_CRM_SUPPORT by default.")
@click.option("--publisher", default="", help="Who publishes it; DENTAL_CRM_PUBLISHER by default.")
@click.option("--privacy", default="", help="Address of the privacy policy; the application's own page by default.")
@click.option("--screenshots", type=click.Path(path_type=Path, file_okay=False), help="Folder of pictures of screens.")
def kit_(
    context: Context, out: Path, service: str, support: str, publisher: str, privacy: str, screenshots: Path | None
) -> int:
    """Write texts, permissions, functions per plan, icons, documents and the moderator's checklist, in both languages."""
    files = market.kit(market.publisher(context.settings, service, support, privacy, publisher), screenshots)
    try:
        market.write(files, out)
    except OSError as fault:
        raise InvalidInput(UNWRITABLE.format(folder=out, reason=disk.reason(fault))) from fault
    context.terminal.data({"folder": str(out), "files": sorted(files)})
    if not context.terminal.as_json:
        context.terminal.say(WRITTEN.format(folder=out, count=len(files)), "green")
        if screenshots is None:
            context.terminal.say(NO_SCREENS, "yellow")
    return 0


group.add_command(kit_)

COMMANDS = (group,)
