"""The team: who takes deals, in which role, where, when, and who is away. Kept in the installation's settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.deals import people
from widget_backend.deals.clinic import Member, team
from widget_backend.deals.people import Staff
from widget_backend.deals.routing.routing import BRANCH, DIRECTION
from widget_backend.errors import NotFound
from widget_backend.fields import Field, Options
from widget_backend.preferences import forms, versions, words
from widget_backend.preferences.forms import Form, Sent, Wrong
from widget_backend.preferences.versions import Stale
from widget_backend.robots import grammar
from widget_backend.tenancy import installations
from widget_backend.texts import Language, Text

#: roles that somebody has, and not only whoever happens to be meant
ROLES: Final = tuple(role for role in grammar.ROLES if role not in ("responsible", "mover"))
#: spans of absence that one form has room for
ABSENCES: Final = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One of the team, in words."""

    user: str
    name: str
    roles: tuple[Text, ...]
    where: tuple[str, ...]
    hours: str
    away: tuple[tuple[date, date], ...]
    is_in: bool


def lines(clinic: Staff, chart: Chart, language: Language, at: datetime) -> tuple[Line, ...]:
    """Everybody, in the team's order."""
    return tuple(_line(clinic, one, chart, language, at) for one in clinic.team)


def form(
    settings: Mapping[str, Any],
    user: str,
    chart: Chart,
    users: Mapping[str, str],
    language: Language,
) -> Form:
    """The form of one of the team, or of somebody new (no ``user``). Raises :class:`NotFound`. ``users``: id -> name."""
    row = _row(settings, user) if user else {}
    if row is None:
        raise NotFound(words.NO_MEMBER)
    (member,) = team([{"user": "", **row}])
    told = {
        "user": [member.user],
        "roles": member.roles,
        "branches": member.branches,
        "pipelines": member.pipelines,
        "directions": member.directions,
        "hours": [forms.hours_in(language, member.hours)],
    }
    away: dict[str, list[str]] = {}
    for number, (since, until) in enumerate(member.away):
        away |= {f"since.{number}": [since.isoformat()], f"until.{number}": [until.isoformat()]}
    return sheet({**told, **away}, chart, users, versions.version(row), {}, is_new=not user)


def sheet(
    sent: Sent, chart: Chart, users: Mapping[str, str], version: str, wrong: Mapping[str, Text], *, is_new: bool
) -> Form:
    """The form with these answers in it."""
    found = tuple(_fields(sent, chart, users, wrong, is_new=is_new))
    return Form(found, version, wrong)


def save(session: Any, installation_id: int, user: str, sent: Sent, version: str, users: Mapping[str, str]) -> Text:
    """Keep one of the team, in the caller's transaction; no ``user``: somebody new. Raises :class:`Wrong`, :class:`Stale`."""
    settings = installations.get(session, installation_id).settings
    rows = list(settings.get("team", ()))
    wanted = user or forms.one(sent, "user")
    problems = problems_of(sent, users, is_new=not user)
    there = _row(settings, wanted)
    if user and there is None:
        raise Stale(words.CHANGED_MEANWHILE)
    if not user and there is not None and "user" not in problems:
        problems["user"] = words.MEMBER_ALREADY
    if problems:
        raise Wrong(problems)
    versions.check(there or {}, version)
    name = users.get(wanted, "") or (there or {}).get("name", "")
    row = _kept(wanted, name, sent, charts.load(session) or Chart(), there or {})
    replaced = [row if one["user"] == wanted else one for one in rows]
    installations.configure(session, installation_id, team=replaced if there else [*rows, row])
    return words.MEMBER_SAVED.format(name=name or wanted)


def remove(session: Any, installation_id: int, user: str, version: str) -> Text:
    """Let somebody go: new deals go to others, his own stay his. Raises :class:`NotFound`, :class:`Stale`."""
    settings = installations.get(session, installation_id).settings
    row = _row(settings, user)
    if row is None:
        raise NotFound(words.NO_MEMBER)
    if versions.version(row) != version:
        raise Stale(words.CHANGED_SINCE)
    left = [one for one in settings.get("team", ()) if one["user"] != user]
    installations.configure(session, installation_id, team=left)
    return words.MEMBER_GONE.format(name=row.get("name") or user)


def called(user: str, users: Mapping[str, str]) -> Text:
    """A user of the CRM by name, where we know one."""
    name = users.get(user, "")
    return Text(name, name) if name else words.MEMBER.format(user=user)


def is_there(settings: Mapping[str, Any], user: str) -> bool:
    """Whether somebody is of the team."""
    return _row(settings, user) is not None


def problems_of(sent: Sent, users: Mapping[str, str], *, is_new: bool) -> dict[str, Text]:
    """What is wrong, by field."""
    found: dict[str, Text] = {}
    if is_new and forms.one(sent, "user") not in users:
        found["user"] = words.NO_USER
    if not [role for role in sent.get("roles", ()) if role in ROLES]:
        found["roles"] = words.NO_ROLE
    if not forms.are_hours(forms.lines(sent, "hours")):
        found["hours"] = words.BAD_HOURS
    for number in range(ABSENCES):
        since, until = forms.one(sent, f"since.{number}"), forms.one(sent, f"until.{number}")
        if (since or until) and not _is_span(since, until):
            found[f"until.{number}"] = words.BAD_ABSENCE
    return found


def _line(clinic: Staff, one: Member, chart: Chart, language: Language, at: datetime) -> Line:
    branches = [_option(chart, BRANCH, key) for key in one.branches]
    directions = [_option(chart, DIRECTION, key) for key in one.directions]
    pipelines = [each.name for each in chart.pipelines if each.address in one.pipelines]
    return Line(
        one.user,
        one.name,
        tuple(_role(role) for role in one.roles if role in grammar.ROLES),
        (*branches, *directions, *pipelines),
        forms.hours_in(language, one.hours).replace("\n", ", "),
        tuple(span for span in one.away if span[1] >= at.astimezone(clinic.zone).date()),
        people.is_in(clinic, one, at),
    )


def _fields(
    sent: Sent, chart: Chart, users: Mapping[str, str], wrong: Mapping[str, Text], *, is_new: bool
) -> Iterator[Field]:
    if is_new:
        named = tuple((one, called(one, users)) for one in sorted(users, key=lambda one: (not users[one], users[one])))
        yield Field("user", words.WHO, "choice", forms.one(sent, "user"), ((None, named),), wrong.get("user"))
    roles = tuple((role, _capital(_role(role))) for role in ROLES)
    yield Field(
        "roles",
        words.ROLES,
        "choices",
        list(sent.get("roles", ())),
        ((None, roles),),
        wrong.get("roles"),
        hint=words.ROLES_HINT,
    )
    lists: Sequence[tuple[str, Text, Options]] = (
        ("branches", words.BRANCHES_OF, _options(chart, BRANCH)),
        ("directions", words.DIRECTIONS_OF, _options(chart, DIRECTION)),
        ("pipelines", words.PIPELINES_OF, _pipelines(chart)),
    )
    for name, label, options in lists:
        if options:
            yield Field(name, label, "choices", list(sent.get(name, ())), options, hint=words.EMPTY_IS_ALL)
    yield Field(
        "hours", words.OWN_HOURS, "long", forms.one(sent, "hours"), error=wrong.get("hours"), hint=words.OWN_HOURS_HINT
    )
    used = [
        number for number in range(ABSENCES) if forms.one(sent, f"since.{number}") or forms.one(sent, f"until.{number}")
    ]
    for number in range(min(max(used, default=-1) + 2, ABSENCES)):
        for name, label in (("since", words.AWAY_SINCE), ("until", words.AWAY_UNTIL)):
            key = f"{name}.{number}"
            yield Field(
                key,
                label.format(number=f" ({number + 1})" if number else ""),
                "date",
                forms.one(sent, key),
                error=wrong.get(key),
            )


def _kept(user: str, name: str, sent: Sent, chart: Chart, before: Mapping[str, Any]) -> dict[str, Any]:
    """As a clinic's settings hold him; what is empty is left out, and what neither the account nor ``before`` has."""
    offered = {
        "branches": _options(chart, BRANCH),
        "pipelines": _pipelines(chart),
        "directions": _options(chart, DIRECTION),
    }
    known = {
        name: {*before.get(name, ()), *(value for _, group in options for value, _ in group)}
        for name, options in offered.items()
    }
    spans = [(forms.one(sent, f"since.{number}"), forms.one(sent, f"until.{number}")) for number in range(ABSENCES)]
    told = {
        "roles": [role for role in dict.fromkeys(sent.get("roles", ())) if role in ROLES],
        **{name: [one for one in dict.fromkeys(sent.get(name, ())) if one in there] for name, there in known.items()},
        "hours": forms.lines(sent, "hours"),
        "away": [list(span) for span in spans if all(span)],
    }
    return {"user": user, "name": name, **{key: value for key, value in told.items() if value}}


def _row(settings: Mapping[str, Any], user: str) -> dict[str, Any] | None:
    return next((dict(row) for row in settings.get("team", ()) if row["user"] == user), None)


def _is_span(since: str, until: str) -> bool:
    try:
        return date.fromisoformat(since) <= date.fromisoformat(until)
    except ValueError:
        return False


def _options(chart: Chart, addresses: Sequence[str]) -> Options:
    field = next((chart.field[one] for one in addresses if one in chart.field), None)
    options = tuple((one.key, Text(one.label, one.label)) for one in field.options) if field else ()
    return ((None, options),) if options else ()


def _pipelines(chart: Chart) -> Options:
    named = sorted((one for one in chart.pipelines if one.address), key=lambda one: one.position)
    return ((None, tuple((one.address, Text(one.name, one.name)) for one in named)),) if named else ()


def _option(chart: Chart, addresses: Sequence[str], key: str) -> str:
    fields = [chart.field[one] for one in addresses if one in chart.field]
    return next((one.label for field in fields for one in field.options if one.key == key), key)


def _role(role: str) -> Text:
    """What somebody is, where no sentence is round it."""
    says = grammar.ROLES[role].says
    return Text(says.ru, says.en.removeprefix("the "))


def _capital(says: Text) -> Text:
    return Text(says.ru[:1].upper() + says.ru[1:], says.en[:1].upper() + says.en[1:])
