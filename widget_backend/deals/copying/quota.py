"""The account's quota of deals, where it is known: a warning before it is full. Pure.

Neither CRM's API tells the quota; where the clinic knows it from its tariff, it is kept in the installation's settings::

    deal_quota: {allowed: 10000, used: 8120, at: "2026-11-20T09:00:00+00:00"}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from widget_backend.texts import Text

#: from which share of the quota on we warn, and copy sparingly where the clinic wants that
NEAR: Final = 0.8

WARNING = Text(
    "В аккаунте занято {used} из {allowed} сделок ({percent} %). Копии пока создаются: освободите место или включите в "
    "настройках «ссылка вместо копии».",
    "The account holds {used} of {allowed} deals ({percent} %). Copies are still made: make room, or switch on “link instead "
    "of copy” in the settings.",
)


@dataclass(frozen=True, slots=True)
class Quota:
    """How many deals the account may hold, and how many it held at a moment."""

    allowed: int
    used: int
    at: datetime


def read(settings: Mapping[str, Any]) -> Quota | None:
    """The quota an installation's settings hold; ``None`` where nobody knows it."""
    told = settings.get("deal_quota")
    return Quota(int(told["allowed"]), int(told["used"]), datetime.fromisoformat(told["at"])) if told else None


def warning(quota: Quota, added: int) -> Text | None:
    """What to say where the quota is nearly full. ``added``: deals that copying has made since it was told."""
    used = quota.used + added
    if used < NEAR * quota.allowed:
        return None
    return WARNING.format(used=used, allowed=quota.allowed, percent=round(100 * used / max(1, quota.allowed)))
