"""What we hold of a clinic may tell of people: all of it goes when the clinic goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from installer.wizard import wiping as wizard
from widget_backend import answers
from widget_backend.deals import effect_log, routing
from widget_backend.deals.copying import lineage
from widget_backend.inbox import wiping as inbox
from widget_backend.robots import wiping as robots

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

KEEPERS: Final[tuple[Callable[[Session], Mapping[str, int]], ...]] = (
    wizard.forget,
    robots.forget,
    routing.forget,
    lineage.forget,
    effect_log.forget,
    inbox.forget,
    answers.forget,
)


def forget(session: Session) -> Mapping[str, int]:
    """Drop it all, of the installation in scope; how many rows of each table there were."""
    return {table: rows for forget in KEEPERS for table, rows in forget(session).items()}
