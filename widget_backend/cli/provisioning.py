"""plan, apply, verify, drift, rollback: what a clinic's integrator does with a preset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from installer.drift import drift as find_drift
from installer.plan import NO_PLAN, read_plan
from installer.rendering import as_json, built_in_names, names_of
from installer.wishes import Choices, OnConflict
from widget_backend import disk
from widget_backend.cli.context import Context, command
from widget_backend.cli.session import NOTHING, Session, checks_json, checks_of, show
from widget_backend.cli.target import read_target, target_options, workplace
from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

UNREADABLE = Text(
    "Файл плана не читается: {name}, {reason}. Ничего не сделано: проверьте имя файла и доступ к нему.",
    "The plan file cannot be read: {name}, {reason}. Nothing was done: check its name and your access to it.",
)
UNWRITABLE = Text(
    "План не записать в {name}: {reason}. В CRM ничего не менялось: задайте другой файл в --out.",
    "The plan cannot be written to {name}: {reason}. Nothing was changed in the CRM: name another file with --out.",
)


@command("plan")
@click.argument("preset")
@target_options
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan to a file.")
@click.option("--all", "every", is_flag=True, help="List unchanged rows too.")
def plan(
    context: Context,
    preset: str,
    bitrix24: str,
    amocrm: str,
    token: str,
    settings: tuple[str, ...],
    no_adopt: bool,
    conflicts: OnConflict,
    out: Path | None,
    every: bool,
) -> int:
    """Show what the preset would change. Exit code: 0 nothing, 2 changes, 1 error."""
    target = read_target(bitrix24, amocrm, token)
    with workplace(context.settings, target, preset, settings, Choices(not no_adopt, conflicts)) as (place, _):
        seen = place.survey()
        checks = checks_of(place, seen)
    content = as_json(seen.plan, context.language) | {"preflight": checks_json(checks, context.language)}
    if out is not None:
        _write(out, content)
    context.terminal.data(content)
    if not context.terminal.as_json:
        show(context, seen.plan, checks, every)
    return 0 if seen.plan.is_settled else 2


@command("apply")
@click.argument("preset")
@target_options
@click.option(
    "--plan", "plan_file", type=click.Path(dir_okay=False, path_type=Path), help="Apply this saved plan only."
)
@click.option("--yes", is_flag=True, help="Confirm the plan as printed, adoption rows too.")
@click.option("--force", is_flag=True, help="Go on although the plan touches much, or stages with deals.")
def apply(
    context: Context,
    preset: str,
    bitrix24: str,
    amocrm: str,
    token: str,
    settings: tuple[str, ...],
    no_adopt: bool,
    conflicts: OnConflict,
    plan_file: Path | None,
    yes: bool,
    force: bool,
) -> int:
    """Carry out the plan and prove that nothing is left."""
    saved = read_plan(_read(plan_file)) if plan_file else None
    target = read_target(bitrix24, amocrm, token)
    decided: OnConflict = "keep" if yes and conflicts == "ask" else conflicts
    with workplace(context.settings, target, preset, settings, Choices(not no_adopt, decided)) as (place, door):
        checksum = saved.checksum if saved else ""
        return Session(context, place, door, yes or saved is not None, force, checksum, saved=saved).run()


@command("rollback")
@click.argument("preset")
@target_options
@click.option("--yes", is_flag=True, help="Confirm the plan as printed.")
@click.option("--force", is_flag=True, hidden=True)
def rollback(
    context: Context,
    preset: str,
    bitrix24: str,
    amocrm: str,
    token: str,
    settings: tuple[str, ...],
    no_adopt: bool,
    conflicts: OnConflict,
    yes: bool,
    force: bool,
) -> int:
    """Take back what we made where it is empty, restore what we changed; what holds deals stays and is listed."""
    target = read_target(bitrix24, amocrm, token)
    with workplace(context.settings, target, preset, settings, Choices(not no_adopt, "keep")) as (place, door):
        return Session(context, place, door, yes, True, "", purpose="rollback").run()


@command("verify")
@click.argument("preset")
@target_options
def verify(
    context: Context,
    preset: str,
    bitrix24: str,
    amocrm: str,
    token: str,
    settings: tuple[str, ...],
    no_adopt: bool,
    conflicts: OnConflict,
) -> int:
    """Prove that nothing is left to do: the next plan is empty. Exit code: 0 nothing, 2 changes, 1 error."""
    target = read_target(bitrix24, amocrm, token)
    with workplace(context.settings, target, preset, settings, Choices(not no_adopt, conflicts)) as (place, _):
        seen = place.survey()
    context.terminal.data(as_json(seen.plan, context.language))
    if not context.terminal.as_json:
        show(context, seen.plan, (), every=False)
    return 0 if seen.plan.is_settled else 2


@command("drift")
@click.argument("preset")
@target_options
def drift(
    context: Context,
    preset: str,
    bitrix24: str,
    amocrm: str,
    token: str,
    settings: tuple[str, ...],
    no_adopt: bool,
    conflicts: OnConflict,
) -> int:
    """Compare preset, last applied and CRM. The clinic's own edits are listed and kept. Exit code as of verify."""
    target = read_target(bitrix24, amocrm, token)
    with workplace(context.settings, target, preset, settings, Choices(not no_adopt, "ask")) as (place, _):
        seen = place.survey()
    found = find_drift(seen.plan, seen.bindings)
    rows = as_json(seen.plan, context.language)["rows"]
    by_address = {(row["address"], row["action"]): row for row in rows}
    listed = [{"cause": d.cause} | by_address[d.change.address, d.change.action.value] for d in found]
    context.terminal.data({"nothing_to_do": not found, "rows": listed})
    if not context.terminal.as_json:
        names = built_in_names(place.structure.capabilities, context.language) | names_of(seen.plan, seen.snapshot)
        context.terminal.drift(found, names)
        context.terminal.say(
            NOTHING if not found else Text(f"Отличий: {len(found)}.", f"Differences: {len(found)}."), "bold"
        )
    return 2 if found else 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise InvalidInput(UNREADABLE.format(name=path.name, reason=disk.reason(fault))) from fault
    except UnicodeDecodeError as fault:
        raise InvalidInput(NO_PLAN) from fault


def _write(path: Path, content: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as fault:
        raise InvalidInput(UNWRITABLE.format(name=path.name, reason=disk.reason(fault))) from fault


COMMANDS = (plan, apply, verify, drift, rollback)
