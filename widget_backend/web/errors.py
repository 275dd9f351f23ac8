"""What a failed request answers: a page, a fragment or a JSON problem (RFC 9457), each with its reason, what is safe, what to
do and a code for support. A traceback goes to the log only.
"""

from __future__ import annotations

import logging
import secrets
from typing import Final

from flask import Flask, Response, g, json, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from widget_backend.errors import AccessLost, AppError, RateLimited, Unavailable, VendorError
from widget_backend.tenancy.standing import HeldUp
from widget_backend.texts import Text
from widget_backend.web.words import say

log = logging.getLogger(__name__)

#: addresses that programs call
PROGRAMS: Final = ("/amo/api/", "/amo/bot/", "/events/", "/webhooks/", "/uninstall/", "/healthz", "/metrics", "/api/")

#: seconds until a CRM that does not answer is worth asking again
LATER: Final = 30

TITLE = Text("Не получилось", "It did not work")
NOT_HERE = Text(
    "Такой страницы нет. Ничего не изменено: откройте приложение из CRM ещё раз.",
    "There is no such page. Nothing was changed: open the application from the CRM once more.",
)
UNFIT = Text(
    "Запрос не подходит к этой странице ({code}). Ничего не изменено: обновите страницу и повторите.",
    "The request does not fit this page ({code}). Nothing was changed: reload the page and try again.",
)
UNEXPECTED = Text(
    "Непредвиденная ошибка на нашей стороне. Сделанное сохранено: повторите, ничего не задвоится. Если повторится, пришлите "
    "нам код ниже.",
    "An unexpected error on our side. What is done is kept: try again, nothing will be doubled. If it happens again, send us "
    "the code below.",
)


def guard(app: Flask) -> None:
    """Answer every failure in a form its caller can read."""
    app.register_error_handler(AppError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def noted(error: AppError) -> str:
    """Log a refusal; the code by which support finds it."""
    code = _code()
    # the vendor's words and codes, never addresses, tokens or names
    told = {"operation": error.operation, "vendor_code": error.code} if isinstance(error, VendorError) else {}
    log.info("refused code=%s endpoint=%s error=%s %s", code, request.endpoint, type(error).__name__, told)
    return code


def status_of(error: AppError) -> int:
    """The status of its answer. 401 is kept for our own session: a page would ask its user to reload for nothing."""
    return 409 if isinstance(error, AccessLost) else error.status


def _ours(error: AppError) -> Response:
    code = noted(error)
    title = error.title if isinstance(error, HeldUp) else TITLE
    response = _answer(type(error).__name__, error.message, status_of(error), code, title)
    if isinstance(error, RateLimited | Unavailable):
        wait = error.wait if isinstance(error, RateLimited) else LATER
        response.headers["Retry-After"] = str(max(1, round(wait)))
    return response


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None:
        return make_response(error.get_response())
    text = NOT_HERE if error.code == 404 else UNFIT.format(code=error.code)
    response = _answer(type(error).__name__, text, error.code, _code())
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    code = _code()
    log.exception("unexpected error code=%s endpoint=%s", code, request.endpoint)
    return _answer("Unexpected", UNEXPECTED, 500, code)


def _answer(kind: str, message: Text, status: int, code: str, title: Text = TITLE) -> Response:
    if request.headers.get("HX-Request") and not _wants_json():
        return make_response(render_template("pages/fault.html", message=message, code=code, status=status), status)
    if _wants_json():
        problem = {"type": "about:blank", "title": kind, "status": status, "detail": say(message), "code": code}
        response = jsonify(problem)
        response.data = json.dumps(problem, ensure_ascii=False)
        response.status_code, response.content_type = status, "application/problem+json"
        return response
    page = render_template("pages/notice.html", title=title, message=message, code=code, action=None)
    return make_response(page, status)


def _wants_json() -> bool:
    if request.path.startswith(PROGRAMS):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return bool(best) and best != "text/html"


def _code() -> str:
    """For support: the same in the answer and in the log."""
    g.support_code = secrets.token_hex(4)
    return str(g.support_code)
