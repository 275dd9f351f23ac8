"""What amoCRM opens and what it tells: consent, the install hook, the widget's frames, removal (amocrm.md §1.2, §1.6)."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from installer import onboarding
from installer.onboarding import Arrival
from installer.routes import callers
from widget_backend.crm import amocrm, registry
from widget_backend.errors import Forbidden, NotFound
from widget_backend.security import tickets
from widget_backend.security.signing import EXPIRED, State
from widget_backend.tenancy import installations
from widget_backend.tenancy.installations import UNKNOWN
from widget_backend.texts import Text
from widget_backend.web import pages
from widget_backend.web.context import Context
from widget_backend.web.words import language

webhook = amocrm.webhook

#: frame -> where its page begins; empty: wherever the account has got to
VIEWS: Final[Mapping[str, str]] = {
    "wizard": pages.START,
    "office": "",
    "settings": "",
    "panel": "/panel/{deal}",
    "copy": "/panel/{deal}/copy",
}

CONNECT = Text("Подключить amoCRM", "Connect amoCRM")
START = Text(
    "Приложение настроит amoCRM для стоматологии. Пока ничего не меняется: нажмите кнопку и разрешите доступ в окне amoCRM.",
    "The application sets up amoCRM for a dental clinic. Nothing changes yet: press the button and allow access in amoCRM.",
)
DECLINED = Text("Доступ не выдан", "Access was not granted")
ACCEPTED = Text("amoCRM подключается", "amoCRM is being connected")
GO_BACK = Text(
    "Доступ принят, это займёт несколько секунд. Вернитесь в amoCRM и откройте настройки виджета: мастер продолжит там.",
    "Access was received, this takes some seconds. Go back to amoCRM and open the widget's settings: the wizard goes on there.",
)

log = logging.getLogger(__name__)
blueprint = Blueprint("amocrm", __name__)


@blueprint.get("/install/amocrm")
def install() -> BaseResponse:
    """After consent in a browser, with our state; or the hook of a widget switched on, without one: it logs nobody in."""
    ours, params = callers.offered(), request.args.to_dict()
    if request.method == "HEAD" or not params:
        return pages.notice(CONNECT, START, action=(CONNECT, "/install/amocrm/start"))
    try:
        callback = webhook.read_callback(params, ours.settings.amocrm_hosts)
    except Forbidden as refused:
        if not params.get("error"):
            raise
        return pages.notice(DECLINED, refused.message, 403, action=(CONNECT, "/install/amocrm/start"))
    if callback.state in ("", "false"):
        answer = {"code": callback.code, "referer": callback.origin}
        onboarding.accept(ours.database, ours.settings, "amocrm", answer)
        return pages.notice(ACCEPTED, GO_BACK)
    _state(ours).read(callback.state)
    onboarding.spend(ours.database, "amocrm", code=callback.code, state=callback.state)
    oauth = registry.oauth(ours.database, ours.settings, "amocrm")
    arrival = Arrival(onboarding.prove(oauth, params), language(), install=True)
    visit = onboarding.receive(ours.database, oauth, arrival)
    # the address with the code in it goes no further
    return redirect(f"/amo/frame/wizard?t={onboarding.ticket(ours.database, visit)}", 303)


@blueprint.get("/install/amocrm/start")
def start() -> BaseResponse:
    """To the consent page of amoCRM."""
    ours = callers.offered()
    state = _state(ours).issue({"number": secrets.token_hex(8)})
    return redirect(registry.oauth(ours.database, ours.settings, "amocrm").authorize_url(state))


@blueprint.get("/amo/frame/<view>")
def frame(view: str) -> Response:
    """A page of ours in amoCRM's, for who shows a ticket. A ticket that is no good is told to any account."""
    ours = callers.offered()
    g.frame_origin = " ".join(f"https://*{entry}" if entry[0] == "." else entry for entry in ours.settings.amocrm_hosts)
    if view not in VIEWS:
        raise NotFound(UNKNOWN)
    if request.method == "HEAD":
        return Response(status=200)
    with ours.database.transaction() as session:
        visit = tickets.redeem(session, request.args.get("t", ""))
        info = installations.get(session, visit.installation_id)
    if visit.placement != onboarding.FRAME or ("{deal}" in VIEWS[view] and not visit.entity):
        raise Forbidden(EXPIRED)
    return pages.shell(visit, info.base_url, VIEWS[view].format(deal=visit.entity))


@blueprint.get("/uninstall/amocrm")
def uninstall() -> Response:
    """The integration was switched off, as its signature says."""
    ours = callers.offered()
    if request.method == "HEAD":
        return Response(status=200)
    client = callers.client(ours)
    account = webhook.read_uninstall(request.args.to_dict(), client.client_id, (client.secret, client.old_secret))
    onboarding.look_into_removal(ours.database, callers.find(ours, account).id)
    return Response(status=200)


def _state(ours: Context) -> State:
    return State(ours.settings.keys, "amocrm")
