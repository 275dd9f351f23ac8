"""Access: what the CRM's users may do in our application, beyond looking. The CRM's administrators may everything by
themselves: that is given and taken away there, so nobody can take away the last right."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from widget_backend.errors import InvalidInput
from widget_backend.preferences import forms, versions, words
from widget_backend.preferences.forms import Sent, Wrong
from widget_backend.tenancy import installations
from widget_backend.tenancy.roles import APPOINTED
from widget_backend.texts import Text

#: people that one form may appoint
MOST: Final = 300
#: a row's field
ROW: Final = re.compile(r"user\.([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Row:
    """One field of the form. ``user``: empty in the row for somebody new."""

    number: int
    user: str
    role: str
    error: Text | None = None


@dataclass(frozen=True, slots=True)
class Appointing:
    """The form."""

    rows: tuple[Row, ...]
    version: str
    meanwhile: Text | None = None


def form(settings: Mapping[str, Any]) -> Appointing:
    """As kept, with room for one more."""
    kept = staff(settings)
    rows = [Row(number, user, role) for number, (user, role) in enumerate(kept.items())]
    return Appointing((*rows, Row(len(rows), "", "")), versions.version(kept))


def sheet(sent: Sent, wrong: Mapping[str, Text]) -> Appointing:
    """As it was sent."""
    rows = tuple(
        Row(number, user, role, wrong.get(f"user.{number}")) for number, (user, role) in enumerate(_rows(sent))
    )
    return Appointing(rows, forms.one(sent, "version"))


def save(
    session: Any,
    installation_id: int,
    sent: Sent,
    version: str,
    me: str,
    users: Collection[str],
    admins: Collection[str],
) -> Text:
    """Keep who may what, in the caller's transaction. Raises :class:`Wrong`, :class:`Stale`. ``users``, ``admins``: of the
    CRM, as far as they are known."""
    kept = staff(installations.get(session, installation_id).settings)
    problems = problems_of(sent, me, {*users, *kept}, admins)
    if problems:
        raise Wrong(problems)
    versions.check(kept, version)
    wanted = {user: role for user, role in _rows(sent) if user and role}
    installations.configure(session, installation_id, staff=wanted)
    return words.ACCESS_SAVED


def problems_of(sent: Sent, me: str, users: Collection[str], admins: Collection[str]) -> dict[str, Text]:
    """What is wrong, by field."""
    found: dict[str, Text] = {}
    seen: set[str] = set()
    rows = _rows(sent)
    if len(rows) > MOST:
        raise InvalidInput(words.WRONG)
    for number, (user, role) in enumerate(rows):
        unknown = words.NO_USER if role and user not in users else None
        says = _problem(user, role, me, admins, seen) or unknown
        if says:
            found[f"user.{number}"] = says
        seen.add(user)
    return found


def staff(settings: Mapping[str, Any]) -> dict[str, str]:
    """User -> role, of those who were appointed."""
    kept = settings.get("staff")
    return {str(user): str(role) for user, role in kept.items()} if isinstance(kept, Mapping) else {}


def _problem(user: str, role: str, me: str, admins: Collection[str], seen: set[str]) -> Text | None:
    if not role:
        return None
    if not user:
        return words.NO_USER
    if role not in APPOINTED:
        return words.NO_SUCH_ROLE
    if user == me:
        return words.YOURSELF
    if user in admins:
        return words.IS_ADMIN
    return words.TWICE if user in seen else None


def _rows(sent: Sent) -> list[tuple[str, str]]:
    numbers = sorted({int(found[1]) for name in sent if (found := ROW.fullmatch(name))})
    return [(forms.one(sent, f"user.{number}"), forms.one(sent, f"role.{number}")) for number in numbers]
