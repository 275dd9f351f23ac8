"""amoМаркет: integrations on offer, installed and switched off by an admin; and the settings page their widget lives on.

Install sends the install hook from server to server; the way over the integration's own site goes through ``/oauth``. The
settings page is the widget's; of an integration without an archive it plays one: it takes a disposable token to the
integration and shows the page it is given in a frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, redirect, request

from widget_backend.sandbox.amocrm.pages.viewer import COOKIE, page, viewer
from widget_backend.sandbox.amocrm.tokens import front_end_token
from widget_backend.sandbox.amocrm.widgets.archive import Unfit
from widget_backend.sandbox.amocrm.widgets.routes import settings_page

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import Integration

#: what ``POST /_sandbox/apps`` may say of an integration
KEYS = frozenset({"name", "client_id", "client_secret", "redirect_uri", "uninstall_url", "ticket_url", "start_url"})
KEYS |= {"widget_code"}


def routes(account: Account) -> Blueprint:
    """The market of one account, and the control address that puts an integration on offer."""
    blueprint = Blueprint("market", __name__)

    @blueprint.before_request
    def note_address() -> None:
        account.base_url = request.host_url.rstrip("/")

    @blueprint.get("/amo-market/")
    def shelf() -> str:
        return page(account, "sandbox/amocrm_market.html", integrations=offered(account), granted=granted(account))

    @blueprint.get("/amo-market/<client_id>/settings/")
    def settings(client_id: str) -> str:
        integration = _known(account, client_id)
        if client_id in account.widgets:
            return settings_page(account, integration)
        if not integration.installed:
            abort(404)
        return page(account, "sandbox/amocrm_settings.html", integration=integration)

    @blueprint.post("/amo-market/<client_id>/token")
    def token(client_id: str) -> Response:
        return jsonify({"token": front_end_token(account, _known(account, client_id), viewer(account).id)})

    @blueprint.post("/amo-market/acting")
    def act_as() -> BaseResponse:
        response = redirect(request.referrer or "/amo-market/")
        response.set_cookie(COOKIE, request.form["user"])
        return response

    @blueprint.post("/amo-market/<client_id>/<action>")
    def press(client_id: str, action: str) -> BaseResponse:
        if action not in ACTIONS:
            abort(404)
        if not viewer(account).is_admin:
            abort(403, "Интеграции подключает и отключает администратор.")
        with account.lock:
            return redirect(ACTIONS[action](account, _known(account, client_id)))

    _taking(account, blueprint)
    return blueprint


def _taking(account: Account, blueprint: Blueprint) -> None:
    @blueprint.post("/amo-market/<client_id>/widget")
    def upload(client_id: str) -> BaseResponse:
        if not viewer(account).is_admin:
            abort(403, "Архивы виджетов загружает администратор.")
        try:
            with account.lock:
                account.upload_widget(_known(account, client_id).client_id, request.files["archive"].read())
        except Unfit as unfit:
            abort(400, f"Архив не принят: {unfit}")
        return redirect("/amo-market/")

    @blueprint.post("/_sandbox/apps")
    def put_on_offer() -> tuple[Response, int]:
        return _put_on_offer(account, request.get_json())


def _put_on_offer(account: Account, given: dict[str, Any]) -> tuple[Response, int]:
    unknown = sorted(given.keys() - KEYS)
    if unknown:
        return jsonify({"error": f"unknown keys: {', '.join(unknown)}"}), 400
    with account.lock:
        integration = offer(account, **given)
    return jsonify({"client_id": integration.client_id, "client_secret": integration.client_secret}), 201


def offer(account: Account, **keys: str) -> Integration:
    """Put an integration on offer: the account knows it, and nobody has installed it yet."""
    about = {name: keys.pop(name, "") for name in ("name", "ticket_url", "start_url")}
    integration = account.issue_integration(**keys)  # type: ignore[arg-type]
    vars(integration).update(about, installed=False)
    return integration


def offered(account: Account) -> list[Integration]:
    """The public integrations that have a name."""
    return [each for each in account.integrations.values() if each.kind == "public" and each.name]


def granted(account: Account) -> set[str]:
    """Whose code was exchanged and whose tokens are good still."""
    return {token.client_id for token in account.tokens.values() if token.refresh}


def _install(account: Account, integration: Integration) -> str:
    integration.installed = True
    account.install(integration.client_id, viewer(account).id)
    return "/amo-market/"


def _switch_off(account: Account, integration: Integration) -> str:
    account.uninstall(integration.client_id)
    return "/amo-market/"


def _known(account: Account, client_id: str) -> Integration:
    integration = account.integrations.get(client_id)
    if integration is None or not integration.name:
        abort(404)
    return integration


ACTIONS = {"install": _install, "uninstall": _switch_off}
