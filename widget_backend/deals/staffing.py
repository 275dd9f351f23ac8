"""Staffing: the first team of a clinic, by what its CRM says everybody does there, so that deals go round from the first day.

Only where nobody has named a team; who takes deals is for the clinic to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from widget_backend import audit
from widget_backend.audit import Act
from widget_backend.crm.asking import Users
from widget_backend.crm.records import User
from widget_backend.deals.clinic import Clinics
from widget_backend.errors import Conflict, VendorError
from widget_backend.tenancy import installations
from widget_backend.tenancy.standing import HeldUp

TASK: Final = "deals.staff"
#: parts of a position, in lower case -> the roles of who has it
POSITIONS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("администратор", "регистратор", "ресепш", "receptionist"), ("administrator",)),
    **dict.fromkeys(("координатор", "куратор", "coordinator"), ("coordinator", "curator")),
    **dict.fromkeys(("главный врач", "главврач", "chief dentist", "chief doctor"), ("chief_doctor",)),
    **dict.fromkeys(("руководител", "управляющ", "директор", "head of"), ("head",)),
}


def staff(clinics: Clinics, installation_id: int) -> None:
    """Job, in scope: name the team, if nobody has. Raises :class:`VendorError` where it is to be tried again."""
    try:
        clinic = clinics.open(installation_id)
    except (HeldUp, Conflict):
        return
    if clinic.team:
        return
    everybody = Users()
    try:
        users = clinic.records.read(everybody)[everybody]
    except VendorError as error:
        if error.retry == "never":
            return  # the key may not see who works there: deals stay with whoever they come to
        raise
    rows = list(team_of(users))
    if rows:
        with clinics.database.transaction() as session:
            installations.configure(session, installation_id, team=rows)
            audit.record(session, installation_id, Act("system", "system", "team.found", f"team:{len(rows)}"))


def team_of(users: Iterable[User]) -> Iterator[dict[str, Any]]:
    """Whoever works there and has a role by his position, as a clinic's settings hold him."""
    for user in users:
        said = user.position.casefold()
        roles = dict.fromkeys(role for words, of in POSITIONS.items() if words in said for role in of)
        if user.active and roles:
            yield {"user": user.id, "roles": list(roles)}
