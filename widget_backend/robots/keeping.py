"""Keeping: records and facts as JSON text and back, so that all that one cause sets off sees the same. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from widget_backend.crm.records import Contact, Deal

KNOWN: Final[Mapping[str, type[Any]]] = {"deal": Deal, "contact": Contact}
NAMES: Final = {kind: name for name, kind in KNOWN.items()}


def freeze(value: Any) -> str:
    """Scalars, moments, decimals, tuples, mappings, deals and contacts. Names, phones and what only a copy needs stay out."""
    return json.dumps(_frozen(value), ensure_ascii=False, separators=(",", ":"))


def thaw(text: str) -> Any:
    """The inverse of :func:`freeze`."""
    return _thawed(json.loads(text))


#: what no condition asks and nobody should find here
LEFT_OUT: Final = frozenset({"own", "name", "phones", "emails"})


def _frozen(value: Any) -> Any:
    """Everything that is no scalar becomes an object with one name, which says what it is."""
    if is_dataclass(value) and not isinstance(value, type):
        given = {each.name: getattr(value, each.name) for each in fields(value) if each.name not in LEFT_OUT}
        return {NAMES[type(value)]: {name: _frozen(one) for name, one in given.items()}}
    match value:
        case Decimal():
            return {"decimal": str(value)}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case tuple():
            return {"tuple": [_frozen(item) for item in value]}
        case frozenset():
            return {"set": sorted(_frozen(item) for item in value)}
        case Mapping():
            return {"map": {name: _frozen(item) for name, item in value.items()}}
        case _:
            return value


def _thawed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((name, content),) = value.items()
    match name:
        case "decimal":
            return Decimal(content)
        case "moment":
            return datetime.fromisoformat(content)
        case "day":
            return date.fromisoformat(content)
        case "tuple":
            return tuple(_thawed(item) for item in content)
        case "set":
            return frozenset(content)
        case "map":
            return {each: _thawed(item) for each, item in content.items()}
        case _:
            given = {each: _thawed(item) for each, item in content.items()}
            return KNOWN[name](**({"name": ""} if name == "contact" else {}), **given)
