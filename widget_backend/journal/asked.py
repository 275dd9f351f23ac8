"""Asked: what of the journal somebody wants to see, and where a page of it ends. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from widget_backend.journal import words
from widget_backend.robots.firing_log import LIFE

#: how far back the journal reads, in days: as long as what robots did is kept
KEPT: Final = LIFE.days
#: periods that are offered, in days
DAYS: Final = (1, 3, 7, KEPT)

_DEAL: Final = re.compile(r"[1-9][0-9]{0,14}")
_PLACE: Final = re.compile(r"([0-9]{1,16})\.([0-9])\.([0-9]{1,18})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: the newest first, then by source (its number in ``sources.SOURCES``), then the last made."""

    at: datetime
    source: int
    id: int

    def __lt__(self, other: Place) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[float, int, int]:
        return (-((self.at - _EPOCH) / timedelta(microseconds=1)), self.source, -self.id)

    def written(self) -> str:
        """As a page's address names it."""
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}.{self.source}.{self.id}"


@dataclass(frozen=True, slots=True)
class Asked:
    """``kind``: a key of ``words.KINDS``; ``failed``: only what somebody should look at; ``before``: the last one seen."""

    deal: str = ""
    kind: str = "all"
    failed: bool = False
    days: int = KEPT
    before: Place | None = None

    def address(self, before: Place | None = None) -> dict[str, str]:
        """What a page's address says of it; what is at its default is left out."""
        given = {"deal": self.deal, "kind": "" if self.kind == "all" else self.kind}
        given |= {"failed": "yes" if self.failed else "", "days": "" if self.days == KEPT else str(self.days)}
        return {name: value for name, value in given.items() if value} | (
            {"before": before.written()} if before else {}
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return replace(self, before=None) != Asked()


def read(given: Mapping[str, str]) -> Asked:
    """The inverse of :meth:`Asked.address`; what cannot be read counts as not asked."""
    deal, days = given.get("deal", "").strip().lstrip("№# "), given.get("days", "")
    return Asked(
        deal if _DEAL.fullmatch(deal) else "",
        kind if (kind := given.get("kind", "")) in words.KINDS else "all",
        given.get("failed", "") == "yes",
        int(days) if days in {str(each) for each in DAYS} else KEPT,
        _place(given.get("before", "")),
    )


def _place(written: str) -> Place | None:
    found = _PLACE.fullmatch(written)
    if found is None:
        return None
    moment, source, number = (int(part) for part in found.groups())
    return Place(_EPOCH + timedelta(microseconds=moment), source, number)
