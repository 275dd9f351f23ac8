"""Finding: one thing in an archive that the moderation of amoCRM turns down, or that would fail at a clinic."""

from __future__ import annotations

from dataclasses import dataclass

from widget_backend.texts import Text


@dataclass(frozen=True, slots=True)
class Finding:
    """``rule``: its stable name. ``line``: counted from 1, 0 where it is of the whole file."""

    file: str
    line: int
    rule: str
    message: Text

    def within(self, language: str) -> str:
        """As a line of a terminal: place, rule, words."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.rule}: {self.message.into(language)}"


def line_of(text: str, position: int) -> int:
    """The line that holds a position, counted from 1."""
    return text.count("\n", 0, position) + 1
