"""Calls as if they were made inside the vendor: by a user in the account's own pages, or by its robot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widget_backend.sandbox.amocrm.state import ALL_SCOPES, Integration, Token, User
from widget_backend.sandbox.amocrm.stock import ADMIN
from widget_backend.sandbox.amocrm.wire.registry import Call, Caller

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

#: what acts here: no application, the vendor's own pages
HAND = Integration("sandbox", "", kind="private")

#: who changes what a bot changes
ROBOT = User(0, "Робот", "", is_admin=True)


def by_hand(account: Account, user_id: int = ADMIN) -> Call:
    """A call as if a user did it in the vendor's own pages."""
    return _call(account, account.users[user_id])


def by_robot(account: Account) -> Call:
    """A call as if the vendor's robot did it; what it writes has the user 0."""
    return _call(account, ROBOT)


def _call(account: Account, user: User) -> Call:
    token = Token("", "", HAND.client_id, user.id, ALL_SCOPES, user.is_admin, 0.0)
    return Call(account, Caller(user, HAND, token, user.is_admin), "POST", "/leads", account.base_url, {}, None)
