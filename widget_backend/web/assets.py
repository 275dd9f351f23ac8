"""Addresses of static files that carry the hash of their content, so that a browser may keep them for a year."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, send_from_directory

FOLDER: Final = Path(__file__).parents[2] / "static"
#: seconds in a year
YEAR: Final = 31_536_000
#: what is served: neither lists of packages nor build scripts are anybody's business
SERVED: Final = (".css", ".js", ".svg", ".png", ".woff2", ".txt")

blueprint = Blueprint("assets", __name__)


def asset(name: str) -> str:
    """``app/app.css`` as ``/static/app/app.css?v=<hash>``. Raises :class:`FileNotFoundError`."""
    file = FOLDER / name
    return f"/static/{name}?v={_hash(file, file.stat().st_mtime_ns)}"


@functools.lru_cache(maxsize=256)
def _hash(file: Path, changed_at: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]


@blueprint.get("/static/<path:name>")
def static(name: str) -> Response:
    """A file below ``static/``; for a year under any hash, as another content has another address."""
    if not name.endswith(SERVED):
        abort(404)
    response = send_from_directory(FOLDER, name, max_age=YEAR)
    response.cache_control.public, response.cache_control.immutable = True, True
    return response
