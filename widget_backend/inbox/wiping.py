"""What the inbox and the history hold of a clinic: bodies of events and fingerprints of fields may tell of people."""

from __future__ import annotations

from sqlalchemy.orm import Session

from widget_backend.deals import contact_state, deal_state, own_marks, stage_history
from widget_backend.inbox import losses, marks, messages

KEEPERS = (messages, contact_state, deal_state, stage_history, own_marks, marks, losses)


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows of each table there were."""
    return {table: rows for keeper in KEEPERS for table, rows in keeper.forget(session).items()}


def prune(session: Session) -> None:
    """Drop of all installations what is too old to be asked for. In ``scope(ALL)``."""
    for keeper in (messages, own_marks, losses):
        keeper.prune(session)
