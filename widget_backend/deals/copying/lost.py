"""Lost: what of a deal its copy does not hold, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from widget_backend.texts import Text

Why = Literal["cleared", "gone", "taken", "unlike", "unmapped", "replaced", "part", "fixed", "older", "refused"]

REASONS: Final[Mapping[Why, Text]] = {
    "cleared": Text(
        "Остаётся только в исходной сделке, так задано: {what}.", "Stays in the source only, as set: {what}."
    ),
    "gone": Text("Такого поля в CRM больше нет: {what}.", "The CRM no longer has this field: {what}."),
    "taken": Text("Место в копии занято другим полем: {what}.", "Another field took its place in the copy: {what}."),
    "unlike": Text("Тип поля в копии другой: {what}.", "The field in the copy is of another type: {what}."),
    "unmapped": Text(
        "Для значения не задано соответствия: {what}.", "The value is not in the table of values: {what}."
    ),
    "replaced": Text("В копии задано другое значение: {what}.", "The copy was given another value: {what}."),
    "part": Text("Не копируется, так задано: {what}.", "Not copied, as set: {what}."),
    "fixed": Text(
        "Перенести нельзя, остаётся в исходной сделке: {what}.", "Cannot be carried along, stays in the source: {what}."
    ),
    "older": Text("Скопированы только последние 50: {what}.", "Only the latest 50 are copied: {what}."),
    "refused": Text("CRM не приняла: {what}. Скопируйте вручную.", "The CRM refused: {what}. Copy it by hand."),
}


@dataclass(frozen=True, slots=True)
class Lost:
    """``what``: address of a field or name of a part; ``name``: how a person calls it."""

    what: str
    why: Why
    name: Text


def told(lost: Iterable[Lost]) -> tuple[Text, ...]:
    """One sentence for each reason, with all it is the reason for."""
    by_reason: dict[Why, list[Text]] = {}
    for one in lost:
        by_reason.setdefault(one.why, []).append(one.name)
    return tuple(
        REASONS[why].format(what=Text(", ".join(n.ru for n in names), ", ".join(n.en for n in names)))
        for why, names in by_reason.items()
    )
