"""Handing rules over and taking them back, each in the caller's transaction: at any moment one alone carries a rule out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from widget_backend.clock import now
from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.crm.native import Flow, Native, Pack, Way
from widget_backend.errors import Conflict, InvalidInput
from widget_backend.native import offers, words
from widget_backend.robots import handed, resuming, rules
from widget_backend.robots.handed import Handed
from widget_backend.robots.rules import Entry, Rulebook
from widget_backend.texts import Text


def to_robots(session: Any, installation_id: int, native: Native, keys: Sequence[str], client: str, by: str) -> Text:
    """The archive will carry these rules. Raises :class:`Conflict` where one cannot be handed over any more."""
    if not keys:
        raise InvalidInput(words.NONE_CHOSEN)
    for key in keys:
        entry = _offered(session, native, key, "robots", client)
        _mark(session, installation_id, entry, "robots", "", by)
    return words.GIVEN.format(count=len(keys))


def flow(session: Any, native: Native, key: str, client: str) -> tuple[Flow, str]:
    """The workflow to be put into the CRM, and the digest of the rule it is of. Raises as :func:`to_robots` does."""
    entry = _offered(session, native, key, "flow", client)
    book, chart = rules.load(session), charts.load(session) or Chart()
    ground = offers.ground_of(chart, book.tasks, book.switched_on, client)
    return native.flow(entry.rule, ground), handed.digest(entry.rule)


def to_flow(session: Any, installation_id: int, key: str, made: str, digest: str, by: str) -> Text:
    """From now on this workflow waits. Raises :class:`Conflict` where the rule has changed meanwhile."""
    entry = rules.load(session).entry.get(key)
    if entry is None or not _is_free(entry) or handed.digest(entry.rule) != digest:
        raise Conflict(words.NOT_NOW.format(rule=entry.rule.name if entry else key))
    _mark(session, installation_id, entry, "flow", made, by)
    return words.FLOWING.format(rule=entry.rule.name)


def back(session: Any, installation_id: int, keys: Sequence[str], way: Way) -> Text:
    """The application carries these out again. Raises :class:`Conflict` where one was not handed over like this."""
    over = rules.load(session).over
    if not keys:
        raise InvalidInput(words.NONE_CHOSEN)
    if any(key not in over or over[key].way != way for key in keys):
        raise Conflict(words.NOT_HANDED)
    for key in keys:
        rules.mark(session, installation_id, key, None)
    resuming.begin(session, installation_id, keys)
    return words.TAKEN.format(count=len(keys))


def made(book: Rulebook, key: str) -> str:
    """The workflow that a rule was handed to. Raises :class:`Conflict`."""
    how = book.over.get(key)
    if how is None or how.way != "flow":
        raise Conflict(words.NOT_HANDED)
    return how.made


def pack(session: Any, native: Native, client: str) -> Pack:
    """The archive of all that was handed to robots. Raises :class:`InvalidInput`."""
    found, ground = offers.packed(session, client)
    if not found:
        raise InvalidInput(words.NOTHING_HANDED)
    return native.pack(found, ground)


def _offered(session: Any, native: Native, key: str, way: Way, client: str) -> Entry:
    book, chart = rules.load(session), charts.load(session)
    entry = book.entry.get(key)
    if entry is None or chart is None or not _is_free(entry):
        raise Conflict(words.NOT_NOW.format(rule=entry.rule.name if entry else key))
    ground = offers.ground_of(chart, book.tasks, book.switched_on, client)
    if way not in native.say(entry.rule, ground).ways:
        raise Conflict(words.NOT_NOW.format(rule=entry.rule.name))
    return entry


def _is_free(entry: Entry) -> bool:
    return not entry.off and entry.handed is None


def _mark(session: Any, installation_id: int, entry: Entry, way: Way, made_: str, by: str) -> None:
    how = Handed(way, made_, handed.digest(entry.rule), by, now())
    rules.mark(session, installation_id, entry.rule.key, how)
