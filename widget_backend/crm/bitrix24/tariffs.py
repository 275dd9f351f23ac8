"""Tariffs in words. The portal tells a code: its region, «_», the tariff: ``ru_pro100`` (bitrix24.md §8)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from widget_backend.texts import Text

NAMES: Final[Mapping[str, Text]] = {
    "project": Text("Проект", "Project"),
    "demo": Text("Демо", "Demo"),
    "nfr": Text("NFR, для партнёров", "NFR, for partners"),
    "basic": Text("Базовый", "Basic"),
    "std": Text("Стандартный", "Standard"),
    "pro": Text("Профессиональный", "Professional"),
    "ent": Text("Энтерпрайз", "Enterprise"),
}
#: sold in sizes, so that the number of people belongs to the name
SIZED: Final = ("ent",)

_CODE = re.compile(r"(?:[a-z]+_)?([a-z]+)([0-9]*)", re.IGNORECASE)


def tariff(code: str) -> Text | None:
    """The name behind a code of ``LICENSE``, the code itself in quotes where we know none, nothing for nothing."""
    if not code:
        return None
    read = _CODE.fullmatch(code)
    family, size = (read[1].lower(), read[2]) if read else ("", "")
    name = NAMES.get(family)
    if name is None:
        return Text(f"«{code}»", f"“{code}”")
    return Text(f"{name.ru} {size}", f"{name.en} {size}") if size and family in SIZED else name
