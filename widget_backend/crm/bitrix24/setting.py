"""The dialog in which an administrator of the portal sets up a robot of ours: what it posts into our frame. Pure.

``PLACEMENT_OPTIONS`` name the robot, its properties as they are now and the kind of document; it is input from outside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: where such a page stands, and the only documents our robots know
PLACE: Final = "BIZPROC_ACTIVITY_PROPERTIES_DIALOG"
DEALS: Final = ["crm", "CCrmDocumentDeal", "DEAL"]
#: characters of a value; ours are far shorter
LONGEST: Final = 1000


@dataclass(frozen=True, slots=True)
class RobotDialog:
    """``values``: property -> what it is set to now. ``of_deals``: the robot stands among those of deals."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)
    of_deals: bool = True


def read(placement: str, options: str) -> RobotDialog | None:
    """The dialog a page was opened in; ``None`` where it is no such dialog."""
    try:
        told = json.loads(options or "{}")
    except (ValueError, RecursionError):
        return None
    if placement != PLACE or not isinstance(told, dict) or not isinstance(told.get("code"), str):
        return None
    current = told.get("current_values")
    values = {str(key): _one(value) for key, value in current.items()} if isinstance(current, dict) else {}
    document = told.get("document_type")
    return RobotDialog(told["code"], values, document in (None, DEALS))


def _one(value: Any) -> str:
    """An empty map of PHP is a list; a property of ours has one value."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return value[:LONGEST] if isinstance(value, str) else ""
