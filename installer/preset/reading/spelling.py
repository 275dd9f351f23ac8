"""An unknown key: what may be written there instead."""

from __future__ import annotations

from difflib import get_close_matches

from marshmallow import Schema, fields

from installer.preset.reading.schema import PresetPart
from widget_backend.robots.reading.blocks import TextPart
from widget_backend.robots.reading.complaints import Path
from widget_backend.texts import Text

NEAR = Text("неизвестный ключ; похоже на «{near}»", "unknown key; did you mean “{near}”?")
KNOWN = Text("неизвестный ключ; здесь бывает: {names}", "unknown key; there may be: {names}")
COMMA = Text(
    "неизвестный ключ; если это часть текста с запятой или двоеточием, возьмите весь текст в кавычки",
    "unknown key; if it is part of a text with a comma or a colon, put the whole text in quotation marks",
)


def unknown_key(path: Path) -> Text:
    """The complaint about the key a path ends with."""
    schema = _schema_at(path[:-1])
    if isinstance(schema, TextPart):
        return COMMA
    names = sorted(field.data_key or name for name, field in schema.fields.items())
    key = str(path[-1])
    near = get_close_matches(key.casefold(), names, 1, 0.7)
    return NEAR.format(near=near[0]) if near else KNOWN.format(names=", ".join(names))


def _schema_at(path: Path) -> Schema:
    schema: Schema = PresetPart()
    for step in path:
        if isinstance(step, int):
            continue
        field = next(field for name, field in schema.fields.items() if (field.data_key or name) == step)
        while isinstance(field, fields.List):
            field = field.inner
        if isinstance(field, fields.Nested):
            schema = field.schema
    return schema
