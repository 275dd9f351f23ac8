"""Who asks: the bearer session of a request, its tenant put in scope, and the right each route wants.

Whatever is not on the list ``OPEN`` is refused without a session. No cookie decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, TypeVar

from flask import Flask, Response, current_app, g, request

from widget_backend.clock import now
from widget_backend.db import scope
from widget_backend.errors import Forbidden, InvalidInput
from widget_backend.security.sessions import Visit
from widget_backend.tenancy import installations, roles, standing
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.tenancy.roles import Right
from widget_backend.texts import Text
from widget_backend.web.context import context

View = TypeVar("View", bound=Callable[..., Any])

#: routes that prove their caller by themselves (a CRM's token, signature or one-time ticket), or tell nothing of a tenant
OPEN: Final = frozenset(
    {
        "assets.static",
        "probes.live",
        "probes.ready",
        "probes.metrics",
        "documents.privacy",
        "documents.licence",
        "bitrix24.install",
        "bitrix24.app",
        "bitrix24.placement",
        "bitrix24.robot",
        "bitrix24.life",
        "amocrm.install",
        "amocrm.start",
        "amocrm.frame",
        "amocrm.uninstall",
        "widget.ticket",
        "widget.panel",
        "widget.pipeline",
        "widget.act",
        "widget.prospects",
        "widget.copies",
        "webhooks.portal",
        "webhooks.portal_robot",
        "webhooks.account",
        "webhooks.account_action",
        "webhooks.bot",
        "wizard.plan_file",
        "native.pack_file",
    }
)

ENDED = Text(
    "Сессия истекла. Ничего не потеряно: обновите вкладку, и работа продолжится с того же места.",
    "The session has ended. Nothing is lost: reload the tab and go on from where you were.",
)
CLOSED = Text(
    "Приложение удалено из CRM. Созданное в CRM осталось на месте: чтобы продолжить, установите приложение снова.",
    "The application was removed from the CRM. What it made in the CRM is still there: install it again to go on.",
)
UNFIT = Text(
    "В запросе знак, которого не бывает в тексте. Ничего не изменено: обновите страницу и введите это ещё раз.",
    "The request has a sign in it that no text has. Nothing was changed: reload the page and type it once more.",
)

#: how long a page may stay open before who looks at it is asked of the CRM again
LONGEST: Final = timedelta(hours=12)


class SessionEnded(Forbidden):
    """There is no session, or no longer."""

    status = 401


def visit() -> Visit:
    """Whose request this is. Raises :class:`SessionEnded`."""
    found: Visit | None = g.get("visit")
    if found is None:
        raise SessionEnded(ENDED)
    return found


def installation() -> InstallationInfo:
    """The installation of this request. Raises :class:`SessionEnded`."""
    visit()
    found: InstallationInfo = g.installation
    return found


def require(right: Right) -> Callable[[View], View]:
    """Mark a view: what its caller must be allowed; without a mark it is ``look``."""

    def mark(view: View) -> View:
        view.right = right  # type: ignore[attr-defined]
        return view

    return mark


def guard(app: Flask) -> None:
    """Let nobody past who may not be there; renew the session of who may."""
    app.before_request(_admit)
    app.after_request(_renew)
    app.teardown_request(_leave)


def _admit() -> None:
    if request.endpoint is None or request.endpoint in OPEN:
        return
    caller = _session()
    with context().database.transaction() as session:
        info = installations.get(session, caller.installation_id)
    if info.status == "closed":
        raise SessionEnded(CLOSED)
    g.language = caller.language
    caller = replace(caller, role=roles.role_still(info.settings, caller.user_id, caller.role))
    _check(caller, info, getattr(current_app.view_functions[request.endpoint], "right", "look"))
    g.visit, g.installation = caller, info
    g.tenant = ExitStack()
    g.tenant.enter_context(scope(caller.installation_id))
    if any("\0" in word for word in _words_sent()):
        raise InvalidInput(UNFIT)


def _words_sent() -> Iterator[str]:
    """What the address and a form say. Bodies of JSON are looked at where they are read."""
    yield request.path
    for given in (request.args, request.form):
        for name, values in given.lists():
            yield from (name, *values)


def _session() -> Visit:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not token:
        raise SessionEnded(ENDED)
    try:
        read = context().sessions.read(token.strip())
    except Forbidden as fault:
        raise SessionEnded(ENDED) from fault
    if now().timestamp() - read.since > LONGEST.total_seconds():
        raise SessionEnded(ENDED)
    return read


def _check(caller: Visit, info: InstallationInfo, right: Right) -> None:
    if not roles.can(caller.role, right):
        raise Forbidden(roles.NOT_YOURS[right])
    if right == "set_up":
        standing.check(info)


def _renew(response: Response) -> Response:
    """An hour counts from the last answer: the page keeps the newest token it was given."""
    caller: Visit | None = g.get("visit")
    if caller is not None and response.status_code < 500:
        response.headers["X-Session"] = context().sessions.issue(caller)
    return response


def _leave(error: BaseException | None = None) -> None:
    tenant: ExitStack | None = g.pop("tenant", None)
    if tenant is not None:
        tenant.close()
