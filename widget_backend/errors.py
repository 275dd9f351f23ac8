"""The errors of the product; each answers «what to do next».

::

    AppError                     message for the user, details for the log
      InvalidInput 422 · NotFound 404 · Forbidden 403 · Conflict 409
      VendorError                vendor, operation, status, request id; ``retry`` says what the worker does
        Unavailable   later      network, timeout, 5xx, an HTML page instead of an answer
        RateLimited   at(time)   429, QUERY_LIMIT_EXCEEDED, OPERATION_TIME_LIMIT
        AccessLost    never      the tenant must reconnect
        Rejected      never      any other refusal, with the vendor's words
        Missing       never      404 of a single object
        Unsupported   never      cannot be said to this vendor, or not on this plan
"""

from __future__ import annotations

from typing import ClassVar, Literal

from widget_backend.texts import Text


class AppError(Exception):
    """Base of all errors a user may meet: a message that says what happened, what is safe and what to do."""

    status: ClassVar[int] = 500

    def __init__(self, message: Text, **details: object) -> None:
        super().__init__(message.en)
        self.message = message
        self.details = details


class InvalidInput(AppError):
    """What came from the user cannot be used."""

    status = 422


class NotFound(AppError):
    """There is no such thing, or it is not this tenant's."""

    status = 404


class Forbidden(AppError):
    """The rights do not reach."""

    status = 403


class Conflict(AppError):
    """The world has moved on: a stale plan, another run under way."""

    status = 409


class VendorError(AppError):
    """A CRM did not do what it was asked. ``words`` are the vendor's own, already without secrets."""

    status = 502
    retry: ClassVar[Literal["later", "at", "never"]] = "never"

    def __init__(
        self,
        message: Text,
        *,
        vendor: str = "",
        operation: str = "",
        http_status: int = 0,
        code: str = "",
        words: str = "",
        request_id: str = "",
        **details: object,
    ) -> None:
        super().__init__(message, **details)
        self.vendor = vendor
        self.operation = operation
        self.http_status = http_status
        self.code = code
        self.words = words
        self.request_id = request_id


class Unavailable(VendorError):
    """Nobody answered, or not sensibly. ``applied_unknown``: a write may have been carried out all the same."""

    status = 503
    retry = "later"

    def __init__(self, message: Text, *, applied_unknown: bool = False, **named: object) -> None:
        super().__init__(message, **named)  # type: ignore[arg-type]
        self.applied_unknown = applied_unknown


class RateLimited(VendorError):
    """Too many requests; nothing was done. ``wait`` is in seconds from now."""

    status = 503
    retry = "at"

    def __init__(self, message: Text, *, wait: float, **named: object) -> None:
        super().__init__(message, **named)  # type: ignore[arg-type]
        self.wait = wait


class AccessLost(VendorError):
    """The token or address no longer opens the account."""

    status = 401


class Rejected(VendorError):
    """The vendor refused this request; repeating it changes nothing."""

    status = 422


class Missing(VendorError):
    """The one object asked for is not there."""

    status = 404


class Unsupported(VendorError):
    """This vendor, or this plan of his, cannot do it."""

    status = 422
