"""Answers: what a form of a rule was filled in with, as the rule people would write (``reading.telling``). Pure.

Parts a form has no field for (groups of conditions, what a new deal starts with) go through it as they are, in ``kept``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from widget_backend.crm.chart import Chart
from widget_backend.robots import grammar
from widget_backend.robots.reading.checks import SORTS
from widget_backend.robots.reading.rule_schema import MOST

Form: TypeAlias = Mapping[str, Sequence[str]]

#: how a person says yes and no in a choice
FLAGS: Final = {"yes": True, "no": False}
#: parts that are ticked, that are lists, and that are words in both languages
TICKED: Final = frozenset({"once_per_patient"})
MANY: Final = frozenset({"stages", "channels", "out_of"})
WORDS: Final = frozenset({"label", "text"})
WHOLE: Final = re.compile(r"[-+]?\d{1,15}")


def content(sent: Form, language: str, chart: Chart) -> dict[str, Any]:
    """The rule that a sent form says. ``language``: of the page, in which words were typed."""
    told: dict[str, Any] = {"key": _one(sent, "rule"), "name": _words(sent, "name", language)}
    told["when"] = _trigger(sent, language)
    asked = [one for number in range(_count(sent, "if")) for one in _condition(sent, f"if.{number}", chart)]
    kept = _kept(sent, "kept")
    done = [one for number in range(_count(sent, "do")) for one in _step(sent, f"do.{number}", language, chart)]
    return {**told, **({"if": asked} if asked else {}), "do": done, **kept}


def loaded(typed: str) -> Any:
    """The JSON of a text. Raises :class:`ValueError`, :class:`RecursionError`; also for what no page and no database can hold:
    half of a pair of signs, and NUL."""
    told = json.loads(typed)
    words = json.dumps(told, ensure_ascii=False)
    words.encode()
    if "\\u0000" in words:
        raise ValueError(typed)
    return told


def _trigger(sent: Form, language: str) -> dict[str, Any]:
    on = _one(sent, "on")
    shape = grammar.TRIGGERS.get(on, grammar.Shape(says=grammar.STAGE_WORDS["any"]))
    parts = {part: _part(sent, part, part, language) for part in sorted(shape.needs | shape.may)}
    told = {part: value for part, value in parts.items() if value not in ("", [], None)}
    if "working_hours" in shape.may:
        told = {**told, "working_hours": False} if not _one(sent, "working_hours") else told
    return {"on": on, **told}


def _condition(sent: Form, name: str, chart: Chart) -> Iterator[Any]:
    kept = _kept(sent, f"{name}.kept")
    what, op = _one(sent, f"{name}.what"), _one(sent, f"{name}.is") or "equals"
    if kept:
        yield kept
    elif what:
        compared = {} if op in grammar.UNARY else {"value": _typed(_one(sent, f"{name}.value"), _sort(what, chart))}
        yield {"what": what, **({} if op == "equals" else {"is": op}), **compared}


def _step(sent: Form, name: str, language: str, chart: Chart) -> Iterator[Any]:
    action = _one(sent, f"{name}.action")
    if not action:
        return
    shape = grammar.ACTIONS.get(action, grammar.Shape(says=grammar.STAGE_WORDS["any"]))
    parts = {part: _part(sent, part, f"{name}.{part}", language) for part in sorted(shape.needs | shape.may)}
    if parts.get("value"):
        parts["value"] = _typed(parts["value"], _sort(str(parts.get("field", "")), chart))
    kept = {part: value for part, value in _kept(sent, f"{name}.kept").items() if part in shape.needs | shape.may}
    yield {"action": action, **{part: value for part, value in parts.items() if value not in ("", [], None)}, **kept}


def _part(sent: Form, part: str, name: str, language: str) -> Any:
    """One part as it was filled in; empty where it was not."""
    if part in TICKED:
        return bool(_one(sent, name)) or None
    if part in MANY:
        return list(sent.get(name, ()))
    if part in WORDS:
        words = _words(sent, name, language)
        return words if words["ru"] or words["en"] else ""
    if part == "span":
        number, unit = _one(sent, name), _one(sent, f"{name}.unit")
        return f"{number}{unit}" if number else ""
    return "" if part in ("set", "returns", "working_hours") else _one(sent, name)


def _words(sent: Form, name: str, language: str) -> dict[str, str]:
    """In both languages: what was not touched stays as it was in both, what was typed is the clinic's own in both."""
    typed, before = _one(sent, name).strip(), _kept(sent, f"{name}.was")
    if before and before.get(language, "").strip() == typed:
        return {code: str(before.get(code, "")) for code in ("ru", "en")}
    return {"ru": typed, "en": typed}


def _sort(what: str, chart: Chart) -> str:
    """What is compared or written there: as ``grammar.Sort``."""
    fact, field = grammar.FACTS.get(what), chart.field.get(what)
    return fact.sort if fact else SORTS.get(field.type, "text") if field else ""


def _typed(words: str, sort: str) -> Any:
    """Yes and no, a whole number, or the words themselves where the field holds words."""
    if sort == "text":
        return words.strip()
    if words in FLAGS:
        return FLAGS[words]
    return int(words) if WHOLE.fullmatch(words.strip()) else words.strip()


def _kept(sent: Form, name: str) -> dict[str, Any]:
    """What a form carries along unseen; it is checked with all the rest."""
    try:
        told = loaded(_one(sent, name) or "{}")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _count(sent: Form, name: str) -> int:
    words = _one(sent, f"{name}.count")
    return min(int(words), MOST) if words.isdecimal() and len(words) < 4 else 0


def _one(sent: Form, name: str) -> str:
    values = sent.get(name) or ("",)
    return values[-1]
