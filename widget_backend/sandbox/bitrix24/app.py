"""The emulator as a Flask application: the REST addresses, behind ``Faults``, with OAuth, controls and pages."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, request

from widget_backend.sandbox.bitrix24 import access, batch, control, frames, market, methods, oauth, refusals, staging
from widget_backend.sandbox.bitrix24.delivery import deliver
from widget_backend.sandbox.bitrix24.envelope import Outcome, RestError, TimeIsUp
from widget_backend.sandbox.bitrix24.forms import method_name, params
from widget_backend.sandbox.bitrix24.pages import TEMPLATES, views
from widget_backend.sandbox.bitrix24.portal import Portal
from widget_backend.sandbox.bitrix24.registry import METHODS, Caller, run
from widget_backend.sandbox.faults import Fault, Faults, Logged

#: a fault: the portal answers from its other loopback name, this once
RENAMED = "renamed_302"

KINDS = frozenset({RENAMED, refusals.NULL_REF, *refusals.REFUSALS, *refusals.ALIASES})

VERBS = ["GET", "POST"]

#: so many handlers are called at once
AT_ONCE = 4

TOO_LONG = "<!DOCTYPE html><html><head><title>504 Gateway Time-out</title></head></html>"


class Emulator(Flask):
    """A Flask application that carries its portal and its faults."""

    portal: Portal
    faults: Faults

    def hand_out(self) -> int:
        """Give up robots whose time is over and send the events that wait; answers how many they were."""
        self.portal.expire_robots()
        return deliver(self.portal, control.post, AT_ONCE)


def create_app(portal: Portal) -> Emulator:
    """The whole emulator of one portal; a WSGI application."""
    app = Emulator(__name__, template_folder=str(TEMPLATES))
    app.portal = portal
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the order of commands is their order
    methods.load()
    app.register_blueprint(oauth.routes(portal))
    app.register_blueprint(control.routes(portal))
    app.register_blueprint(staging.routes(portal))
    app.register_blueprint(views.assets(portal))
    app.register_blueprint(views.routes(portal))
    app.register_blueprint(views.routes(portal, views.LOOK))
    app.register_blueprint(frames.routes(portal))
    app.register_blueprint(market.routes(portal))

    @app.after_request
    def note(response: Response) -> Response:
        # a method notes its own writes; any other POST of a page or the control room may have changed something
        if request.method == "POST" and not request.path.startswith("/rest/"):
            portal.changed()
        return response

    @app.route("/rest/<path:rest>", methods=VERBS)
    def rest_call(rest: str) -> Response:
        if rest == oauth.APP_INFO:
            return oauth.app_info(portal)
        *hook, method = rest.strip("/").split("/")
        return answer(portal, method, (hook[0], hook[1]) if len(hook) == 2 else None)

    app.faults = Faults(app.wsgi_app, KINDS)
    app.wsgi_app = app.faults  # type: ignore[method-assign]
    return app


def answer(portal: Portal, method: str, hook: tuple[str, str] | None = None) -> Response:
    """Answer one REST request."""
    fault: Fault | None = request.environ.get("sandbox.fault")
    host = portal.settings.renamed_to
    if fault and fault.kind == RENAMED:
        host = host or _other_name(request.host)
    if host and host != request.host:
        return _moved(host)
    try:
        return _json(_call(portal, method_name(method), hook, fault).body(), 200)
    except TimeIsUp:
        return Response(TOO_LONG, 504, mimetype="text/html")
    except RestError as error:
        return _json(error.body(), error.status)


def _call(portal: Portal, name: str, hook: tuple[str, str] | None, fault: Fault | None) -> Outcome:
    given = params(request)
    _log(name, given)
    access.check_open(portal)
    access.check_rate(portal, request.remote_addr or "")
    portal.base_url = request.host_url.rstrip("/")
    caller = access.with_connector(portal, _caller(portal, given, hook), given)
    if refused := refusals.of_request(portal, fault, name, caller.access):
        raise refused
    if name == "batch":
        return batch.run_batch(portal, caller, given, fault)
    outcome = run(portal, caller, name, given)
    if outcome.seconds > portal.settings.request_s:
        raise TimeIsUp
    return outcome


def _caller(portal: Portal, given: dict[str, Any], hook: tuple[str, str] | None) -> Caller:
    if hook is None:
        return access.by_token(portal, given, request.headers.get("Authorization", ""))
    for key in access.TOKEN_KEYS:
        given.pop(key, None)
    return access.by_webhook(portal, *hook)


def _log(name: str, given: dict[str, Any]) -> None:
    logged: Logged | None = request.environ.get("sandbox.logged")
    if logged is None:
        return
    logged.operation = name
    logged.write = batch.writes(given) if name == "batch" else name in METHODS and METHODS[name].write
    logged.commands = len(batch.commands(given)) if name == "batch" else 0


def _other_name(host: str) -> str:
    """The other loopback name of this server: a rename that a client can follow."""
    name, colon, port = host.partition(":")
    return ("127.0.0.1" if name == "localhost" else "localhost") + colon + port


def _moved(host: str) -> Response:
    query = "?" + request.query_string.decode() if request.query_string else ""
    location = f"{request.scheme}://{host}{request.path}{query}"
    response = Response("<!DOCTYPE html><html><head><title>302 Found</title></head></html>", 302, mimetype="text/html")
    response.headers["Location"] = location
    return response


def _json(body: dict[str, Any], status: int) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    # a page of any origin may call, as BX24.js does from an application's frame
    headers = {"Access-Control-Allow-Origin": "*"}
    return Response(text, status, headers, content_type="application/json; charset=utf-8")
