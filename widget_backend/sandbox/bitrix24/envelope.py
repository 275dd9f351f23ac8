"""The answer's envelope: results, pages, errors, the ``time`` block, and how PHP writes arrays as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

#: the portal's offset from UTC; every date a portal answers carries it
PORTAL_ZONE = timezone(timedelta(hours=3))


class TimeIsUp(Exception):
    """A request has worked for longer than a portal lets it: what was applied stays, a page of the front answers."""


class RestError(Exception):
    """What the emulator answers instead of a result: ``{"error": code, "error_description": text}`` and its status."""

    def __init__(self, code: str, description: str, status: int = 400, **extra: Any) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.status = status
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The error as it stands in an answer or in a batch's ``result_error``."""
        return {"error": self.code, "error_description": self.description, **self.extra}


@dataclass(frozen=True)
class Page:
    """A result whose ``total`` and ``next`` are lifted to the top of the answer."""

    result: Any
    total: int | None = None
    next: int | None = None


@dataclass(frozen=True)
class Outcome:
    """One method's answer with its ``time`` block."""

    page: Page
    time: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def body(self) -> dict[str, Any]:
        """The whole answer of a single call."""
        body: dict[str, Any] = {"result": php(self.page.result)}
        if self.page.next is not None:
            body["next"] = self.page.next
        if self.page.total is not None:
            body["total"] = self.page.total
        return body | {"time": self.time}


def legacy(description: str, status: int = 400) -> RestError:
    """An error of the older ``crm.*`` methods: its code is empty, the text says it all."""
    return RestError("", description, status)


def access_denied() -> RestError:
    """The refusal of a method that wants more rights than the caller has."""
    return RestError("ACCESS_DENIED", "Access denied!", 403)


def expired_token() -> RestError:
    """The refusal that tells a client to refresh."""
    return RestError("expired_token", "The access token provided has expired.", 401)


def query_limit() -> RestError:
    """Too many requests at once."""
    return RestError("QUERY_LIMIT_EXCEEDED", "Too many requests", 503)


def operation_time_limit() -> RestError:
    """A method has used up its working time of ten minutes."""
    return RestError("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429)


def method_not_found() -> RestError:
    """No such method, or the plan hides it."""
    return RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)


def insufficient_scope() -> RestError:
    """The application or webhook was not given this scope."""
    text = "The request requires higher privileges than provided by the access token"
    return RestError("insufficient_scope", text, 401)


def without_rest() -> RestError:
    """The plan has no REST."""
    return RestError("ACCESS_DENIED", "REST is available only on commercial plans.", 403)


def argument_missing(name: str) -> RestError:
    """A general method's argument is not there."""
    return RestError("ERROR_ARGUMENT", f"Argument '{name}' is null or empty", 400, argument=name)


def time_block(started: float, finished: float, operating: float, reset_at: int) -> dict[str, Any]:
    """The ``time`` part of a successful answer."""
    return {
        "start": started,
        "finish": finished,
        "duration": finished - started,
        "processing": finished - started,
        "date_start": iso(started),
        "date_finish": iso(finished),
        "operating_reset_at": reset_at,
        "operating": operating,
    }


def iso(moment: float) -> str:
    """A moment as the portal writes it: ISO 8601 with its offset, no fractions."""
    return datetime.fromtimestamp(int(moment), UTC).astimezone(PORTAL_ZONE).isoformat()


def php(value: Any) -> Any:
    """``value`` as PHP would encode it: an empty map and a map with keys 0..n-1 are lists, 2.0 is 2."""
    if isinstance(value, dict):
        if [str(key) for key in value] == [str(index) for index in range(len(value))]:
            return [php(item) for item in value.values()]
        return {key: php(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [php(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
