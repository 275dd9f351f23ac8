"""Fingerprints of values: which fields of a record changed, without keeping what was in them. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

#: address -> fingerprint of its value; a field that is empty has one too
Fingerprints = Mapping[str, str]


def of(values: Mapping[str, Any]) -> dict[str, str]:
    """A fingerprint for each value."""
    return {address: _fingerprint(value) for address, value in values.items()}


def changed(before: Fingerprints, now: Fingerprints) -> tuple[str, ...]:
    """The addresses whose value is another one now; a field that was not followed before has not changed."""
    return tuple(address for address, print_ in now.items() if before.get(address, print_) != print_)


def pack(prints: Fingerprints) -> str:
    """As text, to be sealed."""
    return json.dumps(dict(prints), separators=(",", ":"))


def unpack(text: str | None) -> dict[str, str]:
    """The inverse of :func:`pack`; nothing where there is none."""
    read: dict[str, str] = json.loads(text) if text else {}
    return read


def _fingerprint(value: Any) -> str:
    return hashlib.blake2b(_spelled(value).encode(), digest_size=9).hexdigest()


def _spelled(value: Any) -> str:
    """One spelling per value: the order of several options means nothing, a list of one is that one, nothing is empty."""
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "\0".join(sorted(_spelled(item) for item in value))
    if value is None:
        return ""
    # True and 1 and Decimal("1.0") differ in type only; a date is no moment
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)
