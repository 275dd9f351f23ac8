"""Repeats: a write that comes twice under one ``Idempotency-Key`` has one effect and one answer, also when both come at once.

Only what succeeded is kept: after a failure the same request tries again, and goes on from where it stopped.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable
from typing import Any, Final

from flask import Response, make_response, request

from widget_backend import answers
from widget_backend.errors import Conflict, InvalidInput
from widget_backend.locks import Busy, awaited
from widget_backend.texts import Text
from widget_backend.web.auth import installation, visit
from widget_backend.web.context import context

HEADER: Final = "Idempotency-Key"
#: characters of a key, and which they may be
LONGEST: Final = 200
SIGNS: Final = "[!-~]"
#: seconds until the other one of two has its answer
PATIENCE: Final = 15.0

NO_KEY = Text(
    "Не хватает заголовка Idempotency-Key (до 200 знаков ASCII без пробелов, свой у каждого действия). Ничего не изменено: с "
    "ним повтор запроса ничего не задвоит.",
    "The header Idempotency-Key is missing (up to 200 ASCII characters without blanks, another one for each act). Nothing was "
    "changed: with it a repeated request doubles nothing.",
)
OTHER = Text(
    "Под этим Idempotency-Key уже пришёл другой запрос. Этот не выполнен: дайте ему свой ключ.",
    "Another request came under this Idempotency-Key. This one was not carried out: give it a key of its own.",
)
UNDER_WAY = Text(
    "Такой же запрос ещё выполняется. Ничего не задвоено: повторите через минуту с тем же ключом, ответом будет его результат.",
    "The same request is under way. Nothing was doubled: repeat in a minute under the same key, its result is the answer.",
)

View = Callable[..., Any]


def once(view: View, *, needed: bool) -> View:
    """Answer a key once. ``needed``: there must be one, and the view takes it as ``cause``, by which its effects are known."""

    @functools.wraps(view)
    def answered(*told: Any, **places: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None and not needed:
            return view(*told, **places)
        if not re.fullmatch(f"{SIGNS}{{1,{LONGEST}}}", key or ""):
            raise InvalidInput(NO_KEY)
        name = hashlib.sha256(str(key).encode()).hexdigest()
        cause = {"cause": f"api:{name[:40]}"} if needed else {}
        return _answered(name, lambda: make_response(view(*told, **places, **cause)))

    return answered


def _answered(key: str, act: Callable[[], Response]) -> Response:
    database, number, mark = context().database, installation().id, _mark()
    try:
        with awaited(database, f"{number}:answer:{key}", PATIENCE):
            with database.transaction() as session:
                known = answers.begin(session, number, key, mark)
            if known.mark != mark:
                raise InvalidInput(OTHER)
            if known.status:
                return Response(known.body, known.status, mimetype="application/json")
            response = act()
            if response.status_code < 300:
                with database.transaction() as session:
                    answers.keep(session, key, response.status_code, response.get_data(as_text=True))
            return response
    except Busy:
        raise Conflict(UNDER_WAY) from None


def _mark() -> str:
    """What is asked, and by whom: as a key is found again by it."""
    asked = (visit().user_id, request.method, request.full_path, request.content_type or "")
    return hashlib.sha256("\0".join(asked).encode() + b"\0" + request.get_data()).hexdigest()
