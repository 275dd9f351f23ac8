"""Who looks at the account's pages: the admin, unless somebody else was chosen; and what every page is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import render_template, request

from widget_backend.sandbox.amocrm.stock import ADMIN

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import User

#: holds who is looking
COOKIE = "sandbox_amocrm_user"


def viewer(account: Account) -> User:
    """The user that the pages act as."""
    chosen = request.args.get("user") or request.cookies.get(COOKIE) or str(ADMIN)
    return account.users.get(int(chosen) if chosen.isdecimal() else ADMIN, account.users[ADMIN])


def page(account: Account, template: str, **values: Any) -> str:
    """A page with who looks at it and the account it is of."""
    with account.lock:
        host = urlsplit(account.base_url).netloc
        about = {"account": account, "host": host, "users": list(account.users.values()), "user": viewer(account)}
        return render_template(template, **about, **values)
