"""Dates and times of a portal: ISO 8601 with its offset on the wire, UTC with us (bitrix24.md §10, 6). Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time


def moment(value: object) -> datetime | None:
    """An aware time in UTC; one without an offset is taken for UTC. ``None`` for nothing and for what cannot be read, as the
    first and last hours of the calendar, which UTC has not."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) and value else None
        return read and (read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def day(value: object) -> date | None:
    """A date. It comes as a midnight: the portal's own, or that of UTC in the portal's offset."""
    found = moment(value)
    if found is None or not isinstance(value, str):
        return None
    local = datetime.fromisoformat(value)
    return found.date() if local.time() != time() and found.time() == time() else local.date()


def spoken(value: datetime) -> str:
    """As the portal is told: with an offset, or it would read its own zone into it."""
    return value.astimezone(UTC).isoformat(timespec="seconds")
