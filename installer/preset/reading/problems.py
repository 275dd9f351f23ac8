"""What is wrong with a preset file: every problem at once, each with its line and path."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from widget_backend.errors import InvalidInput
from widget_backend.texts import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``path`` reads «pipelines[2].stages[0].colour», empty: the file as a whole. ``line`` 0: no line."""

    line: int
    path: str
    message: Text

    def within(self, name: str) -> Text:
        """As editors and people read it: «file:line: path: message»."""
        place = ": ".join(filter(None, (f"{name}:{self.line}" if self.line else name, self.path)))
        return Text(f"{place}: {self.message.ru}", f"{place}: {self.message.en}")


class InvalidPreset(InvalidInput):
    """A preset file cannot be used; ``problems`` says why, in file order."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.line, p.path)))
        lines = [problem.within(name) for problem in self.problems]
        count = len(self.problems)
        super().__init__(
            Text(
                f"Пресет {name} нельзя использовать, ошибок: {count}. Ничего не сделано: исправьте файл."
                + "".join(f"\n{line.ru}" for line in lines),
                f"The preset {name} cannot be used, errors: {count}. Nothing was done: correct the file."
                + "".join(f"\n{line.en}" for line in lines),
            ),
            preset=name,
        )
