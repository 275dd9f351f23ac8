"""Forms: what a form of the page of settings was filled in with. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from widget_backend.errors import InvalidInput
from widget_backend.fields import Field
from widget_backend.preferences import words
from widget_backend.robots.grammar import HOURS
from widget_backend.texts import Text

Sent: TypeAlias = Mapping[str, Sequence[str]]

#: lines of hours that one form may hold
MOST: Final = 40
#: days of the week in Russian, by their English names
DAYS: Final = {"mon": "пн", "tue": "вт", "wed": "ср", "thu": "чт", "fri": "пт", "sat": "сб", "sun": "вс"}
ENGLISH: Final = {russian: english for english, russian in DAYS.items()}


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is drawn. ``version``: of what it began with; ``meanwhile``: somebody else has changed that."""

    fields: tuple[Field, ...]
    version: str
    problems: Mapping[str, Text] = field(default_factory=dict)
    meanwhile: Text | None = None


class Wrong(InvalidInput):
    """What is wrong with a form, by field."""

    def __init__(self, problems: Mapping[str, Text]) -> None:
        super().__init__(words.WRONG)
        self.problems = problems


def one(sent: Sent, name: str) -> str:
    """A field that holds one value."""
    values = sent.get(name) or ("",)
    return values[-1].strip()


def lines(sent: Sent, name: str) -> list[str]:
    """Hours, a line each, as they are kept: in small letters, days by their English names."""
    typed = [line for part in one(sent, name).replace(",", "\n").splitlines() if (line := " ".join(part.split()))]
    return [_days(line.casefold(), ENGLISH) for line in typed][:MOST]


def are_hours(given: Sequence[str]) -> bool:
    """Whether each line says hours."""
    return all(re.fullmatch(HOURS, line) for line in given)


def hours_in(language: str, kept: Sequence[str]) -> str:
    """Hours as a person reads and types them."""
    names = DAYS if language == "ru" else ENGLISH
    return "\n".join(_days(line, names) for line in kept)


def _days(line: str, names: Mapping[str, str]) -> str:
    days, space, rest = line.partition(" ")
    return "-".join(names.get(day, day) for day in days.split("-")) + space + rest
