"""Who looks at the account's pages: the admin, unless somebody else was chosen; and what every page is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import render_template, request

from widget_backend.sandbox.amocrm.stock import ADMIN
from widget_backend.sandbox.amocrm.widgets import hosting

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import Record, User

#: holds who is looking
COOKIE = "sandbox_amocrm_user"


def viewer(account: Account) -> User:
    """The user that the pages act as."""
    chosen = request.args.get("user") or request.cookies.get(COOKIE) or str(ADMIN)
    return account.users.get(int(chosen) if chosen.isdecimal() else ADMIN, account.users[ADMIN])


def page(
    account: Account, template: str, area: str = "", lead: Record | None = None, only: str = "", **values: Any
) -> str:
    """A page with who looks at it and the account it is of; in an ``area`` it hosts the widgets that stand there.

    ``?lang=en`` and ``?theme=dark`` are what a user would set in his profile.
    """
    with account.lock:
        host, language = urlsplit(account.base_url).netloc, request.args.get("lang", "")
        about = {"account": account, "host": host, "users": list(account.users.values()), "user": viewer(account)}
        about |= {"theme": request.args.get("theme", "light"), "menu": hosting.menu(account, language), "lead": lead}
        about["host_page"] = hosting.told(account, viewer(account), area, language, lead, only) if area else None
        return render_template(template, **about, **values)
