"""The sheet: a rule as a form, with a field for each of its parts, and what is wrong beside it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from widget_backend.crm.chart import Chart
from widget_backend.fields import Field
from widget_backend.robots import grammar, sentences
from widget_backend.robots.reading import own
from widget_backend.robots.reading.complaints import Path
from widget_backend.robots.rule import TaskTemplate
from widget_backend.rulebook import choices, words
from widget_backend.texts import Text

#: parts that a form carries along unseen
KEPT: Final = ("set", "returns")


@dataclass(frozen=True, slots=True)
class Row:
    """A condition or an action. ``kept``: what of it goes along unseen, as JSON; ``says``: that in words."""

    number: int
    fields: tuple[Field, ...]
    kept: str = ""
    says: Text | None = None
    error: Text | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """``version``: of the rule it began with; ``kept``: what else the rule has, as JSON; ``problems``: what lies in no one
    field."""

    key: str
    version: str
    name: Field
    when: tuple[Field, ...]
    asks: tuple[Row, ...]
    does: tuple[Row, ...]
    kept: str
    problems: tuple[Text, ...]


@dataclass(frozen=True)
class Desk:
    """What fields are drawn of: the account, its tasks, the language of the page, and what is wrong by place."""

    chart: Chart
    tasks: Mapping[str, TaskTemplate]
    language: str
    wrong: Mapping[Path, Text]

    def error(self, *path: str | int) -> Text | None:
        """What is wrong at this place, or inside of it."""
        return next((said for place, said in self.wrong.items() if place[: len(path)] == path), None)


def sheet(content: Mapping[str, Any], version: str, desk: Desk, problems: Sequence[Text] = ()) -> Sheet:
    """The form of a rule as people write it (``reading.telling``), however far it is."""
    when = _mapping(content.get("when"))
    asked, done = _rows(content.get("if")), _rows(content.get("do"))
    rest = {name: value for name, value in content.items() if name in ("source",)}
    return Sheet(
        str(content.get("key", "")),
        version,
        _words_field("name", words.NAME, content.get("name"), desk, "name"),
        tuple(_when(when, desk)),
        tuple(_ask(number, one, desk) for number, one in enumerate(asked)),
        tuple(_do(number, one, desk) for number, one in enumerate(done)),
        json.dumps(rest, ensure_ascii=False),
        (*problems, *_elsewhere(desk)),
    )


def _when(when: Mapping[str, Any], desk: Desk) -> Iterator[Field]:
    on = str(when.get("on", ""))
    error = desk.error("when", "on") or (desk.error("when") if not on else None)
    yield Field("on", words.HAPPENS, "choice", on, choices.triggers(on), error, redraws=True)
    shape = grammar.TRIGGERS.get(on)
    for part in _ordered(shape):
        given = when.get(part, True if part == "working_hours" else "")
        yield _field(part, part, given, desk, ("when", part), trigger=True)


def _ask(number: int, one: Mapping[str, Any], desk: Desk) -> Row:
    path, name = ("if", number), f"if.{number}"
    if "what" not in one and one:
        return Row(number, (), json.dumps(one, ensure_ascii=False), _said(one, desk), desk.error(*path))
    what, op = str(one.get("what", "")), str(one.get("is", "equals"))
    fields = [
        Field(f"{name}.what", words.PARTS["what"], "choice", what, choices.asked(desk.chart, what), redraws=True),
        Field(f"{name}.is", words.PARTS["is"], "choice", op, choices.operators(what, desk.chart), redraws=True),
    ]
    if what and op not in grammar.UNARY:
        options = choices.values_of(what, desk.chart)
        kind = "choice" if options else "text"
        fields.append(Field(f"{name}.value", words.PARTS["value"], kind, _plain(one.get("value")), options))
    return Row(number, tuple(fields), error=desk.error(*path))


def _do(number: int, one: Mapping[str, Any], desk: Desk) -> Row:
    path, name, action = ("do", number), f"do.{number}", str(one.get("action", ""))
    chosen = Field(f"{name}.action", words.PARTS["action"], "choice", action, choices.actions(action), redraws=True)
    parts = _ordered(grammar.ACTIONS.get(action))
    fields = [_field(part, f"{name}.{part}", one.get(part, ""), desk, (*path, part), one) for part in parts]
    kept = {part: one[part] for part in KEPT if part in one}
    says = choices.filled(_mapping(kept.get("set")), desk.chart) if kept.get("set") else None
    seen = {(*path, part) for part in parts}
    error = next((said for place, said in desk.wrong.items() if place[:2] == path and place[:3] not in seen), None)
    return Row(number, (chosen, *fields), json.dumps(kept, ensure_ascii=False) if kept else "", says, error)


def _field(
    part: str,
    name: str,
    given: Any,
    desk: Desk,
    path: Path,
    beside: Mapping[str, Any] | None = None,
    *,
    trigger: bool = False,
) -> Field:
    label, error = words.PARTS[part], desk.error(*path)
    if part in ("label", "text"):
        return _words_field(name, label, given, desk, *path, kind="long" if part == "text" else "text")
    if part in ("working_hours", "once_per_patient"):
        return Field(name, label, "flag", given is True, error=error)
    if part == "span":
        return Field(name, label, "span", str(given or ""), error=error)
    options = choices.of_part(part, desk.chart, desk.tasks, beside, trigger=trigger)
    if part in ("stages", "channels", "out_of"):
        return Field(name, label, "choices", list(given) if isinstance(given, list | tuple) else [], options, error)
    return Field(name, label, "choice" if options else "text", _plain(given), options, error, redraws=part == "field")


def _words_field(name: str, label: Text, given: Any, desk: Desk, *path: str | int, kind: str = "text") -> Field:
    both = {code: str(_mapping(given).get(code, "")) for code in ("ru", "en")}
    was = json.dumps(both, ensure_ascii=False)
    return Field(name, label, kind, both[desk.language], error=desk.error(*path), was=was)


def _ordered(shape: grammar.Shape | None) -> list[str]:
    """The parts that have fields, in the order of the words' list."""
    wanted = (shape.needs | shape.may) if shape else frozenset()
    return [part for part in words.PARTS if part in wanted]


def _elsewhere(desk: Desk) -> Iterator[Text]:
    """What is wrong where no field is."""
    for path, said in desk.wrong.items():
        if path[:1] not in (("name",), ("when",)) and not (path[:1] in (("if",), ("do",)) and len(path) > 1):
            yield said


def _said(one: Mapping[str, Any], desk: Desk) -> Text:
    """A group of conditions in words."""
    rule, _ = own.placed({**SAMPLE, "if": [one]})
    return sentences.condition(rule.conditions[0], desk.chart) if rule else words.CONDITION.format(number="")


#: a rule around a condition, so that it can be read
SAMPLE: Final[Mapping[str, Any]] = {
    "key": "sample",
    "name": {"ru": "—", "en": "—"},
    "when": {"on": "entered", "stages": ["any"]},
    "do": [{"action": "close_tasks"}],
}


def _plain(given: Any) -> str:
    if isinstance(given, bool):
        return "yes" if given else "no"
    return "" if given is None else str(given)


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def _rows(given: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
