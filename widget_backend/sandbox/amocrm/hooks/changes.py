"""What a write has done, as one value that the event log and the hooks are both made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Change:
    """``action`` is the hook's word (``add``, ``status``, …); ``before`` holds the old values it needs."""

    entity: str
    action: str
    id: int
    by: int
    before: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
