"""The vendors: one line each. A new vendor is a folder of the same shape plus a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from widget_backend.crm import amocrm, bitrix24
from widget_backend.crm.port import Connection, Structure
from widget_backend.texts import Text
from widget_backend.transport import Door


@dataclass(frozen=True, slots=True)
class Vendor:
    """One CRM. ``rate`` requests a second and ``burst`` are its rate limit per account."""

    key: str
    title: Text
    rate: float
    burst: int
    structure: Callable[[Connection, Door], Structure]


VENDORS: Mapping[str, Vendor] = {
    "bitrix24": Vendor("bitrix24", Text("Битрикс24", "Bitrix24"), rate=2.0, burst=50, structure=bitrix24.structure),
    "amocrm": Vendor("amocrm", Text("amoCRM", "amoCRM"), rate=6.5, burst=1, structure=amocrm.structure),
}
