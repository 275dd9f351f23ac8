"""One clinic of a town: its emulated CRM as people use it, and the post between it and our web server."""

from __future__ import annotations

import http.client
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from widget_backend.crm.chart import Chart
from widget_backend.sandbox.amocrm.acting import by_hand
from widget_backend.sandbox.amocrm.crm import incoming
from widget_backend.sandbox.amocrm.hooks.delivery import deliver as deliver_hooks
from widget_backend.sandbox.amocrm.hooks.telling import flush
from widget_backend.sandbox.bitrix24.crm import records
from widget_backend.sandbox.bitrix24.delivery import deliver as deliver_events
from widget_backend.sandbox.bitrix24.registry import Caller
from widget_backend.sandbox.bitrix24.state import ALL_SCOPES

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DEAL, CONTACT = 2, 3


class Post:
    """Brings what the CRMs tell to the web server, on connections that are kept open. ``told``: how many, and how often it
    was not taken."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        self._own = threading.local()
        self._all: list[http.client.HTTPConnection] = []
        self.told = 0
        self.refused = 0

    def send(self, url: str, form: dict[str, str]) -> int:
        path = urlsplit(url).path
        for _ in range(3):
            connection = self._connection()
            try:
                connection.request("POST", path, urlencode(form), FORM)
                answer = connection.getresponse()
                answer.read()
                self.told += 1
                self.refused += answer.status != 200
                return answer.status
            except (OSError, http.client.HTTPException):
                connection.close()  # kept too long
        self.refused += 1
        return 0

    def close(self) -> None:
        """Nobody carries anything any more."""
        for connection in self._all:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._own, "connection"):
            self._own.connection = http.client.HTTPConnection(self._host, timeout=30)
            self._all.append(self._own.connection)
        kept: http.client.HTTPConnection = self._own.connection
        return kept


@dataclass
class Clinic:
    """One clinic's CRM. ``number``: of its installation; ``state``: the emulator's own; ``url``: where it is served."""

    vendor: str
    number: int
    state: Any
    chart: Chart
    app: Any = None
    url: str = ""

    def patient(self) -> str:
        with self.state.lock:
            if self.vendor == "bitrix24":
                return str(records.create(self.state, self._person, CONTACT, {"name": "Пациент"})["id"])
            return str(self._made("contacts", {"name": "Пациент"}))

    def deal(self, patient: str, stage: str) -> str:
        """Somebody makes a deal of the patient at this stage (address)."""
        at = self.chart.stage[stage]
        with self.state.lock:
            if self.vendor == "bitrix24":
                people = [int(patient)] if patient else []
                values = {"title": "Заявка", "contactIds": people, "categoryId": int(at.pipeline_id), "stageId": at.id}
                return str(records.create(self.state, self._person, DEAL, values)["id"])
            people = {"_embedded": {"contacts": [{"id": int(patient)}]}} if patient else {}
            return str(self._made("leads", {"name": "Заявка", **_place(at.id), **people}))

    def move(self, deal: str, stage: str) -> None:
        """Somebody draws the card there."""
        at = self.chart.stage[stage]
        with self.state.lock:
            if self.vendor == "bitrix24":
                values = {"categoryId": int(at.pipeline_id), "stageId": at.id}
                records.update(self.state, self._person, self.state.items[DEAL][int(deal)], values, mover=True)
            else:
                self._changed(deal, _place(at.id))

    def touch(self, deal: str, title: str) -> None:
        """Somebody changes something that no rule asks about."""
        with self.state.lock:
            if self.vendor == "bitrix24":
                records.update(self.state, self._person, self.state.items[DEAL][int(deal)], {"title": title})
            else:
                self._changed(deal, {"name": title})

    def deals(self) -> list[tuple[str, str, str]]:
        """All deals: id, patient, and the remote id of the stage."""
        with self.state.lock:
            if self.vendor == "bitrix24":
                rows = self.state.items[DEAL].values()
                return [(str(row["id"]), str((row["contactIds"] or [""])[0]), row["stageId"]) for row in rows]
            return [
                (str(row.id), self._patient_of(row.id), f"{row.own['pipeline_id']}:{row.own['status_id']}")
                for row in self.state.records["leads"].values()
            ]

    def hand_out(self, post: Post) -> int:
        """Send what is due to the application; how many."""
        if not self.state.outbox:
            return 0
        if self.vendor == "bitrix24":
            return deliver_events(self.state, post.send)
        return deliver_hooks(self.state, lambda hook: post.send(hook.url, hook.form))

    @property
    def _person(self) -> Caller:
        return Caller(self.state.users[1], None, ALL_SCOPES, "sandbox")

    def _made(self, entity: str, item: dict[str, Any]) -> int:
        made: int = incoming.create(by_hand(self.state), entity, item).id
        flush(self.state)
        return made

    def _changed(self, lead: str, values: dict[str, Any]) -> None:
        incoming.change(by_hand(self.state), self.state.records["leads"][int(lead)], values)
        flush(self.state)

    def _patient_of(self, lead: int) -> str:
        found = [number for entity, number in self.state.links[("leads", lead)] if entity == "contacts"]
        return str(found[0]) if found else ""


def _place(stage: str) -> dict[str, int]:
    pipeline, status = stage.split(":")
    return {"pipeline_id": int(pipeline), "status_id": int(status)}
