"""The applier: survey, apply, verify. The one place where a plan meets a CRM and the database.

Crash safety: before the first request every create is bound as *pending* (with the ids of same-named twins), so whatever
a killed run made is recognised as ours by the next one. After a request whose outcome is unknown the CRM is read and
planned anew; the new plan must lie within the approved one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from installer import booking, journal
from installer.matching import known_ids
from installer.plan import Plan, is_within
from installer.removal import SHARED
from installer.workplace import Survey, Workplace
from widget_backend.crm import bindings as books
from widget_backend.crm.model import Action, Bindings, Change
from widget_backend.crm.port import Outcome
from widget_backend.db import scope
from widget_backend.errors import AppError, Conflict, Unavailable, VendorError
from widget_backend.locks import exclusive
from widget_backend.texts import Text

log = logging.getLogger(__name__)

#: how often a request of unknown outcome is answered by reading and planning anew
ROUNDS = 4

STALE = Text(
    "CRM изменилась с тех пор, как план был составлен. Ничего не сделано: составьте план заново и подтвердите его.",
    "The CRM has changed since the plan was made. Nothing was done: make the plan again and confirm it.",
)
MOVED_ON = Text(
    "Пока план выполнялся, CRM изменил кто-то ещё. Сделанное сохранено; составьте план заново и подтвердите остальное.",
    "While the plan was carried out somebody else changed the CRM. What is done is kept; make the plan again and confirm "
    "the rest.",
)
SO_FAR = Text("{reason} Сделано {done} из {all}.", "{reason} Done {done} of {all}.")


class Stopped(AppError):
    """Raised by ``progress`` between two requests: what is done is kept, the next run goes on."""


Progress = Callable[[Sequence[Outcome]], None]
Decide = Callable[[Survey], bool]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row the CRM refused, in its words."""

    change: Change
    message: Text


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended. ``left`` is the next plan: ``None`` proves that nothing is left to do. ``seen``: what was read last."""

    run_id: int
    done: tuple[Change, ...]
    refused: tuple[Refusal, ...]
    left: Plan | None
    seen: Survey


@dataclass
class _Run:
    """The state of one run."""

    id: int
    installation_id: int
    approved: Plan
    done: dict[tuple[Action, str], Change] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)


def apply(
    place: Workplace, decide: Decide, progress: Progress = lambda outcomes: None, *, purpose: str = "apply"
) -> Result | None:
    """Survey, ask ``decide``, carry out, verify; ``None`` when ``decide`` says no.

    ``decide`` sees the plan as it is at this moment and may raise. Raises :class:`Conflict` while another run is under way,
    and :class:`VendorError` when the CRM cannot be reached: what is done is kept then, and the next run goes on.
    """
    with exclusive(place.database, f"{place.vendor}:{place.host}"):
        seen = place.resurvey(purpose)
        if not decide(seen):
            return None
        with scope(seen.installation_id):
            return _Applier(place, progress).carry_out(seen)


class _Applier:
    def __init__(self, place: Workplace, progress: Progress) -> None:
        self._place = place
        self._progress = progress

    def carry_out(self, seen: Survey) -> Result:
        with self._place.database.transaction() as session:
            run = _Run(journal.begin(session, seen.installation_id, seen.plan), seen.installation_id, seen.plan)
        try:
            self._send_until_known(run, seen)
        except (VendorError, Stopped) as fault:
            with self._place.database.transaction() as session:
                journal.finish(session, run.id, "stopped", len(run.done))
            fault.message = SO_FAR.format(reason=fault.message, done=len(run.done), all=len(seen.plan.writes))
            raise
        return self._verify(run, seen)

    def _send_until_known(self, run: _Run, seen: Survey) -> None:
        for round_ in range(1, ROUNDS + 1):
            try:
                self._send(run, seen)
                break
            except Unavailable as fault:
                if not fault.applied_unknown or round_ == ROUNDS:
                    raise
                log.warning("unknown outcome run=%s operation=%s round=%s", run.id, fault.operation, round_)
                seen = self._place.resurvey(run.approved.purpose)
                if not is_within(seen.plan, run.approved):
                    raise Conflict(MOVED_ON) from fault

    def _send(self, run: _Run, seen: Survey) -> None:
        changes = tuple(change for change in seen.plan.writes if change.address not in run.refused)
        bound = self._announce(run, seen, changes)
        for outcomes in self._place.structure.apply(changes, known_ids(bound)):
            bound = self._store(run, changes, outcomes, bound)
            self._progress(outcomes)

    def _announce(self, run: _Run, seen: Survey, changes: Sequence[Change]) -> Bindings:
        """The books before the first request."""
        preset = self._place.preset.key
        first = booking.before(seen.plan, seen.bindings, seen.snapshot)
        dropped = {binding.address for binding in first if binding.origin == "dropped"}
        gone = [c for c in seen.plan.changes if c.action is Action.FORGET and c.address not in dropped]
        with self._place.database.transaction() as session:
            journal.announce(session, run.id, (*changes, *seen.plan.adoptions))
            books.save(session, run.installation_id, preset, first)
            books.hand_over(session, preset, [(c.kind, c.remote.id) for c in gone if c.note == SHARED and c.remote])
            books.forget(session, preset, [change.address for change in gone])
        return {**seen.bindings, **{binding.address: binding for binding in first}}

    def _store(self, run: _Run, changes: Sequence[Change], outcomes: Sequence[Outcome], bound: Bindings) -> Bindings:
        by_address = {change.address: change for change in changes}
        saved, gone = booking.after(by_address, outcomes, bound)
        with self._place.database.transaction() as session:
            journal.record(session, run.id, changes, outcomes)
            books.save(session, run.installation_id, self._place.preset.key, saved)
            books.forget(session, self._place.preset.key, gone)
        for outcome in outcomes:
            change = by_address.get(outcome.address)
            if change is not None and outcome.error is not None:
                run.refused[outcome.address] = Refusal(change, outcome.error.message)
            elif change is not None:
                run.done[change.action, change.address] = change
        left = {address: binding for address, binding in bound.items() if address not in gone}
        return {**left, **{binding.address: binding for binding in saved}}

    def _verify(self, run: _Run, seen: Survey) -> Result:
        """Read back; the next plan must be ``None``. A plan that wrote nothing was proven by the survey itself."""
        last = seen if not seen.plan.writes else self._place.resurvey(run.approved.purpose)
        open_ = None if last.plan.is_settled else last.plan
        status: journal.RunStatus = "failed" if run.refused else ("drifted" if open_ else "done")
        with self._place.database.transaction() as session:
            journal.finish(session, run.id, status, len(run.done))
        return Result(run.id, tuple(run.done.values()), tuple(run.refused.values()), open_, last)
