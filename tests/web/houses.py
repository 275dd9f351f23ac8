"""The application in front of emulated CRMs: three clinics, one server, one worker, and what each of them does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from widget_backend import audit, jobs
from widget_backend.app import create_app
from widget_backend.config import Client, Rate, ServerSettings
from widget_backend.db import ALL, Database, scope
from widget_backend.jobs.worker import drain
from widget_backend.sandbox import amocrm, bitrix24
from widget_backend.sandbox.amocrm.hooks.delivery import Delivery
from widget_backend.sandbox.amocrm.hooks.delivery import deliver as deliver_hooks
from widget_backend.sandbox.amocrm.stock import ADMIN
from widget_backend.sandbox.amocrm.tokens import front_end_token
from widget_backend.sandbox.bitrix24.delivery import deliver as deliver_events
from widget_backend.sandbox.bitrix24.frames import Opening, open_app
from widget_backend.sandbox.faults import Faults
from widget_backend.sandbox.mount import serve
from widget_backend.storage import open_server
from widget_backend.tasks import tasks
from widget_backend.tenancy import installations, tokens
from widget_backend.tenancy.installations import InstallationInfo

PUBLIC = "https://app.dental.example"
#: looks for the next handful of a loud account, at the most
PASSING = 100
NEXT_HANDFUL = """
    UPDATE procrastinate_jobs SET scheduled_at = NULL
     WHERE status = 'todo' AND task_name = 'inbox.pace' AND scheduled_at IS NOT NULL RETURNING id
"""
KEYS = ("bWFkZS11cC1rZXktb2YtdGhlLXRlc3RzLW5vLW9uZSE=",)
BITRIX24 = Client("app.6a1b2c3d4e5f60.12345678", "made-up-bitrix24-secret-of-the-tests")
QUICK = {"bitrix24": Rate(9999.0, 9999), "amocrm": Rate(9999.0, 9999)}
AMOCRM = Client("5f0c1c5e-0000-4000-8000-00000000c0de", "made-up-amocrm-secret-of-the-tests")


@dataclass
class Portal:
    """A clinic's Bitrix24, served. ``state`` is the emulator's own."""

    state: bitrix24.Portal
    url: str = ""

    @cached_property
    def app(self) -> bitrix24.Emulator:
        """Made when it is first asked for: most tests are about one clinic."""
        return bitrix24.create_app(self.state)

    @property
    def faults(self) -> Faults:
        return self.app.faults

    @property
    def host(self) -> str:
        return self.url.partition("://")[2]

    def opens(self, user: int = 1) -> Opening:
        """What the portal posts into the frame: the installer until it has finished, then the page."""
        return open_app(self.state, BITRIX24.client_id, user)


@dataclass
class Account:
    """A clinic's amoCRM, served."""

    state: amocrm.Account
    url: str = ""

    @cached_property
    def app(self) -> amocrm.Emulator:
        """Made when it is first asked for."""
        return amocrm.create_app(self.state)

    @property
    def faults(self) -> Faults:
        return self.app.faults

    @property
    def host(self) -> str:
        return self.url.partition("://")[2]

    def names(self, user: int = ADMIN, **claims: Any) -> str:
        """The token that the widget sends for whoever looks at it."""
        return front_end_token(self.state, self.state.integrations[AMOCRM.client_id], user, **claims)

    def code(self, user: int = ADMIN) -> str:
        return self.state.authorization_code(AMOCRM.client_id, user)


Crm = TypeVar("Crm", Portal, Account)


@dataclass
class House:
    """Our application, and the database and worker behind it."""

    app: Flask
    database: Database
    settings: ServerSettings
    boris: Portal
    alice: Account
    clara: Portal
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def opened(self, opening: Opening, **changed: str) -> TestResponse:
        """A frame's POST, with some of its fields changed; those of the query too."""
        parts = urlsplit(opening.url)
        query = {name: changed.pop(name, value) for name, value in parse_qsl(parts.query)}
        return self.client.post(parts.path, query_string=query, data={**opening.fields, **changed})

    def installs(self, portal: Portal, user: int = 1) -> TestResponse:
        """Somebody opens the application in Bitrix24."""
        return self.opened(portal.opens(user))

    def consents(self, account: Account, user: int = ADMIN) -> TestResponse:
        """Somebody connects amoCRM in a browser, from our button to our page."""
        state = self.consent_state()
        query = {"code": account.code(user), "referer": account.host, "state": state}
        return self.client.get("/install/amocrm", query_string=query, follow_redirects=True)

    def consent_state(self) -> str:
        asked = self.client.get("/install/amocrm/start").headers["Location"]
        return dict(parse_qsl(urlsplit(asked).query))["state"]

    def widget(self, account: Account, token: str, origin: str = "") -> TestResponse:
        """The widget asks for a frame."""
        headers = {"X-Auth-Token": token, "Origin": origin or account.url}
        return self.client.post("/amo/api/ticket", json={}, headers=headers)

    def ages(self, crm: Portal | Account, hours: int = 1) -> None:
        """As if the account had been connected so long ago."""
        with self.database.engine.begin() as connection:
            shifted = "UPDATE installation SET seen_at = seen_at - make_interval(hours => :hours) WHERE id = :id"
            connection.execute(text(shifted), {"hours": hours, "id": self.of(crm).id})

    def works(self) -> None:
        """The worker does what is due, and what follows from it; the seconds between two handfuls of a loud account pass."""
        for _ in range(PASSING):
            drain(self.database, tasks(self.database, self.settings))
            if not self._next_handful():
                return

    def _next_handful(self) -> bool:
        with self.database.engine.begin() as connection:
            return connection.execute(text(NEXT_HANDFUL)).first() is not None

    def delivers(self, crm: Portal | Account) -> list[int]:
        """The CRM sends what waits: the statuses of our answers."""
        statuses: list[int] = []
        if isinstance(crm, Portal):
            deliver_events(crm.state, lambda url, form: statuses.append(self._post(url, form)))
        else:
            deliver_hooks(crm.state, lambda hook: statuses.append(self._hook(hook)) or statuses[-1])
        return statuses

    def get(self, path: str, session: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={"Authorization": f"Bearer {session}", **headers})

    def known(self, vendor: str, account: str) -> InstallationInfo:
        with self.database.transaction() as session:
            found = installations.by_account(session, vendor, account)
        assert found is not None
        return found

    def of(self, crm: Portal | Account) -> InstallationInfo:
        return (
            self.known("bitrix24", crm.state.member_id)
            if isinstance(crm, Portal)
            else self.known("amocrm", str(crm.state.id))
        )

    def pair(self, crm: Portal | Account) -> tokens.Tokens | None:
        with scope(self.of(crm).id), self.database.transaction() as session:
            return tokens.load(session)

    def acts(self, crm: Portal | Account) -> list[str]:
        with scope(self.of(crm).id), self.database.transaction() as session:
            rows = session.query(audit.AuditRow).order_by(audit.AuditRow.number)
            return [f"{row.role} {row.action}" for row in rows]

    def dead(self) -> list[str]:
        with self.database.transaction() as session:
            return [f"{letter.task}: {letter.message.en}" for letter in jobs.dead(session)]

    def rows(self) -> Mapping[str, int]:
        """How many rows each table has that a request may write to."""
        names = ("installation", "token", "ticket", "audit_row", "procrastinate_jobs", "spent", "wizard_plan")
        with self.database.engine.connect() as connection:
            return {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in names}

    def whole(self) -> str:
        """All that lies in the database, as a thief would read it."""
        with scope(ALL), self.database.engine.connect() as connection:
            tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
            rows = [connection.execute(text(f'SELECT * FROM "{name}"')).all() for name in tables.all()]
        return repr(rows)

    def requests(self) -> int:
        """How many requests the CRMs have got so far."""
        return sum(len(crm.faults.log) for crm in (self.boris, self.alice, self.clara))

    def _post(self, url: str, form: Mapping[str, str]) -> int:
        parts = urlsplit(url)
        return self.client.post(f"{parts.path}?{parts.query}", data=form).status_code

    def _hook(self, hook: Delivery) -> int:
        path = urlsplit(hook.url).path
        if hook.method == "GET":
            return self.client.get(path, query_string=hook.form).status_code
        return self.client.post(path, data=hook.form).status_code


def session_of(response: TestResponse) -> str:
    """The bearer token in a page."""
    found = re.search(r'<meta name="app-session" content="([^"]+)"', response.text)
    assert found, response.text[:500]
    return found.group(1)


@contextmanager
def house(database_url: str, home: Path, *, limited: bool = False) -> Iterator[House]:
    """Everything, running. ``limited``: the CRMs answer no faster than real ones, and are asked no faster."""
    with ExitStack() as open_:
        boris, clara = (open_.enter_context(_portal(limited)) for _ in range(2))
        alice = open_.enter_context(_account(limited))
        settings = ServerSettings(
            home,
            database_url,
            PUBLIC,
            rates={} if limited else QUICK,
            keys=KEYS,
            bitrix24=BITRIX24,
            amocrm=AMOCRM,
            bitrix24_oauth_hosts=(boris.url, clara.url),
            amocrm_hosts=(alice.url, alice.url.replace("127.0.0.1", "localhost"), ".amocrm.ru"),
            amocrm_oauth_page=f"{alice.url}/oauth",
        )
        database = open_server(settings)
        open_.callback(database.close)
        yield House(create_app(settings, database), database, settings, boris, alice, clara)


@contextmanager
def _portal(limited: bool) -> Iterator[Portal]:
    state = bitrix24.Portal.demo()
    state.settings.rate_limit = limited
    state.issue_app(
        BITRIX24.client_id,
        client_secret=BITRIX24.secret,
        installed=False,
        page_url=f"{PUBLIC}/app/bitrix24",
        installer_url=f"{PUBLIC}/install/bitrix24",
    )
    with _serving(Portal(state)) as crm:
        yield crm


@contextmanager
def _account(limited: bool) -> Iterator[Account]:
    state = amocrm.Account.demo()
    state.settings.rate = limited
    state.issue_integration(
        AMOCRM.client_id,
        AMOCRM.secret,
        f"{PUBLIC}/install/amocrm",
        uninstall_url=f"{PUBLIC}/uninstall/amocrm",
    )
    with _serving(Account(state)) as crm:
        yield crm


@contextmanager
def _serving(crm: Crm) -> Iterator[Crm]:
    def answer(environ: Any, start_response: Any) -> Any:
        return crm.app.wsgi_app(environ, start_response)

    with serve(answer) as server:
        crm.url = crm.state.base_url = server.url
        yield crm
