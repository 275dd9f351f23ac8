"""Fields: one field of a form as a page draws it, with what is wrong beside it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from widget_backend.texts import Text

#: (heading or nothing, ((value, name), …))
Options: TypeAlias = tuple[tuple[Text | None, tuple[tuple[str, Text], ...]], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``kind``: text, long, date, span, choice, choices or flag; ``value``: a word, a list of words, or whether it
    is ticked; ``was``: words in both languages, so that what is not touched stays; ``redraws``: another choice has other
    fields."""

    name: str
    label: Text
    kind: str
    value: Any = ""
    options: Options = ()
    error: Text | None = None
    was: str = ""
    redraws: bool = False
    hint: Text | None = None
