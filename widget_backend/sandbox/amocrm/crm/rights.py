"""What a user may do: letters by entity and action, which a stage may narrow. A all, G the group's, M his own, D nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.state import LEADS
from widget_backend.sandbox.amocrm.wire.problems import forbidden

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import Record, User
    from widget_backend.sandbox.amocrm.wire.registry import Call

ACTIONS = ("view", "edit", "add", "delete", "export")

ADMIN_RIGHTS = dict.fromkeys(ACTIONS, "A")
MANAGER_RIGHTS = {"view": "A", "edit": "A", "add": "A", "delete": "D", "export": "D"}

ALL, GROUP, OWN = "A", "G", "M"


def letters(account: Account, user: User, entity: str) -> dict[str, str]:
    """The letters of a user for an entity, by action."""
    if user.is_admin:
        return ADMIN_RIGHTS
    role = account.roles.get(user.role_id or 0)
    given = role.rights.get(entity) if role else None
    return MANAGER_RIGHTS | (given or {})


def status_rights(account: Account, user: User) -> list[dict[str, Any]]:
    """The narrower rights of single stages."""
    role = account.roles.get(user.role_id or 0)
    return list(role.rights.get("status_rights") or []) if role and not user.is_admin else []


def may(call: Call, action: str, entity: str, record: Record | None = None) -> bool:
    """Whether the caller may do this with a record, or with none in particular."""
    if call.caller.is_admin:
        return True
    user = call.caller.user
    letter = letters(call.account, user, entity).get(action, ALL)
    if record is None:
        return letter != "D"
    for row in status_rights(call.account, user) if entity == LEADS else []:
        here = (row.get("pipeline_id"), row.get("status_id")) == (record.own["pipeline_id"], record.own["status_id"])
        letter = row.get("rights", {}).get(action, letter) if here else letter
    return _covers(call.account, letter, user, record.responsible_user_id)


def check(call: Call, action: str, entity: str, *records: Record) -> None:
    """Raise a 403 if the caller may not."""
    if not all(may(call, action, entity, record) for record in records or (None,)):
        raise forbidden()


def may_edit_task(call: Call, responsible_user_id: int) -> bool:
    """Whether the caller may change a task of this user."""
    user = call.caller.user
    letter = letters(call.account, user, "tasks").get("edit", ALL)
    return call.caller.is_admin or _covers(call.account, letter, user, responsible_user_id)


def _covers(account: Account, letter: str, user: User, owner_id: int) -> bool:
    owner = account.users.get(owner_id)
    same_group = owner is not None and owner.group_id == user.group_id
    return letter == ALL or (letter == GROUP and same_group) or (letter in (GROUP, OWN) and owner_id == user.id)
