"""Running: one firing is carried out. It may run twice; what it writes is written once.

What cannot be done now is tried again by its job; what the CRM refuses is told, becomes a dead letter, and is tried anew when
that is replayed. Other firings go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from widget_backend.db import scope
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.effects import Effects
from widget_backend.errors import AccessLost, AppError, Missing, NotFound, RateLimited, Unavailable
from widget_backend.robots import conditions, facts, firing_log, firings, handed, rules, sentences, standing
from widget_backend.robots.actions import ACTIONS, Deed, Numbered, Refused, Work, grouped
from widget_backend.robots.facts import Facts, Subject, Witness
from widget_backend.robots.firing_log import Firing, State
from widget_backend.robots.rule import Rule
from widget_backend.robots.rules import Rulebook
from widget_backend.texts import Text

#: what a later try may mend
PASSING: Final = (RateLimited, Unavailable)
#: states in which there is something to carry out
OPEN: Final = frozenset({"due", "failed", "paused", "held"})

SWITCHED_OFF = Text("правило выключено", "the rule is switched off")
REFUSED = Text(
    "CRM отказала, остальные шаги не выполнены: {why}", "the CRM refused, the steps after it were left: {why}"
)
AT_REST = Text(
    "обращение передано открытой сделке пациента, эта закрыта как дубль",
    "the enquiry was handed to the patient's open deal, this one is closed as a duplicate",
)
NOT_SO = Text("условие не выполнено: {condition}", "a condition does not hold: {condition}")
ACCESS = Text(
    "ждёт, пока доступ к CRM не восстановят: ничего не потеряно, выполнится само",
    "waits until access to the CRM is restored: nothing is lost, it goes on by itself",
)
BROKE = Text(
    "непредвиденная ошибка: сделанное сохранено, повтор ничего не задвоит",
    "an unexpected error: what is done is kept, repeating doubles nothing",
)


@dataclass(frozen=True, slots=True)
class Result:
    """How a firing ended. ``quiet``: nobody needs a note of it."""

    state: State
    said: tuple[Text, ...] = ()
    quiet: bool = True


def run(clinic: Clinic, firing_id: int) -> None:
    """Carry out a firing, unless that is done. Raises :class:`VendorError` where it is to be tried again or was refused.

    No transaction may be open.
    """
    with scope(clinic.id):
        try:
            firing, rule, book = _opened(clinic, firing_id)
        except NotFound:
            return
        if firing.state not in OPEN:
            return
        try:
            result = _carried_out(clinic, firing, rule, book)
        except PASSING:
            raise
        except AccessLost:
            result = Result("held", (ACCESS,))
        except Refused as refusal:
            why = REFUSED.format(why=refusal.error.message)
            _end(clinic, firing_id, Result("failed", (why,), quiet=False), anew=str(refusal.number))
            raise refusal.error from refusal
        except Exception as error:
            why = error.message if isinstance(error, AppError) else BROKE
            _end(clinic, firing_id, Result("failed", (why,), quiet=False))
            raise
        _end(clinic, firing_id, result)


def _opened(clinic: Clinic, firing_id: int) -> tuple[Firing, Rule, Rulebook]:
    """The rule as it was when this happened. Raises :class:`NotFound`."""
    with clinic.database.transaction() as session:
        firing = firing_log.get(session, firing_id)
        return firing, rules.version(session, firing.rule_id).rule, rules.load(session)


def _carried_out(clinic: Clinic, firing: Firing, rule: Rule, book: Rulebook) -> Result:
    entry = book.entry.get(firing.rule_key)
    if entry is None or entry.off:
        return Result("off", (SWITCHED_OFF,))
    left = handed.left(rule, entry.spells, firing.happening.on, firing.happening.at)
    if left is None:
        return Result("off", (handed.said(entry.spells),))
    rule = left
    lack = standing.lack(rule, clinic.chart)
    if lack:
        return Result("paused", (lack,))
    try:
        known, is_fresh = _facts(clinic, firing)
    except Missing as gone:
        return Result("passed", (gone.message,))
    if firings.is_closed_as_duplicate(known.deal):
        return Result("passed", (AT_REST,))
    failing = conditions.failing(rule.conditions, Witness(known, clinic.chart, book.settings))
    if failing is not None:
        return Result("passed", (NOT_SO.format(condition=sentences.condition(failing, clinic.chart)),))
    work = Work(clinic, Effects(clinic, firing.hop + 1, firing.id), firing, rule, book, known, is_fresh)
    deeds = [_done(work, group) for group in grouped(rule.do)]
    said = tuple(words for deed in deeds for words in deed.said)
    return Result("done", said, quiet=all(deed.quiet for deed in deeds))


def _done(work: Work, group: tuple[Numbered, ...]) -> Deed:
    deed = ACTIONS[group[0].step.action](work, group)
    if deed.deal is not None:
        work.deal = deed.deal
    return deed


def _facts(clinic: Clinic, firing: Firing) -> tuple[Facts, bool]:
    """The facts of the firing's cause: gathered by its first firing for all of them. Whether that was just now."""
    if firing.facts is not None:
        return Facts.of(firing.facts), False
    with clinic.database.transaction() as session:
        siblings = firing_log.of_cause(session, firing.cause_id)
        fired = rules.versions(session, [each.rule_id for each in siblings])
        asked = facts.needs([fired[each.rule_id].rule for each in siblings])
    gathered = facts.gather(clinic, Subject(firing.deal, firing.contact), asked, firing.happening.at)
    text = gathered.kept()
    with clinic.database.transaction() as session:
        kept = firing_log.keep_facts(session, firing.cause_id, text)
    return (gathered, True) if kept == text else (Facts.of(kept), False)


def _end(clinic: Clinic, firing_id: int, result: Result, *, anew: str = "") -> None:
    with clinic.database.transaction() as session:
        firing_log.end(session, firing_id, result.state, result.said, quiet=result.quiet, anew=anew)
