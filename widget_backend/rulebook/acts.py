"""Acts: what the buttons of the page of rules do, each in the caller's transaction, and what is said of it then.

Nobody else changes the clinic's rules meanwhile: the caller holds the installation.
"""

from __future__ import annotations

import secrets
from typing import Any

from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.errors import Conflict, NotFound
from widget_backend.robots import own_rules, rules, standing
from widget_backend.robots.reading import checks
from widget_backend.robots.rule import Rule
from widget_backend.robots.rules import NO_RULE, Entry
from widget_backend.rulebook import mending, words
from widget_backend.texts import Text


class Stale(Conflict):
    """The rule was changed since its form was drawn."""


def new_key() -> str:
    """For a rule that is made here."""
    return f"own_{secrets.token_hex(4)}"


def find(session: Any, key: str) -> Entry:
    """A rule in force. Raises :class:`NotFound`."""
    found = rules.load(session).entry.get(key)
    if found is None:
        raise NotFound(NO_RULE)
    return found


def switch(session: Any, installation_id: int, key: str, *, on: bool) -> Text:
    """Switch a rule on or off. Raises :class:`NotFound`."""
    rules.switch(session, installation_id, key, on=on)
    return (words.TURNED_ON if on else words.TURNED_OFF).format(rule=find(session, key).rule.name)


def drop(session: Any, installation_id: int, key: str, version: str) -> Text:
    """Take a rule of the clinic's own away; the preset's of the same key is in force again. ``version``: the one that was
    shown. Raises :class:`NotFound`, :class:`Stale`."""
    there = find(session, key)
    name = there.rule.name
    if str(there.id) != version:
        raise Stale(words.CHANGED_SINCE)
    rules.drop(session, installation_id, key)
    _settle(session, installation_id)
    return (words.RESTORED if key in rules.load(session).entry else words.DROPPED).format(rule=name)


def mend(session: Any, installation_id: int, key: str, gap: str, to: str) -> Text:
    """Put another stage in the place of one that is gone. Raises :class:`InvalidInput`, :class:`NotFound`."""
    rule = mending.mended(find(session, key).rule, charts.load(session) or Chart(), gap, to)
    own_rules.keep(session, installation_id, rule)
    _settle(session, installation_id)
    return words.MENDED.format(rule=rule.name)


def save(session: Any, installation_id: int, rule: Rule, version: str) -> Text:
    """Keep a rule. ``version``: of the one its form began with, empty for a new one. Raises :class:`Stale`."""
    there = rules.load(session).entry.get(rule.key)
    if (str(there.id) if there else "") != version:
        raise Stale(words.CHANGED_MEANWHILE)
    own_rules.keep(session, installation_id, rule)
    _settle(session, installation_id)
    return words.SAVED.format(rule=rule.name)


def complaints(session: Any, rule: Rule) -> tuple[Text, ...]:
    """All that keeps the rule from working in the account in scope, a loop of rules too."""
    book = rules.load(session)
    return checks.problems(rule, charts.load(session) or Chart(), set(book.tasks), book.switched_on)


def _settle(session: Any, installation_id: int) -> None:
    """Whoever could not work and can now does, and the other way about."""
    chart = charts.load(session) or Chart()
    lacks = {rule.key: why for rule in rules.load(session).rules if (why := standing.lack(rule, chart))}
    rules.pause(session, installation_id, lacks)
