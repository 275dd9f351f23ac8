"""A clinic's inbox in front of a CRM in memory: what is told, lost, worked on and found again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from memory_records import CHART, MemoryRecords
from sqlalchemy import text
from sqlalchemy.orm import Session

from widget_backend import jobs
from widget_backend.clock import now
from widget_backend.crm import charts
from widget_backend.crm.records import Activity, RobotCall, Touched
from widget_backend.db import Database, scope
from widget_backend.deals import own_marks, stage_history
from widget_backend.deals.clinic import Clinic, Clinics
from widget_backend.deals.stage_history import Transition
from widget_backend.errors import Unavailable
from widget_backend.inbox import dead_letters, directory, losses, pace, processing, receiving, reconcile
from widget_backend.inbox.losses import LossMeter
from widget_backend.inbox.office import Office, Seen
from widget_backend.jobs import Task
from widget_backend.jobs.worker import drain
from widget_backend.tenancy import installations
from widget_backend.tenancy.grants import Grant

SECRET = "made-up-secret-of-the-tests"

#: a step that is answered twice is refused
_WAITING = """
    SELECT DISTINCT entity, remote_id FROM inbox_message WHERE installation_id = :id AND state = 'new'
"""
_ANSWERED = text("INSERT INTO answered VALUES (:id, :step)")


@dataclass
class Desk:
    """``seen``: what was answered; ``told``: calls of robots that were carried out; ``raises``: what the next answers raise."""

    database: Database
    name: str
    crm: MemoryRecords = field(default_factory=MemoryRecords)
    seen: list[Seen] = field(default_factory=list)
    told: list[RobotCall] = field(default_factory=list)
    raises: list[Exception] = field(default_factory=list)
    id: int = 0

    def __post_init__(self) -> None:
        self.sql("CREATE TABLE IF NOT EXISTS answered (installation_id bigint, step bigint PRIMARY KEY)")
        grant = Grant("bitrix24", self.name, f"{self.name}.example", f"https://{self.name}.example/", "a", "r", now())
        with self.database.transaction() as session:
            self.id = installations.connect(session, grant)
            installations.activate(session, self.id)
            installations.keep_application_token(session, self.id, SECRET)
            with scope(self.id):
                charts.save(session, self.id, CHART)
        self.crm.at = now().replace(microsecond=0)
        self.sql("UPDATE installation SET activated_at = :at", at=self.crm.at)

    @property
    def office(self) -> Office:
        clinics = Clinics(self.database, lambda info, chart: self.crm)
        return Office(clinics, self._answer, self._answer_call, grace=timedelta(days=-1))

    @property
    def tasks(self) -> tuple[Task, ...]:
        return (
            Task("inbox.process", lambda **args: processing.process(self.office, **args)),
            Task("inbox.pace", lambda installation_id: pace.keep(self.office, installation_id)),
            Task("inbox.reconcile", lambda installation_id: reconcile.reconcile(self.office, installation_id)),
        )

    # what the CRM tells

    def hears(self, entity: str, number: str, verb: str = "updated", activity: Activity | None = None) -> None:
        touched = Touched(entity, number, verb, self.crm.at, activity)  # type: ignore[arg-type]
        self.accepts(receiving.slips([touched]))

    def accepts(
        self, slips: Sequence[receiving.Slip], body: bytes = b"event=MADE-UP", queue: str = jobs.ORDINARY
    ) -> None:
        sender = directory.Directory(self.database).find("bitrix24", self.name)
        assert sender is not None
        receiving.accept(self.database, sender, slips, body, queue)

    def hears_much(self, deals: Sequence[str]) -> None:
        """Of so many deals that the account is loud."""
        for deal in deals:
            self.accepts(receiving.slips([Touched("deal", deal, "added", self.crm.at)]), queue=jobs.LOUD)

    # what we do

    def works(self) -> None:
        drain(self.database, self.tasks, threads=3)

    def works_by_hand(self) -> None:
        """The same without the queue: all that waits is worked on once."""
        for entity, number in self.sql(_WAITING):
            with suppress(Unavailable), scope(self.id):
                processing.process(self.office, self.id, entity, number)

    def reconciles_by_hand(self) -> None:
        with suppress(Unavailable), scope(self.id):
            reconcile.reconcile(self.office, self.id)

    def hurries(self) -> None:
        """What is to be tried again later is tried now."""
        self.sql("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
        self.works()

    def reconciles(self) -> None:
        """The schedule comes round, some minutes later."""
        self.sql("UPDATE inbox_message SET received_at = received_at - interval '4 minutes'")
        reconcile.reconcile_all(self.database)
        self.works()

    # what came of it

    def history(self, deal: str) -> list[Transition]:
        with scope(self.id), self.database.transaction() as session:
            return list(stage_history.history(session, deal))

    def path(self, deal: str) -> list[str]:
        return [step.to_stage for step in self.history(deal)]

    def answered(self) -> list[str]:
        """The stages of all transitions that were answered, in order."""
        return [step.to_stage for seen in self.seen for step in seen.observed.transitions]

    def steps(self) -> list[int]:
        """The steps of all deals that were answered and stayed answered."""
        return sorted(row[0] for row in self.sql("SELECT step FROM answered WHERE installation_id = :id"))

    def loss(self) -> LossMeter:
        with scope(self.id), self.database.transaction() as session:
            return losses.of(session)

    def dead(self) -> list[tuple[str, int]]:
        with scope(self.id), self.database.transaction() as session:
            return [(group.kind, group.count) for group in dead_letters.groups(session, self.id)]

    def replays(self) -> None:
        with scope(self.id), self.database.transaction() as session:
            for group in dead_letters.groups(session, self.id):
                dead_letters.replay(session, self.id, group.cause)

    def marks(self, deal: str, **what: Any) -> None:
        with scope(self.id), self.database.transaction() as session:
            own_marks.leave(session, self.id, deal, **what)

    def states(self) -> list[str]:
        return [
            str(row[0]) for row in self.sql("SELECT state FROM inbox_message WHERE installation_id = :id ORDER BY id")
        ]

    def jobs(self) -> int:
        with self.database.transaction() as session:
            return jobs.stats(session).waiting

    def sql(self, statement: str, **values: Any) -> list[Any]:
        with self.database.engine.begin() as connection:
            done = connection.execute(text(statement), {"id": self.id, **values})
            return list(done) if done.returns_rows else []

    def _answer(self, session: Session, clinic: Clinic, seen: Seen) -> int:
        if self.raises:
            raise self.raises.pop(0)
        for step in seen.observed.transitions:
            session.execute(_ANSWERED, {"id": self.id, "step": step.id})
        self.seen.append(seen)
        return 0

    def _answer_call(self, clinic: Clinic, call: RobotCall) -> None:
        if self.raises:
            raise self.raises.pop(0)
        self.told.append(call)
