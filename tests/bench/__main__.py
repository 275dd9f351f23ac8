"""``make bench``: requests and seconds of an install against what the rate limits allow, and against a naive install; and
requests that a copied deal costs.

Everything runs against the emulators with their rate limits on, through the product's own rate budget. The floor is the
time the sustained rate allows for that number of requests. A ratio is of one run; machines differ, ratios do not.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.installing import installing
from bench.live_copies import copies
from bench.planning import planning
from sandboxes import CLINICS, Sandbox

from installer import applier, preset
from installer.preflight import preflight
from installer.wishes import Choices
from installer.workplace import Survey, Workplace
from widget_backend.budget import DatabaseBudget
from widget_backend.config import Settings
from widget_backend.crm.model import Change
from widget_backend.crm.port import Connection, Outcome, Structure
from widget_backend.crm.registry import VENDORS
from widget_backend.db import Database, in_transaction
from widget_backend.requestlog import DatabaseLog
from widget_backend.storage import open_database
from widget_backend.transport import Door

#: requests a second that the vendor allows for long (bitrix24.md §3.3, amocrm.md §2.4)
LIMITS = {"bitrix24": 2.0, "amocrm": 7.0}
HEAD = f"{'':<38}{'requests':>9}{'seconds':>9}{'floor':>8}{'ratio':>7}"


@dataclass(frozen=True)
class OneByOne:
    """The same structure port, a request for every object: what an install without packing costs."""

    inner: Structure

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def apply(self, changes: Sequence[Change], ids: Mapping[str, str]) -> Iterator[Sequence[Outcome]]:
        known = dict(ids)
        for change in changes:
            for outcomes in self.inner.apply([change], known):
                known |= {o.address: o.remote.id for o in outcomes if o.remote is not None}
                yield outcomes


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="dental-crm-bench-") as home:
        database = open_database(Settings(Path(home)))
        try:
            print(HEAD)
            by_command = dict(_vendor(name, database) for name in CLINICS)
        finally:
            database.close()
    print()
    installing(by_command)
    print()
    planning()
    print()
    copies()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process, emulators included: {peak:.0f} MB (the bar is 150 MB for plan and apply)")


def _vendor(name: str, database: Database) -> tuple[str, int]:
    """Print its rows; which vendor it is, and how many requests an install takes."""
    with CLINICS[name]() as sandbox:
        place, door = _workplace(sandbox, database)
        _row(sandbox, "install of dental", door, lambda: applier.apply(place, lambda seen: _checked(place, seen)), 1)
        sent = door.sent
        _row(sandbox, "second apply", door, lambda: applier.apply(place, lambda seen: _checked(place, seen)))
        _row(sandbox, "verify", door, place.survey)
    with CLINICS[name]() as sandbox:
        place, door = _workplace(sandbox, database, naive=True)
        _row(sandbox, "install, one object a request", door, lambda: applier.apply(place, lambda seen: True), 1)
    return sandbox.vendor, sent


def _checked(place: Workplace, seen: Survey) -> bool:
    """Preflight, as the command does it."""
    if seen.plan.writes:
        preflight(seen.plan, seen.snapshot, place.structure.access(), place.structure.capabilities)
    return True


def _workplace(sandbox: Sandbox, database: Database, *, naive: bool = False) -> tuple[Workplace, Door]:
    vendor = VENDORS[sandbox.vendor]
    account = f"{sandbox.vendor}:{sandbox.url}"
    budget = DatabaseBudget(database.engine, account, vendor.rate)
    door = Door(vendor.key, budget, DatabaseLog(database.engine, account), in_transaction=in_transaction)
    connection = Connection(sandbox.target[1], sandbox.target[-1] if "--token" in sandbox.target else "")
    structure = vendor.structure(connection, door)
    wanted = preset.find("dental")
    host = sandbox.url.split("//")[1]
    chosen = OneByOne(structure) if naive else structure
    return Workplace(database, chosen, wanted, vendor.key, host, Choices(conflicts="keep")), door  # type: ignore[arg-type]


def _row(sandbox: Sandbox, what: str, door: Door, work: Callable[[], object], free: int = 0) -> None:
    """``free``: requests that need not wait, as the account was idle before."""
    before = door.sent
    started = time.monotonic()
    work()
    seconds, sent = time.monotonic() - started, door.sent - before
    floor = (sent - free) / LIMITS[sandbox.vendor]
    ratio = f"{seconds / floor:>7.2f}" if floor else f"{'—':>7}"
    print(f"{sandbox.vendor + ': ' + what:<38}{sent:>9}{seconds:>9.2f}{floor:>8.2f}{ratio}", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
