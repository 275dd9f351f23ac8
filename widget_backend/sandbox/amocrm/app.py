"""The emulator as a Flask application: the API's addresses, behind ``Faults``, with OAuth, controls and pages."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map

from widget_backend.sandbox.amocrm import access, calls, control, market, oauth, staging
from widget_backend.sandbox.amocrm.account import Account
from widget_backend.sandbox.amocrm.hooks.post import Post
from widget_backend.sandbox.amocrm.hooks.telling import flush
from widget_backend.sandbox.amocrm.pages import routes as pages
from widget_backend.sandbox.amocrm.widgets import routes as widgets
from widget_backend.sandbox.amocrm.wire import problems
from widget_backend.sandbox.amocrm.wire.problems import Problem
from widget_backend.sandbox.amocrm.wire.query import nested
from widget_backend.sandbox.amocrm.wire.registry import Answer, Call, Route, routing
from widget_backend.sandbox.faults import Fault, Faults, Logged

VERBS = ["GET", "POST", "PATCH", "PUT", "DELETE"]

HAL, PROBLEM = "application/hal+json", "application/problem+json"

#: a 400 that is no validation error and means: try again
LYING = "Произошла временная ошибка. Повторите запрос позже"

#: faults that are an answer of the vendor itself
REFUSALS = {
    "limit_429_html": problems.too_many(1, html=True),
    "forbidden_403_html": problems.blocked(),
    "lying_400": Problem(400, LYING),
    "payment_402": problems.unpaid(),
    "timeout_504": Problem(504, html=True),
}


_ID = re.compile(r"(?<=/)\d+(?=/|$)")


class Emulator(Flask):
    """A Flask application that carries its account and its faults."""

    account: Account
    faults: Faults
    office: Post

    def hand_out(self) -> int:
        """Begin to send the hooks that are due; answers how many they were."""
        return self.office.hand_out()


def create_app(account: Account) -> Emulator:
    """The whole emulator of one account; a WSGI application."""
    app = Emulator(__name__, template_folder=str(pages.TEMPLATES))
    app.account = account
    app.office = Post(account, control.send)
    calls.load()
    routes = routing()
    app.register_blueprint(oauth.routes(account))
    app.register_blueprint(control.routes(account))
    app.register_blueprint(staging.routes(account))
    app.register_blueprint(pages.routes(account))
    app.register_blueprint(widgets.routes(account))
    app.register_blueprint(market.routes(account))

    @app.route("/api/<path:rest>", methods=VERBS)
    def api_call(rest: str) -> Response:
        return answer(account, routes)

    app.faults = Faults(app.wsgi_app)
    app.wsgi_app = app.faults  # type: ignore[method-assign]
    return app


def answer(account: Account, routes: Map) -> Response:
    """Answer one API request."""
    try:
        done = _call(account, routes)
    except Problem as problem:
        return refused(problem)
    return _response(b"" if done.body is None else _json(done.body), done.status, HAL)


def refused(problem: Problem) -> Response:
    """A refusal as a response."""
    if problem.empty:
        return _response(b"", problem.status, "text/html")
    if problem.html:
        return _response(problem.page().encode(), problem.status, "text/html; charset=utf-8")
    return _response(_json(problem.body()), problem.status, PROBLEM)


def _call(account: Account, routes: Map) -> Answer:
    write = request.method != "GET"
    body = _body() if write else None
    path = request.path.rstrip("/")
    _log(path, write, len(body) if isinstance(body, list) else 0)
    access.check_host(account, request.host)
    account.base_url = request.host_url.rstrip("/")
    access.check_open(account, write)
    token = account.tokens.get(access.bearer(request.headers.get("Authorization", "")))
    with account.lock:
        access.check_rate(account, token.client_id if token else request.remote_addr or "")
    _check_fault(account)
    caller = access.caller(account, token, request.headers)
    route, arguments = _matched(account, routes, path)
    if route.admin and not caller.is_admin:
        raise problems.forbidden()
    if write and account.settings.write_seconds:
        time.sleep(account.settings.write_seconds)
    pairs = parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)
    prefix = f"/api/{route.version}"
    url = account.base_url + prefix
    call = Call(account, caller, request.method, path.removeprefix(prefix), url, nested(pairs), body, pairs)
    with account.lock:
        done = route.handler(call, **arguments)
        account.version += write
        flush(account)
    return done


def _check_fault(account: Account) -> None:
    fault: Fault | None = request.environ.get("sandbox.fault")
    if fault is None:
        return
    if fault.kind == "auth_401":
        token = account.tokens.get(access.bearer(request.headers.get("Authorization", "")))
        if token and token.refresh:
            account.expire(token.access)
        raise problems.unauthorized(account.settings.brand)
    if fault.kind == "limit_429":
        raise problems.too_many(int(fault.seconds) or account.settings.retry_after, html=False)
    if fault.kind in REFUSALS:
        raise REFUSALS[fault.kind]


def _matched(account: Account, routes: Map, path: str) -> tuple[Route, Mapping[str, Any]]:
    try:
        return routes.bind("").match(path, request.method)
    except MethodNotAllowed:
        kommo = account.settings.brand == "kommo"
        raise Problem(405, f"Method {request.method} is not allowed", empty=not kommo) from None
    except NotFound:
        raise problems.not_found(f"Cannot {request.method} {request.url}") from None


def _body() -> Any:
    """The JSON of a write; what is no JSON is as good as nothing."""
    try:
        return json.loads(request.get_data() or b"null", parse_float=_number)
    except ValueError:
        return None


def _number(text: str) -> int | float:
    """Whole seconds may come as ``1798761600.0``: public clients send them so."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _log(path: str, write: bool, commands: int) -> None:
    """Name the operation by verb and address, without the ids: ``PATCH /leads/pipelines/{id}``."""
    logged: Logged | None = request.environ.get("sandbox.logged")
    if logged is not None:
        logged.operation = f"{request.method} {_ID.sub('{id}', path.removeprefix('/api/v4'))}"
        logged.write, logged.commands = write, commands


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _response(body: bytes, status: int, kind: str) -> Response:
    response = Response(body, status, content_type=kind)
    response.headers["X-Request-Id"] = uuid.uuid4().hex
    return response
