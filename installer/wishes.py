"""What the planner is asked for: the wishes of a preset, and what a person decided beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from widget_backend.crm.model import Capabilities, Resource

#: where the clinic and the preset both changed something: ask, keep the clinic's, replace it by the preset's
OnConflict = Literal["ask", "keep", "replace"]


class Wishes(Protocol):
    """What the planner needs of a preset."""

    @property
    def key(self) -> str: ...  # noqa: D102

    @property
    def version(self) -> str: ...  # noqa: D102

    @property
    def digest(self) -> str: ...  # noqa: D102

    def system(self, address: str) -> str | None:
        """The built-in field an address stands for, if any."""
        ...

    def desired(self, capabilities: Capabilities, language: str) -> tuple[Resource, ...]:
        """The resources wanted in this CRM, in its language."""
        ...


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person decided beforehand: take over same-named objects or not; what to do where both sides changed.

    ``decisions``: address -> what was decided about this one.
    """

    adopt: bool = True
    conflicts: OnConflict = "ask"
    decisions: Mapping[str, OnConflict] = field(default_factory=dict)

    def about(self, address: str) -> OnConflict:
        """What was decided about this address."""
        return self.decisions.get(address, self.conflicts)


DEFAULT = Choices()
