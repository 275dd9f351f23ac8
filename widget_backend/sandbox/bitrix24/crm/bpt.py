"""The ``.bpt`` file of a workflow template: PHP's ``serialize`` of its parts, under zlib or plain."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

PARTS = ("VERSION", "TEMPLATE", "PARAMETERS", "VARIABLES", "CONSTANTS")
ROOT = "SequentialWorkflowActivity"
NUMBERS: dict[bytes, Callable[[bytes], Any]] = {b"i:": int, b"b:": lambda given: given == b"1", b"d:": float}


def read(content: bytes) -> dict[str, Any]:
    """The parts of a template. Raises :class:`ValueError` for what is no template."""
    try:
        plain = zlib.decompress(content)
    except zlib.error:
        plain = content
    value, end = _value(plain, 0)
    if end != len(plain) or not isinstance(value, dict) or any(part not in value for part in PARTS):
        raise ValueError("no template")
    tree = value["TEMPLATE"]
    if not isinstance(tree, dict) or tree.get(0, {}).get("Type") != ROOT:
        raise ValueError("no root")
    return value


def _value(text: bytes, at: int) -> tuple[Any, int]:
    """The value that begins there, and where it ends. Lengths are in bytes."""
    kind = text[at : at + 2]
    if kind == b"N;":
        return None, at + 2
    if kind in NUMBERS:
        end = text.index(b";", at)
        return NUMBERS[kind](text[at + 2 : end]), end + 1
    if kind == b"s:":
        size, begin = _size(text, at + 2)
        if text[begin : begin + 1] != b'"' or text[begin + 1 + size : begin + 3 + size] != b'";':
            raise ValueError("wrong length of a string")
        return text[begin + 1 : begin + 1 + size].decode(), begin + 3 + size
    if kind == b"a:":
        return _array(text, at)
    raise ValueError("no PHP value")


def _array(text: bytes, at: int) -> tuple[dict[Any, Any], int]:
    size, end = _size(text, at + 2)
    found, end = {}, end + 1
    for _ in range(size):
        key, end = _value(text, end)
        found[key], end = _value(text, end)
    if text[end : end + 1] != b"}":
        raise ValueError("wrong length of an array")
    return found, end + 1


def _size(text: bytes, at: int) -> tuple[int, int]:
    end = text.index(b":", at)
    return int(text[at:end]), end + 1
