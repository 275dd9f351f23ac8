"""Trial: what a rule would have done lately, and how that changes with the rule. Asks the CRM, writes nothing to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from widget_backend.clock import now
from widget_backend.deals.clinic import Clinic
from widget_backend.panel import telling
from widget_backend.robots import dry_run
from widget_backend.robots.dry_run import Backtest, Row
from widget_backend.robots.rule import Rule
from widget_backend.texts import Text

#: days that can be looked back, the usual one in the middle
PERIODS: Final = (1, 7, 30)
USUAL: Final = 7
#: moments that are looked at, each of which may cost a request to the CRM; less where two rules are
MOST, MOST_OF_TWO = 25, 12


@dataclass(frozen=True, slots=True)
class Line:
    """One moment. ``now``, ``then``: whether the present and the changed rule would act; ``None``: it would not answer."""

    deal: str
    at: Text
    now: bool | None
    then: bool | None
    why: Text

    @property
    def differs(self) -> bool:
        """Whether the change shows here."""
        return bool(self.now) is not bool(self.then)


@dataclass(frozen=True, slots=True)
class Trial:
    """``fires``: how often it would answer; ``acts``: in how many of the moments that were looked at it would act;
    ``deals``: of how many deals. ``hint``: why there is nothing to tell."""

    fires: int
    looked: int
    acts: int
    deals: int
    lines: tuple[Line, ...]
    hint: Text | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rule in force, the changed one, and both at each moment."""

    present: Trial
    changed: Trial
    lines: tuple[Line, ...]


def days(asked: str) -> int:
    """The period a person has chosen."""
    return next((one for one in PERIODS if str(one) == asked), USUAL)


def tried(clinic: Clinic, rule: Rule, period: int) -> Trial:
    """One rule on the last ``period`` days. Raises :class:`VendorError`; no transaction may be open."""
    return _trial(clinic, dry_run.backtest(clinic, rule, now() - timedelta(days=period), MOST))


def compared(clinic: Clinic, present: Rule, changed: Rule, period: int) -> Comparison:
    """Both rules on the same days. Raises as :func:`tried` does."""
    since = now() - timedelta(days=period)
    before, after = (dry_run.backtest(clinic, rule, since, MOST_OF_TWO) for rule in (present, changed))
    return Comparison(_trial(clinic, before), _trial(clinic, after), tuple(_beside(clinic, before, after)))


def _trial(clinic: Clinic, found: Backtest) -> Trial:
    lines = tuple(Line(row.deal, telling.moment(row.at, clinic.zone), row.would, None, row.why) for row in found.rows)
    acting = [row for row in found.rows if row.would]
    fires, deals = len(found.rows) + found.left_out, len({row.deal for row in acting})
    return Trial(fires, len(found.rows), len(acting), deals, lines, found.hint)


def _beside(clinic: Clinic, before: Backtest, after: Backtest) -> list[Line]:
    """The newest first."""
    one, other = _by_moment(before), _by_moment(after)
    moments = sorted(one.keys() | other.keys(), key=lambda moment: (moment[1], moment[0]), reverse=True)
    return [_line(clinic, moment, one.get(moment), other.get(moment)) for moment in moments]


def _by_moment(found: Backtest) -> Mapping[tuple[str, datetime], Row]:
    return {(row.deal, row.at): row for row in found.rows}


def _line(clinic: Clinic, moment: tuple[str, datetime], one: Row | None, other: Row | None) -> Line:
    row = other or one
    why = row.why if row else Text("", "")
    at = telling.moment(moment[1], clinic.zone)
    return Line(moment[0], at, one.would if one else None, other.would if other else None, why)
