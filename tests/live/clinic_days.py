"""A day of a clinic by a script: who enquires, what people do with the cards, and where each card is to stand in the evening.

A step: ``visits.new`` is an enquiry at that stage, ``visits.new > visits.booked`` somebody moves the card, ``base.base ~`` the
patient writes to the clinic while his card stands there.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from clinic_books import Card, books, places
from houses import BITRIX24, Account, House, Portal
from processes import environment
from robot_desks import RobotDesk
from sqlalchemy import text
from wizards import arrived

from widget_backend.db import scope
from widget_backend.inbox import losses, reconcile
from widget_backend.sandbox.faults import Fault

#: the CRM's clock is behind ours by this in the morning, in seconds: a reconcile need not wait for what is told late
BEHIND = 170.0
#: a reconcile leaves what is younger to the CRM's own events
GRACE = 60.0
#: how much of the CRM's time passes between two deliveries, so that those that are overtaken come
PASSES = 0.3
#: of a hundred events
LOST, TWICE, OVERTAKEN = 5.0, 5.0, 10.0
#: every so many requests one goes wrong
EVERY = 67
WRONG = ("http_502", "drop", "cut", "html_after")

#: works when it is told to
_WORKER = """
import sys
from widget_backend import config, storage
from widget_backend.jobs.worker import drain
from widget_backend.tasks import tasks
settings = config.read_server()
database = storage.open_server(settings)
page = tasks(database, settings)
for _ in sys.stdin:
    drain(database, page)
    print(flush=True)
"""


@dataclass(frozen=True)
class Journey:
    """So many patients go the same way. ``ends``: where their cards stand in the evening; ``tasks``: with notices;
    ``explained``: notes that say what robots did; ``before``: visits until yesterday, ``came``: today's."""

    patients: int
    what: str
    steps: tuple[str, ...]
    ends: tuple[str, ...]
    tasks: int
    explained: int
    before: int = 0
    came: int = 0
    in_treatment: bool = False


@dataclass
class ClinicDay(RobotDesk):
    """``people``: patient -> the journey and how far he is."""

    people: dict[str, Journey] = field(default_factory=dict)
    workers: tuple[subprocess.Popen[str], ...] = ()
    _passed: float = 0.0
    _stands: dict[tuple[str, str], str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=places)

    def lives(self, script: tuple[Journey, ...], seed: int = 2026) -> None:
        """The whole day: round by round, and after each the CRM's own memory is looked through, as the schedule does it.
        ``seed``: says which events are lost, doubled and overtaken."""
        self.settles()
        self._late(BEHIND)
        numbers = itertools.count(1)
        self.people = {
            self._arrives(journey, next(numbers)): journey for journey in script for _ in range(journey.patients)
        }
        self.settles()
        self._turn_bad(seed)
        for hour in range(max(len(journey.steps) for journey in script)):
            self._hour(hour)
            self.settles()
            self._recalls()

    @property
    def found_late(self) -> int:
        """Changed deals that the CRM never told of."""
        with scope(self.clinic.id), self.house.database.transaction() as session:
            return losses.of(session).found_late

    def settles(self) -> None:
        """The CRM tells, the worker works, time passes, until nobody has anything to say or to do."""
        while self._is_busy():
            self.house.delivers(self.crm)
            self.crm.faults.plan(
                *(Fault(at, kind) for at, kind in zip(range(EVERY, 5000, EVERY), itertools.cycle(WRONG)))
            )
            self._works()
            self.crm.faults.plan()
            self._pass(PASSES)

    def _recalls(self) -> None:
        """The schedule comes round until the CRM's memory tells nothing new: what follows from a find may get lost too."""
        before = -1
        while before < (before := self._told_by_memory()):
            reconcile.reconcile_all(self.house.database)
            self.settles()

    def _told_by_memory(self) -> int:
        with self.house.database.engine.connect() as connection:
            found = text("SELECT count(*) FROM inbox_message WHERE source = 'reconcile'")
            return int(connection.execute(found).scalar_one())

    def _is_busy(self) -> bool:
        with self.house.database.engine.begin() as connection:
            connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))
            waiting = connection.execute(
                text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
            ).scalar_one()
        return bool(waiting or self.crm.state.outbox)

    def _works(self) -> None:
        for worker in self.workers:
            assert worker.stdin
            worker.stdin.write("\n")
            worker.stdin.flush()
        for worker in self.workers:
            assert worker.stdout
            assert worker.stdout.readline() == "\n", "the worker has ended"

    def _arrives(self, journey: Journey, number: int) -> str:
        """A patient of his own, with a phone of his own."""
        before = {"visit_count": journey.before} if journey.before else {}
        patient = self.patient(f"Пациент {number}", f"+7900{number:07d}", **before)
        if journey.in_treatment:
            self.notes_patient(patient, in_treatment=True)
        return patient

    def _hour(self, hour: int) -> None:
        self._stands = {(card.patient, card.place): card.id for card in books(self.crm).cards()}
        for patient, journey in self.people.items():
            if hour < len(journey.steps):
                self._step(patient, journey.steps[hour])

    def _step(self, patient: str, step: str) -> None:
        here, _, to = step.partition(" > ")
        if to:
            self.moves(self._card(patient, here), f"stage.{to}")
        elif here.endswith(" ~"):
            with self._heard():
                self.writes(patient, self._card(patient, here[:-2]))
        else:
            self.enquires(patient, f"stage.{here}")

    def _card(self, patient: str, place: str) -> str:
        return self._stands[patient, self._names[place]]

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """What a patient says is told: no CRM's memory of moves and changes could tell it later."""
        self.crm.state.settings.lose_percent = 0.0
        yield
        self.crm.state.settings.lose_percent = LOST

    def _turn_bad(self, seed: int) -> None:
        told = self.crm.state.settings
        told.lose_percent, told.double_percent, told.reorder_percent, told.event_seed = LOST, TWICE, OVERTAKEN, seed
        told.overtaken_s = PASSES / 2

    def _late(self, seconds: float) -> None:
        if isinstance(self.crm, Portal):
            self.crm.state.clock = lambda: time.time() - seconds + self._passed
        else:
            self.crm.state.skip(-seconds)

    def _pass(self, seconds: float) -> None:
        self._passed += seconds
        assert self._passed < BEHIND - GRACE, "what is told late would not be looked for any more"
        if isinstance(self.crm, Account):
            self.crm.state.skip(seconds)


@contextmanager
def clinic_day(house: House, crm: Portal | Account) -> Iterator[ClinicDay]:
    """A clinic that has been set up, with two workers in processes of their own."""
    person = arrived(house, crm)
    person.plans(preset="dental")
    person.applies()
    house.works()
    if isinstance(crm, Portal):
        crm.state.finish_install(BITRIX24.client_id)
    workers = tuple(
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(house),
        )
        for _ in range(2)
    )
    try:
        yield ClinicDay(house, crm, person.hands, workers=workers)
    finally:
        for worker in workers:
            worker.communicate(timeout=60)


@dataclass(frozen=True)
class Line:
    """One line of the table of the evening."""

    what: str
    expected: int
    actual: int

    def __str__(self) -> str:
        sign = " " if self.expected == self.actual else "≠"
        return f"{self.what:<50}{self.expected:>9}{self.actual:>9} {sign}"


def strays(day: ClinicDay) -> list[str]:
    """Patients whose cards, tasks and notes are not as their journey has them."""
    names, written = places(), books(day.crm)
    cards: dict[str, list[Card]] = defaultdict(list)
    for card in written.cards():
        cards[card.patient].append(card)
    found = []
    for patient, journey in day.people.items():
        own = [card.id for card in cards[patient]]
        tasks, notes = (sum(counted[card] for card in own) for counted in (written.tasks, written.explanations))
        stands = sorted(card.place for card in cards[patient])
        if (stands, tasks, notes) != (sorted(names[end] for end in journey.ends), journey.tasks, journey.explained):
            found.append(f"{journey.what} ({patient}): {stands}, tasks {tasks}, notes {notes}")
    return found


def table(script: tuple[Journey, ...], crm: Portal | Account) -> list[Line]:
    """What the script says against what stands in the CRM."""
    names, written = places(), books(crm)
    stand = Counter(card.place for card in written.cards())
    expected = Counter({names[end]: 0 for journey in script for end in journey.ends})
    for journey in script:
        expected.update({names[end]: journey.patients * times for end, times in Counter(journey.ends).items()})
    lines = [Line(place, expected[place], stand[place]) for place in names.values() if expected[place] or stand[place]]

    def summed(of: str) -> int:
        return sum(journey.patients * getattr(journey, of) for journey in script)

    return [
        *lines,
        Line("Сделок", sum(journey.patients * len(journey.ends) for journey in script), stand.total()),
        Line("Задач и уведомлений", summed("tasks"), written.tasks.total()),
        Line("Примечаний «почему»", summed("explained"), written.explanations.total()),
        Line("Визитов в карточках пациентов", summed("before") + summed("came"), written.visits),
    ]
