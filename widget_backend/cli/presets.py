"""presets list, show, validate, schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from installer import preset as presets
from installer.preset import InvalidPreset
from widget_backend.cli.context import Context, command
from widget_backend.errors import InvalidInput
from widget_backend.texts import Text


@click.group("presets")
def group() -> None:
    """Presets: what there is, what it holds, whether a file is right."""


@command("list")
def list_(context: Context) -> int:
    """The presets that come with the application."""
    found = presets.available()
    rows = [{"key": p.key, "version": p.version, "name": p.name.into(context.language)} for p in found]
    context.terminal.data(rows)
    if not context.terminal.as_json:
        for row in rows:
            context.terminal.say(f"{row['key']:<14} {row['version']:<8} {row['name']}")
    return 0


@command("show")
@click.argument("preset")
def show(context: Context, preset: str) -> int:
    """Everything a preset holds, in words: pipelines, stages, fields, rules."""
    outline = presets.outline(presets.find(preset), context.language)
    context.terminal.data(outline)
    if not context.terminal.as_json:
        _print(context, outline)
    return 0


@command("validate")
@click.argument("file", type=click.Path(path_type=Path))
def validate(context: Context, file: Path) -> int:
    """Check a file: every error at once, with line and path."""
    try:
        preset = presets.load(file)
    except InvalidPreset as invalid:
        problems = [
            {"line": p.line, "path": p.path, "message": p.message.into(context.language)} for p in invalid.problems
        ]
        context.terminal.data({"valid": False, "file": file.name, "problems": problems})
        if not context.terminal.as_json:
            for problem in problems:
                click.echo(f"{file.name}:{problem['line']}: {problem['path']}: {problem['message']}", err=True)
        return 1
    except OSError as fault:
        raise InvalidInput(
            Text(
                f"Файл не читается: {file.name}. Проверьте имя.",
                f"The file cannot be read: {file.name}. Check its name.",
            )
        ) from fault
    context.terminal.data({"valid": True, "file": file.name, "key": preset.key, "problems": []})
    if not context.terminal.as_json:
        context.terminal.say(Text(f"{file.name}: ошибок нет.", f"{file.name}: no errors."), "green")
    return 0


@command("schema")
def schema(context: Context) -> int:
    """The JSON Schema that editors complete preset files with."""
    import json

    click.echo(json.dumps(presets.json_schema(), ensure_ascii=False, indent=2))
    return 0


def _print(context: Context, value: Any, depth: int = 0) -> None:
    """Nested data as an indented outline."""
    pad = "  " * depth
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                context.terminal.say(f"{pad}{key}")
                _print(context, inner, depth + 1)
            else:
                context.terminal.say(f"{pad}{key}: {inner}")
    elif isinstance(value, list):
        for inner in value:
            _print(context, inner, depth) if isinstance(inner, dict | list) else context.terminal.say(f"{pad}· {inner}")
    else:
        context.terminal.say(f"{pad}{value}")


for _command in (list_, show, validate, schema):
    group.add_command(_command)

COMMANDS = (group,)
