"""The two emulated CRMs for tests, and the command driven against them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from widget_backend.sandbox import amocrm, bitrix24
from widget_backend.sandbox.faults import Faults, Logged
from widget_backend.sandbox.mount import serve


@dataclass
class Sandbox:
    """One emulated account that is being served. ``state`` is the emulator's own object."""

    vendor: str
    url: str
    target: tuple[str, ...]
    faults: Faults
    state: Any

    @property
    def requests(self) -> list[Logged]:
        return self.faults.log

    @property
    def writes(self) -> list[Logged]:
        return [row for row in self.faults.log if row.write]


@contextmanager
def boris() -> Iterator[Sandbox]:
    """Boris's clinic, on Bitrix24."""
    portal = bitrix24.Portal.demo()
    app = bitrix24.create_app(portal)
    with serve(app.wsgi_app) as server:
        webhook = server.url + portal.webhook(1)
        yield Sandbox("bitrix24", server.url, ("--bitrix24", webhook), app.faults, portal)


@contextmanager
def alice() -> Iterator[Sandbox]:
    """Alice's clinic, on amoCRM."""
    account = amocrm.Account.demo()
    app = amocrm.create_app(account)
    with serve(app.wsgi_app) as server:
        target = ("--amocrm", server.url, "--token", account.long_lived_token())
        yield Sandbox("amocrm", server.url, target, app.faults, account)


CLINICS = {"bitrix24": boris, "amocrm": alice}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str
    data: Any = field(default=None)


def dental_crm(*args: str, home: str, **environ: str) -> Ended:
    """Run the command as its own process, as a user does."""
    done = subprocess.run(
        [sys.executable, "-m", "widget_backend.cli", *args],
        capture_output=True,
        text=True,
        env={**os.environ, "DENTAL_CRM_HOME": home, **environ},
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    return Ended(done.returncode, done.stdout, done.stderr, _json(done.stdout))


def start(*args: str, home: str, **environ: str) -> subprocess.Popen[str]:
    """Start the command and leave it running."""
    return subprocess.Popen(
        [sys.executable, "-m", "widget_backend.cli", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "DENTAL_CRM_HOME": home, **environ},
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
