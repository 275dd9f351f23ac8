"""Users and roles: read only here, for the admin."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.state import Role, User
from widget_backend.sandbox.amocrm.wire.hal import listing
from widget_backend.sandbox.amocrm.wire.problems import not_found
from widget_backend.sandbox.amocrm.wire.registry import Answer, Call, route

RECORD_RIGHTS = {"view": "A", "edit": "A", "add": "A", "delete": "A", "export": "A"}
MANAGER_RIGHTS = {"view": "A", "edit": "M", "add": "A", "delete": "D", "export": "D"}


@route("GET", "/users", admin=True)
def users(call: Call) -> Answer:
    """All users."""
    return listing(call, "users", list(call.account.users.values()), lambda user: model(call, user), total=True)


@route("GET", "/users/<int:user_id>", admin=True)
def user(call: Call, user_id: int) -> Answer:
    """One user; unknown ids are not found."""
    found = call.account.users.get(user_id)
    if found is None:
        raise not_found("User not found")
    return Answer(model(call, found))


@route("GET", "/roles", admin=True)
def roles(call: Call) -> Answer:
    """All roles."""
    return listing(call, "roles", list(call.account.roles.values()), lambda role: _role(call, role), total=True)


@route("GET", "/roles/<int:role_id>", admin=True)
def role(call: Call, role_id: int) -> Answer:
    """One role; unknown ids are not found."""
    found = call.account.roles.get(role_id)
    if found is None:
        raise not_found("Role not found")
    return Answer(_role(call, found))


def model(call: Call, held: User) -> dict[str, Any]:
    """A user with rights: A all, G group, M own, D none."""
    body: dict[str, Any] = {
        "id": held.id,
        "name": held.name,
        "email": held.email,
        "lang": call.account.language,
        "rights": _rights(held),
    }
    body |= {"uuid": f"00000000-0000-4000-8000-{held.id:012d}"} if "uuid" in call.with_ else {}
    body |= {"amojo_id": f"00000000-0000-4000-9000-{held.id:012d}"} if "amojo_id" in call.with_ else {}
    body |= {"phone_number": None} if "phone_number" in call.with_ else {}
    embedded: dict[str, Any] = {}
    if "role" in call.with_:
        given = call.account.roles.get(held.role_id or 0)
        embedded["roles"] = [_role(call, given)] if given else []
    if "group" in call.with_:
        embedded["groups"] = [group for group in call.account.users_groups if group["id"] == held.group_id]
    return body | {"_links": call.href(f"/users/{held.id}")} | ({"_embedded": embedded} if embedded else {})


def _rights(held: User) -> dict[str, Any]:
    rights = RECORD_RIGHTS if held.is_admin else MANAGER_RIGHTS
    return {entity: dict(rights) for entity in ("leads", "contacts", "companies")} | {
        "tasks": {"edit": rights["edit"], "delete": rights["delete"]},
        "mail_access": held.is_admin,
        "catalog_access": held.is_admin,
        "files_access": held.is_admin,
        "status_rights": [],
        "is_admin": held.is_admin,
        "is_free": held.is_free,
        "is_active": held.is_active,
        "group_id": held.group_id or None,
        "role_id": held.role_id,
    }


def _role(call: Call, held: Role) -> dict[str, Any]:
    rights = {entity: dict(MANAGER_RIGHTS) for entity in ("leads", "contacts", "companies")}
    return {"id": held.id, "name": held.name, "rights": rights, "_links": call.href(f"/roles/{held.id}")}
