"""The ``.bpt`` file of a workflow: PHP's ``serialize`` under zlib (bitrix24-preset-archive.md §3, way C). Pure."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from widget_backend.crm.bitrix24.native.nodes import Node


def file(root: Node) -> bytes:
    """The file of one tree."""
    empty = dict.fromkeys(("PARAMETERS", "VARIABLES", "CONSTANTS", "DOCUMENT_FIELDS"), ())
    return zlib.compress(serialized({"VERSION": 2, "TEMPLATE": [root], **empty}), 9)


def serialized(value: Any) -> bytes:
    """As PHP writes it. Lengths of strings are bytes; a list is a map with numbers for keys."""
    match value:
        case None:
            return b"N;"
        case bool():
            return b"b:%d;" % value
        case int():
            return b"i:%d;" % value
        case str():
            content = value.encode()
            return b's:%d:"%s";' % (len(content), content)
        case Mapping():
            return _array(list(value.items()))
        case Sequence():
            return _array(list(enumerate(value)))
    raise TypeError(f"no PHP word for {type(value).__name__}")


def _array(pairs: Sequence[tuple[Any, Any]]) -> bytes:
    return b"a:%d:{%s}" % (len(pairs), b"".join(serialized(key) + serialized(item) for key, item in pairs))
