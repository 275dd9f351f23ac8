"""Headers of every answer: what a page may load, who may frame it, what is told to whom."""

from __future__ import annotations

import secrets
from typing import Final

from flask import Flask, Response, g, request

#: where a page may get things from (ui.md §2.3); ``frame-ancestors`` is the exact origin of one installation
POLICY: Final = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{nonce}'; "
    "connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors {frame}"
)


def guard(app: Flask) -> None:
    """Give each request its nonce and each answer its headers."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.nonce = secrets.token_urlsafe(16)


def _finish(response: Response) -> Response:
    frame = g.get("frame_origin") or "'none'"
    policy = POLICY.format(nonce=g.get("nonce", ""), frame=frame)
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.endpoint != "assets.static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
