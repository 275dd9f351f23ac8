"""Attributes to JSON and back, for the database, plan files and checksums."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from widget_backend.crm.model import Attributes, Option, Ref, Section, Value


def encode(value: Value | Option | Section) -> Any:
    """One value as JSON: scalars as they are, the rest as tagged objects and lists."""
    match value:
        case Ref(address):
            return {"ref": address}
        case Option(key, label, remote_id):
            return {"option": key, "label": label, "id": remote_id}
        case Section(title, fields):
            return {"section": title, "fields": [encode(f) for f in fields]}
        case tuple():
            return [encode(item) for item in value]
        case _:
            return value


def decode(value: Any) -> Any:
    """The inverse of :func:`encode`."""
    match value:
        case {"ref": str(address)}:
            return Ref(address)
        case {"option": str(key), "label": str(label), "id": str(remote_id)}:
            return Option(key, label, remote_id)
        case {"section": str(title), "fields": list(fields)}:
            return Section(title, tuple(decode(f) for f in fields))
        case list():
            return tuple(decode(item) for item in value)
        case _:
            return value


def encode_all(attributes: Attributes) -> dict[str, Any]:
    """All attributes of one object, by name."""
    return {name: encode(value) for name, value in sorted(attributes.items())}


def decode_all(attributes: Mapping[str, Any]) -> dict[str, Value]:
    """The inverse of :func:`encode_all`."""
    return {name: decode(value) for name, value in attributes.items()}


def digest(content: Any) -> str:
    """Checksum of a JSON value: the same content gives the same 64 hex digits."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
