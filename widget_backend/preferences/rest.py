"""Rest: a clinic pauses all of its robots at once, and goes on later with what has gathered meanwhile."""

from __future__ import annotations

from typing import Any

from widget_backend import jobs
from widget_backend.clock import now
from widget_backend.errors import InvalidInput
from widget_backend.preferences import words
from widget_backend.tenancy import installations
from widget_backend.texts import Text


def pause(session: Any, installation_id: int, by: str) -> Text:
    """Rules stop, events are stored. Safe to repeat."""
    installations.configure(session, installation_id, halted={"by": by, "at": now().isoformat()})
    return words.HALTED


def resume(session: Any, installation_id: int) -> Text:
    """Go on, with all that was stored. Safe to repeat."""
    installations.configure(session, installation_id, halted=None)
    name = f"{installation_id}:reconcile"
    jobs.enqueue(session, "inbox.reconcile", lock=name, queueing_lock=name, installation_id=installation_id)
    return words.RESUMED


def sure(answer: str) -> None:
    """Raises :class:`InvalidInput` unless it was ticked."""
    if answer != "yes":
        raise InvalidInput(words.NOT_TICKED)
