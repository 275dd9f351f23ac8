"""Handed over: rules that the CRM's own automation carries out in our place, and what of them is left to us. Pure.

A rule handed to robots is off here. Of one handed to a workflow we start that workflow when a deal comes. What happened before
is ours as it was, and what happened meanwhile is the robots' for ever, however late we read of it: nothing is done twice and
nothing is lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from widget_backend.crm.native import FLOW, Way
from widget_backend.robots import coding
from widget_backend.robots.rule import Rule, Step, Trigger
from widget_backend.texts import Text

HANDED_OVER: Final = Text(
    "правило передано роботам CRM: выполняют они", "the rule was handed to the CRM's robots: they carry it out"
)
_DIGEST: Final = 16


@dataclass(frozen=True, slots=True)
class Handed:
    """``made``: id of the workflow, empty for robots; ``digest``: of the rule as it was handed over; ``by``: who did it, a
    user's id in the CRM; ``until``: when it was taken back, ``None`` while it is the CRM's."""

    way: Way
    made: str
    digest: str
    by: str
    at: datetime
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Whether what happened then is the CRM's to answer. CRMs tell moments by the second. A workflow that is gone has
        answered only what we started it for."""
        over = self.until is not None and (self.way == "flow" or at >= self.until)
        return at >= self.at.replace(microsecond=0) and not over


def digest(rule: Rule) -> str:
    """Another one for every change of a rule."""
    content = json.dumps(coding.encode(rule), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:_DIGEST]


def works(rule: Rule, handed: Handed | None, at: datetime | None = None) -> tuple[Rule, ...]:
    """What of a rule we answer; ``at``: when something happened, ``None`` for now."""
    if handed is None or (handed.until is not None if at is None else not handed.covers(at)):
        return (rule,)
    return (_starter(rule, handed.made),) if handed.way == "flow" else ()


def waits_here(handed: Handed | None, entered_at: datetime | None) -> bool:
    """Whether a rule's moments are kept here for a deal that came to its stage then."""
    return handed is None or handed.until is not None or entered_at is None or entered_at < handed.at


def was_theirs(handed: Handed | None, entered_at: datetime | None, due: datetime) -> bool:
    """Whether this moment of a deal that came to its stage then was over when the CRM still kept it."""
    if handed is None or handed.until is None or entered_at is None:
        return False
    return handed.at <= entered_at and due < handed.until


def left(rule: Rule, handed: Handed | None, on: str, at: datetime) -> Rule | None:
    """What of a rule is carried out here once it has fired for what happened (``entered``, ``due`` …) then."""
    if handed is None or on == "due" or not handed.covers(at):
        return rule
    return _starter(rule, handed.made) if handed.way == "flow" and on == "entered" else None


def kept(handed: Handed) -> dict[str, Any]:
    """As JSON."""
    told = {name: getattr(handed, name) for name in ("way", "made", "digest", "by")}
    return {**told, "at": handed.at.isoformat(), **({"until": handed.until.isoformat()} if handed.until else {})}


def read(content: Mapping[str, Any]) -> Handed:
    """The inverse of :func:`kept`."""
    moments = {name: datetime.fromisoformat(content[name]) for name in ("at", "until") if name in content}
    return Handed(**{**content, **moments})


def _starter(rule: Rule, made: str) -> Rule:
    """The workflow asks and acts by itself; here is only the moment to start it."""
    return replace(
        rule, when=Trigger("entered", rule.when.stages), conditions=(), do=(Step("start_bot", bot=FLOW + made),)
    )
