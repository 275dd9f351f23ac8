"""What amoCRM opens and what it tells: consent, the install hook, the widget's frames, removal (amocrm.md §1.2, §1.6, §1.7)."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from flask import Blueprint, Response, g, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from installer import onboarding
from installer.onboarding import Arrival, Guest
from widget_backend.clock import now
from widget_backend.config import Client
from widget_backend.crm import amocrm, charts, hosts, registry
from widget_backend.db import scope
from widget_backend.errors import Conflict, Forbidden, InvalidInput, NotFound
from widget_backend.inbox.directory import action_key
from widget_backend.panel import card as column
from widget_backend.panel import known
from widget_backend.robots import naming
from widget_backend.security import tickets
from widget_backend.security.sessions import Visit
from widget_backend.security.signing import EXPIRED, State
from widget_backend.tenancy import installations, roles
from widget_backend.tenancy.installations import UNKNOWN, InstallationInfo
from widget_backend.texts import Text
from widget_backend.web import pages
from widget_backend.web.api.bodies import parsed
from widget_backend.web.auth import SessionEnded
from widget_backend.web.context import Context, context
from widget_backend.web.words import language, say

webhook = amocrm.webhook

#: frame -> where its page begins
VIEWS: Final[Mapping[str, str]] = {
    "wizard": pages.START,
    "settings": pages.START,
    "panel": "/panel/{deal}",
    "copy": "/panel/{deal}/copy",
}
#: what the widget asks for, from the page of the account
ASKED: Final = frozenset({"amocrm.ticket", "amocrm.card", "amocrm.pipeline"})
#: what a button of the card opens, where it is no act of one press
OPENS: Final[Mapping[str, str]] = {"copy": "copy"}

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
NOT_CONNECTED = Text(
    "amoCRM ещё не подключена. Ничего не потеряно: подключите её под администратором, это займёт минуту.",
    "amoCRM is not connected yet. Nothing is lost: connect it as an administrator, it takes a minute.",
)
NO_VIEW = Text(
    "Виджет просит страницу, которой нет, или не говорит, о какой сделке речь. Ничего не изменено: обновите страницу amoCRM.",
    "The widget asks for a page that is not there, or does not say which deal it is about. Nothing was changed: reload the "
    "page of amoCRM.",
)

log = logging.getLogger(__name__)
blueprint = Blueprint("amocrm", __name__)


@blueprint.get("/install/amocrm")
def install() -> BaseResponse:
    """After consent in a browser, with our state; or the hook of a widget switched on, without one: it logs nobody in."""
    ours, params = _offered(), request.args.to_dict()
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
    ours = _offered()
    state = _state(ours).issue({"number": secrets.token_hex(8)})
    return redirect(registry.oauth(ours.database, ours.settings, "amocrm").authorize_url(state))


@blueprint.route("/amo/api/ticket", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def ticket() -> Response:
    """An address for a frame, for whom the widget's token names; asked from the page of an account that is connected."""
    ours = _offered()
    origin = _known_origin(ours)
    if request.method == "OPTIONS":
        return Response(status=204)
    view, deal = _wish("wizard")
    info, guest = _guest(ours, origin, deal)
    with _proving():
        made = onboarding.invite(ours.database, ours.settings, info, guest)
    return jsonify({"url": f"{ours.settings.public_url}/amo/frame/{view}?t={made}"})


@blueprint.route("/amo/api/panel", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def card() -> Response:
    """A deal in a few lines, and its buttons: ``{lines: [text], buttons: [{action, label, view}]}``; ``view`` is the frame
    that a button opens."""
    ours = _offered()
    origin = _known_origin(ours)
    if request.method == "OPTIONS":
        return Response(status=204)
    _, deal = _wish("panel")
    info, visit = _admitted(ours, origin, deal)
    with scope(info.id), ours.database.transaction() as session:
        seen = known.read(session, info.settings, deal)
    shown = column.card(seen, may_work=roles.can(visit.role, "work_deals"))
    buttons = [
        {"action": one.action, "label": say(one.label), "view": OPENS.get(one.action, "panel")} for one in shown.offers
    ]
    return jsonify({"lines": [say(line) for line in column.lines(shown)], "buttons": buttons})


@blueprint.route("/amo/api/pipeline", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def pipeline() -> Response:
    """For who puts an action of ours on a stage: ``{key, stages: [{value, label}]}``, what the action proves itself by
    (:func:`directory.action_key`) and where it may lead. Raises :class:`Forbidden` for who may not set up."""
    ours = _offered()
    origin = _known_origin(ours)
    if request.method == "OPTIONS":
        return Response(status=204)
    info, visit = _admitted(ours, origin)
    if not roles.can(visit.role, "set_up"):
        raise Forbidden(roles.NOT_YOURS["set_up"])
    with scope(info.id), ours.database.transaction() as session:
        chart = charts.load(session)
    led = [stage for stage in chart.stages if stage.address] if chart else []
    stages = [{"value": stage.address, "label": naming.stage(chart, stage.id)} for stage in led if chart]
    return jsonify({"key": action_key(info.application_token), "stages": stages})


@blueprint.after_request
def allow_origin(response: Response) -> Response:
    """Let the page of a connected account read our answer, whatever it is."""
    origin = g.get("cors_origin")
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = "X-Auth-Token, Content-Type, Idempotency-Key"
        response.headers["Access-Control-Max-Age"] = "600"
    if request.endpoint in ASKED:
        response.vary.add("Origin")
    return response


@blueprint.get("/amo/frame/<view>")
def frame(view: str) -> Response:
    """A page of ours in amoCRM's, for who shows a ticket. A ticket that is no good is told to any account."""
    ours = _offered()
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
    ours = _offered()
    if request.method == "HEAD":
        return Response(status=200)
    client = _client(ours)
    account = webhook.read_uninstall(request.args.to_dict(), client.client_id, (client.secret, client.old_secret))
    onboarding.look_into_removal(ours.database, _find(ours, account).id)
    return Response(status=200)


def _offered() -> Context:
    ours = context()
    if ours.settings.amocrm is None:
        raise NotFound(UNKNOWN)
    return ours


def _client(ours: Context) -> Client:
    assert ours.settings.amocrm
    return ours.settings.amocrm


def _state(ours: Context) -> State:
    return State(ours.settings.keys, "amocrm")


@contextmanager
def _proving() -> Iterator[None]:
    """A token that proves nobody, or was shown before, is no session: the widget fetches a new one and asks again."""
    try:
        yield
    except Forbidden as fault:
        raise SessionEnded(fault.message) from fault


def _find(ours: Context, account: str) -> InstallationInfo:
    """Raises :class:`Conflict` where the account is not connected, with the way to do that in its words."""
    with ours.database.transaction() as session:
        info = installations.by_account(session, "amocrm", account)
    if info is None or info.status == "closed":
        raise Conflict(NOT_CONNECTED)
    return info


def _wish(usual: str) -> tuple[str, str]:
    """Which view the widget asks for, and of which deal. Raises :class:`InvalidInput`."""
    body = request.get_data()
    told = parsed(body) if body and not request.form else request.form
    asked = told if isinstance(told, Mapping) else {}
    view, deal = str(asked.get("view") or usual), str(asked.get("deal") or "")
    if view not in VIEWS or (deal and not known.DEAL.fullmatch(deal)) or ("{deal}" in VIEWS[view] and not deal):
        raise InvalidInput(NO_VIEW)
    return view, deal


def _guest(ours: Context, origin: str, deal: str) -> tuple[InstallationInfo, Guest]:
    """Where the widget is, and whom its token names. Raises :class:`SessionEnded`, :class:`Forbidden`, :class:`Conflict`."""
    with _proving():
        caller = webhook.read_widget_token(request.headers.get("X-Auth-Token", ""), _check(ours), now())
    if caller.origin != origin:
        raise Forbidden(EXPIRED)
    guest = Guest(caller.user_id, caller.jti, caller.expires_at, language(), caller.admin, deal)
    return _find(ours, caller.account), guest


def _admitted(ours: Context, origin: str, deal: str = "") -> tuple[InstallationInfo, Visit]:
    """Where the widget is, and who asks, once for each token. Raises as :func:`_guest` and :func:`onboarding.admit` do."""
    info, guest = _guest(ours, origin, deal)
    with _proving():
        return info, onboarding.admit(ours.database, ours.settings, info, guest)


def _known_origin(ours: Context) -> str:
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


def _check(ours: Context) -> webhook.WidgetCheck:
    client = _client(ours)
    return webhook.WidgetCheck(
        client.client_id,
        (client.secret, client.old_secret),
        ours.settings.public_url + amocrm.CALLBACK,
        ours.settings.amocrm_hosts,
        lambda account: _find(ours, account).host,
    )
