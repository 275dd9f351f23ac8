"""The worker's part of a run: carries out what was approved, stops when asked, and says how it ended."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.exc import InterfaceError, OperationalError

from installer import applier, journal
from installer.applier import STALE, Result, Stopped
from installer.handover import take_back
from installer.plan import is_leftover
from installer.wizard import draft as drafts
from installer.wizard import plans, runs
from installer.wizard.draft import Draft
from installer.wizard.runs import State, WizardRun
from installer.wizard.workshop import Workshop
from installer.workplace import Survey, Workplace
from widget_backend import audit
from widget_backend.audit import Act
from widget_backend.crm.port import Outcome
from widget_backend.errors import AppError, Conflict, RateLimited, VendorError
from widget_backend.locks import Busy
from widget_backend.tenancy import installations
from widget_backend.tenancy.standing import HeldUp
from widget_backend.texts import Text

log = logging.getLogger(__name__)

#: how often a CRM that is away is tried before a person has to press a button
TRIES: Final = 6

PAUSED = Text("Приостановлено по вашей просьбе, сделанное сохранено.", "Paused as you asked; what is done is kept.")
UNEXPECTED = Text(
    "Непредвиденная ошибка {code}. Сделанное сохранено: нажмите «Продолжить», ничего не задвоится. Если повторится, пришлите "
    "нам этот код.",
    "Unexpected error {code}. What is done is kept: press “Continue”, nothing is doubled. If it happens again, send us this "
    "code.",
)


def carry_on(shop: Workshop, installation_id: int, run_id: int) -> None:
    """Carry on this run, in scope. A CRM that is away, or asks to wait, raises, for the queue to try again."""
    with shop.database.transaction() as session:
        run, draft = runs.take(session, run_id), drafts.load(session)
    if run is not None:
        _Carrying(shop, installation_id, run, draft).out()


class _Carrying:
    def __init__(self, shop: Workshop, installation_id: int, run: WizardRun, draft: Draft) -> None:
        self._shop = shop
        self._installation_id = installation_id
        self._run = run
        self._draft = draft
        self._outdated: Survey | None = None

    def out(self) -> None:
        try:
            place = self._shop.place(self._installation_id, self._draft, self._run.only)
            self._check_pause(self._run)
            result = applier.apply(place, self._decide, self._progress, purpose=self._run.purpose)
            assert result is not None
            self._finish(place, result)
        except Stopped:
            self._rest("paused")
        except (Busy, HeldUp) as fault:
            self._rest("stopped", fault.message)
        except Conflict as fault:
            self._outdate(place, fault.message)
        except VendorError as fault:
            self._put_off(fault)
        except AppError as fault:
            self._rest("stopped", fault.message)
        except (OperationalError, InterfaceError):
            raise  # our own database is away: the queue tries again, and the run is still ours
        except Exception:
            code = secrets.token_hex(4)
            log.exception("a run ended unexpectedly code=%s run=%s", code, self._run.id)
            self._rest("stopped", UNEXPECTED.format(code=code))
            raise

    def _decide(self, seen: Survey) -> bool:
        """Only what was approved is carried out: the very plan, or what is left of it."""
        with self._shop.database.transaction() as session:
            if not self._is_approved(seen, journal.steps_after(session, self._run.after_run)):
                self._outdated = seen
                raise Conflict(STALE)
        return True

    def _is_approved(self, seen: Survey, steps: Sequence[journal.Step]) -> bool:
        if not {guard.code for guard in seen.plan.guards} <= set(self._run.accepted):
            return False
        if seen.plan.checksum == self._run.checksum:
            return True
        agreed = {(step.action, step.address) for step in steps}
        return all(
            (c.action.value, c.address) in agreed or ("create", c.address) in agreed or is_leftover(c)
            for c in seen.plan.writes
        )

    def _progress(self, outcomes: Sequence[Outcome]) -> None:
        with self._shop.database.transaction() as session:
            run = runs.still(session, self._run.id)
        self._check_pause(run)

    def _check_pause(self, run: WizardRun | None) -> None:
        if run is None or run.pause:
            raise Stopped(PAUSED)

    def _finish(self, place: Workplace, result: Result) -> None:
        """Keep what was read last as the plan, and end in the state it proves."""
        seen = replace(place, only=frozenset()).resurvey(self._run.purpose) if self._run.only else result.seen
        draft = replace(self._draft, decisions={}, step="result")
        with self._shop.database.transaction() as session:
            failed = failed_addresses(journal.steps_after(session, self._run.after_run))
            saved = plans.load(session, self._run.purpose)
        self._shop.keep(place, seen, draft, saved)
        left = {change.address for change in seen.plan.writes}
        state: State = "failed" if failed & left else "drifted" if left else "done"
        with self._shop.database.transaction() as session:
            if runs.rest(session, self._run.id, state, questions=len(seen.plan.questions)) is None:
                return  # the account has gone in the meantime: nothing of it is kept
            drafts.save(session, self._installation_id, draft)
            if self._run.purpose == "rollback":  # the plan of before is that of another CRM now
                plans.ask(session, self._installation_id)
            if state == "done" and self._run.purpose == "apply":
                installations.activate(session, self._installation_id)
            if self._run.purpose == "rollback":
                take_back(session, self._installation_id)
            act = Act("system", "system", f"{self._run.purpose}.{state}", f"run:{self._run.id}", "set up the CRM")
            audit.record(session, self._installation_id, act, {"done": len(result.done), "failed": len(failed & left)})

    def _outdate(self, place: Workplace, reason: Text) -> None:
        """The plan that was approved is no more: show the one that is."""
        with self._shop.database.transaction() as session:
            saved = plans.load(session, self._run.purpose)
        if self._outdated is not None and not self._run.only:
            self._shop.keep(place, self._outdated, self._draft, saved)
        with self._shop.database.transaction() as session:
            if runs.rest(session, self._run.id, "stale", reason) is None:
                return
            if self._outdated is None or self._run.only:
                plans.ask(session, self._installation_id, self._run.purpose)
            drafts.go(session, self._installation_id, "plan" if self._run.purpose == "apply" else "rollback")

    def _put_off(self, fault: VendorError) -> None:
        tries = self._run.tries + (not isinstance(fault, RateLimited))
        if fault.retry == "never" or tries >= TRIES:
            self._rest("stopped", fault.message)
            return
        with self._shop.database.transaction() as session:
            run = runs.put_off(session, self._run.id, fault.message, tries)
        if run is not None and run.state == "waiting":
            raise fault

    def _rest(self, state: State, reason: Text | None = None) -> None:
        with self._shop.database.transaction() as session:
            runs.rest(session, self._run.id, state, reason)


def failed_addresses(steps: Sequence[journal.Step]) -> set[str]:
    """Where the last word of the CRM was a refusal."""
    last = {step.address: step.state for step in steps if step.state != "planned"}
    return {address for address, state in last.items() if state == "failed"}
