"""robots pack: the archive of a Bitrix24 portal's own robots, out of a preset or of what a clinic has handed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from installer import preset as presets
from installer.charting import chart
from installer.wishes import Choices, OnConflict
from widget_backend import config, disk
from widget_backend.cli.context import Context, command
from widget_backend.cli.target import read_target, target_options, workplace
from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.crm.native import Ground, Native, Pack, Saying
from widget_backend.crm.registry import VENDORS
from widget_backend.db import scope
from widget_backend.errors import InvalidInput
from widget_backend.native import handing, offers, words
from widget_backend.robots import rules
from widget_backend.robots.rule import Rule
from widget_backend.storage import open_server
from widget_backend.tenancy import installations
from widget_backend.texts import Text

PACKED = Text(
    "{file}: роботов {robots}, триггеров {triggers}, этапов {stages}. CRM архив не очищает: SKIP_CLEARING проверен. Импорт: "
    "{page}, администратором, один раз, до первого открытия экрана «Роботы».",
    "{file}: robots {robots}, triggers {triggers}, stages {stages}. It clears nothing in the CRM: SKIP_CLEARING was checked. "
    "Import it at {page}, by an administrator, once, before anybody opens the screen of robots.",
)
LEFT_OUT = Text("Остаётся в приложении: «{rule}»: {reasons}", "Stays in the application: “{rule}”: {reasons}")
DIFFERS = Text("С оговоркой: «{rule}»: {remarks}", "With a difference: “{rule}”: {remarks}")
UNWRITABLE = Text(
    "Архив не записать в {name}: {reason}. В CRM ничего не менялось: задайте другой файл в --out.",
    "The archive cannot be written to {name}: {reason}. Nothing was changed in the CRM: name another file with --out.",
)
NO_SOURCE = Text(
    "Назовите пресет и портал (--bitrix24) или установку (--installation НОМЕР). Ничего не сделано.",
    "Name a preset and a portal (--bitrix24), or an installation (--installation NUMBER). Nothing was done.",
)


@dataclass(frozen=True, slots=True)
class _Found:
    """``rules``: what the archive is made of; ``said``: what there is to say of all rules that were looked at."""

    rules: Sequence[Rule]
    ground: Ground
    said: Sequence[tuple[Rule, Saying]]


@click.group()
def robots() -> None:
    """Robots on the stages of a Bitrix24 portal, as an archive its administrator imports. Optional: the engine needs none."""


@command("pack")
@click.argument("preset", required=False, default="")
@target_options
@click.option("--installation", type=int, default=0, help="What this clinic has handed over, instead of a preset.")
@click.option("--hand-over", is_flag=True, help="With --installation: first hand over all that robots can do.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Where to write it.")
def pack(
    context: Context,
    preset: str,
    bitrix24: str,
    amocrm: str,
    token: str,
    settings: tuple[str, ...],
    no_adopt: bool,
    conflicts: OnConflict,
    installation: int,
    hand_over: bool,
    out: Path | None,
) -> int:
    """Write the archive: for this portal's own stages, the same bytes each time, never one that would clear the CRM."""
    if bool(preset) == bool(installation):
        raise InvalidInput(NO_SOURCE)
    native = _native("amocrm" if amocrm else "bitrix24")
    if installation:
        found = _of_clinic(native, installation, hand_over=hand_over)
    else:
        target = read_target(bitrix24, amocrm, token)
        with workplace(context.settings, target, preset, settings, Choices(not no_adopt, conflicts)) as (place, _):
            seen, can = place.survey(), place.structure.capabilities
        assert isinstance(place.preset, presets.Preset)
        found = _of_preset(native, place.preset, chart(place.preset, seen.snapshot, seen.bindings, can))
    made = native.pack(found.rules, found.ground)
    file = out or Path(made.name)
    try:
        file.write_bytes(made.content)
    except OSError as fault:
        raise InvalidInput(UNWRITABLE.format(name=file, reason=disk.reason(fault))) from fault
    _tell(context, native, file, made, found.said)
    return 0


def _of_preset(native: Native, preset: presets.Preset, seen: Chart) -> _Found:
    """All that robots can do of it. No application is known here, so nothing that rests on its robots."""
    works = presets.working_rules(preset)
    tasks = {f"task.{task.key}": task for task in presets.working_tasks(preset)}
    ground = offers.ground_of(seen, tasks, works, "")
    said = [(rule, native.say(rule, ground)) for rule in works]
    return _Found([rule for rule, saying in said if "robots" in saying.ways], ground, said)


def _of_clinic(native: Native, number: int, *, hand_over: bool) -> _Found:
    settings = config.read_server()
    database = open_server(settings)
    client = settings.bitrix24.client_id if settings.bitrix24 else ""
    try:
        with scope(number), database.transaction() as session:
            _native(installations.get(session, number).vendor)
            book, known = rules.load(session), charts.load(session)
            if hand_over and known is not None:
                keys = [rule.key for rule in offers.sayable(book, known, native, client)]
                handing.to_robots(session, number, native, keys, client, "")
            found, ground = offers.packed(session, client)
            if not found:
                raise InvalidInput(words.NOTHING_HANDED)
            said = [(each.rule, native.say(each.rule, ground)) for each in book.entries if not each.off]
    finally:
        database.close()
    return _Found(found, ground, said)


def _native(vendor: str) -> Native:
    found = VENDORS[vendor].native
    if found is None:
        raise InvalidInput(words.NO_ARCHIVE)
    return found


def _tell(context: Context, native: Native, file: Path, made: Pack, said: Sequence[tuple[Rule, Saying]]) -> None:
    counts = {"robots": made.robots, "triggers": made.triggers, "stages": made.stages}
    rows = [_row(rule, saying, context.language) for rule, saying in said]
    context.terminal.data({"file": str(file), "bytes": len(made.content), **counts, "rules": rows})
    if context.terminal.as_json:
        return
    for rule, saying in said:
        if not saying.ways:
            context.terminal.say(LEFT_OUT.format(rule=rule.name, reasons=_joined(saying.reasons)), "dim")
        elif saying.remarks:
            context.terminal.say(DIFFERS.format(rule=rule.name, remarks=_joined(saying.remarks)), "yellow")
    context.terminal.say(PACKED.format(file=file, page=native.page, **counts), "green")


def _row(rule: Rule, saying: Saying, language: str) -> dict[str, Any]:
    told = {"remarks": saying.remarks, "reasons": saying.reasons}
    said = {name: [one.into(language) for one in texts] for name, texts in told.items()}
    return {"key": rule.key, "name": rule.name.into(language), "packed": "robots" in saying.ways, **said}


def _joined(texts: Sequence[Text]) -> Text:
    return Text("; ".join(one.ru for one in texts), "; ".join(one.en for one in texts))


robots.add_command(pack)

COMMANDS = (robots,)
