"""How the API's description tells of errors: problems as in RFC 9457, which ``web.errors`` answers."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields

#: what goes wrong anywhere, and what also does where the CRM is asked
ALWAYS: Final = (401, 403, 404, 422)
ASKING: Final = (*ALWAYS, 409, 502, 503)

MEANS: Final = {
    401: "There is no session, or no longer: reload the page",
    403: "The role of the session does not allow it",
    404: "There is no such thing, or it is not this clinic's",
    409: "The CRM or our settings have changed, or the same is under way: the text says what to do",
    422: "What was sent cannot be used: the text names every place",
    502: "The CRM answers what nobody understands",
    503: "The CRM does not answer, or asks to wait: repeat after so many seconds",
}


class Problem(Schema):
    """What happened, what is safe and what to do."""

    type = fields.String(required=True)
    title = fields.String(required=True, metadata={"description": "kind of the error"})
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "for a person, in the language of the session"})
    code = fields.String(required=True, metadata={"description": "for our support"})


def name(status: int) -> str:
    """Of the description's part for a status."""
    return f"Problem{status}"


def describe(api: Any) -> None:
    """Add them, and the session, to the description."""
    parts = api.spec.components
    parts.security_scheme(
        "session", {"type": "http", "scheme": "bearer", "description": "of a page of ours, for an hour"}
    )
    parts.schema("Problem", schema=Problem)
    for status, words in MEANS.items():
        told: dict[str, Any] = {
            "description": words,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        if status == 503:
            told["headers"] = {"Retry-After": {"description": "in seconds", "schema": {"type": "integer"}}}
        parts.response(name(status), told)
