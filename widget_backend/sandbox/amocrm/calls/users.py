"""``/users``: who works in the account and what each may do; an admin reads and invites."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.calls import roles
from widget_backend.sandbox.amocrm.crm.rights import letters, status_rights
from widget_backend.sandbox.amocrm.state import ENTITIES, User
from widget_backend.sandbox.amocrm.wire.hal import listing, whole
from widget_backend.sandbox.amocrm.wire.problems import Issue, forbidden, not_a_choice, not_found
from widget_backend.sandbox.amocrm.wire.registry import Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import batch, shaped, validated

MOST_USERS = 10
#: a bigger account takes no users over the API
BIG_ACCOUNT = 100

SHAPE = {"name": "string*", "email": "string*", "rights": "object?", "lang": "string?", "password": "string?"}


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


@route("POST", "/users", admin=True)
def invite(call: Call) -> Answer:
    """Add users, ten at a time; closed in a big account."""
    rows = batch(call, MOST_USERS)
    if len(call.account.users) > BIG_ACCOUNT:
        raise forbidden("Too many users in the account")
    validated(rows, lambda item: _issues(call, item))
    made = [(row.request_id, _create(call, row.item)) for row in rows]
    return whole(call, "users", [model(call, user) | {"request_id": key} for key, user in made], 201)


def model(call: Call, held: User) -> dict[str, Any]:
    """A user with rights: A all, G group, M own, D none."""
    body: dict[str, Any] = {
        "id": held.id,
        "name": held.name,
        "email": held.email,
        "lang": call.account.language,
        "rights": _rights(call, held),
    }
    body |= {"uuid": f"00000000-0000-4000-8000-{held.id:012d}"} if "uuid" in call.with_ else {}
    body |= {"amojo_id": f"00000000-0000-4000-9000-{held.id:012d}"} if "amojo_id" in call.with_ else {}
    body |= {"phone_number": None} if "phone_number" in call.with_ else {}
    body |= {"user_rank": None} if "user_rank" in call.with_ else {}
    embedded: dict[str, Any] = {}
    if "role" in call.with_:
        given = call.account.roles.get(held.role_id or 0)
        embedded["roles"] = [roles.model(call, given)] if given else []
    if "group" in call.with_:
        embedded["groups"] = [group for group in call.account.users_groups if group["id"] == held.group_id]
    return body | {"_links": call.href(f"/users/{held.id}")} | ({"_embedded": embedded} if embedded else {})


def _issues(call: Call, item: dict[str, Any]) -> list[Issue]:
    found = shaped(item, SHAPE)
    email = item.get("email")
    if any(user.email == email for user in call.account.users.values()):
        found.append(Issue("UserAlreadyExists", "email", "User with this email already exists."))
    role = (item.get("rights") or {}).get("role_id") if isinstance(item.get("rights"), dict) else None
    return found + ([not_a_choice("rights.role_id")] if role and role not in call.account.roles else [])


def _create(call: Call, item: dict[str, Any]) -> User:
    given = item.get("rights") or {}
    user = User(call.account.number("user", 601, 2), item["name"], item["email"])
    user.is_admin, user.is_free = bool(given.get("is_admin")), bool(given.get("is_free"))
    user.role_id, user.group_id = given.get("role_id"), given.get("group_id") or 0
    call.account.users[user.id] = user
    return user


def _rights(call: Call, held: User) -> dict[str, Any]:
    account = call.account
    tasks = letters(account, held, "tasks")
    return {entity: letters(account, held, entity) for entity in ENTITIES} | {
        "tasks": {"edit": tasks["edit"], "delete": tasks["delete"]},
        "mail_access": held.is_admin,
        "catalog_access": held.is_admin,
        "files_access": held.is_admin,
        "status_rights": status_rights(account, held),
        "is_admin": held.is_admin,
        "is_free": held.is_free,
        "is_active": held.is_active,
        "group_id": held.group_id or None,
        "role_id": held.role_id,
    }
