"""presets list, show, validate, schema."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import click

from installer import preset as presets
from installer.preset import InvalidPreset, Problem
from widget_backend.cli.context import Context, command
from widget_backend.texts import Text

WIDTH = 100
MARKS = {"won": "✓ ", "lost": "✗ ", "open": ""}

COUNTS = Text(
    "воронок {pipelines}, этапов {stages}, полей сделки {deal_fields}, полей контакта {contact_fields}, правил {rules}",
    "{pipelines} pipelines, {stages} stages, {deal_fields} deal fields, {contact_fields} contact fields, {rules} rules",
)
PIPELINE = Text("Воронка «{name}»", "Pipeline “{name}”")
TASK = Text("Задача: {task}.", "Task: {task}.")
STUCK = Text("Зависла, если дольше: {stuck_after}.", "Stuck when longer than {stuck_after}.")
HEADINGS = {
    "deal": Text("Поля сделки", "Deal fields"),
    "contact": Text("Поля контакта", "Contact fields"),
    "cards": Text("Карточки", "Cards"),
    "loss_reasons": Text("Причины отказа", "Loss reasons"),
    "sources": Text("Источники", "Sources"),
    "tags": Text("Теги", "Tags"),
    "task_types": Text("Типы задач", "Task types"),
    "tasks": Text("Задачи", "Tasks"),
    "rules": Text("Роботы", "Robots"),
    "settings": Text(
        "Настройки: меняются при установке, --set ключ=значение", "Settings: changed on install, --set key=value"
    ),
}
SOUND = Text("{file}: ошибок нет.", "{file}: no errors.")
BROKEN = Text(
    "Ошибок: {count}. Ничего не сделано: исправьте файл и проверьте снова.",
    "Errors: {count}. Nothing was done: correct the file and check again.",
)
WARNING = Text("предупреждение: ", "warning: ")


@click.group("presets")
def group() -> None:
    """Presets: what there is, what it holds, whether a file is right."""


@command("list")
def list_(context: Context) -> int:
    """The presets that come with the application."""
    outlines = [presets.outline(preset, context.language) for preset in presets.available()]
    rows = [{name: row[name] for name in ("key", "version", "name", "description", "counts")} for row in outlines]
    context.terminal.data(rows)
    for row in [] if context.terminal.as_json else rows:
        context.terminal.say(f"{row['key']} {row['version']} — {row['name']}", "bold")
        _wrapped(context, row["description"], 2)
        _wrapped(context, COUNTS.into(context.language).format(**row["counts"]), 2)
    return 0


@command("show")
@click.argument("preset")
def show(context: Context, preset: str) -> int:
    """Everything a preset holds, in words: pipelines, stages, fields, robots."""
    outline = presets.outline(presets.find(preset), context.language)
    context.terminal.data(outline)
    if not context.terminal.as_json:
        _outline(context, outline)
    return 0


@command("validate")
@click.argument("file", type=click.Path(path_type=Path))
def validate(context: Context, file: Path) -> int:
    """Check a file: every error at once, with line and path."""
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    try:
        presets.load(file)
        warnings = presets.warnings(file)
    except InvalidPreset as invalid:
        problems = invalid.problems
    context.terminal.data(
        {
            "valid": not problems,
            "file": str(file),
            "problems": [_row(problem, context.language) for problem in problems],
            "warnings": [_row(problem, context.language) for problem in warnings],
        }
    )
    if not context.terminal.as_json:
        _report(context, str(file), problems, warnings)
    return 1 if problems else 0


@command("schema")
def schema(context: Context) -> int:
    """The JSON Schema that editors complete preset files with."""
    click.echo(json.dumps(presets.json_schema(), ensure_ascii=False, indent=2))
    return 0


def _row(problem: Problem, language: str) -> dict[str, Any]:
    return {"line": problem.line or None, "path": problem.path, "message": problem.message.into(language)}


def _report(context: Context, file: str, problems: tuple[Problem, ...], warnings: tuple[Problem, ...]) -> None:
    for problem in problems:
        click.echo(problem.within(file).into(context.language), err=True)
    for warning in warnings:
        click.echo(WARNING.into(context.language) + warning.within(file).into(context.language), err=True)
    if problems:
        click.echo(BROKEN.format(count=len(problems)).into(context.language), err=True)
    else:
        context.terminal.say(SOUND.format(file=file), "green")


def _outline(context: Context, outline: dict[str, Any]) -> None:
    context.terminal.say(f"{outline['name']} ({outline['key']} {outline['version']})", "bold")
    _wrapped(context, outline["description"], 0)
    _wrapped(context, COUNTS.into(context.language).format(**outline["counts"]), 0)
    for pipeline in outline["pipelines"]:
        _pipeline(context, pipeline)
    for entity in ("deal", "contact"):
        _items(context, entity, [_field(field) for field in outline["fields"][entity]])
    _items(context, "cards", [_card(card) for card in outline["cards"]])
    for name in ("loss_reasons", "sources", "tags", "task_types"):
        _items(context, name, [", ".join(outline[name])] if outline[name] else [])
    _items(context, "tasks", [f"{t['title']} ({t['who']}, {t['deadline']}): {t['text']}" for t in outline["tasks"]])
    _rules(context, outline["rules"])
    _items(context, "settings", [_setting(setting) for setting in outline["settings"]])


def _pipeline(context: Context, pipeline: dict[str, Any]) -> None:
    staff = f" · {pipeline['staff']}" if pipeline["staff"] else ""
    context.terminal.say("")
    context.terminal.say(PIPELINE.into(context.language).format(name=pipeline["name"]) + staff, "bold")
    _wrapped(context, pipeline["purpose"], 2)
    for number, stage in enumerate(pipeline["stages"], 1):
        context.terminal.say(f"  {number}. {MARKS[stage['kind']]}{stage['name']}")
        _wrapped(context, stage["hint"], 5)
        notes = [TASK.into(context.language).format(**stage)] if stage["task"] else []
        notes += [STUCK.into(context.language).format(**stage)] if stage["stuck_after"] else []
        _wrapped(context, " ".join(notes), 5)


def _field(field: dict[str, Any]) -> str:
    options = f" ({', '.join(field['options'])})" if field["options"] else ""
    return "; ".join([f"{field['name']} — {field['type']}{options}", *field["notes"]])


def _card(card: dict[str, Any]) -> str:
    return f"{card['name']}: " + "; ".join(f"{s['title']} — {', '.join(s['fields'])}" for s in card["sections"])


def _setting(setting: dict[str, Any]) -> str:
    said = f"{setting['key']} — {setting['name']}: {setting['shown']}."
    choices = ", ".join(f"{key} ({name})" for key, name in setting["choices"].items())
    return " ".join(filter(None, [said, setting["hint"], choices]))


def _items(context: Context, heading: str, items: list[str]) -> None:
    if items:
        context.terminal.say("")
        context.terminal.say(HEADINGS[heading], "bold")
    for item in items:
        _wrapped(context, item, 2)


def _rules(context: Context, rules: list[dict[str, Any]]) -> None:
    """Robots under the pipeline they watch, in file order."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for rule in rules:
        grouped.setdefault(rule["about"], []).append(rule)
    if rules:
        context.terminal.say("")
        context.terminal.say(HEADINGS["rules"], "bold")
    for about, members in grouped.items():
        context.terminal.say(f"  {about}")
        for rule in members:
            _wrapped(context, f"{rule['name']}. {rule['says']}", 4)


def _wrapped(context: Context, words: str, depth: int) -> None:
    """Words in lines a person can read; what follows the first line stands a little further in."""
    pad = " " * depth
    for line in textwrap.wrap(words, WIDTH, initial_indent=pad, subsequent_indent=f"{pad}  "):
        context.terminal.say(line)


for _command in (list_, show, validate, schema):
    group.add_command(_command)

COMMANDS = (group,)
