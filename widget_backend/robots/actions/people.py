"""Who is meant by a role: whoever moved the deal, the head, somebody of the team on duty, else who is responsible."""

from __future__ import annotations

from widget_backend.crm.asking import Users
from widget_backend.db import scope
from widget_backend.deals import people, rota
from widget_backend.deals.people import Seat
from widget_backend.robots.actions.work import Work
from widget_backend.robots.facts import BRANCH

#: what CRMs and we say where no person moved a deal
NOBODY = frozenset({"", "robot"})


def whom(work: Work, role: str) -> str:
    """The user of this role; empty where the clinic has nobody at all. Nobody who has left while somebody is there."""
    named = {"responsible": _responsible, "mover": _mover_or_responsible, "head": _head}
    found = named[role](work) if role in named else _of_team(work, role)
    able = [one for one in (found, work.deal.responsible, work.clinic.owner) if one]
    return next((one for one in able if one not in work.clinic.left), able[0] if able else "")


def mover(work: Work) -> str:
    """Who moved the deal; empty where it was no person. Where the CRM's memory of moves does not say, the deal does, as long
    as it stands there."""
    happening = work.firing.happening
    moved_by = str(getattr(happening, "mover", ""))
    if not moved_by and getattr(happening, "stage", "") == work.facts.deal.stage:
        moved_by = work.facts.deal.mover
    return "" if moved_by in NOBODY else moved_by


def _responsible(work: Work) -> str:
    return work.deal.responsible


def _mover_or_responsible(work: Work) -> str:
    return mover(work) or work.deal.responsible


def _seat(work: Work, role: str) -> Seat:
    branch = work.deal.fields.get(BRANCH)
    stage = work.clinic.chart.stage_of_id.get(work.deal.stage)
    return Seat(role, branch if isinstance(branch, str) else "", stage.pipeline if stage else "")


def _head(work: Work) -> str:
    """The team's, else the one the CRM knows, else the owner."""
    seat = _seat(work, "head")
    heads = [one for one in work.clinic.team if "head" in one.roles and people.fits(one, seat)]
    there = [one.user for one in heads if not people.is_away(work.clinic, one, work.at)]
    if there:
        return there[0]
    everybody = Users()
    users = {user.id: user for user in work.clinic.records.read(everybody)[everybody]}
    his = users[work.deal.responsible].head if work.deal.responsible in users else ""
    return his if his in users and users[his].active else work.clinic.owner


def _of_team(work: Work, role: str) -> str:
    """Who is responsible, if that is his role; else whose turn it is."""
    if any(one.user == work.deal.responsible and role in one.roles for one in work.clinic.team):
        return work.deal.responsible
    if not work.clinic.team:
        return ""
    with scope(work.clinic.id), work.clinic.database.transaction() as session:
        return rota.take(session, work.clinic, _seat(work, role), work.deal.id, work.at).user
