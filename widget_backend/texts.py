"""Text: what a person reads, in Russian and in English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["ru", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or label in both languages; ``str()`` gives the Russian one."""

    ru: str
    en: str

    def into(self, language: str) -> str:
        """The words in ``language``; anything but ``ru`` reads English."""
        return self.ru if language == "ru" else self.en

    def __str__(self) -> str:
        return self.ru

    def format(self, **values: object) -> Text:
        """Both languages with ``{placeholders}`` filled; a :class:`Text` value is filled in its own language."""
        return Text(
            self.ru.format(**{k: v.ru if isinstance(v, Text) else v for k, v in values.items()}),
            self.en.format(**{k: v.en if isinstance(v, Text) else v for k, v in values.items()}),
        )
