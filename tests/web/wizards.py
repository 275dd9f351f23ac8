"""A person in the wizard of one clinic: what they open, press and read, and what stands in the CRM behind it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask.testing import FlaskClient
from hands import AliceHands, BorisHands, Hands
from houses import AMOCRM, BITRIX24, KEYS, PUBLIC, Account, House, Portal, session_of
from sqlalchemy import text
from werkzeug.test import TestResponse

from widget_backend.jobs.pulse import sweep
from widget_backend.security.sessions import Role, Sessions

#: a worker that waits for a line on standard input, so that its number is known beforehand
_WORKER = """
import sys; sys.stdin.readline()
from widget_backend import config, storage
from widget_backend.jobs.worker import drain
from widget_backend.tasks import tasks
settings = config.read_server()
database = storage.open_server(settings)
drain(database, tasks(database, settings))
"""


@dataclass(frozen=True)
class Person:
    """Somebody with a page of ours open. Every request is a client of its own, as browsers are."""

    house: House
    crm: Portal | Account
    session: str

    def get(self, path: str, **headers: str) -> TestResponse:
        return self._client().get(path, headers={**self._headers(), **headers})

    def post(self, path: str, **form: Any) -> TestResponse:
        return self._client().post(path, data=form, headers=self._headers())

    def as_role(self, role: Role, language: str = "ru") -> Person:
        """The same page, opened by somebody else."""
        sessions = Sessions(KEYS)
        visit = replace(sessions.read(self.session), role=role, language=language, user_id="77")  # type: ignore[arg-type]
        return replace(self, session=sessions.issue(visit))

    def chooses(self, **answers: Any) -> TestResponse:
        """Send the form as it is shown, with these answers changed."""
        return self.post("/wizard/choices", **{**form_of(self.get("/wizard/choices").text), **answers})

    def plans(self, **answers: Any) -> str:
        """Up to the plan."""
        self.chooses(**answers)
        self.house.works()
        return self.get("/wizard/plan").text

    def applies(self, purpose: str = "apply", **form: Any) -> TestResponse:
        """Press «Применить» on the plan that is shown."""
        page = self.get("/wizard/rollback" if purpose == "rollback" else "/wizard/plan").text
        return self.post("/wizard/apply", purpose=purpose, checksum=checksum_of(page), **form)

    def sets_up(self) -> str:
        """From the choices to the result."""
        self.plans()
        self.applies()
        self.house.works()
        return self.get("/wizard").text

    @property
    def hands(self) -> Hands:
        """The administrator's own, in the CRM."""
        if isinstance(self.crm, Portal):
            return BorisHands(self.crm.url + self.crm.state.webhook(1))
        integration = self.crm.state.issue_integration(kind="private")
        return AliceHands(self.crm.url, self.crm.state.long_lived_token(client_id=integration.client_id))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.session}", "HX-Request": "true"}

    def _client(self) -> FlaskClient:
        return self.house.app.test_client()


def arrived(house: House, crm: Portal | Account) -> Person:
    """Somebody has opened the application as an administrator for the first time, and the plan is made."""
    page = house.installs(crm) if isinstance(crm, Portal) else house.consents(crm)
    house.works()
    return Person(house, crm, session_of(page))


def form_of(page: str) -> dict[str, Any]:
    """What a browser would send of the form that is shown."""
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", page):
        named = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        boxed = named.get("type") in ("checkbox", "radio")
        if "name" in named and (not boxed or " checked" in tag):
            sent.setdefault(named["name"], []).append(named.get("value", ""))
    for name, words in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', page):
        sent[name] = [words]
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        sent[name] = re.findall(r'value="([^"]+)" selected', options)
    return sent


def checksum_of(page: str) -> str:
    found = re.search(r'name="checksum" value="([0-9a-f]+)"', page)
    return found.group(1) if found else ""


def words_of(page: str) -> str:
    """What a person reads on a page, on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


def during(crm: Portal | Account, write: int, do: Callable[[], object]) -> None:
    """Have something happen while the CRM works on its n-th writing request from now on."""
    inner, seen = crm.faults._app, [0]

    def app(environ: Any, start_response: Any) -> Any:
        answer = inner(environ, start_response)
        seen[0] += bool(environ["sandbox.logged"].write)
        if seen[0] == write:
            crm.faults._app = inner
            do()
        return answer

    crm.faults._app = app


def worker(house: House, crm: Portal | Account) -> subprocess.Popen[str]:
    """A worker in a process of its own, about to begin."""
    settings = house.settings
    environ = {
        "DENTAL_CRM_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url,
        "DENTAL_CRM_PUBLIC_URL": PUBLIC,
        "DENTAL_CRM_KEYS": ",".join(KEYS),
        "BITRIX24_CLIENT_ID": BITRIX24.client_id,
        "BITRIX24_CLIENT_SECRET": BITRIX24.secret,
        "AMOCRM_CLIENT_ID": AMOCRM.client_id,
        "AMOCRM_CLIENT_SECRET": AMOCRM.secret,
        "BITRIX24_OAUTH_HOSTS": " ".join(settings.bitrix24_oauth_hosts),
        "AMOCRM_HOSTS": " ".join(settings.amocrm_hosts),
        **{f"{name.upper()}_RATE": f"{rate.per_second:.0f}/{rate.burst}" for name, rate in settings.rates.items()},
    }
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _WORKER],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environ},
    )


def killed(process: subprocess.Popen[str]) -> bool:
    """Let the worker begin, and wait for its end: whether it was killed."""
    process.communicate("go\n", timeout=60)
    return process.returncode == -signal.SIGKILL


def taken_back(house: House) -> None:
    """The jobs of dead workers go back to the queue."""
    with house.database.engine.begin() as connection:
        connection.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"))
    sweep(house.database)


def runs(house: House) -> list[str]:
    """The states of all runs, the oldest first."""
    with house.database.engine.connect() as connection:
        return list(connection.execute(text("SELECT state FROM wizard_run ORDER BY id")).scalars())


def twice(names: list[str]) -> list[str]:
    """The names that stand there more than once."""
    return sorted({name for name in names if names.count(name) > 1})


def json_of(response: TestResponse) -> Any:
    return json.loads(response.text)


def moved_on(person: Person, address: str, former: str) -> None:
    """As if an earlier version of the preset had written this name: the present one wants another."""
    with person.house.database.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE binding SET applied = applied || jsonb_build_object('name', CAST(:former AS text)) WHERE address = :a"
            ),
            {"former": former, "a": address},
        )
