"""What is wrong with a preset file: every problem at once, each with its line and path."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``path`` reads «pipelines[2].stages[0].colour»."""

    line: int
    path: str
    message: Text


class InvalidPreset(InvalidInput):
    """A preset file cannot be used; ``problems`` says why, in file order."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.line, p.path)))
        lines = [Text(f"\n{name}:{p.line}: {p.path}: ", f"\n{name}:{p.line}: {p.path}: ") for p in self.problems]
        count = len(self.problems)
        super().__init__(
            Text(
                f"Пресет {name} нельзя использовать, ошибок: {count}. Ничего не сделано: исправьте файл."
                + "".join(line.ru + p.message.ru for line, p in zip(lines, self.problems, strict=True)),
                f"The preset {name} cannot be used, errors: {count}. Nothing was done: correct the file."
                + "".join(line.en + p.message.en for line, p in zip(lines, self.problems, strict=True)),
            ),
            preset=name,
        )


def spell(path: Path) -> str:
    """A path as people write it."""
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return words.lstrip(".") or "."


#: marshmallow's sentences (4.x), in both languages
_SENTENCES = (
    (r"Missing data for required field\.", "обязательно", "is required"),
    (r"Unknown field\.", "неизвестный ключ", "unknown key"),
    (r"Field may not be null\.", "не может быть пустым", "may not be empty"),
    (r"Not a valid string\.", "нужна строка", "a text is needed"),
    (r"Not a valid integer\.", "нужно целое число", "a whole number is needed"),
    (r"Not a valid boolean\.", "нужно true или false", "true or false is needed"),
    (r"Not a valid list\.", "нужен список", "a list is needed"),
    (r"Not a valid mapping type\.", "нужны пары ключ: значение", "pairs of key: value are needed"),
    (r"Invalid input type\.", "нужны пары ключ: значение", "pairs of key: value are needed"),
    (r"Must be one of: (.*)\.", "допустимо: {0}", "must be one of: {0}"),
    (
        r"a key is small latin letters, (.*)",
        "ключ — строчные латинские буквы, {0}",
        "a key is small latin letters, {0}",
    ),
    (r"a span is like (.*)", "срок пишется как 15m, 4h или 3d", "a span is like {0}"),
    (r"a version is like (.*)", "версия пишется как {0}", "a version is like {0}"),
    (r"an id is like (.*)", "номер требования пишется как {0}", "an id is like {0}"),
    (r"Must be equal to (.*)\.", "должно быть {0}", "must be {0}"),
    (r"Longer than maximum length (\d+)\.", "длиннее {0} знаков", "longer than {0} characters"),
    (r"Shorter than minimum length (\d+)\.", "короче {0}", "shorter than {0}"),
    (r"Length must be between (\d+) and (\d+)\.", "длина от {0} до {1}", "its length must be from {0} to {1}"),
)


def translate(message: object) -> Text:
    """A message of marshmallow, or one of ours, as a :class:`Text`."""
    if isinstance(message, Text):
        return message
    for pattern, ru, en in _SENTENCES:
        found = re.fullmatch(pattern, str(message))
        if found:
            return Text(ru.format(*found.groups()), en.format(*found.groups()))
    return Text(str(message), str(message))
