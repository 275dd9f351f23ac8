"""The emulator as a Flask application: the REST addresses, behind ``Faults``, with OAuth, controls and pages."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, request

from widget_backend.sandbox.bitrix24 import access, batch, control, methods, oauth, page
from widget_backend.sandbox.bitrix24.envelope import Outcome, RestError
from widget_backend.sandbox.bitrix24.forms import method_name, params
from widget_backend.sandbox.bitrix24.portal import Portal
from widget_backend.sandbox.bitrix24.registry import METHODS, Caller, run
from widget_backend.sandbox.faults import Fault, Faults, Logged

#: faults that are an answer of the portal itself
REFUSALS = {
    "auth_401": access.expired_token(),
    "batch_401": access.expired_token(),
    "limit_503": RestError("QUERY_LIMIT_EXCEEDED", "Too many requests", 503),
    "operating_429": RestError("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429),
}

VERBS = ["GET", "POST"]


class Emulator(Flask):
    """A Flask application that carries its portal and its faults."""

    portal: Portal
    faults: Faults


def create_app(portal: Portal) -> Emulator:
    """The whole emulator of one portal; a WSGI application."""
    app = Emulator(__name__, template_folder=str(page.TEMPLATES))
    app.portal = portal
    methods.load()
    app.register_blueprint(oauth.routes(portal))
    app.register_blueprint(control.routes(portal))
    app.register_blueprint(page.routes(portal))

    @app.route("/rest/<path:rest>", methods=VERBS)
    def rest_call(rest: str) -> Response:
        if rest == oauth.APP_INFO:
            return oauth.app_info(portal)
        *hook, method = rest.strip("/").split("/")
        return answer(portal, method, (hook[0], hook[1]) if len(hook) == 2 else None)

    app.faults = Faults(app.wsgi_app)
    app.wsgi_app = app.faults  # type: ignore[method-assign]
    return app


def answer(portal: Portal, method: str, hook: tuple[str, str] | None = None) -> Response:
    """Answer one REST request."""
    fault: Fault | None = request.environ.get("sandbox.fault")
    host = portal.settings.renamed_to
    if fault and fault.kind == "renamed_302":
        host = host or _other_name(request.host)
    if host and host != request.host:
        return _moved(host)
    try:
        return _json(_call(portal, method_name(method), hook, fault).body(), 200)
    except RestError as error:
        return _json(error.body(), error.status)


def _call(portal: Portal, name: str, hook: tuple[str, str] | None, fault: Fault | None) -> Outcome:
    given = params(request)
    _log(name, given)
    access.check_open(portal)
    access.check_rate(portal, request.remote_addr or "")
    portal.base_url = request.host_url.rstrip("/")
    caller = _caller(portal, given, hook)
    if fault and fault.kind in ("auth_401", "batch_401"):
        portal.expire(caller.access)
    if fault and fault.kind == "batch_401" and name == "batch":
        return batch.run_batch(portal, caller, given, max(1, fault.command))
    if fault and fault.kind in REFUSALS:
        raise REFUSALS[fault.kind]
    return batch.run_batch(portal, caller, given) if name == "batch" else run(portal, caller, name, given)


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
    return Response(text, status, content_type="application/json; charset=utf-8")
