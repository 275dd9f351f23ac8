"""Moments, people and values as the panel names them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from widget_backend.crm.chart import Chart
from widget_backend.crm.records import FieldValue
from widget_backend.panel import words
from widget_backend.robots import naming, sentences
from widget_backend.texts import Text

#: months as English pages write them, whatever the machine's locale
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment(at: datetime, zone: ZoneInfo) -> Text:
    """«22.11.2026 09:00», by the clinic's clock."""
    there = at.astimezone(zone)
    return Text(f"{there:%d.%m.%Y %H:%M}", f"{there.day} {MONTHS[there.month - 1]} {there:%Y %H:%M}")


def person(user: str, team: Mapping[str, str]) -> Text:
    """A user of the CRM, by name where the clinic has told us one."""
    if user == "robot":
        return words.BY_ROBOT
    name = team.get(user, "")
    return Text(name, name) if name else words.USER.format(user=user) if user else words.UNKNOWN


def value(told: FieldValue, field: str, chart: Chart, zone: ZoneInfo) -> Text:
    """What a field (address) holds, as people read it."""
    match told:
        case str():
            return plain(naming.option(chart, field, told))
        case datetime():
            return moment(told, zone)
        case date():
            return Text(f"{told:%d.%m.%Y}", f"{told.day} {MONTHS[told.month - 1]} {told:%Y}")
        case tuple():
            return plain(", ".join(naming.option(chart, field, key) for key in told))
        case int() if field in chart.field and chart.field[field].type == "money":
            return plain(amount(told, chart.currency))
        case _:
            return sentences.answer(told, field, chart)


def plain(words: str) -> Text:
    """The same in both languages."""
    return Text(words, words)


def amount(minor: int, currency: str) -> str:
    """«15 000,50 ₽» out of minor units; thousands held together by a space that does not break."""
    whole, rest = divmod(abs(minor), 100)
    grouped = f"{whole:,}".replace(",", "\u00a0")
    sign = {"RUB": "₽", "": "₽"}.get(currency, currency)
    return f"{'−' if minor < 0 else ''}{grouped}{f',{rest:02}' if rest else ''}\u00a0{sign}"
