"""What a request says, read by the schema of its route; all that is wrong is told at once, each with its place."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from flask import Request
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs import core
from webargs.flaskparser import FlaskParser, is_json_request

from widget_backend.errors import InvalidInput
from widget_backend.robots.reading.own import complaints
from widget_backend.texts import Text
from widget_backend.web.words import say

WRONG: Final = Text(
    "Запрос не подходит. Ничего не изменено: {problems}.", "The request does not fit. Nothing was changed: {problems}."
)
UNREADABLE: Final = Text(
    "Тело запроса не читается как JSON в UTF-8. Ничего не изменено: исправьте его и повторите.",
    "The body cannot be read as JSON in UTF-8. Nothing was changed: correct it and repeat.",
)


class Asked(Schema):
    """What a request may say, and nothing else."""

    class Meta:
        """Strict."""

        unknown = RAISE


class Said(fields.String):
    """A :class:`Text` in the language of the session."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return None if value is None else say(value)


class Count(fields.Integer):
    """A whole number of JSON: 7 and 7.0, but neither true nor a text."""

    def _deserialize(self, value: Any, *args: Any, **named: Any) -> Any:
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not is_whole:
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, *args, **named)


class Reader(FlaskParser):
    """Reads bodies and queries."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}

    def _raw_load_json(self, req: Request) -> Any:
        return parsed(req.get_data()) if is_json_request(req) else core.missing

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **_: Any) -> NoReturn:
        """Raises :class:`InvalidInput`."""
        told: Any = error.messages
        found = [one for of_place in told.values() for one in complaints(of_place)]
        words = Text("; ".join(one.ru for one in found), "; ".join(one.en for one in found))
        raise InvalidInput(WRONG.format(problems=words)) from error


def parsed(body: bytes) -> Any:
    """The JSON of a body. Raises :class:`InvalidInput` also for what no database can hold: lone surrogates and NUL."""
    try:
        value = json.loads(body, parse_constant=_refuse)
        text = json.dumps(value, ensure_ascii=False)
        text.encode()
    except (ValueError, RecursionError) as fault:
        raise InvalidInput(UNREADABLE) from fault
    if "\\u0000" in text:
        raise InvalidInput(UNREADABLE)
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
