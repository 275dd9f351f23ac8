"""The card: all that one drawing of the panel shows, and its short form for the column of an amoCRM card. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from widget_backend.panel import family, offers, route_line, words
from widget_backend.panel.family import Branch
from widget_backend.panel.known import Known
from widget_backend.panel.offers import Offer
from widget_backend.panel.route_line import Line
from widget_backend.texts import Text

State = Literal["ready", "empty", "partial"]


@dataclass(frozen=True, slots=True)
class Card:
    """``state``: ``empty`` where nothing has happened yet, ``partial`` before the set-up and for a deal that is gone."""

    deal: str
    state: State
    is_set_up: bool
    is_gone: bool
    line: Line
    family: tuple[Branch, ...]
    offers: tuple[Offer, ...]
    zone: str


def card(known: Known, *, may_work: bool) -> Card:
    """The panel of a deal for somebody who may, or may not, work on it."""
    is_gone = bool(known.state and known.state.gone)
    partial = known.chart is None or is_gone
    state: State = "partial" if partial else "empty" if known.is_empty else "ready"
    offered = offers.offers(known) if may_work else ()
    line = route_line.line(known)
    return Card(known.deal, state, known.chart is not None, is_gone, line, family.tree(known), offered, str(known.zone))


def lines(shown: Card) -> tuple[Text, ...]:
    """The route in a few lines, for a narrow column."""
    if not shown.is_set_up:
        return (words.NOT_SET_UP,)
    if shown.state == "empty":
        return (words.EMPTY,)
    return tuple(_lines(shown))


def _lines(shown: Card) -> Iterator[Text]:
    if shown.is_gone:
        yield words.GONE
    for stop in shown.line.came[-1:]:
        yield _line(words.CAME, stop.name)
    if shown.line.now:
        yield _line(words.NOW, shown.line.now.name)
        yield from shown.line.now.how
    for stop in [stop for stop in shown.line.following if stop.name][:1]:
        yield _line(words.NEXT, stop.name)


def _line(head: Text, name: str) -> Text:
    return Text(f"{head.ru}: {name}", f"{head.en}: {name}")
