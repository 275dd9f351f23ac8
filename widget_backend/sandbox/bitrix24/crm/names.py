"""Names of user fields in ``crm.item.*``: the vendor's camelCase, or the original ones."""

from __future__ import annotations

import re
from collections.abc import Iterable

from widget_backend.sandbox.bitrix24.crm.values import flag

_PREFIX = "UF_CRM_"


def camel(name: str) -> str:
    """``UF_CRM_10_DIGIT`` -> ``ufCrm10Digit``; names that mix letters and digits keep their tail."""
    rest = name.removeprefix(_PREFIX)
    number, tail = re.fullmatch(r"(?:(\d+)_(?=.))?(.*)", rest).groups()  # type: ignore[union-attr]
    if re.fullmatch(r"[\d_]+", tail):
        return f"ufCrm{number}_{tail}" if number else f"ufCrm_{tail}"
    if re.fullmatch(r"[A-Z_]+", tail):
        return f"ufCrm{number or ''}" + "".join(part.capitalize() for part in tail.split("_"))
    return f"ufCrm_{rest}"


def shown_names(names: Iterable[str], original: object) -> dict[str, str]:
    """Original name -> name in the API; of two that clash the later keeps its original."""
    taken: dict[str, str] = {}
    keep = flag(original) == "Y"
    for name in names:
        wanted = name if keep else camel(name)
        taken[name] = name if wanted in taken.values() else wanted
    return taken
