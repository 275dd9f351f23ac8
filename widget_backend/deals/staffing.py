"""Staffing: the first team of a clinic, by what its CRM says everybody does there, so that deals go round from the first day.

Only where nobody has named a team; who takes deals is for the clinic to say. Beside it, who works there by name, for pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
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
#: names that are kept; in a larger company the rest are told by their number
NAMED: Final = 500
#: parts of a position, in lower case -> the roles of who has it
POSITIONS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("администратор", "регистратор", "ресепш", "receptionist"), ("administrator",)),
    **dict.fromkeys(("координатор", "куратор", "coordinator"), ("coordinator", "curator")),
    **dict.fromkeys(("главный врач", "главврач", "chief dentist", "chief doctor"), ("chief_doctor",)),
    **dict.fromkeys(("руководител", "управляющ", "директор", "head of"), ("head",)),
}


def staff(clinics: Clinics, installation_id: int) -> None:
    """Job, in scope: note who is called what, and name the team, if nobody has. Raises :class:`VendorError` where it is to be
    tried again."""
    try:
        clinic = clinics.open(installation_id)
    except (HeldUp, Conflict):
        return
    everybody = Users()
    try:
        users = clinic.records.read(everybody)[everybody]
    except VendorError as error:
        if error.retry == "never":
            return  # the key may not see who works there: deals stay with whoever they come to
        raise
    rows = [] if clinic.team else list(team_of(users))
    with clinics.database.transaction() as session:
        installations.configure(session, installation_id, people=people_of(users))
        if rows:
            installations.configure(session, installation_id, team=rows)
            audit.record(session, installation_id, Act("system", "system", "team.found", f"team:{len(rows)}"))


def people_of(users: Iterable[User]) -> dict[str, str]:
    """User -> name, of those who work there."""
    return dict(islice(((user.id, user.name) for user in users if user.active and user.name), NAMED))


def team_of(users: Iterable[User]) -> Iterator[dict[str, Any]]:
    """Whoever works there and has a role by his position, as a clinic's settings hold him."""
    for user in users:
        said = user.position.casefold()
        roles = dict.fromkeys(role for words, of in POSITIONS.items() if words in said for role in of)
        if user.active and roles:
            yield {"user": user.id, "name": user.name, "roles": list(roles)}
