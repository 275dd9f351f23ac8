"""The page of settings: its sections as values, with who changed each last, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from widget_backend import audit
from widget_backend.audit import Trace
from widget_backend.clock import now
from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.deals import clinic
from widget_backend.deals.clinic import HOURS, ZONE, Member
from widget_backend.panel import telling
from widget_backend.panel.known import names
from widget_backend.preferences import access, hours, team, words
from widget_backend.preferences.access import Appointing
from widget_backend.preferences.forms import Form, hours_in
from widget_backend.preferences.team import Line
from widget_backend.robots import rules
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.texts import Language, Text

#: acts whose latest is told under each section
ACTS: Final = ("settings.hours", "settings.team", "settings.access", "settings.pause", "settings.resume")
#: lists of the account that the set-up makes
LISTS: Final = tuple(words.LISTS)


@dataclass(frozen=True)
class Desk:
    """A clinic as far as its people go (``deals.people.Staff``), without its CRM."""

    team: tuple[Member, ...]
    owner: str
    hours: tuple[str, ...]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Page:
    """``lists``: name of a list and its options; ``rules``: how many are on, of how many; ``halted``: since when and by whom
    the work is paused; ``lasts``: section -> who changed it last."""

    is_set_up: bool
    hours: Form
    usual_hours: str
    team: tuple[Line, ...]
    access: Appointing
    staff: tuple[tuple[Text, Text], ...]
    lists: tuple[tuple[Text, tuple[str, ...]], ...]
    rules: tuple[int, int]
    halted: Text | None
    since: Text
    lasts: Mapping[str, Text]


def page(session: Any, info: InstallationInfo, language: Language, form: Form | None = None) -> Page:
    """All sections, in scope. ``form``: of the hours, where it was sent and is not kept."""
    chart, book = charts.load(session), rules.load(session)
    desk, named = desk_of(info.settings), names(info.settings)
    traces = audit.latest(session, *ACTS)
    return Page(
        chart is not None,
        form or hours.form(info.settings, language),
        hours_in(language, HOURS).replace("\n", ", "),
        team.lines(desk, chart or Chart(), language, now()),
        access.form(info.settings),
        tuple((telling.person(user, named), _role(role)) for user, role in access.staff(info.settings).items()),
        tuple(_lists(chart or Chart())),
        (sum(not entry.off for entry in book.entries), len(book.entries)),
        _halted(info.settings, named, desk.zone),
        telling.moment(info.created_at, desk.zone),
        {what: _last(trace, named, desk.zone) for what, trace in traces.items()},
    )


def desk_of(settings: Mapping[str, Any]) -> Desk:
    """Who takes deals, and when the clinic works."""
    return Desk(
        clinic.team(settings.get("team", ())),
        str(settings.get("owner", "")),
        tuple(settings.get("working_hours", HOURS)),
        ZoneInfo(str(settings.get("time_zone", ZONE))),
    )


def _lists(chart: Chart) -> list[tuple[Text, tuple[str, ...]]]:
    found = [(words.LISTS[one], chart.field[one]) for one in LISTS if one in chart.field]
    return [(name, tuple(option.label for option in field.options)) for name, field in found if field.type == "list"]


def _role(role: str) -> Text:
    return words.RIGHTS.get(role, Text(role, role))


def _halted(settings: Mapping[str, Any], named: Mapping[str, str], zone: ZoneInfo) -> Text | None:
    told = settings.get("halted")
    if not isinstance(told, Mapping):
        return None
    at = telling.moment(datetime.fromisoformat(str(told["at"])), zone)
    return words.HALTED_BY.format(who=telling.person(str(told["by"]), named), at=at)


def _last(trace: Trace, named: Mapping[str, str], zone: ZoneInfo) -> Text:
    return words.LAST.format(who=telling.person(trace.actor, named), at=telling.moment(trace.at, zone))
