"""Facts: what is known here of how an installation does, read in one transaction; the CRM is not asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from widget_backend import budget, jobs, requestlog
from widget_backend.budget import Standing
from widget_backend.clock import now
from widget_backend.config import Rate
from widget_backend.crm import charts
from widget_backend.deals.clinic import ZONE
from widget_backend.inbox import dead_letters, losses, marks, messages
from widget_backend.inbox.losses import LossMeter
from widget_backend.jobs import Queue
from widget_backend.robots import rules
from widget_backend.tenancy import tokens
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.tenancy.tokens import Tokens
from widget_backend.texts import Text
from widget_backend.wellbeing import checking
from widget_backend.wellbeing.checking import Checked

#: how far back the last event is looked for, the nearest first: most clinics are found in the first
WINDOWS: Final = (timedelta(hours=1), timedelta(days=1), messages.LIFE)
HOUR: Final = timedelta(hours=1)
#: after the set-up
FRESH: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class Facts:
    """``told_at``: the CRM's last event; ``looked_at``: when its own memory was last compared; ``refusal``: since when it
    refuses that, and its words; ``unread``: events that wait; ``stopped``: how much has; ``sent``, ``failed``: requests of the
    last hour; ``paused``: names of rules that cannot work; ``changed_at``: when a deal last changed, as the CRM
    remembers."""

    at: datetime
    info: InstallationInfo
    zone: ZoneInfo
    is_set_up: bool
    pair: Tokens | None
    told_at: datetime | None
    looked_at: datetime | None
    refusal: tuple[datetime, Text] | None
    losses: LossMeter
    unread: int
    queue: Queue
    stopped: int
    budget: Standing
    rate: Rate
    sent: int
    failed: int
    rules: int
    off: int
    paused: tuple[Text, ...]
    checked: Checked | None
    changed_at: datetime | None

    @property
    def is_halted(self) -> bool:
        """Whether the clinic has put all of its robots to rest."""
        return bool(self.info.settings.get("halted"))

    @property
    def is_fresh(self) -> bool:
        """Whether the set-up was proven so lately that much cannot be known yet."""
        since = self.info.activated_at
        return since is not None and self.at - since < FRESH


def read(session: Session, info: InstallationInfo, rate: Rate) -> Facts:
    """All of it, in scope. ``rate``: how fast the account may be asked."""
    moment, account = now(), f"{info.vendor}:{info.host}"
    book = rules.load(session).entries
    sent, failed = requestlog.tally(session, account, moment - HOUR)
    return Facts(
        moment,
        info,
        _zone(info.settings),
        charts.load(session) is not None,
        tokens.load(session),
        _told_at(session, moment),
        marks.looked_at(session),
        marks.refusal(session),
        losses.of(session),
        messages.count_waiting(session),
        jobs.standing(session, info.id),
        sum(group.count for group in dead_letters.groups(session, info.id)),
        budget.standing(session, account, rate),
        rate,
        sent,
        failed,
        len(book),
        sum(entry.off for entry in book),
        tuple(entry.rule.name for entry in book if entry.paused and not entry.off),
        checking.last(info.settings),
        max(filter(None, (marks.moves_until(session), marks.changes_until(session))), default=None),
    )


def _told_at(session: Session, moment: datetime) -> datetime | None:
    return next((at for window in WINDOWS if (at := messages.last_event(session, moment - window))), None)


def _zone(settings: Mapping[str, Any]) -> ZoneInfo:
    return ZoneInfo(str(settings.get("time_zone", ZONE)))
