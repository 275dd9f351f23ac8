"""The rules in force as a value: in order, switched on or off, ours to carry out or the CRM's. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from datetime import datetime
from functools import cached_property
from typing import Literal

from widget_backend.robots import handed
from widget_backend.robots.handed import Handed, Spells
from widget_backend.robots.rule import Rule, Scalar, TaskTemplate
from widget_backend.texts import Text

Origin = Literal["preset", "own"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule in force. ``version``: as people read it, «dental 1.0.0 / 2»; ``paused``: why it cannot work now; ``spells``: when
    the CRM has carried it out."""

    id: int
    rule: Rule
    origin: Origin
    version: str
    off: bool = False
    paused: Text | None = None
    spells: Spells = ()

    @property
    def handed(self) -> Handed | None:
        """How the CRM carries it out now."""
        return handed.current(self.spells)


@dataclass(frozen=True)
class Rulebook:
    """All rules in force, in the order they are answered. ``over``: what the CRM carries out, of rules that are gone too."""

    entries: tuple[Entry, ...] = ()
    tasks: Mapping[str, TaskTemplate] = field(default_factory=dict)
    settings: Mapping[str, Scalar] = field(default_factory=dict)
    stamp: str = ""
    over: Mapping[str, Handed] = field(default_factory=dict)

    @cached_property
    def versions(self) -> Mapping[int, Entry]:
        """The versions in force, by id."""
        return {entry.id: replaced(entry, off=False, paused=None, spells=()) for entry in self.entries}

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are switched on, as far as they are ours to carry out."""
        return tuple(rule for each in self.entries if not each.off for rule in handed.works(each.rule, each.spells))

    @cached_property
    def switched_on(self) -> tuple[Rule, ...]:
        """The rules that are switched on, whoever carries them out."""
        return tuple(entry.rule for entry in self.entries if not entry.off)

    def answering(self, at: datetime) -> tuple[Rule, ...]:
        """The rules that are switched on, as far as what happened then is ours to answer."""
        return tuple(rule for each in self.entries if not each.off for rule in handed.works(each.rule, each.spells, at))

    def timed(self, entered_at: datetime | None) -> tuple[Rule, ...]:
        """The rules whose moments are kept here for a deal that came to its stage then."""
        ours = (each for each in self.entries if not each.off and handed.waits_here(each.spells, entered_at))
        return tuple(entry.rule for entry in ours)

    def was_theirs(self, key: str, entered_at: datetime | None, due: datetime) -> bool:
        """Whether a moment of this rule was over when the CRM still kept it."""
        known = self.entry.get(key)
        return known is not None and handed.was_theirs(known.spells, entered_at, due)

    @cached_property
    def entry(self) -> Mapping[str, Entry]:
        """Entries by key."""
        return {entry.rule.key: entry for entry in self.entries}
