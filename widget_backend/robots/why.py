"""Why: one note for each cause and deal that says what robots did, and its short code, which leads to all the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from widget_backend.crm import charts
from widget_backend.crm.asking import AddNote
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Deal
from widget_backend.db import scope
from widget_backend.deals import effect_log
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.effect_log import Effect
from widget_backend.deals.effects import Effects
from widget_backend.errors import NotFound
from widget_backend.robots import facts, firing_log, rules, sentences
from widget_backend.robots.facts import Facts, Witness
from widget_backend.robots.firing_log import NO_FIRING, Firing, State
from widget_backend.robots.rule import Rule
from widget_backend.robots.rules import Entry
from widget_backend.texts import Text

#: without letters and digits that are taken for each other
ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#: odd, so that each number has one code and each code one number
STRIDE: Final = 0x2545F491
BITS: Final = 30
#: states that people hear of
TOLD: Final = frozenset({"done", "failed", "stopped", "paused"})

HEAD = Text("Роботы: {happened}.", "Robots: {happened}.")
LINE = Text("• {rule}: {said}.", "• {rule}: {said}.")
FAILED = Text("не выполнено, {said}", "not done, {said}")
ASK = Text("Почему — в приложении по коду:", "Why? In the application, by the code:")


@dataclass(frozen=True, slots=True)
class Run:
    """What a rule did. ``version``: of the rule as it was then; ``calls``: what was written to the CRM."""

    firing: int
    rule: Rule
    version: str
    state: State
    said: tuple[Text, ...]
    calls: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """From the event over the facts to what was written. ``facts``: what was asked, and its answer in words."""

    code: str
    deal: str
    happened: Text
    at: datetime
    facts: tuple[tuple[Text, Text], ...]
    runs: tuple[Run, ...]


def code_of(cause_id: int) -> str:
    """Six letters and digits for a cause, more for numbers over a milliard."""
    bits = BITS if cause_id < 1 << BITS else 2 * BITS
    mixed = cause_id * STRIDE % (1 << bits)
    return "".join(ALPHABET[mixed >> shift & 31] for shift in range(bits - 5, -1, -5))


def cause_of(code: str) -> int:
    """The inverse of :func:`code_of`; small letters will do. Raises :class:`NotFound`."""
    letters = code.strip().upper()
    if len(letters) not in (BITS // 5, 2 * BITS // 5) or any(letter not in ALPHABET for letter in letters):
        raise NotFound(NO_FIRING)
    mixed = 0
    for letter in letters:
        mixed = mixed << 5 | ALPHABET.index(letter)
    modulus = 1 << 5 * len(letters)
    return mixed * pow(STRIDE, -1, modulus) % modulus


def tell(clinic: Clinic, cause_id: int) -> None:
    """Put the note to the deal, once, unless nobody needs one. Raises :class:`VendorError` where it is to be tried again."""
    with scope(clinic.id):
        with clinic.database.transaction() as session:
            firings = firing_log.of_cause(session, cause_id)
            fired = rules.versions(session, [each.rule_id for each in firings])
            named = {each.id: fired[each.rule_id].rule for each in firings}
        heard = [each for each in firings if each.state in TOLD and not each.quiet]
        if heard:
            note = AddNote(heard[0].deal, _note(clinic, heard, named), code_of(cause_id))
            Effects(clinic, heard[0].hop + 1).carry_out(f"why:{cause_id}", [note])


def _note(clinic: Clinic, firings: Sequence[Firing], named: dict[int, Rule]) -> str:
    first = firings[0]
    deal = Facts.of(first.facts).deal if first.facts else Deal(first.deal, "", "", "")
    happened = sentences.happened(first.happening, deal, clinic.chart, named[first.id])
    lines = [HEAD.format(happened=happened), *(_line(each, named[each.id]) for each in firings), ASK]
    return "\n".join(clinic.say(line) for line in lines)


def _line(firing: Firing, rule: Rule) -> Text:
    said = Text(
        "; ".join(each.ru.rstrip(".") for each in firing.said), "; ".join(each.en.rstrip(".") for each in firing.said)
    )
    return LINE.format(rule=rule.name, said=FAILED.format(said=said) if firing.state == "failed" else said)


def explain(session: Session, code: str) -> Explanation:
    """What a code stands for, in scope. Raises :class:`NotFound` also for what is older than two weeks."""
    firings = firing_log.of_cause(session, cause_of(code))
    if not firings:
        raise NotFound(NO_FIRING)
    chart = charts.load(session) or Chart()
    fired = rules.versions(session, [each.rule_id for each in firings])
    entries = {each.id: fired[each.rule_id] for each in firings}
    first, book = firings[0], rules.load(session)
    known = Facts.of(first.facts) if first.facts else None
    deal = known.deal if known else Deal(first.deal, "", "", "")
    answers = tuple(_answers(Witness(known, chart, book.settings), entries.values(), chart)) if known else ()
    return Explanation(
        code_of(first.cause_id),
        first.deal,
        sentences.happened(first.happening, deal, chart, entries[first.id].rule),
        first.happening.at,
        answers,
        tuple(_run(session, each, entries[each.id]) for each in firings),
    )


def _run(session: Session, firing: Firing, entry: Entry) -> Run:
    calls = effect_log.of_firing(session, firing.id)
    return Run(firing.id, entry.rule, entry.version, firing.state, firing.said, calls)


def _answers(known: Witness, entries: Any, chart: Chart) -> Iterator[tuple[Text, Text]]:
    for what in sorted(facts.needs([entry.rule for entry in entries]) - {"others"}):
        yield sentences.asked(what, chart), sentences.answer(known.of(what), what, chart)
