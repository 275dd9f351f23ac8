"""Work: one firing being carried out, and how its steps write. Each step's writes have a key of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from widget_backend import worktime
from widget_backend.crm.asking import Contacts, Deals, Write, Written
from widget_backend.crm.records import Contact, Deal
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.effects import Effects
from widget_backend.errors import Missing, Unavailable, Unsupported, VendorError
from widget_backend.robots.facts import GONE, Facts
from widget_backend.robots.firing_log import Firing
from widget_backend.robots.rule import Rule, Step
from widget_backend.robots.rules import Rulebook
from widget_backend.texts import Text

#: refusals that are told and hold nothing up: there is nothing to try anew
TOLD = (Missing, Unsupported, Unavailable)

NOT_DONE = Text("не сделано: {why}", "not done: {why}")


class Refused(Exception):
    """The CRM refused a step; the steps after it were left."""

    def __init__(self, number: int, error: VendorError) -> None:
        super().__init__(error.message.en)
        self.number = number
        self.error = error


@dataclass(frozen=True, slots=True)
class Numbered:
    """A step and its place in the rule."""

    number: int
    step: Step


@dataclass(frozen=True, slots=True)
class Deed:
    """``said``: what was done, in half sentences. ``quiet``: nobody needs a note of it. ``deal``: what the steps that follow
    are about, where it is another deal now."""

    said: tuple[Text, ...] = ()
    quiet: bool = False
    deal: Deal | None = None


@dataclass
class Work:
    """``deal``: what steps are about, as last read. ``is_fresh``: it was read in this very run. ``moved``: the stage this
    firing itself has moved it to."""

    clinic: Clinic
    effects: Effects
    firing: Firing
    rule: Rule
    book: Rulebook
    facts: Facts
    is_fresh: bool
    deal: Deal = field(init=False)
    moved: str = ""

    def __post_init__(self) -> None:
        self.deal = self.facts.deal

    @property
    def at(self) -> datetime:
        """When it happened: found late, it is still then."""
        return self.firing.happening.at

    @cached_property
    def hours(self) -> worktime.Hours:
        """The clinic's."""
        return worktime.hours(self.clinic.hours, self.clinic.zone)

    def key(self, number: int) -> str:
        """Of a step's writes; another one after each refusal, so that it can be tried anew."""
        anew = self.firing.anew.get(str(number), 0)
        return f"f:{self.firing.id}:{number}" + (f":{anew}" if anew else "")

    def send(self, number: int, writes: Sequence[Write]) -> tuple[Text, ...]:
        """Carry out a step's writes, once; what could not be done. With no writes, finish what an earlier try began.

        Raises :class:`Refused`; :class:`VendorError` where it is to be tried again.
        """
        return self.judged(number, self.effects.carry_out(self.key(number), writes))

    def judged(self, number: int, answers: Sequence[Written]) -> tuple[Text, ...]:
        """What of a step could not be done. Raises :class:`Refused`."""
        errors = [answer.error for answer in answers if answer.error]
        for error in errors:
            if not isinstance(error, TOLD):
                raise Refused(number, error)
        return tuple(NOT_DONE.format(why=error.message) for error in errors)

    def deal_now(self) -> Deal:
        """The deal as it is, read anew unless that was done just now. Raises :class:`Missing`."""
        if not self.is_fresh or self.deal.id != self.facts.deal.id:
            found = self.clinic.records.read(wanted := Deals((self.deal.id,)))[wanted]
            if not found:
                raise Missing(GONE, vendor=self.clinic.vendor)
            self.deal = found[0]
        return self.deal

    def contact_now(self) -> Contact | None:
        """The patient with his name, as he is now."""
        if not self.deal.contact:
            return None
        found = self.clinic.records.read(wanted := Contacts((self.deal.contact,)))[wanted]
        return found[0] if found else None
