"""A reception whose robots are watched: patients get in touch, somebody looks at the clock, settings are chosen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from houses import BITRIX24, Account, House, Portal
from receptions import Reception
from wizards import arrived

from widget_backend.clock import now
from widget_backend.crm.asking import Contacts, UpdateContact, UpdateDeal
from widget_backend.crm.records import FieldValue, FieldValues
from widget_backend.db import scope
from widget_backend.robots import chores, firing_log, timers
from widget_backend.robots.firing_log import Firing
from widget_backend.tasks import tasks
from widget_backend.tenancy import installations


class RobotDesk(Reception):
    """A clinic whose robots are at work."""

    def moves(self, deal: str, stage: str, reason: str = "") -> None:
        """A person draws the card there, in the CRM's own page: a program that moves it is nobody. ``reason``: why it is
        lost, as the page asks then."""
        if isinstance(self.crm, Portal):
            if reason:
                self.notes_deal(deal, loss_reason=reason)
            super().moves(deal, stage)
            return
        pipeline, status = self.clinic.chart.stage[stage].id.split(":")
        form = {"pipeline_id": pipeline, "status_id": status}
        form |= {"loss_reason_id": self.clinic.chart.names[f"loss_reason.{reason}"]} if reason else {}
        answer = requests.post(f"{self.crm.url}/leads/detail/{deal}/move", data=form, timeout=10)
        assert answer.ok, answer.text

    def hires(self, **roles: str) -> None:
        """Who has which role; they work round the clock."""
        hours = ["mon-sun 00:00-24:00"]
        team = [{"user": user, "roles": [role], "hours": hours} for role, user in roles.items()]
        with self.house.database.transaction() as session:
            installations.configure(session, self.house.of(self.crm).id, team=team)

    def contact(self, patient: str) -> FieldValues:
        with scope(self.clinic.id):
            found = self.clinic.records.read(wanted := Contacts((patient,)))[wanted]
        return found[0].fields

    def notes_patient(self, patient: str, **fields: FieldValue) -> None:
        """Somebody fills in fields of the patient's card."""
        named = {f"field.contact.{name}": value for name, value in fields.items()}
        with scope(self.clinic.id):
            (written,) = self.clinic.records.write([UpdateContact(patient, named)])
        assert written.error is None, written.error

    def notes_deal(self, deal: str, **fields: FieldValue) -> None:
        """Somebody fills in fields of the deal's card."""
        named = {f"field.deal.{name}": value for name, value in fields.items()}
        with scope(self.clinic.id):
            (written,) = self.clinic.records.write([UpdateDeal(deal, fields=named)])
        assert written.error is None, written.error

    def hands_over(self, deal: str, user: str) -> None:
        """The deal is somebody else's from now on."""
        with scope(self.clinic.id):
            (written,) = self.clinic.records.write([UpdateDeal(deal, responsible=user)])
        assert written.error is None, written.error

    def rings_up(self, patient: str, deal: str) -> None:
        """The patient calls about the deal."""
        self._control(
            ("incoming", {"channel": "call", "contact": int(patient), "deal": int(deal)})
            if isinstance(self.crm, Portal)
            else ("call", {"lead_id": int(deal)})
        )

    def writes(self, patient: str, deal: str) -> None:
        """The patient writes."""
        self._control(
            ("incoming", {"channel": "message", "contact": int(patient), "deal": int(deal), "text": "Здравствуйте"})
            if isinstance(self.crm, Portal)
            else ("message", {"contact_id": int(patient), "lead_id": int(deal), "text": "Здравствуйте"})
        )

    def _control(self, deed: tuple[str, dict[str, Any]]) -> None:
        answer = requests.post(f"{self.crm.url}/_sandbox/{deed[0]}", json=deed[1], timeout=10)
        assert answer.ok, answer.text

    def looks_at_the_clock(self, patch: pytest.MonkeyPatch, days: int = 0) -> None:
        """So many days later a minute begins."""
        for module in (chores, timers):
            patch.setattr(module, "now", lambda: now() + timedelta(days=days))
        (tick,) = (task for task in tasks(self.house.database, self.house.settings) if task.name == "robots.tick")
        tick.run()
        self.settles()

    def titles(self, deal: str) -> list[str]:
        return [task.text.splitlines()[0] for task in self.tasks(deal)]

    def notices(self, user: str, deal: str) -> list[str]:
        """What somebody was told of the deal: by a notice, or by a task where the CRM knows none."""
        if isinstance(self.crm, Portal):
            told = (row for row in self.crm.state.notices.values() if str(row["user_id"]) == user)
            return [row["text"] for row in told if f"/deal/details/{deal}/" in row["text"]]
        return [task.text for task in self.tasks(deal) if task.responsible == user]

    def runs(self, rule: str) -> list[Firing]:
        with scope(self.clinic.id), self.house.database.transaction() as session:
            return list(firing_log.runs(session, rule=rule))


def robot_desk(
    house: House, crm: Portal | Account, *switched_on: str, preset: str = "dental", **given: str
) -> RobotDesk:
    """A clinic that was set up with these settings switched on, and those given."""
    person = arrived(house, crm)
    person.plans(preset=preset)  # another preset has other questions
    person.plans(**{f"set.{key}": "yes" for key in switched_on}, **{f"set.{key}": it for key, it in given.items()})
    person.applies()
    house.works()
    if isinstance(crm, Portal):
        crm.state.finish_install(BITRIX24.client_id)
    desk = RobotDesk(house, crm, person.hands)
    desk.settles()
    return desk
