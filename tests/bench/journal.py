"""``python -m tests.bench.journal``: how long a page of the journal takes where 100 000 things have happened in a clinic, and
as many in another; the first page, a deep one, of one deal, and what has failed.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from widget_backend import sealed
from widget_backend.clock import now
from widget_backend.config import Settings
from widget_backend.db import Database, scope
from widget_backend.journal import entries
from widget_backend.journal.asked import Asked, Place
from widget_backend.robots import coding
from widget_backend.robots.happenings import Entered
from widget_backend.robots.rule import Rule, Step, Trigger
from widget_backend.storage import open_database
from widget_backend.tenancy import installations
from widget_backend.texts import Text

COUNT, CLINICS, ROUNDS = 100_000, 2, 7
KEYS = ("bWFkZS11cC1rZXktb2YtdGhlLXRlc3RzLW5vLW9uZSE=",)
RULE = Rule("made_up", Text("Копия", "Copy"), Trigger("entered"), (Step("add_note"),))

_MOVES = text(
    """
    INSERT INTO stage_transition (installation_id, deal, kind, from_stage, to_stage, pipeline, at, mover, moment, hop, seen_at)
    SELECT :i, (n % 5000)::text, 'moved', 'a', 'b', 'p', since + n * step, '7', 'told', 0, since + n * step
      FROM generate_series(1, :count) AS n, (SELECT now() - interval '13 days' AS since, interval '11 seconds' AS step) AS s
    """
)
#: nine of ten moves are answered by a rule
_CAUSES = text(
    """
    INSERT INTO robot_cause (installation_id, deal, contact, cause, hop, happenings, at, made_at)
    SELECT installation_id, deal, '', 't:' || id, 0, :happenings, at, seen_at FROM stage_transition
     WHERE installation_id = :i AND id % 10 <> 0
    """
)
#: one of a thousand has failed
_FIRINGS = text(
    """
    INSERT INTO robot_firing (installation_id, cause_id, rule_id, rule_key, happening, state, outcome, quiet, anew, made_at,
                              done_at)
    SELECT installation_id, id, :rule, 'made_up', 0, CASE WHEN id % 1000 = 0 THEN 'failed' ELSE 'done' END, :outcome, false,
           '{}', made_at, made_at FROM robot_cause WHERE installation_id = :i
    """
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="dental-crm-bench-") as home:
        sealed.use(KEYS)
        database = open_database(Settings(Path(home)))
        try:
            ours, *_ = (_filled(database, f"clinic-{number}") for number in range(CLINICS))
            deep = Place(now() - timedelta(days=7), 0, 1)
            pages = {
                "the newest": Asked(),
                "of a week ago": Asked(before=deep),
                "of one deal": Asked(deal="4711"),
                "what has failed": Asked(failed=True),
                "moves": Asked(kind="moves"),
                "decisions (none)": Asked(kind="decisions"),
            }
            print(f"{COUNT} moves in each of {CLINICS} clinics; a page of {entries.MOST}, the median of {ROUNDS}")
            for name, wanted in pages.items():
                print(f"{name:<20}{_median(lambda wanted=wanted: _read(database, ours, wanted)):>8.1f} ms", flush=True)  # type: ignore[misc]
        finally:
            database.close()


def _read(database: Database, ours: int, wanted: Asked) -> None:
    with scope(ours), database.transaction() as session:
        entries.read(session, {}, wanted)


def _median(work: Callable[[], None]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.monotonic()
        work()
        took.append((time.monotonic() - began) * 1000)
    return statistics.median(took)


def _filled(database: Database, account: str) -> int:
    happening = Entered(cause="t:1", at=now(), stage="b", from_stage="a", mover="7")
    happenings = sealed.seal(f"[{_json(coding.told(happening))}]")
    with database.transaction() as session:
        ours = installations.ensure(session, "bitrix24", account, f"{account}.example")
    with database.engine.begin() as connection:
        rule = connection.execute(
            text(
                "INSERT INTO robot_rule (installation_id, key, origin, number, release, position, content, current, made_at) "
                "VALUES (:i, 'made_up', 'preset', 1, 'made up', 0, CAST(:content AS jsonb), true, now()) RETURNING id"
            ),
            {"i": ours, "content": _json(coding.encode(RULE))},
        ).scalar_one()
        connection.execute(_MOVES, {"i": ours, "count": COUNT})
        connection.execute(_CAUSES, {"i": ours, "happenings": happenings})
        outcome = sealed.seal('[["создана сделка", "a deal was made"]]')
        connection.execute(_FIRINGS, {"i": ours, "rule": rule, "outcome": outcome})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return ours


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
