"""Clinic: one installation as the features see it: its chart, its records, its hours, its people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.crm.port import Records
from widget_backend.db import Database
from widget_backend.errors import Conflict
from widget_backend.tenancy import installations, standing
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.texts import Language, Text

ZONE: Final = "Europe/Moscow"
HOURS: Final = ("mon-fri 09:00-20:00", "sat 10:00-16:00")

NOT_SET_UP = Text(
    "CRM этой клиники ещё не настроена. Ничего не потеряно: пройдите установку до конца, события подождут.",
    "The CRM of this clinic is not set up yet. Nothing is lost: go through the set-up to its end, events wait.",
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who takes deals. ``roles``: words of ``robots.grammar.ROLES``. ``branches``, ``pipelines``: option keys of the
    field «Филиал» and addresses; empty for all. ``hours``: as the clinic's, empty for those. ``away``: days from and to.
    ``directions``: option keys of «Направление» or «Услуга», empty for all."""

    user: str
    name: str = ""
    roles: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    pipelines: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    away: tuple[tuple[date, date], ...] = ()
    directions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clinic:
    """``owner``: id of the CRM's user who takes what nobody else does. ``left``: users who do not work there any more; they
    are neither of the team nor the owner."""

    id: int
    vendor: str
    language: Language
    zone: ZoneInfo
    hours: tuple[str, ...]
    team: tuple[Member, ...]
    owner: str
    chart: Chart
    records: Records
    database: Database
    settings: Mapping[str, Any]
    left: frozenset[str] = frozenset()

    def say(self, words: Text) -> str:
        """In the language of the account."""
        return words.into(self.language)


#: an installation and its chart -> its records
Connect = Callable[[InstallationInfo, Chart], Records]


@dataclass(frozen=True, slots=True)
class Clinics:
    """Opens clinics; in scope of the installation."""

    database: Database
    connect: Connect

    def open(self, installation_id: int) -> Clinic:
        """Raises :class:`HeldUp` while a bill is due, access is lost or the clinic has paused its work, :class:`Conflict`
        before the set-up."""
        with self.database.transaction() as session:
            info, chart = installations.get(session, installation_id), charts.load(session)
        standing.check_work(info)
        if chart is None:
            raise Conflict(NOT_SET_UP)
        told, left = info.settings, frozenset(info.settings.get("left", ()))
        owner = str(told.get("owner", ""))
        return Clinic(
            installation_id,
            info.vendor,
            info.language,
            ZoneInfo(told.get("time_zone", ZONE)),
            tuple(told.get("working_hours", HOURS)),
            tuple(one for one in team(told.get("team", ())) if one.user not in left),
            "" if owner in left else owner,
            chart,
            self.connect(info, chart),
            self.database,
            told,
            left,
        )

    def find(self, installation_id: int) -> Clinic | None:
        """The same; ``None`` where nothing may be done in it for now."""
        try:
            return self.open(installation_id)
        except standing.HeldUp:
            return None
        except Conflict as error:
            if error.message != NOT_SET_UP:
                raise
            return None


def team(rows: Sequence[Mapping[str, Any]]) -> tuple[Member, ...]:
    """The people of a clinic, as its settings hold them."""
    return tuple(
        Member(
            row["user"],
            row.get("name", ""),
            tuple(row.get("roles", ())),
            tuple(row.get("branches", ())),
            tuple(row.get("pipelines", ())),
            tuple(row.get("hours", ())),
            tuple((date.fromisoformat(since), date.fromisoformat(until)) for since, until in row.get("away", ())),
            tuple(row.get("directions", ())),
        )
        for row in rows
    )
