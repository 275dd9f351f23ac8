"""Zones: the clocks that clinics go by, named by their cities as people there do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from widget_backend.texts import Text

#: zones that clinics of our vendors work in, from the west on
ZONES: Final[Mapping[str, Text]] = {
    "Europe/Kaliningrad": Text("Калининград (МСК−1)", "Kaliningrad (UTC+2)"),
    "Europe/Moscow": Text("Москва (МСК)", "Moscow (UTC+3)"),
    "Europe/Minsk": Text("Минск (МСК)", "Minsk (UTC+3)"),
    "Europe/Samara": Text("Самара (МСК+1)", "Samara (UTC+4)"),
    "Asia/Tbilisi": Text("Тбилиси (МСК+1)", "Tbilisi (UTC+4)"),
    "Asia/Yerevan": Text("Ереван (МСК+1)", "Yerevan (UTC+4)"),
    "Asia/Baku": Text("Баку (МСК+1)", "Baku (UTC+4)"),
    "Asia/Yekaterinburg": Text("Екатеринбург (МСК+2)", "Yekaterinburg (UTC+5)"),
    "Asia/Almaty": Text("Алматы (МСК+2)", "Almaty (UTC+5)"),
    "Asia/Tashkent": Text("Ташкент (МСК+2)", "Tashkent (UTC+5)"),
    "Asia/Omsk": Text("Омск (МСК+3)", "Omsk (UTC+6)"),
    "Asia/Bishkek": Text("Бишкек (МСК+3)", "Bishkek (UTC+6)"),
    "Asia/Novosibirsk": Text("Новосибирск (МСК+4)", "Novosibirsk (UTC+7)"),
    "Asia/Krasnoyarsk": Text("Красноярск (МСК+4)", "Krasnoyarsk (UTC+7)"),
    "Asia/Irkutsk": Text("Иркутск (МСК+5)", "Irkutsk (UTC+8)"),
    "Asia/Yakutsk": Text("Якутск (МСК+6)", "Yakutsk (UTC+9)"),
    "Asia/Vladivostok": Text("Владивосток (МСК+7)", "Vladivostok (UTC+10)"),
    "Asia/Magadan": Text("Магадан (МСК+8)", "Magadan (UTC+11)"),
    "Asia/Kamchatka": Text("Камчатка (МСК+9)", "Kamchatka (UTC+12)"),
}


def city(zone: str | ZoneInfo) -> Text:
    """A zone as its people call it; any other by its own name."""
    return ZONES.get(str(zone), Text(str(zone), str(zone)))
