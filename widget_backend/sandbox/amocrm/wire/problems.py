"""Refusals of the API: ``application/problem+json`` bodies, validation errors by item, and the vendor's HTML pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    504: "Gateway Time-out",
}

UNAUTHORIZED = {"amocrm": "Неверный логин или пароль", "kommo": "Invalid login or password"}

NOT_A_CHOICE = "The value you selected is not a valid choice."


class Problem(Exception):
    """An answer that is not a success; ``html`` answers a page and ``empty`` nothing at all."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        extra: dict[str, Any] | None = None,
        html: bool = False,
        empty: bool = False,
    ) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail
        self.extra = extra or {}
        self.html = html
        self.empty = empty

    def body(self) -> dict[str, Any]:
        """The JSON of the problem."""
        kind = {"title": TITLES[self.status], "type": f"https://httpstatus.es/{self.status}", "status": self.status}
        return {**self.extra, **kind, "detail": self.detail}

    def page(self) -> str:
        """The HTML of the problem."""
        title = f"{self.status} {TITLES[self.status]}"
        return f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{self.detail or title}</h1></body></html>"


@dataclass(frozen=True)
class Issue:
    """One thing wrong with one item of a batch; the path is dotted, with indices."""

    code: str
    path: str
    detail: str

    def under(self, prefix: str) -> Issue:
        """The same issue seen from the item that embeds it."""
        return Issue(self.code, f"{prefix}.{self.path}", self.detail)


def not_a_choice(path: str) -> Issue:
    """An unknown id or word."""
    return Issue("NotSupportedChoice", path, NOT_A_CHOICE)


def wrong_type(path: str, kind: str) -> Issue:
    """A value of another type than ``kind``."""
    return Issue("InvalidType", path, f"This value should be of type {kind}.")


def missing(path: str) -> Issue:
    """A required key that is not there."""
    return Issue("FieldMissing", path, "This field is missing.")


def blank(path: str) -> Issue:
    """An empty text where one is needed."""
    return Issue("IsBlank", path, "This value should not be blank.")


def too_long(path: str, most: int) -> Issue:
    """A text or a list over its limit."""
    return Issue("TooLong", path, f"This value is too long. It should have {most} or less.")


def invalid(found: list[tuple[str, list[Issue]]]) -> Problem:
    """The 400 of a batch: every item's issues, whatever the other items are like."""
    errors = [
        {"request_id": request_id, "errors": [vars(issue) for issue in issues]}
        for request_id, issues in found
        if issues
    ]
    return Problem(400, "Request validation failed", {"validation-errors": errors})


def unauthorized(brand: str) -> Problem:
    """The refusal of a token that is unknown, expired or revoked."""
    return Problem(401, UNAUTHORIZED[brand])


def forbidden(detail: str = "Not enough rights") -> Problem:
    """The refusal for want of a right or a scope."""
    return Problem(403, detail)


def blocked() -> Problem:
    """What every call of a blocked account is answered."""
    return Problem(403, "Аккаунт заблокирован. Обратитесь в службу поддержки.", html=True)


def too_many(retry_after: int, html: bool) -> Problem:
    """The refusal over the rate."""
    return Problem(429, "Too many requests", {"retry_after": retry_after}, html=html)


def unpaid() -> Problem:
    """The refusal when the subscription has ended."""
    return Problem(402, "Payment required")


def impossible(detail: str, status: int = 422) -> Problem:
    """Understood but not to be done."""
    return Problem(status, detail)


def not_found(detail: str) -> Problem:
    """No such route or id."""
    return Problem(404, detail)
