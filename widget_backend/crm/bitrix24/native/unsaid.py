"""Unsaid: why something cannot be said in the portal's words; all reasons at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from widget_backend.texts import Text

Said = TypeVar("Said")


class Unsaid(Exception):
    """Raised where the portal has no words for it."""

    def __init__(self, *reasons: Text) -> None:
        super().__init__("; ".join(reason.en for reason in reasons))
        self.reasons = tuple(dict.fromkeys(reasons))


def gathered(tries: Iterable[Callable[[], Said]]) -> list[Said]:
    """What each try says. Raises :class:`Unsaid` with the reasons of all that fail."""
    said: list[Said] = []
    reasons: list[Text] = []
    for each in tries:
        try:
            said.append(each())
        except Unsaid as unsaid:
            reasons += unsaid.reasons
    if reasons:
        raise Unsaid(*reasons)
    return said


def joined(reasons: Iterable[Text]) -> Text:
    """Reasons as one half sentence."""
    listed = list(reasons)
    return Text("; ".join(one.ru for one in listed), "; ".join(one.en for one in listed))
