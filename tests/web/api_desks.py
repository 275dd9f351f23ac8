"""Somebody calls the API from a page of ours: whose clinic it is, and with what role."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from houses import KEYS, Account, House, Portal
from receptions import Reception
from sqlalchemy import text
from werkzeug.test import TestResponse

from widget_backend.crm import registry
from widget_backend.db import scope
from widget_backend.inbox import messages
from widget_backend.inbox.messages import Record
from widget_backend.sandbox.amocrm.hooks.delivery import deliver as deliver_hooks
from widget_backend.sandbox.bitrix24.delivery import deliver as deliver_events
from widget_backend.security.sessions import Role, Sessions, Visit
from widget_backend.texts import Text

PREFIX = "/api/v1"
REFUSED = Text("CRM отказала.", "The CRM refused.")
_keys, _phones = itertools.count(1), itertools.count(1)


@dataclass(frozen=True)
class Caller:
    """Every request is a client of its own, as browsers are. A POST has a new key, unless it is given one."""

    house: House
    crm: Portal | Account
    role: Role = "coordinator"
    user: str = "7"
    language: str = "en"

    def get(self, path: str) -> TestResponse:
        return self.open("GET", path)

    def post(self, path: str, body: Any = None, key: str = "") -> TestResponse:
        return self.open("POST", path, body, key or f"key-{next(_keys)}")

    def put(self, path: str, body: Any, key: str = "") -> TestResponse:
        return self.open("PUT", path, body, key)

    def delete(self, path: str) -> TestResponse:
        return self.open("DELETE", path)

    def open(self, method: str, path: str, body: Any = None, key: str = "") -> TestResponse:
        headers = {"Authorization": f"Bearer {self.session}", **({"Idempotency-Key": key} if key else {})}
        client = self.house.app.test_client()
        return client.open(f"{PREFIX}{path}", method=method, json=body, headers=headers)

    @property
    def session(self) -> str:
        whose = self.house.of(self.crm).id
        return Sessions(KEYS).issue(Visit(whose, self.user, self.role, self.language, since=int(time.time())))  # type: ignore[arg-type]

    def as_role(self, role: Role) -> Caller:
        return replace(self, role=role)


@dataclass(frozen=True)
class Desk:
    """A clinic at work and its callers."""

    reception: Reception
    calls: Caller

    @property
    def house(self) -> House:
        return self.reception.house

    @property
    def admin(self) -> Caller:
        return self.calls.as_role("admin")

    @property
    def number(self) -> int:
        return self.house.of(self.reception.crm).id

    def visit(self) -> tuple[str, str]:
        """A patient who has come, and the deal."""
        patient = self.reception.patient("Ольга Смирнова", f"+7900555{next(_phones):04}")
        deal = self.reception.deal(patient, "stage.visits.came")
        self.reception.crm.faults.plan()
        return patient, deal

    def standing(self, patient: str) -> list[str]:
        """Where the patient's open deals stand, as our addresses."""
        return self.reception.standing(patient)

    def hurried(self) -> None:
        """The account's rate budget is used up for a minute."""
        registry.connect(self.house.database, self.house.settings, self.number).door.budget.back_off(60)

    def rested(self) -> None:
        """Its budget is whole again."""
        self.run("DELETE FROM rate_budget")

    def run(self, statement: str, **values: Any) -> Any:
        with self.house.database.engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.scalar() if result.returns_rows else None

    def acts(self) -> list[str]:
        return self.house.acts(self.reception.crm)

    def stops(self, *deals: str) -> None:
        """The CRM has told of these deals, and has refused what was asked of each."""
        with scope(self.number), self.house.database.transaction() as session:
            for deal in deals:
                record = Record("deal", deal)
                messages.post(session, self.number, record, "moved", "webhook")
                messages.bury(session, messages.waiting(session, record), "Rejected", REFUSED)


def desk_of(house: House, crm: Portal | Account, reception: Reception) -> Desk:
    return Desk(reception, Caller(house, crm))


def json_of(response: TestResponse, status: int = 200) -> Any:
    """What an answer says, which must be JSON of this status."""
    kind = "application/json" if status < 400 else "application/problem+json"
    assert (response.status_code, response.mimetype) == (status, kind), response.text
    return json.loads(response.text)


def problem(response: TestResponse, status: int) -> str:
    """What a refusal says to a person."""
    told = json_of(response, status)
    assert told.keys() == {"type", "title", "status", "detail", "code"}
    assert told["status"] == status
    return str(told["detail"])


def rested(desk: Desk) -> Iterator[Desk]:
    """The desk, with its CRM well and its clinic's settings the same before and after; what the CRM had to tell of other tests'
    deals is lost."""
    forget_events(desk)
    with settings_kept(desk):
        yield desk
    desk.reception.crm.faults.plan()
    desk.rested()


@contextmanager
def settings_kept(*desks: Desk) -> Iterator[None]:
    """After the block the clinics' settings are as before."""
    chosen = [desk.run("SELECT settings::text FROM installation WHERE id = :id", id=desk.number) for desk in desks]
    yield
    for desk, told in zip(desks, chosen, strict=True):
        desk.run("UPDATE installation SET settings = CAST(:told AS jsonb) WHERE id = :id", id=desk.number, told=told)


def forget_events(desk: Desk) -> None:
    """Nobody works on what other tests have begun."""
    crm = desk.reception.crm
    desk.run("DELETE FROM procrastinate_jobs")
    desk.run("DELETE FROM inbox_message")
    if isinstance(crm, Portal):
        deliver_events(crm.state, lambda url, form: None)
    else:
        deliver_hooks(crm.state, lambda hook: 200)
