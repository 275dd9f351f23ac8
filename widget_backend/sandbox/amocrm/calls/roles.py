"""``/roles``: named sets of rights; what a role says of an entity holds for the users who have it."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.crm.rights import MANAGER_RIGHTS
from widget_backend.sandbox.amocrm.state import ENTITIES, Role
from widget_backend.sandbox.amocrm.wire.hal import listing, whole
from widget_backend.sandbox.amocrm.wire.problems import not_found
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import batch, optional, shaped, single, validated

ONE = "/roles/<int:role_id>"
SHAPE = {"name": "string*", "rights": "object?"}


@route("GET", "/roles", admin=True)
def get_all(call: Call) -> Answer:
    """All roles."""
    return listing(call, "roles", list(call.account.roles.values()), lambda role: model(call, role), total=True)


@route("GET", ONE, admin=True)
def get(call: Call, role_id: int) -> Answer:
    """One role; unknown ids are not found."""
    return Answer(model(call, _role(call, role_id)))


@route("POST", "/roles", admin=True)
def add(call: Call) -> Answer:
    """Create roles."""
    rows = batch(call)
    validated(rows, lambda item: shaped(item, SHAPE))
    models = []
    for row in rows:
        role = Role(call.account.number("role", 73, 2), row.item["name"], row.item.get("rights") or {})
        call.account.roles[role.id] = role
        models.append(model(call, role) | {"request_id": row.request_id})
    return whole(call, "roles", models, 201)


@route("PATCH", ONE, admin=True)
def change(call: Call, role_id: int) -> Answer:
    """Change a role; the rights of the body replace those of the same entity."""
    role, row = _role(call, role_id), single(call)
    validated([row], lambda item: shaped(item, optional(SHAPE)))
    role.name = row.item.get("name", role.name)
    role.rights = role.rights | (row.item.get("rights") or {})
    return Answer(model(call, role), 202)


@route("DELETE", ONE, admin=True)
def delete(call: Call, role_id: int) -> Answer:
    """Delete a role; its users are plain managers from now on."""
    del call.account.roles[_role(call, role_id).id]
    for user in call.account.users.values():
        user.role_id = None if user.role_id == role_id else user.role_id
    return NOTHING


def model(call: Call, role: Role) -> dict[str, Any]:
    """A role with all its letters."""
    rights: dict[str, Any] = {entity: MANAGER_RIGHTS | (role.rights.get(entity) or {}) for entity in ENTITIES}
    rights |= {key: value for key, value in role.rights.items() if key not in ENTITIES}
    return {"id": role.id, "name": role.name, "rights": rights, "_links": call.href(f"/roles/{role.id}")}


def _role(call: Call, role_id: int) -> Role:
    found = call.account.roles.get(role_id)
    if found is None:
        raise not_found("Role not found")
    return found
