"""Staffing: the first team of a clinic, by what its CRM says everybody does there, so that deals go round from the first day.

Only where nobody has named a team; who takes deals is for the clinic to say. Beside it, looked at every hour: who works there
by name, for pages, and who has left, so that nothing goes to him.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy.orm import Session

from widget_backend import audit, jobs
from widget_backend.audit import Act
from widget_backend.crm.asking import Users
from widget_backend.crm.records import User
from widget_backend.db import Database
from widget_backend.deals.clinic import Clinics
from widget_backend.errors import VendorError
from widget_backend.tenancy import installations

TASK: Final = "deals.staff"
SCHEDULE: Final = "52 * * * *"
#: names that are kept; in a larger company the rest are told by their number
NAMED: Final = 500
#: parts of a position, in lower case -> the roles of who has it
POSITIONS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("администратор", "регистратор", "ресепш", "receptionist"), ("administrator",)),
    **dict.fromkeys(("координатор", "куратор", "coordinator"), ("coordinator", "curator")),
    **dict.fromkeys(("главный врач", "главврач", "chief dentist", "chief doctor"), ("chief_doctor",)),
    **dict.fromkeys(("руководител", "управляющ", "директор", "head of"), ("head",)),
}


def staff_all(database: Database) -> None:
    """Job of the schedule: one job for each active installation."""
    with database.transaction() as session:
        for installation_id in installations.standing(session, "active"):
            ask(session, installation_id)


def ask(session: Session, installation_id: int) -> None:
    """Have it looked at who works there."""
    name = f"{installation_id}:staff"
    jobs.enqueue(session, TASK, lock=name, queueing_lock=name, installation_id=installation_id)


def staff(clinics: Clinics, installation_id: int) -> None:
    """Job, in scope: note who is called what and who has left, and name the team, if nobody has. Raises :class:`VendorError`
    where it is to be tried again."""
    clinic = clinics.find(installation_id)
    if clinic is None:
        return
    everybody = Users()
    try:
        users = clinic.records.read(everybody)[everybody]
    except VendorError as error:
        if error.retry == "never":
            return  # the key may not see who works there: deals stay with whoever they come to
        raise
    named = [str(row["user"]) for row in clinic.settings.get("team", ())]
    rows = [] if named else list(team_of(users))
    known = [*named, str(clinic.settings.get("owner", ""))]
    with clinics.database.transaction() as session:
        installations.configure(session, installation_id, people=people_of(users), left=left_of(users, known))
        if rows:
            installations.configure(session, installation_id, team=rows)
            audit.record(session, installation_id, Act("system", "system", "team.found", f"team:{len(rows)}"))


def people_of(users: Iterable[User]) -> dict[str, str]:
    """User -> name, of those who work there."""
    return dict(islice(((user.id, user.name) for user in users if user.active and user.name), NAMED))


def left_of(users: Sequence[User], known: Iterable[str]) -> list[str]:
    """Those who do not work there any more: some CRMs say so, others do not name them any more. ``known``: whom we give deals
    to. A list in which none of them is found is not the whole one."""
    ours, there = {one for one in known if one}, {user.id for user in users}
    unnamed = ours - there if ours & there else set()
    return sorted(unnamed | {user.id for user in users if not user.active})


def team_of(users: Iterable[User]) -> Iterator[dict[str, Any]]:
    """Whoever works there and has a role by his position, as a clinic's settings hold him."""
    for user in users:
        said = user.position.casefold()
        roles = dict.fromkeys(role for words, of in POSITIONS.items() if words in said for role in of)
        if user.active and roles:
            yield {"user": user.id, "name": user.name, "roles": list(roles)}
