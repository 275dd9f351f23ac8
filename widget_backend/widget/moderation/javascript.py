"""Source: a script with its comments and strings told apart, so that a rule does not stumble over a word inside one.

Good for ES5 as amoCRM wants it; of newer syntax it knows as much as is needed to find it.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Final

#: what stands before a regular expression, not before a division
BEFORE_PATTERN: Final = re.compile(r"(?:^|[(,=:\[!&|?{};+\-*%~^<>]|\breturn|\btypeof|\bcase)\s*$")
PIECES: Final = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)
    |(?P<pattern>/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*)""",
    re.VERBOSE | re.DOTALL,
)
PAIRS: Final = {"(": ")", "{": "}", "[": "]"}
OPENING, BRACKET = re.compile(r"[({\[]"), re.compile(r"[(){}\[\]]")


@dataclass(frozen=True, slots=True)
class Source:
    """Four views of one script; positions are the same in the first three.

    ``text``: without comments. ``code``: without what is in strings and patterns too. ``strings``, ``comments``: position
    and content.
    """

    raw: str
    text: str
    code: str
    strings: tuple[tuple[int, str], ...]
    comments: tuple[tuple[int, str], ...]


def read_source(raw: str) -> Source:
    """Never raises."""
    text, code = list(raw), list(raw)
    strings, comments = [], []
    position = 0
    while found := PIECES.search(raw, position):
        start, end = found.span()
        position = end
        if found["pattern"] and not BEFORE_PATTERN.search("".join(code[max(0, start - 40) : start])):
            position = start + 1
            continue
        if found["comment"]:
            comments.append((start, found["comment"]))
            _blank(text, start, end)
            _blank(code, start, end)
            continue
        if found["string"]:
            strings.append((start, found["string"][1:-1]))
        _blank(code, start + 1, end - 1)
    return Source(raw, "".join(text), "".join(code), tuple(strings), tuple(comments))


def block_at(code: str, start: int) -> str:
    """From ``start`` to the partner of the first bracket at or after it; nothing where that bracket is never closed."""
    first = OPENING.search(code, start)
    end = _partners(code).get(first.start(), -1) if first else -1
    return code[start : end + 1] if end >= 0 else ""


def is_balanced(code: str) -> bool:
    """Whether every bracket has its partner."""
    return len(BRACKET.findall(code)) == 2 * len(_partners(code))


@functools.lru_cache(maxsize=8)
def _partners(code: str) -> dict[int, int]:
    """Where each bracket that is closed is closed."""
    partners, waiting = {}, []
    for found in BRACKET.finditer(code):
        if found[0] in PAIRS:
            waiting.append(found.start())
        elif waiting and PAIRS[code[waiting[-1]]] == found[0]:
            partners[waiting.pop()] = found.start()
    return partners


def _blank(letters: list[str], start: int, end: int) -> None:
    letters[start:end] = [letter if letter == "\n" else " " for letter in letters[start:end]]
