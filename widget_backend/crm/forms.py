"""Form bodies with bracket keys, ``auth[member_id]=…``, as both vendors send their events (bitrix24.md §2.2,
amocrm.md §5.2). Strict and bounded. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from urllib.parse import unquote_plus

from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

MOST_BYTES = 1_000_000
MOST_PAIRS = 5_000
MOST_DEPTH = 8
#: characters of one key
LONGEST_KEY = 300

#: all values are text; a list is a map by number
Tree: TypeAlias = "dict[str, str | Tree]"

_KEY = re.compile(r"[^\[\]]+(?:\[[^\[\]]*\])*")
_UNREADABLE = Text(
    "Сообщение CRM не прочитано: {why}. Ничего не сохранено; пришлите его ещё раз.",
    "The CRM's message could not be read: {why}. Nothing was stored; send it again.",
)
_TOO_LARGE = Text("оно слишком большое", "it is too large")
_TOO_DEEP = Text("слишком глубокая вложенность", "it is nested too deeply")
_BAD_KEY = Text("неверное имя поля", "a field's name is wrong")
_NUL = Text("в нём символ, которого в тексте не бывает", "it holds a character that no text has")
_TWICE = Text("одно поле встречается дважды", "one field comes twice")


def read_form(body: bytes) -> Tree:
    """The body as nested maps. Raises :class:`InvalidInput` for what is too large, too deep, malformed or doubled, or
    holds a NUL, which no database keeps."""
    if len(body) > MOST_BYTES:
        raise _unreadable(_TOO_LARGE)
    pairs = body.decode("utf-8", "replace").split("&")
    if len(pairs) > MOST_PAIRS:
        raise _unreadable(_TOO_LARGE)
    tree: Tree = {}
    for pair in filter(None, pairs):
        key, _, said = pair.partition("=")
        value = unquote_plus(said) if "%" in said or "+" in said else said
        if "\0" in value:
            raise _unreadable(_NUL)
        _put(tree, _names(key), value)
    return tree


def branch(tree: Mapping[str, str | Tree], name: str) -> Tree:
    """The map at ``name``; empty where there is none."""
    value = tree.get(name)
    return value if isinstance(value, dict) else {}


def leaf(tree: Mapping[str, str | Tree], name: str) -> str:
    """The text at ``name``; empty where there is none."""
    value = tree.get(name)
    return value if isinstance(value, str) else ""


@functools.lru_cache(maxsize=2_000)
def _names(said: str) -> tuple[str, ...]:
    """Events are many and their keys are few."""
    key = unquote_plus(said)
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        raise _unreadable(_BAD_KEY)
    head, *rest = key.split("[")
    if len(rest) >= MOST_DEPTH:
        raise _unreadable(_TOO_DEEP)
    return (head, *(part.removesuffix("]") for part in rest))


def _put(tree: Tree, names: Sequence[str], value: str) -> None:
    for name in names[:-1]:
        below = tree.setdefault(name or str(len(tree)), {})
        if not isinstance(below, dict):
            raise _unreadable(_TWICE)
        tree = below
    last = names[-1] or str(len(tree))
    if last in tree:
        raise _unreadable(_TWICE)
    tree[last] = value


def _unreadable(why: Text) -> InvalidInput:
    return InvalidInput(_UNREADABLE.format(why=why))
