"""``python -m tests.bench.chaos``: a town lives the same days twice, once in peace, and once with events lost, doubled and
overtaken and a worker killed every few seconds. What stands in the CRMs in the evening has to be the same: nothing missing,
nothing double, and every deal's history as its own CRM has it. Exits with 1 where it is not.

The seed tells what people do and what becomes of each event. The rate limits are off, and rules that the clock sets off are
left out: how long a day takes is another question.
"""

from __future__ import annotations

import argparse
import itertools
import math
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.chaos_script import HOURS, TELLS, Histories, People, Script, Thing, histories, named, things
from bench.live_clinic import Clinic
from bench.live_town import Ground, Town, buried, ground

from widget_backend.inbox import reconcile

#: of a hundred events
LOST, TWICE, OVERTAKEN = 5.0, 5.0, 10.0
#: seconds by which an event is overtaken
LATE = 2.0
#: seconds by which the CRMs' clocks are behind ours: a reconcile leaves what is younger than a minute to the CRM's own events
BEHIND = 100.0
#: an hour of the town that takes longer has come to a stop
LONGEST = 3600.0
#: triggers that come by the clock
CLOCK = ("stuck", "before", "after", "reached")
SHOWN = 10
#: messages that are not done, and jobs that gave up
DEAD = """
    SELECT state, entity, source, kind, error_en FROM inbox_message
     WHERE state IN ('new', 'dead') AND installation_id = ANY(:numbers)
    UNION ALL
    SELECT job.status::text, job.task_name, job.queue_name, fault.kind, fault.message_en
      FROM procrastinate_jobs job LEFT JOIN job_fault fault ON fault.job_id = job.id
     WHERE job.status = 'failed' AND (job.args ->> 'installation_id')::bigint = ANY(:numbers)
"""


@dataclass(frozen=True)
class Kills:
    """A worker is killed every so many seconds, ``most`` times at the most."""

    every: float = 10.0
    most: int | None = None


@dataclass(frozen=True)
class Evening:
    """What stands in the CRMs and in the histories; ``events``: told, lost ones too; ``dead``: jobs and messages nobody
    could work on, in words."""

    things: Counter[Thing]
    histories: Histories
    deeds: int
    events: int
    kills: int
    dead: Counter[str]
    seconds: float

    def __str__(self) -> str:
        told = self.histories
        return (
            f"{self.deeds} deeds, {self.events} events, {self.kills} kills, {self.seconds:.0f} s: {self.things.total()} cards, "
            f"tasks, notes and visits; histories of {told.deals} deals with {told.steps} steps: {told.missing} missing, "
            f"{told.double} double, {told.disordered} in wrong order; {self.dead.total()} dead"
        )


@dataclass(frozen=True)
class Verdict:
    """Both evenings against each other."""

    calm: Evening
    wild: Evening

    @property
    def missing(self) -> Counter[Thing]:
        return self.calm.things - self.wild.things

    @property
    def double(self) -> Counter[Thing]:
        return self.wild.things - self.calm.things

    @property
    def is_good(self) -> bool:
        return not self.missing and not self.double and all(_is_whole(one) for one in (self.calm, self.wild))

    def __str__(self) -> str:
        lines = [f"in peace:   {self.calm}", f"with chaos: {self.wild}"]
        lines.append(
            f"{self.missing.total()} missing, {self.double.total()} double; the bar is 0, 0 and no wrong order"
        )
        for evening in (self.calm, self.wild):
            lines += [f"  dead: {count} {what}" for what, count in evening.dead.most_common(SHOWN)]
        for sign, found in (("-", self.missing), ("+", self.double)):
            lines += [f"  {sign}{count} {named(thing)}" for thing, count in found.most_common(SHOWN)]
        return "\n".join(lines)


def judged(on: Ground, tenants: int, script: Script, *, workers: int = 2, kills: Kills) -> Verdict:
    """Let the town live both days."""
    calm = _lived(on, tenants, script, workers, None)
    return Verdict(calm, _lived(on, tenants, script, workers, kills))


def _lived(on: Ground, tenants: int, script: Script, workers: int, kills: Kills | None) -> Evening:
    """One day; in peace where nobody is to be killed."""
    with on.town(tenants // 2, tenants - tenants // 2, limited=False) as there:
        there.keeps_rules(lambda rule: rule.when.on not in CLOCK)
        for clinic in there.clinics:
            _set_back(clinic)
        with there.workers(workers) as working, there.telling():
            people = script.arrives(there)
            assert there.settles(LONGEST), "the town does not come to rest"
            started, told = time.monotonic(), _told(there)
            if kills:
                _turn_bad(there, script.seed)
            with _killing(there, working, kills) as killed:
                deeds = sum(_hour(there, script, people, hour) for hour in range(HOURS))
            seconds, told = time.monotonic() - started, _told(there) - told
        return Evening(things(there), histories(there), deeds, told, len(killed), _dead(there), seconds)


def _hour(there: Town, script: Script, people: People, hour: int) -> int:
    """What people do, and all that follows; then the CRMs' memories are looked through until they tell nothing new."""
    deeds = script.hour(there, people, hour)
    assert there.settles(LONGEST), "the town does not come to rest"
    before = -1
    while before < (before := there.count("SELECT count(*) FROM inbox_message WHERE source = 'reconcile'")):
        reconcile.reconcile_all(there.house.database)
        assert there.settles(LONGEST), "the town does not come to rest"
    return deeds


@contextmanager
def _killing(there: Town, working: list[subprocess.Popen[bytes]], kills: Kills | None) -> Iterator[list[float]]:
    """Kill one worker after another, and put a new one in its place; when that was."""
    over, killed = threading.Event(), []

    def kill(kills: Kills) -> None:
        for place in itertools.islice(itertools.cycle(range(len(working))), kills.most):
            if over.wait(kills.every):
                return
            working[place].kill()
            killed.append(time.monotonic())
            buried(working[place])
            working[place] = there.worker()

    killer = threading.Thread(target=kill, args=(kills or Kills(0.0, 0),), daemon=True)
    killer.start()
    yield killed
    over.set()
    killer.join()


def _set_back(clinic: Clinic) -> None:
    if clinic.vendor == "bitrix24":
        clinic.state.clock = lambda: time.time() - BEHIND
    else:
        clinic.state.skip(-BEHIND)


def _turn_bad(there: Town, seed: int) -> None:
    for place, clinic in enumerate(there.clinics):
        told = clinic.state.settings
        told.lose_percent, told.double_percent, told.reorder_percent = LOST, TWICE, OVERTAKEN
        told.event_seed, told.overtaken_s = seed * 1000 + place, LATE


def _told(there: Town) -> int:
    """Events so far, the lost ones too, the doubled ones once."""
    return sum(clinic.state.told.total() for clinic in there.clinics)


def _dead(there: Town) -> Counter[str]:
    """Jobs and messages that nobody could work on."""
    numbers = [clinic.number for clinic in there.clinics]
    return Counter(" ".join(str(word) for word in row) for row in there.rows(DEAD, numbers=numbers))


def _is_whole(evening: Evening) -> bool:
    told = evening.histories
    return not (evening.dead or told.missing or told.double or told.disordered)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--events", type=int, default=100_000, help="at the least, echoes of our own writes among them")
    asked.add_argument("--tenants", type=int, default=200)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--every", type=float, default=10.0, help="seconds between two kills")
    options = asked.parse_args()
    patients = math.ceil(options.events / options.tenants / TELLS)
    with ground() as there:
        script = Script(patients, options.seed)
        verdict = judged(there, options.tenants, script, workers=options.workers, kills=Kills(options.every))
    print(
        f"{options.tenants} tenants with {patients} patients each, seed {options.seed}", verdict, sep="\n", flush=True
    )
    sys.exit(0 if verdict.is_good else 1)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
