"""Frozen: a write as text and back, exactly, so that what is repeated is what was first meant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from widget_backend.crm.asking import (
    AddNote,
    AddTask,
    CallBack,
    CloseTask,
    CreateDeal,
    DeleteDeal,
    Draft,
    Notify,
    StartBot,
    UpdateContact,
    UpdateDeal,
    Write,
)
from widget_backend.crm.records import Product

#: everything a write is made of, by its name in the text
KNOWN: Final[Mapping[str, type[Any]]] = {
    kind.__name__: kind
    for kind in (
        *(CreateDeal, UpdateDeal, UpdateContact, AddTask, CloseTask, AddNote),
        *(Notify, DeleteDeal, CallBack, StartBot, Draft, Product),
    )
}


def freeze(write: Write) -> str:
    """The write as JSON text."""
    return json.dumps(_frozen(write), ensure_ascii=False, separators=(",", ":"))


def thaw(text: str) -> Write:
    """The inverse of :func:`freeze`."""
    write: Write = _thawed(json.loads(text))
    return write


def _frozen(value: Any) -> Any:
    """Scalars as they are; the rest as an object with one name, which says what it is."""
    if is_dataclass(value) and not isinstance(value, type):
        return {type(value).__name__: {each.name: _frozen(getattr(value, each.name)) for each in fields(value)}}
    match value:
        case Decimal():
            return {"decimal": str(value)}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case tuple():
            return {"tuple": [_frozen(item) for item in value]}
        case list():
            return [_frozen(item) for item in value]
        case Mapping():
            return {"map": {name: _frozen(item) for name, item in value.items()}}
        case _:
            return value


def _thawed(value: Any) -> Any:
    match value:
        case {"decimal": str(digits)}:
            return Decimal(digits)
        case {"moment": str(moment)}:
            return datetime.fromisoformat(moment)
        case {"day": str(day)}:
            return date.fromisoformat(day)
        case {"tuple": list(items)}:
            return tuple(_thawed(item) for item in items)
        case {"map": dict(pairs)}:
            return {name: _thawed(item) for name, item in pairs.items()}
        case dict():
            ((name, content),) = value.items()
            return KNOWN[name](**{key: _thawed(item) for key, item in content.items()})
        case list():
            return [_thawed(item) for item in value]
        case _:
            return value
