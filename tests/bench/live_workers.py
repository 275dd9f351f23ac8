"""``python -m tests.bench.live_workers``: a heap of events is worked on by one worker, by two and by four on one PostgreSQL:
jobs a second, and whether each deal's history and the robots of each deal kept their order.

The emulators' answers come from one process too, and the machine's cores are told, as they set the ceiling.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from pathlib import Path

from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.chaos import CLOCK
from bench.chaos_script import Script, histories
from bench.live_town import Ground, Town, ground

#: hours of the town that need no robot's work to go on
HOURS = 2
LONGEST = 1800.0
#: robots of one deal that were carried out before others of the same deal that had been set off earlier
OVERTOOK = """
    SELECT count(*) FROM (
        SELECT firing.done_at, max(firing.done_at) OVER (PARTITION BY cause.installation_id, cause.deal ORDER BY firing.id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest
          FROM robot_firing firing JOIN robot_cause cause ON cause.id = firing.cause_id
         WHERE cause.installation_id = ANY(:numbers)) AS carried_out
     WHERE done_at < latest
"""
DONE = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"


def heap(on: Ground, count: int, tenants: int, patients: int) -> bool:
    """Print the figures of so many workers; whether everything kept its order."""
    with on.town(tenants // 2, tenants - tenants // 2, limited=False) as there:
        there.keeps_rules(lambda rule: rule.when.on not in CLOCK)
        script = Script(patients, seed=1)
        with there.telling():
            people = script.arrives(there)
            deeds = sum(script.hour(there, people, hour) for hour in range(HOURS))
            _all_told(there)
            _schedule(there, "now() + interval '1 day'")
            with there.workers(count):
                before, started = there.count(DONE), time.monotonic()
                _schedule(there, "NULL")
                assert there.settles(LONGEST), "the town does not come to rest"
                seconds = time.monotonic() - started
        told, jobs = histories(there), there.count(DONE) - before
        overtook = there.count(OVERTOOK, numbers=[clinic.number for clinic in there.clinics])
    print(
        f"{count} workers: {jobs} jobs in {seconds:.1f} s, {jobs / seconds:.0f}/s ({deeds} deeds in {tenants} "
        f"clinics); {told.deals} deals, steps missing {told.missing}, double {told.double}, deals in wrong "
        f"order {told.disordered}, robots that overtook {overtook}",
        flush=True,
    )
    return not (told.missing or told.double or told.disordered or overtook)


def _all_told(there: Town) -> None:
    """Wait until the CRMs have nothing more to say."""
    until = time.monotonic() + LONGEST
    while any(clinic.state.outbox for clinic in there.clinics):
        assert time.monotonic() < until, "the web server does not take what the CRMs tell"
        time.sleep(0.1)
    time.sleep(0.5)


def _schedule(there: Town, at: str) -> None:
    """When what waits is to be worked on: all workers begin together."""
    with there.house.database.engine.begin() as connection:
        connection.execute(text(f"UPDATE procrastinate_jobs SET scheduled_at = {at} WHERE status = 'todo'"))


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--tenants", type=int, default=20)
    asked.add_argument("--patients", type=int, default=15, help="in each clinic")
    options = asked.parse_args()
    print(f"{os.cpu_count()} cores", flush=True)
    with ground() as there:
        good = [heap(there, count, options.tenants, options.patients) for count in (1, 2, 4)]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
