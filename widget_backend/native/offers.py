"""Offers: which rules could be handed to the CRM, which were, and which never, each with why. Pure but for one reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.crm.native import Ground, Native, Saying
from widget_backend.native import words
from widget_backend.robots import handed, rules
from widget_backend.robots.handed import Handed
from widget_backend.robots.rule import Rule
from widget_backend.robots.rules import Entry, Rulebook
from widget_backend.texts import Text


@dataclass(frozen=True, slots=True)
class Offer:
    """A rule that could be handed over, or never. ``label``: its name among others of its bundle."""

    key: str
    name: Text
    label: Text
    saying: Saying


@dataclass(frozen=True, slots=True)
class Given:
    """A rule that was handed over. ``warning``: what is to be done about it."""

    key: str
    name: Text
    how: Handed
    warning: Text | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Rules that are one and the same at several stages, or stay with us for one and the same reason."""

    name: Text
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Offers:
    """The whole page. ``off``: how many rules are switched off."""

    robots: tuple[Given, ...]
    flows: tuple[Given, ...]
    can: tuple[Bundle, ...]
    cannot: tuple[Bundle, ...]
    off: int
    is_set_up: bool


def ground_of(chart: Chart, tasks: Any, book_rules: Iterable[Rule], client: str) -> Ground:
    """What native automation is made for: an account, and the rules beside it."""
    watched = frozenset(rule.when.field for rule in book_rules if rule.when.on == "changed")
    return Ground(chart, tasks, watched, client)


def read(session: Any, native: Native, client: str) -> Offers:
    """In scope of the installation. ``client``: our application at the vendor."""
    chart, book = charts.load(session), rules.load(session)
    if chart is None:
        return Offers((), (), (), (), 0, False)
    ground = ground_of(chart, book.tasks, book.switched_on, client)
    open_ = [each for each in book.entries if not each.off and not each.handed]
    said = [_offer(each.rule, native.say(each.rule, ground)) for each in open_]
    given = [_given(key, how, book.entry.get(key)) for key, how in book.over.items()]
    return Offers(
        tuple(one for one in given if one.how.way == "robots"),
        tuple(one for one in given if one.how.way == "flow"),
        _bundled([one for one in said if one.saying.ways]),
        _by_reason([one for one in said if not one.saying.ways]),
        sum(each.off for each in book.entries),
        bool(book.entries or book.over),
    )


def packed(session: Any, client: str) -> tuple[list[Rule], Ground]:
    """The rules that were handed to robots as they are now, and what they stand on."""
    chart, book = charts.load(session) or Chart(), rules.load(session)
    ground = ground_of(chart, book.tasks, book.switched_on, client)
    return [each.rule for each in book.entries if _is_packed(each)], ground


def sayable(book: Rulebook, chart: Chart, native: Native, client: str) -> list[Rule]:
    """The rules that robots could be handed now."""
    ground = ground_of(chart, book.tasks, book.switched_on, client)
    free = [each.rule for each in book.entries if not each.off and not each.handed]
    return [rule for rule in free if "robots" in native.say(rule, ground).ways]


def _offer(rule: Rule, saying: Saying) -> Offer:
    return Offer(rule.key, rule.name, rule.name, saying)


def _is_packed(entry: Entry) -> bool:
    return entry.handed is not None and entry.handed.way == "robots" and not entry.off


def _given(key: str, how: Handed, entry: Entry | None) -> Given:
    if entry is None:
        return Given(key, Text(key, key), how, words.GONE)
    stale = handed.digest(entry.rule) != how.digest
    return Given(key, entry.rule.name, how, words.STALE if stale else None)


def _bundled(offers: Sequence[Offer]) -> tuple[Bundle, ...]:
    """Rules of one template stand together: «Дата перехода: Приемы / Новая» and the like; the rest at the end."""
    named: dict[tuple[str, str], list[Offer]] = {}
    for one in offers:
        named.setdefault(_family(one.name), []).append(one)
    alone = [one for (ru, _), found in named.items() for one in found if not ru or len(found) == 1]
    bundles = [Bundle(Text(*name), _labelled(found)) for name, found in named.items() if name[0] and len(found) > 1]
    return (*bundles, *([Bundle(words.OTHER, tuple(alone))] if alone else ()))


def _labelled(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """What makes them differ: the stage."""
    return tuple(replace(one, label=Text(_stage(one.name.ru), _stage(one.name.en))) for one in offers)


def _by_reason(offers: Sequence[Offer]) -> tuple[Bundle, ...]:
    """The reason that keeps most rules here comes first."""
    found: dict[tuple[Text, ...], list[Offer]] = {}
    for one in offers:
        found.setdefault(one.saying.reasons, []).append(one)
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    return tuple(Bundle(_joined(reasons), tuple(inside)) for reasons, inside in ordered)


def _joined(reasons: Sequence[Text]) -> Text:
    return Text("; ".join(one.ru for one in reasons), "; ".join(one.en for one in reasons))


def _stage(name: str) -> str:
    return name.partition(": ")[2]


def _family(name: Text) -> tuple[str, str]:
    before = [language.partition(": ")[0] if ": " in language else "" for language in (name.ru, name.en)]
    return before[0], before[1]
