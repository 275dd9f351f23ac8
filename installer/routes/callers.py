"""Callers: who asks from the page of an amoCRM account, by its origin and by the widget's one-time token (amocrm.md §1.7)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, g, request

from installer import onboarding
from installer.onboarding import Guest
from widget_backend.clock import now
from widget_backend.config import Client
from widget_backend.crm import amocrm, hosts
from widget_backend.errors import Conflict, Forbidden, NotFound
from widget_backend.security.sessions import Visit
from widget_backend.security.signing import EXPIRED
from widget_backend.tenancy import installations
from widget_backend.tenancy.installations import UNKNOWN, InstallationInfo
from widget_backend.texts import Text
from widget_backend.web.auth import SessionEnded
from widget_backend.web.context import Context, context
from widget_backend.web.words import language

webhook = amocrm.webhook

NOT_CONNECTED = Text(
    "amoCRM ещё не подключена. Ничего не потеряно: подключите её под администратором, это займёт минуту.",
    "amoCRM is not connected yet. Nothing is lost: connect it as an administrator, it takes a minute.",
)


class Unconnected(Conflict):
    """The account is not, or no longer, connected; the widget offers to connect it."""


def offered() -> Context:
    """Raises :class:`NotFound` where this server has no integration at amoCRM."""
    ours = context()
    if ours.settings.amocrm is None:
        raise NotFound(UNKNOWN)
    return ours


def client(ours: Context) -> Client:
    """Our integration."""
    assert ours.settings.amocrm
    return ours.settings.amocrm


def find(ours: Context, account: str) -> InstallationInfo:
    """Raises :class:`Unconnected`, with the way to connect in its words."""
    with ours.database.transaction() as session:
        info = installations.by_account(session, "amocrm", account)
    if info is None or info.status == "closed":
        raise Unconnected(NOT_CONNECTED)
    return info


def known_origin(ours: Context) -> str:
    """The origin that asks, if it is exactly that of an account we are installed in. Raises :class:`Forbidden`."""
    said = request.headers.get("Origin", "")
    origin = hosts.allowed(said, ours.settings.amocrm_hosts)
    with ours.database.transaction() as session:
        known = installations.at_host(session, "amocrm", origin.partition("://")[2])
        is_open = known is not None and installations.get(session, known).status != "closed"
    if origin != said or not is_open:
        raise Forbidden(EXPIRED)
    g.cors_origin = origin
    return origin


def guest(ours: Context, origin: str, deal: str = "") -> tuple[InstallationInfo, Guest]:
    """Where the widget is, and whom its token names. Raises :class:`SessionEnded`, :class:`Forbidden`, :class:`Unconnected`."""
    with proving():
        caller = webhook.read_widget_token(request.headers.get("X-Auth-Token", ""), _check(ours), now())
    if caller.origin != origin:
        raise Forbidden(EXPIRED)
    named = Guest(caller.user_id, caller.jti, caller.expires_at, language(), caller.admin, deal)
    return find(ours, caller.account), named


def admitted(ours: Context, origin: str) -> tuple[InstallationInfo, Visit]:
    """Where the widget is, and who asks, once for each token. Raises as :func:`guest` and :func:`onboarding.admit` do."""
    info, named = guest(ours, origin)
    with proving():
        return info, onboarding.admit(ours.database, ours.settings, info, named)


@contextmanager
def proving() -> Iterator[None]:
    """A token that proves nobody, or was shown before, is no session: the widget fetches a new one and asks again."""
    try:
        yield
    except Forbidden as fault:
        raise SessionEnded(fault.message) from fault


def allow_origin(response: Response) -> Response:
    """Let the page of a connected account read our answer, whatever it is."""
    origin = g.get("cors_origin")
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = "X-Auth-Token, Content-Type, Idempotency-Key"
        response.headers["Access-Control-Max-Age"] = "600"
    response.vary.add("Origin")
    return response


def _check(ours: Context) -> webhook.WidgetCheck:
    own = client(ours)
    return webhook.WidgetCheck(
        own.client_id,
        (own.secret, own.old_secret),
        ours.settings.public_url + amocrm.CALLBACK,
        ours.settings.amocrm_hosts,
        lambda account: find(ours, account).host,
    )
