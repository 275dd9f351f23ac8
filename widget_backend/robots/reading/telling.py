"""A rule as people would write it: the inverse of ``own.read``, so that it can be changed and sent back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, Final

from widget_backend.robots.rule import Condition, Rule, Step, Trigger
from widget_backend.texts import Text

#: attribute -> the word for it, where they differ
WORDS: Final[Mapping[type, Mapping[str, str]]] = {
    Rule: {"conditions": "if"},
    Condition: {"op": "is", "every": "all", "some": "any", "denied": "not"},
    Step: {"filled": "set"},
    Trigger: {},
}
#: attributes that are pairs
PAIRS: Final = frozenset({"filled", "returns"})


def told(rule: Rule) -> dict[str, Any]:
    """The rule; what is as it usually is is left out."""
    return _part(rule)


def _part(part: Any) -> dict[str, Any]:
    words = WORDS[type(part)]
    given = {each.name: getattr(part, each.name) for each in fields(part)}
    usual = {each.name: each.default for each in fields(part) if each.default is not MISSING}
    return {
        words.get(name, name): dict(value) if name in PAIRS else _said(value)
        for name, value in given.items()
        if name not in usual or value != usual[name]
    }


def _said(value: Any) -> Any:
    if isinstance(value, Text):
        return {"ru": value.ru, "en": value.en}
    if isinstance(value, tuple):
        return [_said(each) for each in value]
    return _part(value) if type(value) in WORDS else value
