"""``python -m tests.bench.live_effect``: from a deal that is won to its copy in the coordinators' pipeline, in a town of
clinics with the CRMs' rate limits on; and how that changes while one more clinic has ten thousand events.

``--tenants``, ``--seconds``, ``--every``: seconds between two won deals of one clinic; ``--noise``: events of the noisy one.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.live_clinic import Clinic
from bench.live_town import town

from widget_backend.crm.registry import VENDORS

BEFORE, WON, COPY = "stage.visits.confirmed", "stage.visits.came", "stage.coord.new"
#: deals of the noisy clinic, and its events a second: a portal takes two requests with fifty commands each
CROWD, LOUDLY = 1000, 100
#: seconds in which an account's budget is whole again, and those after which a copy is not waited for any more
WHOLE, LATEST = 25.0, 60.0
#: a clinic's patients, each with a deal that is about to be won
Ready = Mapping[int, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Copied:
    """``requests``: how many the account had got by then."""

    clinic: Clinic
    seconds: float
    requests: int


@dataclass
class Watch:
    """Looks at the boards for what is waited for: by clinic and patient, since when."""

    seen: list[Copied] = field(default_factory=list)
    waiting: dict[tuple[int, str], tuple[Clinic, float, int]] = field(default_factory=dict)

    def won(self, clinic: Clinic, patient: str) -> None:
        self.waiting[clinic.number, patient] = (clinic, time.monotonic(), len(clinic.app.faults.log))

    def look(self, over: threading.Event) -> None:
        while not over.wait(0.02):
            for clinic in {clinic.number: clinic for clinic, _, _ in list(self.waiting.values())}.values():
                copies = {patient for _, patient, stage in clinic.deals() if stage == clinic.chart.stage[COPY].id}
                for patient in copies:
                    self._found(clinic, patient)

    def _found(self, clinic: Clinic, patient: str) -> None:
        if waited := self.waiting.pop((clinic.number, patient), None):
            _, since, requests = waited
            self.seen.append(Copied(clinic, time.monotonic() - since, len(clinic.app.faults.log) - requests))


def prepared(clinics: Sequence[Clinic], rounds: int) -> Ready:
    """By clinic, one for each round."""
    return {clinic.number: [_ready(clinic) for _ in range(rounds)] for clinic in clinics}


def measured(clinics: Sequence[Clinic], ready: Ready, every: float) -> Watch:
    """Let one deal after another be won, each clinic in its turn."""
    watch, over = Watch(), threading.Event()
    looking = threading.Thread(target=watch.look, args=(over,), daemon=True)
    looking.start()
    started = time.monotonic()
    for turn in range(len(ready[clinics[0].number])):
        for place, clinic in enumerate(clinics):
            patient, deal = ready[clinic.number][turn]
            time.sleep(max(0.0, started + every * (turn + place / len(clinics)) - time.monotonic()))
            watch.won(clinic, patient)
            clinic.move(deal, WON)
    until = time.monotonic() + LATEST
    while watch.waiting and time.monotonic() < until:
        time.sleep(0.1)
    over.set()
    looking.join()
    return watch


def effect(tenants: int = 50, seconds: float = 60, every: float = 30, workers: int = 2) -> None:
    """Print the times, and what of them the rate limit alone takes."""
    with town(tenants // 2, tenants - tenants // 2) as there, there.workers(workers), there.telling():
        ready = prepared(there.clinics, max(1, round(seconds / every)))
        assert there.settles(600), "the town does not come to rest"
        time.sleep(WHOLE)
        watch = measured(there.clinics, ready, every)
    for vendor in VENDORS.values():
        seen = [one for one in watch.seen if one.clinic.vendor == vendor.key]
        asked = statistics.median(one.requests for one in seen)
        least = max(0.0, (asked - vendor.rate.burst) / vendor.rate.per_second)
        told = f"seen after {asked:.0f} requests, for which the rate limit alone takes {least:.2f} s"
        print(f"{vendor.key}: won deal -> copy, {spread([one.seconds for one in seen])}; {told}", flush=True)
    print(
        f"{tenants} tenants, {workers} workers, a won deal each {every:.0f} s in each: "
        f"{spread([one.seconds for one in watch.seen])}; not seen {len(watch.waiting)}; the bar is p95 < 2 s",
        flush=True,
    )


def noisy(tenants: int = 20, seconds: float = 60, every: float = 30, noise: int = 10_000, workers: int = 2) -> None:
    """Print the others' times in quiet, and while one clinic has so many events."""
    rounds = max(1, round(seconds / every))
    with town(tenants // 2 + 1, tenants - tenants // 2) as there, there.workers(workers), there.telling(loud=1):
        loud, others = there.clinics[0], there.clinics[1:]
        quiet, disturbed = prepared(others, rounds), prepared(others, rounds)
        assert there.settles(600), "the town does not come to rest"
        time.sleep(WHOLE)
        before = measured(others, quiet, every)
        assert there.settles(300), "the town does not come to rest"
        time.sleep(WHOLE)
        shouting = threading.Thread(target=_shout, args=(loud, noise), daemon=True)
        shouting.start()
        time.sleep(5)
        waited = there.left()
        after = measured(others, disturbed, every)
        told = loud.state.number("delivery", 1, 1)
    quick, slow = (share([one.seconds for one in watch.seen], 0.95) for watch in (before, after))
    print(
        f"{tenants} tenants beside one with {noise} events ({told} told, {waited} waited when it began): p95 {quick:.2f} "
        f"s in quiet, {slow:.2f} s beside it: {slow / quick - 1:+.0%}; not seen {len(after.waiting)}; the bar is below +25 %",
        flush=True,
    )


def spread(times: Sequence[float]) -> str:
    """In words."""
    p50, p95 = (share(times, part) for part in (0.5, 0.95))
    return f"{len(times)} deals, p50 {p50:.2f} s, p95 {p95:.2f} s, the longest {max(times):.2f} s"


def share(times: Sequence[float], part: float) -> float:
    """The time within which so many of them were."""
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def _ready(clinic: Clinic) -> tuple[str, str]:
    patient = clinic.patient()
    return patient, clinic.deal(patient, BEFORE)


def _shout(clinic: Clinic, noise: int) -> None:
    """Somebody imports deals and changes them again and again, as fast as a CRM takes it."""
    crowd, began = [], time.monotonic()
    for n in range(noise):
        time.sleep(max(0.0, began + n / LOUDLY - time.monotonic()))
        if n < CROWD:
            crowd.append(clinic.deal("", BEFORE))
        else:
            clinic.touch(crowd[n % CROWD], f"Заявка {n}")


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--tenants", type=int, default=50)
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--every", type=float, default=30)
    asked.add_argument("--noise", type=int, default=10_000, help="0: leave the noisy neighbour out")
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--only-noise", action="store_true")
    options = asked.parse_args()
    if not options.only_noise:
        effect(options.tenants, options.seconds, options.every, options.workers)
    if options.noise:
        noisy(options.tenants, options.seconds, options.every, options.noise, options.workers)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
