"""``python -m tests.bench.tokens``: 20 processes ask for a token at the moment it ends, 200 rounds, for both vendors.

The bar: exactly one refresh a round, and all processes hold the newest pair.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from ground.clinic_rows import installed_at
from ground.contest import KEYS, Round, contest
from ground.loopback_oauth import TokenServer

from widget_backend import sealed
from widget_backend.config import Settings
from widget_backend.storage import open_database

PROCESSES, ROUNDS = 20, 200


def main() -> None:
    sealed.use(KEYS)
    with tempfile.TemporaryDirectory(prefix="dental-crm-bench-") as home:
        database = open_database(Settings(Path(home)))
        try:
            for vendor, single_use in (("amocrm", True), ("bitrix24", False)):
                with TokenServer(vendor, single_use) as server:
                    clinic = installed_at(database, server)
                    _tell(vendor, contest(database, clinic.id, server, PROCESSES, ROUNDS))
        finally:
            database.close()


def _tell(vendor: str, rounds: list[Round]) -> None:
    once = sum(played.refreshes == 1 for played in rounds)
    agreed = sum(played.answers == {played.newest} for played in rounds)
    seconds = [played.seconds for played in rounds]
    print(
        f"{vendor}: {PROCESSES} processes, {len(rounds)} rounds; one refresh in {once}, the newest pair for all in {agreed}; "
        f"a round {statistics.median(seconds) * 1000:.0f} ms, the longest {max(seconds) * 1000:.0f} ms",
        flush=True,
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
