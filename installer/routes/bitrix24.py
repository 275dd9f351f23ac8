"""What a portal opens and what it tells: our pages in its frames, and events (bitrix24.md §1.2, §1.3, §1.5, §2.2)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request

from installer import onboarding
from installer.onboarding import Arrival
from widget_backend.crm import bitrix24, forms, hosts, registry
from widget_backend.crm.port import OAuth
from widget_backend.errors import Forbidden, NotFound
from widget_backend.native import robot_words, setting
from widget_backend.panel.known import DEAL
from widget_backend.tenancy import installations
from widget_backend.tenancy.installations import UNKNOWN, InstallationInfo
from widget_backend.texts import Text
from widget_backend.web import pages
from widget_backend.web.context import Context, context, handed
from widget_backend.web.words import spoken

webhook = bitrix24.webhook
Event: TypeAlias = bitrix24.webhook.Event

HERE = Text("Откройте приложение в Битрикс24", "Open the application in Bitrix24")
FROM_MENU = Text(
    "Эта страница открывается внутри Битрикс24. Здесь ничего не меняется: откройте приложение из меню своего портала.",
    "This page opens inside Bitrix24. Nothing changes here: open the application from the menu of your portal.",
)

#: place in the portal's pages -> where its page begins, for a deal
STARTS: Final[Mapping[str, str]] = {
    "CRM_DEAL_DETAIL_TAB": "/panel/{deal}",
    "CRM_DEAL_DETAIL_TOOLBAR": "/panel/{deal}/copy",
    "CRM_DEAL_LIST_MENU": "/panel/{deal}",
}

#: the place that opens the application for its daily work; its own page is for the set-up
MENU: Final = "LEFT_MENU"

log = logging.getLogger(__name__)
blueprint = Blueprint("bitrix24", __name__)


@blueprint.route("/install/bitrix24", methods=["GET", "POST"])
def install() -> Response:
    """The installer, shown at each opening until ``installFinish``."""
    return _open(install=True)


@blueprint.route("/app/bitrix24", methods=["GET", "POST"])
def app() -> Response:
    """The application's own page."""
    return _open()


@blueprint.route("/widget/bitrix24/<key>", methods=["GET", "POST"])
def placement(key: str) -> Response:
    """A place in the portal's pages: a deal's panel, the office, or where the set-up stands."""
    log.debug("placement %r", key[:60])
    return _open()


@blueprint.route("/robots/bitrix24/<code>", methods=["GET", "POST"])
def robot(code: str) -> Response:
    """The settings of a robot of ours, in the portal's designer of robots."""
    return _open(robot=code)


@blueprint.post("/events/bitrix24")
def life() -> Response:
    """The application's own life. Another event may come here too: that is the inbox's."""
    ours, event = _offered(), webhook.read_event(request.get_data())
    if event.life is None:
        return handed("webhooks.portal")
    with ours.database.transaction() as session:
        known = installations.by_account(session, "bitrix24", event.offer.member_id)
    _LIVES[type(event.life)](ours, event, known)
    return Response(status=200)


def _open(*, install: bool = False, robot: str = "") -> Response:
    ours = _offered()
    if request.method != "POST":
        return pages.notice(HERE, FROM_MENU)
    fields = {name: value for name, value in request.values.items() if name != "code"}
    g.frame_origin = _claimed(ours, fields)
    opening = webhook.read_opening(fields)
    g.language = spoken(opening.language) if opening.language else ours.settings.language
    oauth = _oauth(ours)
    grant = onboarding.prove(oauth, fields)
    g.frame_origin = _origin(grant.base_url)
    entity = opening.options.get("ID", "")
    arrival = Arrival(grant, g.language, install, opening.placement[:100], entity[:100])
    visit = onboarding.receive(ours.database, oauth, arrival)
    start = _setting(robot, fields) if robot else _start(visit.placement, visit.entity)
    return pages.shell(visit, g.frame_origin, start)


def _setting(code: str, fields: Mapping[str, str]) -> str:
    """Where a robot's settings begin, with what they are now. Raises :class:`NotFound` for what is no such dialog."""
    dialog = bitrix24.setting.read(fields.get("PLACEMENT", ""), fields.get("PLACEMENT_OPTIONS", ""))
    if dialog is None or dialog.code != code or code not in robot_words.ROBOTS or not dialog.of_deals:
        raise NotFound(robot_words.NO_ROBOT)
    now = {key: dialog.values[key] for key in setting.KEYS if dialog.values.get(key)}
    return f"/office/robots/settings/{code}" + (f"?{urlencode(now)}" if now else "")


def _start(placement: str, entity: str) -> str:
    """Empty: wherever the account has got to."""
    if placement in STARTS and DEAL.fullmatch(entity):
        return STARTS[placement].format(deal=entity)
    return "" if placement == MENU else pages.START


def _come(ours: Context, event: Event, known: InstallationInfo | None) -> None:
    """Installed, or another version put in. Who brings a token we do not keep must prove himself as an administrator."""
    if known is None or known.status == "closed" or not _is_authentic(event, known):
        _prove(ours, event, known)
    elif isinstance(event.life, webhook.Updated):
        onboarding.renew(ours.database, known.id)


def _prove(ours: Context, event: Event, known: InstallationInfo | None) -> None:
    oauth = _oauth(ours)
    auth = forms.branch(forms.read_form(request.get_data()), "auth")
    grant = onboarding.prove(oauth, {name: value for name, value in auth.items() if isinstance(value, str)})
    if not oauth.is_admin(grant):
        raise Forbidden(onboarding.NOT_ADMIN)
    if grant.refresh:
        onboarding.connect(ours.database, grant, spoken(getattr(event.life, "language", "")))
    elif known is not None:
        onboarding.keep_application_token(ours.database, known.id, grant.application_token)


def _gone(ours: Context, event: Event, known: InstallationInfo | None) -> None:
    found = _authenticate(event, known)
    onboarding.hear_removal(ours.database, ours.settings, found.id, event.at)


def _billed(ours: Context, event: Event, known: InstallationInfo | None) -> None:
    """A hint, and no more: the account itself is asked. It may lack the token (§1.3), but not bring a wrong one."""
    if known is None or known.status == "closed":
        raise NotFound(UNKNOWN)
    if event.offer.application_token:
        _authenticate(event, known)
    onboarding.ask_standing(ours.database, known.id)


_LIVES: Final[Mapping[type[Any], Callable[[Context, Event, InstallationInfo | None], None]]] = {
    webhook.Installed: _come,
    webhook.Updated: _come,
    webhook.Uninstalled: _gone,
    webhook.Paid: _billed,
}


def _authenticate(event: Event, known: InstallationInfo | None) -> InstallationInfo:
    if known is None:
        raise NotFound(UNKNOWN)
    webhook.authenticate(event.offer, known.account, known.application_token)
    return known


def _is_authentic(event: Event, known: InstallationInfo) -> bool:
    try:
        _authenticate(event, known)
    except Forbidden:
        if not event.offer.access:
            raise
        return False
    return True


def _offered() -> Context:
    ours = context()
    if ours.settings.bitrix24 is None:
        raise NotFound(UNKNOWN)
    return ours


def _oauth(ours: Context) -> OAuth:
    return registry.oauth(ours.database, ours.settings, "bitrix24")


def _claimed(ours: Context, fields: Mapping[str, str]) -> str:
    """Where the page says it is shown: good enough to be told there that something is wrong, and for nothing else."""
    scheme = "http" if fields.get("PROTOCOL") == "0" else "https"
    try:
        return _origin(hosts.told(f"{scheme}://{fields.get('DOMAIN', '')}", ours.settings.bitrix24_oauth_hosts[0]))
    except Forbidden:
        return ""


def _origin(address: str) -> str:
    return "/".join(address.split("/")[:3])
