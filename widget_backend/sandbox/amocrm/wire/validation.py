"""Bodies of writes: batches with their request ids, the shape of an item, and all-or-nothing refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.wire.problems import Issue, Problem, blank, impossible, invalid, missing, wrong_type

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.wire.registry import Call

MOST_ITEMS = 250

#: word of a shape -> Python types that have it
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "int": (int,),
    "bool": (bool,),
    "array": (list,),
    "object": (dict,),
}

#: key -> word of :data:`KINDS`, with ``*`` after it when required and ``?`` when null is allowed
Shape = Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One item of a batch."""

    request_id: str
    item: dict[str, Any]


def batch(call: Call, most: int = MOST_ITEMS) -> list[Row]:
    """The items of a batch write; raises :class:`Problem` for an empty body, a wrong shape or too many."""
    body = call.body
    if not body:
        raise Problem(400, "Request data can not be empty")
    if not isinstance(body, list):
        raise invalid([("0", [wrong_type("", "array")])])
    if len(body) > most:
        raise impossible(f"Limit {most} per page")
    wrong = [(str(index), [wrong_type("", "object")]) for index, item in enumerate(body) if not isinstance(item, dict)]
    if wrong:
        raise invalid(wrong)
    return [Row(str(item.get("request_id", index)), item) for index, item in enumerate(body)]


def single(call: Call) -> Row:
    """The one item of a write to one address."""
    if not call.body:
        raise Problem(400, "Request data can not be empty")
    if not isinstance(call.body, dict):
        raise invalid([("0", [wrong_type("", "object")])])
    return Row(str(call.body.get("request_id", 0)), call.body)


def validated(rows: Iterable[Row], check: Callable[[dict[str, Any]], list[Issue]]) -> None:
    """Refuse the whole batch if any item has an issue."""
    found = [(row.request_id, check(row.item)) for row in rows]
    if any(issues for _, issues in found):
        raise invalid(found)


def shaped(item: Mapping[str, Any], shape: Shape) -> list[Issue]:
    """What is missing or of a wrong type; keys outside the shape are ignored, as the vendor does."""
    issues = []
    for key, word in shape.items():
        kind = word.rstrip("*?")
        if key not in item:
            issues += [missing(key)] if "*" in word else []
        elif item[key] is None:
            issues += [] if "?" in word else [wrong_type(key, kind)]
        elif not is_kind(item[key], kind):
            issues.append(wrong_type(key, kind))
        elif "*" in word and kind == "string" and not item[key].strip():
            issues.append(blank(key))
    return issues


def is_kind(value: Any, kind: str) -> bool:
    """Whether a JSON value is of a word of :data:`KINDS`; a boolean is no number."""
    return isinstance(value, KINDS[kind]) and not (kind == "int" and isinstance(value, bool))


def optional(shape: Shape) -> dict[str, str]:
    """The shape of a change: nothing is required."""
    return {key: word.replace("*", "") for key, word in shape.items()}
