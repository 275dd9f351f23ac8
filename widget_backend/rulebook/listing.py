"""The list of rules: by pipeline, each in sentences, with its switch, who used it last, and why it may not work now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from widget_backend import audit
from widget_backend.audit import Trace
from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.deals.clinic import ZONE
from widget_backend.panel import telling
from widget_backend.panel.known import names
from widget_backend.robots import own_rules, rules, standing, wording
from widget_backend.robots.rule import Rule
from widget_backend.robots.rules import Entry, Rulebook
from widget_backend.robots.wording import Said
from widget_backend.rulebook import mending, words
from widget_backend.rulebook.places import Groups, places
from widget_backend.texts import Text

SWITCHED: Final = ("rule.on", "rule.off")


@dataclass(frozen=True, slots=True)
class Card:
    """One rule. ``why``: it cannot work now; ``gaps``: stages to be chosen; ``replaces``: it is the
    clinic's own in place of one of the preset's; ``handed``: the CRM's own robots carry it out;
    ``last``: who switched it last, and when;
    ``version``: of its content, empty for a rule that is not kept yet."""

    key: str
    name: Text
    says: Said
    own: bool
    replaces: bool
    release: str
    on: bool
    why: Text | None
    gaps: tuple[str, ...]
    handed: bool
    last: Text | None
    version: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rules of one pipeline."""

    name: Text
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """``is_set_up``: the clinic has gone through the wizard."""

    is_set_up: bool
    groups: tuple[Group, ...]
    places: Groups

    @property
    def cards(self) -> tuple[Card, ...]:
        """All of them."""
        return tuple(card for group in self.groups for card in group.cards)


@dataclass(frozen=True)
class Known:
    """What a page of rules is drawn of: the rules, the account's names, who switched what."""

    book: Rulebook
    chart: Chart
    is_set_up: bool
    replaced: frozenset[str]
    traces: Mapping[str, Trace]
    zone: ZoneInfo
    team: Mapping[str, str]


def read(session: Any, settings: Mapping[str, Any]) -> Known:
    """All of it, in scope. ``settings``: of the installation."""
    chart = charts.load(session)
    return Known(
        rules.load(session),
        chart or Chart(),
        chart is not None,
        own_rules.replaced(session),
        audit.latest(session, *SWITCHED),
        ZoneInfo(str(settings.get("time_zone", ZONE))),
        names(settings),
    )


def listing(known: Known) -> Listing:
    """The list, in the order of the account's pipelines; the rules of several come last."""
    found: dict[str, list[Card]] = {}
    for entry in known.book.entries:
        found.setdefault(_home(entry.rule, known.chart), []).append(card(known, entry))
    ordered = [one.name for one in sorted(known.chart.pipelines, key=lambda one: one.position)]
    groups = [Group(Text(name, name), tuple(found[name])) for name in ordered if name in found]
    rest = [Group(words.EVERYWHERE, tuple(found[""]))] if "" in found else []
    return Listing(known.is_set_up, (*groups, *rest), places(known.chart))


def card(known: Known, entry: Entry) -> Card:
    """One rule."""
    rule, trace = entry.rule, known.traces.get(f"rule:{entry.rule.key}")
    return Card(
        rule.key,
        rule.name,
        wording.said(rule, known.chart, known.book.tasks),
        entry.origin == "own",
        rule.key in known.replaced,
        entry.version,
        not entry.off,
        standing.lack(rule, known.chart),
        mending.gaps(rule, known.chart),
        entry.handed is not None,
        _last(known, trace) if trace else None,
        str(entry.id),
    )


def _last(known: Known, trace: Trace) -> Text:
    says = words.SWITCHED_ON if trace.action == "rule.on" else words.SWITCHED_OFF
    return says.format(who=telling.person(trace.actor, known.team), at=telling.moment(trace.at, known.zone))


def _home(rule: Rule, chart: Chart) -> str:
    """The name of the one pipeline whose stages it watches; empty where there are more, or none."""
    watched = [stage for stage in chart.stages if not {stage.address, stage.pipeline}.isdisjoint(_named(rule))]
    homes = {stage.pipeline_id for stage in watched}
    return next((one.name for one in chart.pipelines if homes == {one.id}), "")


def _named(rule: Rule) -> Sequence[str]:
    return [address for address in rule.when.stages if "." in address]
