"""Working time: a clinic's hours as spans of the week, and moments counted in them or in its zone's days. Pure.

Moments are aware and come back in UTC. An hour is sixty minutes; a day is a day of the clinic's calendar, so its wall clock
stays the same when the clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

DAYS: Final = {
    **{name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
    **{name: number for number, name in enumerate(("пн", "вт", "ср", "чт", "пт", "сб", "вс"))},
}
MINUTES: Final = {"m": 1, "h": 60}
DAY: Final = timedelta(days=1)
#: a day off that begins all the same: a date of the calendar arrives then
MORNING: Final = time(9)
#: what is before the first or after the last of these is moved there: a year 1 or 9999 is a slip of the pen, and no fault
FIRST: Final = datetime(1, 1, 3, tzinfo=UTC)
LAST: Final = datetime(9999, 12, 29, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Hours:
    """``week``: by weekday from Monday, the minutes of the day from and to, in order and apart. No hours: always open."""

    zone: ZoneInfo
    week: tuple[tuple[tuple[int, int], ...], ...] = ((),) * 7

    @property
    def always(self) -> bool:
        """Whether nobody said any hours."""
        return not any(self.week)

    def is_open(self, at: datetime) -> bool:
        """Whether the clinic works at this moment; at its closing moment it does not."""
        return self.always or any(since <= at < until for since, until in self._spans(self.day(at)))

    def opening(self, at: datetime) -> datetime:
        """This moment while the clinic works, else the next at which it opens."""
        if self.is_open(at):
            return at.astimezone(UTC)
        return next((max(at.astimezone(UTC), since) for since, until in self._from(at) if until > at), LAST)

    def after(self, start: datetime, span: str) -> datetime:
        """The end of ``span`` («15m», «4h», «3d») of working time. A day is the same hour of the next working day, or the
        nearest to it at which the clinic works."""
        count, unit = int(span[:-1]), span[-1]
        if self.always:
            return self.later(start, span)
        if unit == "d":
            return self._working_days(self.opening(start), count)
        left = timedelta(minutes=count * MINUTES[unit])
        for since, until in self._from(start):
            begins = max(since, start.astimezone(UTC))
            if until - begins >= left > timedelta():
                return begins + left
            left -= max(until - begins, timedelta())
        return LAST

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much working time there is between two moments."""
        total = timedelta()
        for opens, closes in self._from(since):
            if opens >= until:
                break
            total += max(min(closes, until) - max(opens, since), timedelta())
        return total if not self.always else until - since

    def later(self, start: datetime, span: str) -> datetime:
        """``span`` of plain time later."""
        return self._shifted(start, span, 1)

    def earlier(self, start: datetime, span: str) -> datetime:
        """``span`` of plain time earlier."""
        return self._shifted(start, span, -1)

    def dawn(self, day: date) -> datetime:
        """When a date arrives: the clinic opens, or 9:00 on a day off."""
        spans = self._spans(day)
        return spans[0][0] if spans else self._moment(day, MORNING.hour * 60)

    def dusk(self, day: date) -> datetime:
        """When a date is over for those who work: the clinic closes, or the day ends on a day off."""
        spans = self._spans(day)
        return spans[-1][1] if spans else self._moment(day, 24 * 60)

    def day(self, at: datetime) -> date:
        """The clinic's date at this moment."""
        return self.wall(at).date()

    def wall(self, at: datetime) -> datetime:
        """This moment by the clinic's clock."""
        return min(max(at, FIRST), LAST).astimezone(self.zone)

    def _working_days(self, start: datetime, count: int) -> datetime:
        wall = self.wall(start)
        day = wall.date()
        while count and day < LAST.date():
            day += DAY
            count -= bool(self.week[day.weekday()])
        wanted, spans = self._moment(day, wall.hour * 60 + wall.minute), self._spans(day)
        exact = wanted + timedelta(seconds=wall.second, microseconds=wall.microsecond)
        inside = [exact for since, until in spans if since <= exact <= until]
        following = [since for since, _ in spans if since > exact]
        closing = [until for _, until in reversed(spans)]
        return [*inside, *following, *closing, exact][0]

    def _shifted(self, start: datetime, span: str, sign: int) -> datetime:
        count, unit, wall = int(span[:-1]) * sign, span[-1], self.wall(start)
        try:
            if unit == "d":
                # wall clocks are added without a zone: the same hour, whatever the clocks did in between
                return (wall + count * DAY).astimezone(UTC)
            return wall.astimezone(UTC) + timedelta(minutes=count * MINUTES[unit])
        except OverflowError:
            return LAST if sign > 0 else FIRST

    def _from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working spans from the day before this moment on, without an end but the calendar's."""
        day = self.day(at) - DAY
        while not self.always and day < LAST.date():
            yield from self._spans(day)
            day += DAY

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """A day's working spans, in UTC; one that the changing clocks swallowed is none."""
        found = [(self._moment(day, since), self._moment(day, until)) for since, until in self.week[day.weekday()]]
        return [(since, until) for since, until in found if since < until]

    def _moment(self, day: date, minute: int) -> datetime:
        midnight = datetime.combine(min(max(day, FIRST.date()), LAST.date()), time(), self.zone)
        return (midnight + timedelta(minutes=minute)).astimezone(UTC)


@lru_cache(maxsize=1024)
def hours(lines: tuple[str, ...], zone: ZoneInfo) -> Hours:
    """The hours that lines like «mon-fri 09:00-20:00» say (``grammar.HOURS``); those of one day that touch become one span."""
    week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for line in lines:
        days, clock = line.split()
        since, until = (_minute(word) for word in clock.split("-"))
        for day in _weekdays(days):
            if since < until:
                week[day].append((since, until))
            else:  # over midnight
                week[day].append((since, 24 * 60))
                week[(day + 1) % 7].append((0, until))
    return Hours(zone, tuple(_joined(spans) for spans in week))


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return min(int(hour) * 60 + int(minute), 24 * 60)


def _weekdays(words: str) -> Iterator[int]:
    """«fri-mon» goes on over the end of the week."""
    first, _, last = words.partition("-")
    since, until = DAYS[first], DAYS[last or first]
    yield from ((since + step) % 7 for step in range((until - since) % 7 + 1))


def _joined(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for since, until in sorted(span for span in spans if span[0] < span[1]):
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(until, joined[-1][1]))
        else:
            joined.append((since, until))
    return tuple(joined)
