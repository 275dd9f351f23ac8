"""One apply or rollback on the command line: show, ask, carry out, report."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

import click

from installer import applier, journal
from installer.applier import STALE, Result
from installer.plan import Plan, SavedPlan, is_leftover
from installer.preflight import Check, preflight
from installer.rendering import as_json, names_of
from installer.workplace import Survey, Workplace
from widget_backend.cli.context import Context
from widget_backend.crm.port import Outcome
from widget_backend.db import scope
from widget_backend.errors import AppError, Conflict, Forbidden, InvalidInput
from widget_backend.texts import Text
from widget_backend.transport import Door

NOTHING = Text("Делать нечего: CRM уже настроена по пресету.", "Nothing to do: the CRM is set up as the preset wants.")
NOTHING_BACK = Text(
    "Откатывать нечего: по этому пресету здесь ничего не создано и не изменено.",
    "There is nothing to take back: nothing was made or changed here by this preset.",
)
ALL_STAYS = Text(
    "Откатывать нечего: всё, что связано с пресетом, остаётся; почему — сказано в плане отката.",
    "There is nothing to take back: all that belongs to the preset stays; why is said in the plan of the rollback.",
)
NEEDS_FORCE = Text(
    "План слишком много меняет, поэтому не выполнен: {reasons} Ничего не сделано. Если так и нужно, повторите с --force.",
    "The plan changes too much and was not carried out: {reasons} Nothing was done. If this is meant, repeat with --force.",
)
NEEDS_YES = Text(
    "Нужно подтверждение, а спросить некого. Ничего не сделано: посмотрите план и повторите с --yes.",
    "A confirmation is needed and there is nobody to ask. Nothing was done: look at the plan and repeat with --yes.",
)
REFUSED_BY_USER = Text("Вы отказались, ничего не сделано.", "You declined, nothing was done.")
PARTLY = Text(
    "Сделано {done}, CRM отказала в {refused}. Сделанное сохранено и не задвоится. Устраните причину и запустите ту же "
    "команду снова. Первая причина: {reason}",
    "{done} done, the CRM refused {refused}. What is done is kept and will not be doubled. Remove the cause and run the "
    "same command again. The first cause: {reason}",
)
NOT_PROVEN = Text(
    "Всё отправлено ({done}), но CRM показывает не то, что записано: осталось {left}. Запустите ту же команду снова.",
    "All was sent ({done}), but the CRM shows something else: {left} left. Run the same command again.",
)
STALE_FILE = Text(
    "CRM изменилась с тех пор, как план был сохранён, или указаны другие --no-adopt и --conflicts. Ничего не сделано: "
    "составьте план заново и подтвердите его.",
    "The CRM has changed since the plan was saved, or --no-adopt and --conflicts differ. Nothing was done: make the plan "
    "again and confirm it.",
)
ANOTHER_ACCOUNT = Text(
    "План сохранён для аккаунта {saved}, а указан {named}. Ничего не сделано: укажите тот аккаунт или составьте план заново.",
    "The plan was saved for the account {saved}, and {named} was named. Nothing was done: name that account or make the plan "
    "again.",
)
ANOTHER_PRESET = Text(
    "План сохранён по пресету {saved}, а указан {named}. Ничего не сделано: укажите тот пресет или составьте план заново.",
    "The plan was saved for the preset {saved}, and {named} was named. Nothing was done: name that preset or make the plan "
    "again.",
)
OTHER_SETTINGS = Text(
    "План сохранён по пресету {saved} с другими настройками или другим его файлом. Ничего не сделано: повторите с теми же "
    "--set или составьте план заново.",
    "The plan was saved for the preset {saved} with other settings or another file of it. Nothing was done: repeat with the "
    "same --set or make the plan again.",
)
OPEN_QUESTIONS = Text(
    "Готово, осталось решить вам: {left}. Посмотрите их командой drift и повторите apply с --conflicts keep (оставить ваше) "
    "или --conflicts replace (взять из пресета).",
    "Done; for you to decide: {left}. See them with drift and repeat apply with --conflicts keep (yours stay) or --conflicts "
    "replace (take the preset's).",
)


class Session:
    """One apply or rollback: shows, asks, carries out, reports."""

    def __init__(
        self,
        context: Context,
        place: Workplace,
        door: Door,
        yes: bool,
        force: bool,
        checksum: str,
        purpose: str = "apply",
        *,
        brief: bool = False,
        saved: SavedPlan | None = None,
    ) -> None:
        self._context = context
        self._place = place
        self._door = door
        self._yes = yes
        self._force = force
        self._checksum = checksum
        self._purpose = purpose
        self._brief = brief
        self._saved = saved
        self._shown = False
        self._started = time.monotonic()
        self._seen: Survey | None = None

    def run(self) -> int:
        """Exit code 0, or 2 where questions are left; else an :class:`AppError`."""
        if not self._yes:
            self._confirm(self._place.resurvey(self._purpose))
        with self._context.terminal.progress() as bar:
            task = bar.add_task(self._label(), total=None)

            def decide(seen: Survey) -> bool:
                self._decide(seen)
                bar.update(task, total=len(seen.plan.writes))
                return True

            def progress(outcomes: Sequence[Outcome]) -> None:
                bar.advance(task, sum(outcome.error is None for outcome in outcomes))

            result = applier.apply(self._place, decide, progress, purpose=self._purpose)
        assert result is not None
        return self._report(result)

    def _label(self) -> str:
        text = (
            Text("Настройка CRM", "Setting up the CRM") if self._purpose == "apply" else Text("Откат", "Rolling back")
        )
        return text.into(self._context.language)

    def _confirm(self, seen: Survey) -> None:
        """Show the plan and ask; what is approved here is the only thing carried out later."""
        if self._context.terminal.as_json or not sys.stdin.isatty():
            if seen.plan.is_settled:
                return
            raise InvalidInput(NEEDS_YES)
        show(self._context, seen.plan, checks_of(self._place, seen), every=False)
        self._shown = True
        if seen.plan.is_settled:
            return
        question = Text("Выполнить этот план?", "Carry out this plan?").into(self._context.language)
        if not click.confirm(question, default=False):
            raise Forbidden(REFUSED_BY_USER)
        self._checksum, self._seen = seen.plan.checksum, seen

    def _decide(self, seen: Survey) -> None:
        """Everything that may still stop the plan, before the first write. Raises :class:`AppError`."""
        if self._saved is not None:
            _must_fit(self._saved, seen.plan)
        if self._checksum and seen.plan.checksum != self._checksum and not self._goes_on(seen):
            raise Conflict(STALE if self._saved is None else STALE_FILE)
        stops = [c for c in checks_of(self._place, seen) if c.level == "stop"] if self._purpose == "apply" else []
        if stops:
            raise Forbidden(stops[0].message)
        if seen.plan.guards and not self._force:
            language = self._context.language
            raise Forbidden(NEEDS_FORCE.format(reasons=" ".join(g.message.into(language) for g in seen.plan.guards)))
        self._seen = seen
        if self._yes and not self._context.terminal.as_json:
            self._tell(seen)

    def _tell(self, seen: Survey) -> None:
        """What is about to be done, confirmed beforehand."""
        if self._brief:
            self._context.terminal.brief(seen.plan)
        else:
            self._context.terminal.plan(seen.plan, names_of(seen.plan, seen.snapshot))

    def _goes_on(self, seen: Survey) -> bool:
        """A run of this very plan was cut off: what is left of it may be carried out."""
        with scope(seen.installation_id), self._place.database.transaction() as session:
            run = journal.cut_off(session, seen.plan.preset)
            if run is None or run.checksum != self._checksum:
                return seen.plan.is_settled and journal.was_done(session, seen.plan.preset, self._checksum)
            agreed = journal.approved(session, run.id)
        return all(
            (c.action.value, c.address) in agreed or ("create", c.address) in agreed or is_leftover(c)
            for c in seen.plan.writes
        )

    def _report(self, result: Result) -> int:
        failure = _failure(result)
        if self._context.terminal.as_json:
            self._context.terminal.data(self._result_json(result, failure))
        elif failure is not None:
            raise failure
        else:
            self._say_done(result)
        if failure is not None:
            return 1
        return 2 if result.left is not None else 0

    def _say_done(self, result: Result) -> None:
        seconds = f"{time.monotonic() - self._started:.1f}"
        done = Text(
            f"Готово и проверено: сделано {len(result.done)}, запросов {self._door.sent}, {seconds} с.",
            f"Done and verified: {len(result.done)} made, {self._door.sent} requests, {seconds} s.",
        )
        if result.done or not (self._shown and self._seen and self._seen.plan.is_settled):
            self._context.terminal.say(done if result.done else _nothing(result.seen.plan), "bold green")
        if result.left is not None:
            self._context.terminal.say(OPEN_QUESTIONS.format(left=len(result.left.questions)), "yellow")

    def _result_json(self, result: Result, failure: AppError | None) -> dict[str, Any]:
        language = self._context.language
        assert self._seen is not None
        said = {} if failure is None else {"error": "Refused", "message": failure.message.into(language)}
        return said | {
            "status": "refused" if result.refused else ("done" if result.left is None else "drifted"),
            "run": result.run_id,
            "checksum": self._seen.plan.checksum,
            "done": [{"action": c.action.value, "address": c.address, "title": c.title} for c in result.done],
            "refused": [{"address": r.change.address, "reason": r.message.into(language)} for r in result.refused],
            "left": None if result.left is None else as_json(result.left, language),
            "requests": self._door.sent,
            "seconds": round(time.monotonic() - self._started, 3),
        }


def _failure(result: Result) -> AppError | None:
    if result.refused:
        first = result.refused[0].message
        return AppError(PARTLY.format(done=len(result.done), refused=len(result.refused), reason=first))
    if result.left is not None and result.left.writes:
        return AppError(NOT_PROVEN.format(done=len(result.done), left=len(result.left.writes)))
    return None


def checks_of(place: Workplace, seen: Survey) -> tuple[Check, ...]:
    """Preflight, asked for only where something would be written."""
    if not seen.plan.writes or seen.plan.purpose != "apply":
        return ()
    return preflight(seen.plan, seen.snapshot, place.structure.access(), place.structure.capabilities)


def checks_json(checks: tuple[Check, ...], language: str) -> list[dict[str, str]]:
    """The checks as data."""
    return [{"code": c.code, "level": c.level, "message": c.message.into(language)} for c in checks]


def show(context: Context, plan: Plan, checks: tuple[Check, ...], every: bool) -> None:
    """The plan for a person: checks, tree, reasons to be careful."""
    terminal = context.terminal
    terminal.checks(checks)
    terminal.plan(plan, every=every)
    for guard in plan.guards:
        terminal.say(guard.message, "yellow")
    if plan.is_settled:
        terminal.say(_nothing(plan), "bold green")


def _nothing(plan: Plan) -> Text:
    """Why a settled plan has nothing to do."""
    if plan.purpose == "rollback":
        return ALL_STAYS if plan.changes else NOTHING_BACK
    return NOTHING


def _must_fit(saved: SavedPlan, plan: Plan) -> None:
    """Whose plan a file is, before it is compared row by row. Raises :class:`Conflict`."""
    account = plan.account
    if (saved.vendor, saved.account) != (plan.vendor, account.key):
        theirs = _named(saved.vendor, saved.account, saved.account_name)
        raise Conflict(ANOTHER_ACCOUNT.format(saved=theirs, named=_named(plan.vendor, account.key, account.name)))
    ours, theirs = f"{plan.preset} {plan.version}", f"{saved.preset} {saved.version}"
    if ours != theirs:
        raise Conflict(ANOTHER_PRESET.format(saved=theirs, named=ours))
    if saved.digest != plan.digest:
        raise Conflict(OTHER_SETTINGS.format(saved=theirs))


def _named(vendor: str, key: str, name: str) -> str:
    return f"«{name}» ({vendor} {key})" if name else f"{vendor} {key}"
