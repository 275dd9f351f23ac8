"""The world of the walk: three hosts over TLS, the application as it is deployed, a browser, and a fresh CRM for each test."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import names
import pytest
from browser import Faults, chromium, strict_browser
from cryptography.fernet import Fernet
from databases import fresh, server
from playwright.sync_api import BrowserContext, Page
from tls import Relay, certificate
from wizard import SOON

from widget_backend.sandbox import amocrm, bitrix24
from widget_backend.sandbox.amocrm import market as amo_market
from widget_backend.sandbox.bitrix24 import market
from widget_backend.sandbox.mount import handing_out, serve

HERE = Path(__file__).parent
#: not in the repository; to be looked at by people
SHOTS = HERE / "screenshots"

APP = "https://app.dental.test"
OAUTH = "https://oauth.bitrix24.test"
SUFFIXES = (".dental.test", ".bitrix24.test", ".amocrm.test")
NAME = "Стоматология"

BITRIX24 = {
    "name": NAME,
    "client_id": "local.65f0c1e2a3b4c5.10000001",
    "client_secret": "the-portal-knows-it",
    "installer_url": f"{APP}/install/bitrix24",
    "page_url": f"{APP}/app/bitrix24",
    "handler_url": f"{APP}/events/bitrix24",
}
AMOCRM = {
    "name": NAME,
    "client_id": "0a1b2c3d-0000-4000-8000-000000000009",
    "client_secret": "c" * 64,
    "redirect_uri": f"{APP}/install/amocrm",
    "uninstall_url": f"{APP}/uninstall/amocrm",
    "ticket_url": f"{APP}/amo/api/ticket",
    "start_url": f"{APP}/install/amocrm/start",
}

_numbers = itertools.count(1)


@dataclass(frozen=True)
class World:
    """``relays``: suffix of the names -> what answers them."""

    relays: dict[str, Relay]
    files: tuple[Path, Path]
    folder: Path

    @property
    def places(self) -> dict[str, int]:
        return {suffix: relay.port for suffix, relay in self.relays.items()}


@dataclass(frozen=True)
class Crm:
    """One emulated CRM as a clinic sees it: where it is, and the emulator's own object."""

    url: str
    state: Any
    app: Any


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Names, certificate and relays; this process knows them as well, since the emulators speak from here."""
    chromium()
    folder = tmp_path_factory.mktemp("e2e")
    files = certificate(folder, *(f"*{suffix}" for suffix in SUFFIXES))
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        relays = {suffix: stack.enter_context(Relay(files).running()) for suffix in SUFFIXES}
        made = World(relays, files, folder)
        patch.setenv("SSL_CERT_FILE", str(files[0]))
        patch.setattr(socket, "getaddrinfo", names.resolve(made.places))
        yield made


@pytest.fixture(scope="session")
def product(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application: web processes and a worker as they are deployed, on a database of their own."""
    with server(tmp_path_factory.mktemp("postgres"), tmp_path_factory.mktemp("home")) as url, ExitStack() as stack:
        environ = _environ(world, fresh(url))
        port = _free_port()
        stack.enter_context(world.relays[".dental.test"].leading(port, "app.dental.test"))
        web = stack.enter_context(_process(world, environ, "web", "--bind", f"127.0.0.1:{port}"))
        stack.enter_context(_process(world, environ, "worker"))
        _wait_until_ready(web, port, world.folder / "web.txt")
        yield APP


@pytest.fixture(scope="session")
def browser(world: World) -> Iterator[BrowserContext]:
    with strict_browser(world.folder / "profile", world.places) as context:
        yield context


@pytest.fixture
def page(browser: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in which nothing may go wrong, of a browser that remembers nothing."""
    with _opened(browser, request) as page:
        faults = Faults(page)
        yield page
    assert faults.seen == []


@pytest.fixture
def rough_page(browser: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in which something is meant to go wrong."""
    with _opened(browser, request) as page:
        yield page


@pytest.fixture
def boris(world: World) -> Iterator[Crm]:
    """Boris's portal: our application is on offer, nothing is installed."""
    with portal(world) as crm:
        yield crm


@pytest.fixture
def alice(world: World) -> Iterator[Crm]:
    """Alice's account: our integration is on offer, nothing is installed."""
    with account(world) as crm:
        yield crm


@contextmanager
def portal(world: World, language: str = "ru") -> Iterator[Crm]:
    """A fresh portal at a name of its own."""
    state, host = bitrix24.Portal.demo(language), f"clinic{next(_numbers)}.bitrix24.test"
    state.settings.oauth_url = OAUTH
    state.base_url = f"https://{host}"
    market.offer(state, **BITRIX24)
    with _served(world, ".bitrix24.test", bitrix24.create_app(state), host, "oauth.bitrix24.test") as app:
        yield Crm(f"https://{host}", state, app)


@contextmanager
def account(world: World, language: str = "ru") -> Iterator[Crm]:
    """A fresh account at a name of its own."""
    number = next(_numbers)
    state = amocrm.Account.demo(language, subdomain=f"clinic{number}")
    state.settings.rate = False
    state.id, host = state.id + number, f"clinic{number}.amocrm.test"
    state.settings.host = host
    amo_market.offer(state, **AMOCRM)
    with _served(world, ".amocrm.test", amocrm.create_app(state), host, "www.amocrm.test") as app:
        yield Crm(f"https://{host}", state, app)


@contextmanager
def _opened(browser: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    browser.clear_cookies()
    page = browser.new_page()
    page.set_default_timeout(SOON)
    yield page
    page.screenshot(path=SHOTS / f"end-of-{request.node.name.replace('/', '-')}.png")
    page.close()


@contextmanager
def _served(world: World, suffix: str, app: Any, *hosts: str) -> Iterator[Any]:
    def over_tls(environ: Any, start_response: Any) -> Any:
        return app.wsgi_app(environ | {"wsgi.url_scheme": "https"}, start_response)

    with (
        serve(over_tls) as running,
        handing_out(app.hand_out),
        world.relays[suffix].leading(running.port, *hosts),
    ):
        yield app


def _environ(world: World, database_url: str) -> dict[str, str]:
    own = {
        key: value for key, value in os.environ.items() if not key.startswith(("DENTAL_CRM_", "BITRIX24_", "AMOCRM_"))
    }
    return own | {
        "DENTAL_CRM_HOME": str(world.folder / "home"),
        "DATABASE_URL": database_url,
        "DENTAL_CRM_PUBLIC_URL": APP,
        "DENTAL_CRM_KEYS": Fernet.generate_key().decode(),
        "BITRIX24_CLIENT_ID": BITRIX24["client_id"],
        "BITRIX24_CLIENT_SECRET": BITRIX24["client_secret"],
        "BITRIX24_OAUTH_HOSTS": OAUTH,
        "AMOCRM_CLIENT_ID": AMOCRM["client_id"],
        "AMOCRM_CLIENT_SECRET": AMOCRM["client_secret"],
        "AMOCRM_HOSTS": ".amocrm.test",
        "BITRIX24_RATE": "9999/9999",
        "AMOCRM_RATE": "9999/9999",
        "AMOCRM_OAUTH_PAGE": "https://www.amocrm.test/oauth",
        "E2E_NAMES": names.written(world.places),
        "E2E_CERTIFICATE": str(world.files[0]),
    }


@contextmanager
def _process(world: World, environ: dict[str, str], *words: str) -> Iterator[subprocess.Popen[bytes]]:
    with (world.folder / f"{words[0]}.txt").open("wb") as said:
        program = [sys.executable, str(HERE / "product_process.py"), *words]
        process = subprocess.Popen(
            program,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, said: Path) -> None:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection, suppress(OSError):
            connection.request("GET", "/healthz/ready")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    pytest.fail(f"the application did not start:\n{said.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
