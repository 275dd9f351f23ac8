"""What people do in a town of clinics, by a seed, and what stands in the CRMs and in our history when they have gone home."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.live_clinic import Clinic
from bench.live_town import Town
from clinic_books import AliceBooks, BorisBooks
from sqlalchemy import text

#: what happens to a patient, an hour each: an enquiry at a stage; «a > b > c»: his card there is drawn on, in one go;
#: «a *»: something of it is changed
JOURNEYS: tuple[tuple[str, ...], ...] = (
    ("visits.new", "visits.new > visits.taken", "visits.taken *", "visits.taken > visits.booked"),
    ("visits.new", "visits.new > visits.taken > visits.picking", "visits.picking > visits.booked > visits.came"),
    ("visits.new", "visits.new > visits.came", "coord.new > coord.taken > coord.signed", "coord.signed *"),
    ("visits.new", "visits.new *", "visits.new > visits.came", "coord.new > coord.refused"),
    ("visits.new", "visits.new > visits.missed", "revival.never > revival.ready", "visits.picking > visits.came"),
    ("base.base", "base.base *", "base.base > base.taken > base.ready", "visits.picking > visits.confirmed"),
    ("base.base", "base.base > base.refused", "revival.returned > revival.taken"),
)
HOURS = max(len(journey) for journey in JOURNEYS)
#: what each patient's day makes the CRMs tell at the least, echoes of our own writes among it
TELLS = 20

#: of each clinic: patient -> the way he goes
People = Sequence[dict[str, Sequence[str]]]
#: one of: a card, a task, a note that says why; of which clinic of the town, which patient, and where his card stands
Thing = tuple[str, int, str, str]


@dataclass(frozen=True)
class Script:
    """``patients``: in each clinic."""

    patients: int
    seed: int

    def arrives(self, there: Town) -> People:
        """Everybody, by clinic: the way he will go."""
        return [self._people(clinic, place) for place, clinic in enumerate(there.clinics)]

    def hour(self, there: Town, people: People, hour: int) -> int:
        """What people do in it, clinic after clinic in turn; how many deeds."""
        lines = [_deeds(clinic, ways, hour) for clinic, ways in zip(there.clinics, people, strict=True)]
        done = 0
        while lines:
            lines = [line for line in lines if next(line, None) is not None]
            done += len(lines)
        return done

    def _people(self, clinic: Clinic, place: int) -> dict[str, Sequence[str]]:
        dice = random.Random(f"{self.seed}:{place}")
        return {clinic.patient(): dice.choice(JOURNEYS) for _ in range(self.patients)}


def things(there: Town) -> Counter[Thing]:
    """What stands in the CRMs, whatever ids it got."""
    found: Counter[Thing] = Counter()
    for place, clinic in enumerate(there.clinics):
        written = _books(clinic)
        to_do, whys = written.tasks, written.explanations
        for card in written.cards():
            found["card", place, card.patient, card.place] += 1
            found["task", place, card.patient, card.place] += to_do[card.id]
            found["note", place, card.patient, card.place] += whys[card.id]
        found["visit", place, "", ""] += written.visits
    return +found


@dataclass(frozen=True)
class Histories:
    """Deals whose history with us is not as the CRM's own: steps that are missing, too many, or in another order."""

    deals: int
    steps: int
    missing: int
    double: int
    disordered: int


def histories(there: Town) -> Histories:
    """Compare all."""
    ours, theirs = _ours(there), {}
    for clinic in there.clinics:
        theirs |= {(clinic.number, deal): path for deal, path in _books(clinic).paths.items()}
    missing = double = disordered = 0
    for deal, path in theirs.items():
        told = ours.pop(deal, [])
        lacking, beyond = Counter(path) - Counter(told), Counter(told) - Counter(path)
        missing, double = missing + lacking.total(), double + beyond.total()
        disordered += not lacking and not beyond and told != path
    double += sum(len(path) for path in ours.values())
    return Histories(len(theirs), sum(len(path) for path in theirs.values()), missing, double, disordered)


def _ours(there: Town) -> dict[tuple[int, str], list[str]]:
    """Where each deal has been as we know it."""
    found: dict[tuple[int, str], list[str]] = {}
    steps = text(
        "SELECT installation_id, deal, to_stage FROM stage_transition WHERE installation_id = ANY(:numbers) ORDER BY at, id"
    )
    with there.house.database.engine.connect() as connection:
        for number, deal, stage in connection.execute(steps, {"numbers": [one.number for one in there.clinics]}):
            found.setdefault((number, deal), []).append(stage)
    return found


def _deeds(clinic: Clinic, ways: dict[str, Sequence[str]], hour: int) -> Iterator[str]:
    stands = {(patient, stage): deal for deal, patient, stage in clinic.deals()}
    for patient, way in ways.items():
        if hour < len(way):
            yield from _deed(clinic, stands, patient, way[hour])


def _deed(clinic: Clinic, stands: dict[tuple[str, str], str], patient: str, step: str) -> Iterator[str]:
    here, *on = step.removesuffix(" *").split(" > ")
    at = clinic.chart.stage[f"stage.{here}"]
    if step == here:
        yield clinic.deal(patient, at.address)
        return
    deal = stands[patient, at.id]
    for stage in on:
        clinic.move(deal, f"stage.{stage}")
        yield deal
    if not on:
        clinic.touch(deal, "Заявка, уточнена")
        yield deal


def _books(clinic: Clinic) -> BorisBooks | AliceBooks:
    return BorisBooks(clinic) if clinic.vendor == "bitrix24" else AliceBooks(clinic)


def named(thing: Thing) -> str:
    """In words."""
    what, place, patient, where = thing
    return f"{what} in clinic {place} of patient {patient or '-'} at {where or '-'}"
