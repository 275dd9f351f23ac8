"""Rules, task templates and happenings as JSON, for the tables of robots: what is at its default is left out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any, Final

from widget_backend.robots.happenings import KINDS, Happening
from widget_backend.robots.rule import Condition, Rule, Step, TaskTemplate, Trigger
from widget_backend.texts import Text


def encode(value: Any) -> Any:
    """A rule, a template or a part of one."""
    if isinstance(value, Text):
        return [value.ru, value.en]
    if isinstance(value, Rule | Trigger | Condition | Step | TaskTemplate):
        given = {each.name: getattr(value, each.name) for each in fields(value)}
        defaults = {each.name: each.default for each in fields(value) if each.default is not MISSING}
        return {name: encode(one) for name, one in given.items() if name not in defaults or one != defaults[name]}
    return [encode(item) for item in value] if isinstance(value, tuple) else value


def rule(content: Mapping[str, Any]) -> Rule:
    """The inverse of :func:`encode`."""
    return Rule(**_made(content, _OF_RULE))


def template(content: Mapping[str, Any]) -> TaskTemplate:
    """The inverse of :func:`encode`."""
    return TaskTemplate(**_made(content, {"title": _text, "text": _text, "source": tuple}))


def happening(content: Mapping[str, Any]) -> Happening:
    """The inverse of :func:`told`."""
    given = {name: value for name, value in content.items() if name not in ("on", "at")}
    return KINDS[content["on"]](at=datetime.fromisoformat(content["at"]), **given)


def told(happening: Happening) -> dict[str, Any]:
    """A happening; it may hold an address to answer at, which is a secret."""
    given = {each.name: getattr(happening, each.name) for each in fields(happening)}
    return {**given, "on": happening.on, "at": happening.at.isoformat()}


def _text(words: list[str]) -> Text:
    return Text(*words)


def _trigger(content: Mapping[str, Any]) -> Trigger:
    return Trigger(**_made(content, {"stages": tuple, "channels": tuple, "label": _text}))


def _condition(content: Mapping[str, Any]) -> Condition:
    return Condition(**_made(content, {"every": _conditions, "some": _conditions, "denied": _condition}))


def _conditions(rows: list[Any]) -> tuple[Condition, ...]:
    return tuple(_condition(row) for row in rows)


def _steps(rows: list[Any]) -> tuple[Step, ...]:
    return tuple(
        Step(**_made(row, {"out_of": tuple, "text": _text, "filled": _pairs, "returns": _pairs})) for row in rows
    )


def _pairs(rows: list[Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((name, value) for name, value in rows)


_OF_RULE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "name": _text,
    "when": _trigger,
    "do": _steps,
    "conditions": _conditions,
    "source": tuple,
}


def _made(content: Mapping[str, Any], makers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    return {name: makers[name](value) if name in makers else value for name, value in content.items()}
