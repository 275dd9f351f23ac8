"""Handed over: rules that the CRM's own automation carries out in our place, and what of them is left to us. Pure.

A rule handed to robots is off here. Of one handed to a workflow we start that workflow when a deal comes. What happened before
is ours as it was, and what happened meanwhile is the robots' for ever, however late we read of it and however often the rule
changed hands since: nothing is done twice and nothing is lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from widget_backend.crm.native import FLOW, Way
from widget_backend.robots import coding
from widget_backend.robots.matching import TIMED
from widget_backend.robots.rule import Rule, Step, Trigger
from widget_backend.texts import Text

HANDED_OVER: Final = Text(
    "правило передано роботам CRM: выполняют они", "the rule was handed to the CRM's robots: they carry it out"
)
TAKEN_BACK: Final = Text(
    "правило вернули приложению: своего срока оно ждёт здесь",
    "the rule was taken back by the application: it waits for its time here",
)
_DIGEST: Final = 16


@dataclass(frozen=True, slots=True)
class Handed:
    """One spell. ``made``: id of the workflow, empty for robots; ``digest``: of the rule as it was handed over; ``by``: who did
    it, a user's id in the CRM; ``until``: when it was taken back, ``None`` while it is the CRM's."""

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


#: when and how the CRM has carried a rule out, the oldest first; only the last one may go on
Spells = tuple[Handed, ...]


def digest(rule: Rule) -> str:
    """Another one for every change of a rule."""
    content = json.dumps(coding.encode(rule), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:_DIGEST]


def works(rule: Rule, spells: Spells, at: datetime | None = None) -> tuple[Rule, ...]:
    """What of a rule we answer; ``at``: when something happened, ``None`` for now."""
    theirs = current(spells) if at is None else _covering(spells, at)
    if theirs is None:
        return (rule,)
    return (_starter(rule, theirs.made),) if theirs.way == "flow" else ()


def current(spells: Spells) -> Handed | None:
    """How the CRM carries the rule out now."""
    return spells[-1] if spells and spells[-1].until is None else None


def waits_here(spells: Spells, entered_at: datetime | None) -> bool:
    """Whether a rule's moments are kept here for a deal that came to its stage then."""
    theirs = current(spells)
    return theirs is None or entered_at is None or entered_at < theirs.at


def was_theirs(spells: Spells, entered_at: datetime | None, due: datetime) -> bool:
    """Whether this moment of a deal that came to its stage then was over when the CRM still kept it."""
    if entered_at is None:
        return False
    return any(one.until is not None and one.at <= entered_at < one.until and due < one.until for one in spells)


def left(rule: Rule, spells: Spells, on: str, at: datetime) -> Rule | None:
    """What of a rule is carried out here once it has fired for what happened (``entered``, ``due`` …) then."""
    if on == "due":
        return rule
    theirs = _covering(spells, at)
    if theirs is None:
        # it has fired to start a workflow that is gone: its moment is kept here now
        return None if rule.when.on in TIMED else rule
    return _starter(rule, theirs.made) if theirs.way == "flow" and on == "entered" else None


def said(spells: Spells) -> Text:
    """Why nothing of a rule is left to be carried out."""
    return HANDED_OVER if current(spells) else TAKEN_BACK


def changed(spells: Spells, how: Handed | None, at: datetime) -> Spells:
    """From then on the CRM carries the rule out like this, or (``None``) we do again. What was before stays known."""
    ended = tuple(one if one.until else replace(one, until=at) for one in spells)
    return (*ended, how) if how else ended


def kept(spells: Spells) -> list[dict[str, Any]]:
    """As JSON."""
    return [_kept(one) for one in spells]


def read(content: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Spells:
    """The inverse of :func:`kept`. Once the last spell alone was kept, not in a list."""
    told = [content] if isinstance(content, Mapping) else content
    return tuple(_read(one) for one in told)


def _covering(spells: Spells, at: datetime) -> Handed | None:
    return next((one for one in reversed(spells) if one.covers(at)), None)


def _kept(one: Handed) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("way", "made", "digest", "by")}
    return {**told, "at": one.at.isoformat(), **({"until": one.until.isoformat()} if one.until else {})}


def _read(content: Mapping[str, Any]) -> Handed:
    moments = {name: datetime.fromisoformat(content[name]) for name in ("at", "until") if name in content}
    return Handed(**{**content, **moments})


def _starter(rule: Rule, made: str) -> Rule:
    """The workflow asks and acts by itself; here is only the moment to start it."""
    return replace(
        rule, when=Trigger("entered", rule.when.stages), conditions=(), do=(Step("start_bot", bot=FLOW + made),)
    )
