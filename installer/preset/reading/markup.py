"""What the YAML parser complains of, in words a person can act on, and the line where to look."""

from __future__ import annotations

import re
from typing import Any

from widget_backend.texts import Text

TABS = Text("отступ сделан табуляцией: нужны пробелы", "the indentation is a tab: use spaces")
CONTROL = Text(
    "управляющий знак: это не текстовый файл или он повреждён", "a control character: not a text file, or a damaged one"
)
BROKEN = Text("разметка YAML нарушена здесь или строкой выше", "the YAML markup is broken here or on the line above")

_NOT_YAML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

#: words of libyaml and of its Python twin -> ours
_COMPLAINTS = (
    (r"end of stream", "кавычка открыта и не закрыта", "a quotation mark is opened and not closed"),
    (
        r"expected ',' or '[]}]'",
        "скобка { или [ не закрыта, или между значениями нет запятой",
        "a bracket { or [ is not closed, or a comma is missing between values",
    ),
    (
        r"mapping values are not allowed",
        "двоеточие внутри значения: возьмите значение в кавычки, или отступ больше нужного",
        "a colon inside a value: put the value in quotation marks; or the indentation is too deep",
    ),
    (
        r"cannot start any token",
        "значение начинается со знака, который YAML занял: возьмите значение в кавычки",
        "the value begins with a sign YAML keeps for itself: put the value in quotation marks",
    ),
    (
        r"expected key|expected '-' indicator|expected <block end>|sequence entries are not allowed",
        "отступ не такой, как у соседних строк",
        "the indentation differs from that of the lines around it",
    ),
    (r"unexpected ':'", "двоеточие не на месте: после него нужен пробел", "a misplaced colon: a space must follow it"),
    (r"expected ':'", "после ключа нет двоеточия с пробелом", "a colon and a space are missing after the key"),
    (
        r"unknown escape|escape character",
        "обратная черта в двойных кавычках: возьмите одинарные",
        "a backslash in double quotation marks: use single ones",
    ),
    (r"tab character", TABS.ru, TABS.en),
    (
        r"incompatible YAML|directive",
        "строки с % в начале здесь не допускаются",
        "lines that begin with % are not allowed here",
    ),
)


def control_character(text: str) -> int:
    """The line of the first character YAML cannot hold, or 0."""
    found = _NOT_YAML.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def explained(fault: Any, text: str) -> tuple[int, Text]:
    """The line of a parser's complaint and what to do; where something was left open, the line where it opens."""
    mark = getattr(fault, "problem_mark", None)
    opened = getattr(fault, "context_mark", None)
    words = str(getattr(fault, "problem", None) or fault)
    left_open = re.search(r"quoted scalar|flow (mapping|sequence)", str(getattr(fault, "context", "")))
    line = (opened if left_open and opened else mark).line + 1 if mark else 1
    lines = text.splitlines()
    if mark and mark.line < len(lines) and re.match(r" *\t", lines[mark.line]):
        return mark.line + 1, TABS
    for pattern, ru, en in _COMPLAINTS:
        if re.search(pattern, words):
            return line, Text(ru, en)
    return line, BROKEN
