"""Numbers with their nouns: «1 сделка, 3 сделки, 5 сделок, 21 сделка». Pure."""

from __future__ import annotations

from dataclasses import dataclass

from widget_backend.texts import Text


@dataclass(frozen=True, slots=True)
class Noun:
    """``ru``: for one, for two to four, for five and more. ``en``: for one, for more."""

    ru: tuple[str, str, str]
    en: tuple[str, str]

    def of(self, count: int) -> Text:
        """The noun as it stands behind this number."""
        return Text(self.ru[russian(count)], self.en[0 if count == 1 else 1])


def russian(count: int) -> int:
    """Which of the three Russian forms a number takes."""
    tens, ones = abs(count) % 100, abs(count) % 10
    if 11 <= tens <= 14:
        return 2
    return 0 if ones == 1 else 1 if 2 <= ones <= 4 else 2


def counted(count: int, noun: Noun) -> Text:
    """«3 сделки», held together by a space that does not break."""
    word, number = noun.of(count), grouped(count)
    return Text(f"{number}\u00a0{word.ru}", f"{number}\u00a0{word.en}")


def grouped(count: int) -> str:
    """«15 000»: thousands apart, from five digits on."""
    return f"{count:,}".replace(",", "\u00a0") if abs(count) >= 10_000 else str(count)
