"""What a CRM's own automation can carry out in our place: values, and what we ask of it. Frozen, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from widget_backend.crm.chart import Chart
from widget_backend.crm.port import Connection
from widget_backend.robots.rule import Rule, TaskTemplate
from widget_backend.texts import Text
from widget_backend.transport import Door

#: ``robots``: by robots on its stages, out of an archive that a person imports; ``flow``: by a workflow that we put there and
#: that our engine starts
Way = Literal["robots", "flow"]


@dataclass(frozen=True, slots=True)
class Ground:
    """What native automation is made for. ``tasks``: templates by address; ``watched``: fields whose change other rules wait
    for; ``client``: our application at the vendor, empty where there is none."""

    chart: Chart
    tasks: Mapping[str, TaskTemplate] = field(default_factory=dict)
    watched: frozenset[str] = frozenset()
    client: str = ""


@dataclass(frozen=True, slots=True)
class Saying:
    """What can be said of one rule. ``remarks``: where the CRM does it a little differently; ``reasons``: why it cannot, empty
    where it can."""

    rule: str
    ways: tuple[Way, ...] = ()
    remarks: tuple[Text, ...] = ()
    reasons: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """An archive to be imported by a person: the same bytes from the same rules."""

    name: str
    content: bytes = field(repr=False)
    robots: int = 0
    triggers: int = 0
    stages: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """A workflow of one rule. ``content``: the file the CRM takes."""

    name: str
    description: str
    content: bytes = field(repr=False)


class Native(Protocol):
    """A CRM whose own automation can be handed rules."""

    @property
    def page(self) -> str:
        """The path of the page where a person imports an archive."""
        ...

    def say(self, rule: Rule, ground: Ground) -> Saying:
        """Which ways there are for a rule, and why there are none. Pure."""
        ...

    def pack(self, rules: Sequence[Rule], ground: Ground) -> Pack:
        """The archive of these rules. Raises :class:`InvalidInput` where one cannot be said, or the archive may do harm."""
        ...

    def flow(self, rule: Rule, ground: Ground) -> Flow:
        """The workflow of a rule. Raises :class:`InvalidInput` where it cannot be said."""
        ...

    def install(self, connection: Connection, door: Door, flow: Flow) -> str:
        """Put a workflow there; its id. One of ours with the same description is taken over. Raises :class:`VendorError`."""
        ...

    def remove(self, connection: Connection, door: Door, made: str) -> None:
        """Take a workflow of ours away; one that is gone already is gone. Raises :class:`VendorError`."""
        ...


#: in front of a workflow's id where it is started like a bot
FLOW: Final = "flow:"
#: where a rule's workflow says whose it is
MARK: Final = "dental-crm:{rule}"
