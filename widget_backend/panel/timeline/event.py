"""An event of the timeline, whose events are told, and a source that tells some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from widget_backend.crm.chart import Chart
from widget_backend.panel import telling
from widget_backend.panel.known import Known
from widget_backend.robots.firing_log import Firing
from widget_backend.texts import Text

#: events of one page
MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Event:
    """``deal``: empty where it is of none; ``details``: sentences below the title; ``code``: of the robots' explanation;
    ``bad``: somebody should look."""

    at: datetime
    when: Text
    deal: str
    title: Text
    details: tuple[Text, ...] = ()
    code: str = ""
    bad: bool = False


@dataclass(frozen=True)
class Patient:
    """Whose events are told. ``contact``: empty where the deal has none; ``deals``: the deal, the patient's others, its family;
    ``runs``: of each of them, the newest first; ``named``: what the rules of ``runs`` were called then; ``may``: whether the
    reader works with deals, and is told what stood in their fields."""

    known: Known
    contact: str
    deals: Sequence[str]
    runs: Mapping[str, Sequence[Firing]]
    named: Mapping[int, Text]
    may: bool

    @property
    def chart(self) -> Chart:
        """What the account's stages and fields are called."""
        return self.known.chart or Chart()

    def when(self, at: datetime) -> Text:
        """By the clinic's clock."""
        return telling.moment(at, self.known.zone)


@dataclass(frozen=True, slots=True)
class Source:
    """One sort of events. ``key``: in addresses and styles; ``name``: of the filter; ``of``: the events of a patient, in no
    order, read in the session's scope; the CRM is not asked."""

    key: str
    name: Text
    of: Callable[[Any, Patient], Iterable[Event]]
