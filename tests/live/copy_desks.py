"""A clinic at work on an emulated CRM: its patients and deals, and copies of them made here or in a process of their own."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hands import AliceHands, BorisHands
from houses import Account, House, Portal
from processes import environment
from wizards import arrived

from widget_backend.crm import registry
from widget_backend.crm.asking import AddNote, AddTask, CreateDeal, Draft
from widget_backend.db import scope
from widget_backend.deals import copying
from widget_backend.deals.clinic import Clinic, Clinics
from widget_backend.deals.copying import Copied
from widget_backend.deals.effects import Effects
from widget_backend.errors import VendorError

TO = "stage.coord.new"
#: copies a deal once a line is written to it, so that its number is known beforehand
_COPY = """
import sys; sys.stdin.readline()
from widget_backend import config, storage
from widget_backend.crm import registry
from widget_backend.db import scope
from widget_backend.deals import copying
from widget_backend.deals.clinic import Clinics
from widget_backend.deals.effects import Effects
settings = config.read_server()
database = storage.open_server(settings)
installation, deal, to, cause = int(sys.argv[1]), *sys.argv[2:]
clinics = Clinics(database, lambda info, chart: registry.connected(database, settings, info).records(chart))
with scope(installation):
    clinic = clinics.open(installation)
copying.copy(clinic, deal, to, cause, effects=Effects(clinic))
"""


@dataclass
class Desk:
    """``hands``: those of the clinic's administrator; ``settings``: of copying."""

    house: House
    crm: Portal | Account
    hands: Any
    settings: dict[str, Any] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def clinic(self) -> Clinic:
        """As a job opens it."""
        number = self.house.of(self.crm).id
        clinics = Clinics(
            self.house.database,
            lambda info, chart: registry.connected(self.house.database, self.house.settings, info).records(chart),
        )
        with scope(number):
            opened = clinics.open(number)
        return Clinic(**{**vars(opened), "settings": {**opened.settings, "copying": self.settings}})

    def patient(self) -> str:
        name = f"Пациентка {next(self._numbers)}"
        if isinstance(self.hands, BorisHands):
            return str(self.hands.call("crm.contact.add", fields={"NAME": name}))
        return str(self.hands.call("POST", "contacts", [{"name": name}])["_embedded"]["contacts"][0]["id"])

    def deal(self, patient: str) -> str:
        """A visit that took place, with a task and a note."""
        clinic = self.clinic
        came = clinic.chart.stage["stage.visits.came"]
        draft = Draft(
            "Приём",
            came.id,
            came.pipeline_id,
            f"test:{next(self._numbers)}",
            contacts=(patient,),
            amount=1200000,
            fields={"field.deal.source_details": "Акция", "field.deal.visit_type": "primary"},
        )
        with scope(clinic.id):
            (made,) = clinic.records.write([CreateDeal(draft)])
            assert made.error is None, made.error.message
            clinic.records.write([AddNote(made.id, "Просила утром"), self._task(clinic, made.id)])
        self.crm.faults.plan()
        return made.id

    def _task(self, clinic: Clinic, deal: str) -> AddTask:
        return AddTask(deal, "Перезвонить", "Узнать о снимке", datetime(2026, 12, 1, 9, tzinfo=UTC), self.user)

    @property
    def user(self) -> str:
        return (
            "1" if isinstance(self.crm, Portal) else str(self.hands.call("GET", "users")["_embedded"]["users"][0]["id"])
        )

    def copies(self, deal: str, **more: Any) -> Copied:
        clinic = self.clinic
        return copying.copy(clinic, deal, TO, "t:1", effects=Effects(clinic), **more)

    def copies_at_last(self, deal: str, tries: int = 5, **more: Any) -> Copied:
        """As a job does it: again after each failure."""
        for _ in range(tries - 1):
            try:
                return self.copies(deal, **more)
            except VendorError:
                continue
        return self.copies(deal, **more)

    def copying_process(self, deal: str) -> subprocess.Popen[str]:
        """The same in a process of its own, about to begin."""
        number = str(self.house.of(self.crm).id)
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _COPY, number, deal, TO, "t:1"],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(self.house),
        )

    def deals_of(self, patient: str) -> list[str]:
        """Their stages, as our addresses."""
        stages = self.clinic.chart.stage_of_id
        return sorted(stages[stage].address for _, stage in self._rows(patient))

    def _rows(self, patient: str) -> list[tuple[str, str]]:
        if isinstance(self.hands, BorisHands):
            items = self.hands.call("crm.item.list", entityTypeId=2, filter={"contactId": int(patient)})["items"]
            return [(str(row["id"]), row["stageId"]) for row in items]
        assert isinstance(self.hands, AliceHands)
        leads = self.hands.call("GET", f"contacts/{patient}?with=leads")["_embedded"]["leads"]
        rows = [self.hands.call("GET", f"leads/{row['id']}") for row in leads]
        return [(str(row["id"]), f"{row['pipeline_id']}:{row['status_id']}") for row in rows]

    def notes(self, deal: str) -> list[str]:
        """Their first lines, without what they are known by."""
        if isinstance(self.hands, BorisHands):
            rows = self.hands.call("crm.timeline.comment.list", filter={"ENTITY_ID": deal, "ENTITY_TYPE": "deal"})
            return sorted(row["COMMENT"].split("\n")[0].strip() for row in rows)
        rows = self.hands.call("GET", f"leads/{deal}/notes")["_embedded"]["notes"]
        return sorted(row["params"]["text"].split("\n")[0].strip() for row in rows if row["note_type"] == "common")

    @property
    def requests(self) -> list[str]:
        return [f"{row.method} {row.operation}" for row in self.crm.faults.log]


def settled(house: House, crm: Portal | Account) -> Desk:
    """A clinic that has been set up."""
    person = arrived(house, crm)
    person.sets_up()
    return Desk(house, crm, person.hands)
