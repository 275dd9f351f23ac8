"""YAML text to plain data, with the line of every value. Stricter than YAML: no tags, anchors, duplicate keys.

Built from the parser's events, so a file cannot make objects, grow while it is read, or nest without end. Plain words are
read as in YAML 1.2: ``off``, ``on`` and ``yes`` are texts, dates too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from installer.preset.reading import markup
from installer.preset.reading.problems import Problem
from widget_backend.robots.reading.complaints import Path, spell
from widget_backend.texts import Text

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 30

_LOADER: Any = getattr(yaml, "CLoader", yaml.Loader)  # only its parser is used: no object is ever constructed
_NULL = ("", "~", "null")
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")

TOO_BIG = Text("файл больше 1 МиБ: это не пресет", "the file is over 1 MiB: this is no preset")
TOO_DEEP = Text("слишком глубокая вложенность", "nested too deeply")
ANCHOR = Text(
    "якоря и ссылки YAML (& и *) не допускаются: повторите значение или возьмите его в кавычки",
    "YAML anchors and aliases (& and *) are not allowed: repeat the value, or put it in quotation marks",
)
TAG = Text(
    "теги YAML (!) не допускаются: уберите тег или возьмите значение в кавычки",
    "YAML tags (!) are not allowed: remove the tag, or put the value in quotation marks",
)
TWICE = Text("ключ уже указан в строке {line}", "the key is already given on line {line}")
ODD_KEY = Text("ключ должен быть одним словом", "a key must be one word")
ONE_DOCUMENT = Text(
    "в файле должен быть один документ: уберите «---» и всё после него",
    "a file must hold one document: remove “---” and what follows",
)


@dataclass
class Source:
    """What was read: the data, the line of every path in it, what was wrong so far."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def complain(self, path: Path, message: Text, line: int = 0) -> None:
        """Note a problem."""
        self.problems.append(Problem(line or self.line(path), spell(path), message))


class _Refused(Exception):
    def __init__(self, path: Path, message: Text, line: int) -> None:
        super().__init__(message.en)
        self.path, self.message, self.line = path, message, line


def read(text: str) -> Source:
    """Read a file's text. What makes it unreadable ends the reading; a duplicate key does not."""
    source = Source()
    if len(text.encode(errors="replace")) > MAX_BYTES:
        source.complain((), TOO_BIG)
        return source
    if line := markup.control_character(text):
        source.complain((), markup.CONTROL, line)
        return source
    try:
        _Builder(source, yaml.parse(text, Loader=_LOADER)).run()
    except _Refused as refused:
        source.complain(refused.path, refused.message, refused.line)
    except yaml.YAMLError as fault:
        line, words = markup.explained(fault, text)
        source.complain((), words, line)
    return source


class _Builder:
    def __init__(self, source: Source, events: Any) -> None:
        self._source = source
        self._events: Iterator[Any] = events

    def run(self) -> None:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self._source.data is not None:
                    raise _Refused((), ONE_DOCUMENT, _line(event))
                self._source.data = self._value(next(self._events), ())

    def _value(self, event: Any, path: Path) -> Any:
        line = _line(event)
        self._refuse(event, path, line)
        self._source.lines.setdefault(path, line)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return _scalar(event)

    def _refuse(self, event: Any, path: Path, line: int) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _Refused(path, ANCHOR, line)
        if event.tag not in (None, "!"):
            raise _Refused(path, TAG, line)
        if len(path) > MAX_DEPTH:
            raise _Refused(path[:3], TOO_DEEP, line)

    def _mapping(self, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refused(path, ODD_KEY, line)
            self._refuse(event, path, line)
            inner = (*path, str(event.value))
            if event.value in made:
                self._source.complain(inner, TWICE.format(line=self._source.lines[inner]), line)
            self._source.lines[inner] = line
            made[event.value] = self._value(next(self._events), inner)
        return made

    def _sequence(self, path: Path) -> list[Any]:
        made: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            made.append(self._value(event, (*path, len(made))))
        return made


def _line(event: Any) -> int:
    """As people count lines."""
    return int(event.start_mark.line) + 1


def _scalar(event: Any) -> Any:
    """Quoted words are texts; plain ones may be null, true, false or a whole number."""
    word = event.value
    if not event.implicit[0]:
        return word
    if word in _NULL:
        return None
    if word in ("true", "false"):
        return word == "true"
    return int(word) if _WHOLE.fullmatch(word) else word
