"""What a person may do in the wizard: each a command of one transaction, in scope, with its trace in the audit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from installer import journal
from installer.wishes import OnConflict
from installer.wizard import choices, plans, progress, runs, screens
from installer.wizard import draft as drafts
from installer.wizard.choices import Form
from installer.wizard.draft import Draft, Step
from installer.wizard.plans import Purpose
from installer.wizard.runs import State, WizardRun
from installer.wizard.words import plan as words
from widget_backend import audit
from widget_backend.audit import Act
from widget_backend.errors import Conflict, InvalidInput, NotFound
from widget_backend.security.sessions import Visit
from widget_backend.tenancy import installations
from widget_backend.texts import Text

#: what may be decided; ``ask`` takes a decision back
DECISIONS: tuple[OnConflict, ...] = ("keep", "replace", "ask")

#: states of a run after which a person may say that it is enough
FINISHED: tuple[State, ...] = ("done", "failed", "drifted")

BUSY = Text(
    "Сейчас идёт установка. Ничего не изменено: дождитесь её конца или поставьте на паузу и прекратите.",
    "A set-up is under way. Nothing was changed: wait for its end, or pause it and give it up.",
)

TOO_EARLY = Text(
    "Завершать пока нечего: план не применён. Ничего не изменено: посмотрите план и примените его.",
    "There is nothing to finish yet: the plan was not applied. Nothing was changed: see the plan and apply it.",
)


def check(session: Session, visit: Visit, purpose: Purpose = "apply") -> None:
    """Read the CRM again."""
    _free(session)
    plans.ask(session, visit.installation_id, purpose)


def choose(session: Session, visit: Visit, sent: Form) -> tuple[Draft, Mapping[str, Text]]:
    """Take in a form; the draft it makes, and what is wrong with it. Without a fault the plan is asked for, unless the one
    there is still that of these choices."""
    _free(session)
    draft = choices.read(sent, drafts.load(session))
    wrong = choices.problems(draft)
    if wrong:
        return draft, wrong
    draft = replace(draft, step="plan")
    drafts.save(session, visit.installation_id, draft)
    if not plans.load(session).is_of(draft.mark):
        plans.ask(session, visit.installation_id)
    _record(session, visit, "wizard.choose", f"preset:{draft.preset}", {"skipped": len(draft.skipped)})
    return draft, {}


def decide(session: Session, visit: Visit, choice: str, address: str = "") -> None:
    """Decide one question, or all of them; once none is open the plan is made anew of the decisions."""
    _free(session)
    if choice not in DECISIONS:
        raise InvalidInput(words.UNDECIDED)
    screen, draft = screens.plan(session), drafts.load(session)
    open_ = [question.address for question in screen.questions]
    asked = [address] if address else open_
    if choice == "ask":
        decided: dict[str, OnConflict] = {}
    else:
        meant: OnConflict = "keep" if choice == "keep" else "replace"
        decided = {**draft.decisions, **{one: meant for one in asked if one in open_}}
    drafts.save(session, visit.installation_id, replace(draft, decisions=decided))
    if choice == "ask" or all(one in decided for one in open_):
        plans.ask(session, visit.installation_id)


def start(session: Session, visit: Visit, purpose: Purpose, checksum: str, accepted: Collection[str]) -> WizardRun:
    """Begin the run of the plan that was shown; where one is alive already, that one is given. Raises :class:`Conflict`
    where the plan is another now, :class:`InvalidInput` where something is undecided or not ticked."""
    installations.hold(session, visit.installation_id)
    alive = runs.latest(session)
    if alive is not None and alive.is_alive:
        return alive
    screen = screens.plan(session, purpose)
    if screen.saved.checksum != checksum or not screen.fits or screen.state != "ready":
        raise Conflict(words.OLD)
    if purpose == "apply" and not screen.can_apply:
        raise InvalidInput(words.UNDECIDED)
    wanted = {guard.mark for guard in screen.guards} | ({"rollback"} if purpose == "rollback" else set())
    if not wanted <= set(accepted):
        raise InvalidInput(words.NOT_TICKED)
    codes = {guard.code for guard in screen.guards}
    run, _ = runs.begin(session, visit.installation_id, purpose, checksum, screen.writes, codes, visit.user_id)
    drafts.go(session, visit.installation_id, "apply")
    _record(session, visit, f"{purpose}.start", f"run:{run.id}", {"checksum": checksum, "changes": run.total})
    return run


def pause(session: Session, visit: Visit) -> None:
    """Stop before the next request."""
    run = runs.ask_to_pause(session, visit.installation_id)
    _record(session, visit, f"{run.purpose}.pause", f"run:{run.id}")


def resume(session: Session, visit: Visit) -> None:
    """Go on with all that is left."""
    run = runs.go_on(session, visit.installation_id)
    drafts.go(session, visit.installation_id, "apply")
    _record(session, visit, f"{run.purpose}.resume", f"run:{run.id}")


def retry(session: Session, visit: Visit, step_id: int) -> None:
    """Try one refused row again, with what it rests on and what rests on it. Raises :class:`NotFound`."""
    run = runs.latest(session)
    steps = journal.steps_after(session, run.after_run) if run else []
    step = next((one for one in steps if one.id == step_id and one.state == "failed"), None)
    if step is None:
        raise NotFound(runs.GONE)
    again = runs.go_on(session, visit.installation_id, related(step, [s for s in steps if s.state == "failed"]))
    drafts.go(session, visit.installation_id, "apply")
    _record(session, visit, f"{again.purpose}.retry", f"step:{step_id}")


def give_up(session: Session, visit: Visit) -> None:
    """End the run where it stands, and show what is left as a new plan."""
    run = runs.give_up(session, visit.installation_id)
    plans.ask(session, visit.installation_id)
    drafts.go(session, visit.installation_id, "result")
    _record(session, visit, f"{run.purpose}.give_up", f"run:{run.id}")


def finish(session: Session, visit: Visit) -> None:
    """Take the set-up as it is: everything is in its place, or what the CRM refused is done without. Raises
    :class:`Conflict` before that."""
    _free(session)
    run, screen = runs.latest(session), screens.plan(session)
    ended = run is not None and run.purpose == "apply" and run.state in FINISHED
    if not ended and not (screen.state == "ready" and screen.fits and screen.is_settled):
        raise Conflict(TOO_EARLY)
    installations.activate(session, visit.installation_id)
    _record(session, visit, "wizard.finish", "installation")


def prepare_rollback(session: Session, visit: Visit) -> None:
    """Have the way back planned."""
    _free(session)
    plans.ask(session, visit.installation_id, "rollback")
    drafts.go(session, visit.installation_id, "rollback")


def open_step(session: Session, visit: Visit, step: Step) -> None:
    """Remember the screen a person went to, so that a reload shows it again."""
    run = runs.latest(session)
    if run is None or not run.is_alive:
        drafts.go(session, visit.installation_id, step)


def take_file(session: Session, visit: Visit, purpose: Purpose) -> dict[str, Any]:
    """The plan as a file. Raises :class:`NotFound` before there is one."""
    found = plans.file(session, purpose, visit.language)
    if not found:
        raise NotFound(words.FAILED)
    _record(session, visit, "plan.export", f"plan:{purpose}")
    return found


def related(step: journal.Step, failed: Collection[journal.Step]) -> set[str]:
    """A refused row, its refused pipeline, and the refused rows inside it."""
    home = progress.home_of(step)
    found = {one.address for one in failed if one.address == home or progress.home_of(one) == step.address}
    return {step.address, *found}


def _free(session: Session) -> None:
    run = runs.latest(session)
    if run is not None and run.is_alive:
        raise Conflict(BUSY)


def _record(session: Session, visit: Visit, action: str, thing: str, details: Mapping[str, Any] | None = None) -> None:
    act = Act(visit.user_id or "unknown", visit.role, action, thing, "set up the CRM")
    audit.record(session, visit.installation_id, act, details)
