"""The JSON Schema (draft 2020-12) of preset files, made from the marshmallow schemas, for editors to complete with."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, fields, validate

from installer.preset.reading.schema import PresetPart
from widget_backend.robots.reading.blocks import Address, Scalar, SettingScalar, TextPart

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_SCALAR = {"type": ["string", "integer", "boolean"]}


def json_schema() -> dict[str, Any]:
    """The schema; the same text every time."""
    definitions: dict[str, Any] = {}
    whole = _object(PresetPart(), definitions)
    return {
        "$schema": DRAFT,
        "title": "Preset of a dental clinic's CRM",
        **whole,
        "$defs": dict(sorted(definitions.items())),
    }


def _object(schema: Schema, definitions: dict[str, Any]) -> dict[str, Any]:
    named = {field.data_key or name: field for name, field in schema.fields.items()}
    return {
        "description": (type(schema).__doc__ or "").strip(),
        "type": "object",
        "properties": {name: _field(field, definitions) for name, field in sorted(named.items())},
        "required": sorted(name for name, field in named.items() if field.required),
        "additionalProperties": False,
    }


def _field(field: fields.Field[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    match field:
        case fields.Nested():
            return {"$ref": f"#/$defs/{_define(field.schema, definitions)}"}
        case fields.List():
            return {"type": "array", "items": _field(field.inner, definitions), **_limits(field, "Items")}
        case fields.Dict():
            names = _field(field.key_field, definitions) if field.key_field else {}
            value = _field(field.value_field, definitions) if field.value_field else {}
            return {"type": "object", "propertyNames": names, "additionalProperties": value}
        case Address():
            return {"type": "string", "pattern": _address(field)}
        case SettingScalar():
            words = {"anyOf": [{"type": "string"}, {"$ref": f"#/$defs/{_define(TextPart(), definitions)}"}]}
            return {"anyOf": [_SCALAR, {"type": "array", "items": words}]}
        case Scalar():
            return dict(_SCALAR)
        case fields.Boolean():
            return {"type": "boolean"}
        case fields.Integer():
            return {"type": "integer", **_limits(field)}
        case fields.String():
            return {"type": "string", **_limits(field)}
    raise TypeError(f"no JSON Schema for {type(field).__name__}")


def _define(schema: Schema, definitions: dict[str, Any]) -> str:
    name = type(schema).__name__.removesuffix("Part")
    if name not in definitions:
        definitions[name] = {}  # holds the place while a part that contains itself is described
        definitions[name] = _object(schema, definitions)
    return name


def _address(field: Address) -> str:
    kinds = "|".join(re.escape(kind) for kind in field.kinds)
    plain = "".join(f"|{re.escape(word)}" for word in field.words)
    form = f"|{field.form.removeprefix('^').removesuffix('$')}" if field.form else ""
    return rf"^(({kinds})\.[a-z0-9_.]+{plain}{form})$"


def _limits(field: fields.Field[Any], of: str = "Length") -> dict[str, Any]:
    """What the validators say: length (of a text, or of a list's items), pattern, choice, exact value."""
    said: dict[str, Any] = {}
    for validator in field.validators:
        match validator:
            case validate.Length():
                said |= {f"min{of}": validator.min} if validator.min is not None else {}
                said |= {f"max{of}": validator.max} if validator.max is not None else {}
            case validate.Regexp():
                said["pattern"] = validator.regex.pattern
            case validate.OneOf():
                said["enum"] = list(validator.choices)
            case validate.Equal():
                said["const"] = validator.comparable
    return said
