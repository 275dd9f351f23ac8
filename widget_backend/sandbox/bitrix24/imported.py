"""What applications and archives have brought into the portal's own automation, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class NativeRobot:
    """A robot or trigger of the portal's own on a stage, as an imported archive brought it; shown, not run."""

    stage_id: str
    kind: str
    name: str
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass
class WorkflowTemplate:
    """A workflow that an application has brought; ``tree``: the parts of its file."""

    id: int
    client_id: str
    name: str
    description: str
    auto_execute: str
    tree: dict[str, Any]


@dataclass(frozen=True)
class WorkflowRun:
    """One run of a template on a deal."""

    id: str
    template: int
    deal: int
