"""Versions: whether what a form began with is still what is kept, so that two people never undo each other unseen."""

from __future__ import annotations

from typing import Any

from widget_backend.crm.encoding import digest
from widget_backend.errors import Conflict
from widget_backend.preferences import words


class Stale(Conflict):
    """It was changed since the form was drawn."""


def version(kept: Any) -> str:
    """Of a JSON value; empty for nothing."""
    return digest(kept)[:16] if kept else ""


def check(kept: Any, sent: str) -> None:
    """Raises :class:`Stale` where it is another one now."""
    if version(kept) != sent:
        raise Stale(words.CHANGED_MEANWHILE)
