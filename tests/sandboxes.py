"""The two emulated CRMs for tests: Boris's portal and Alice's account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hands import AliceHands, BorisHands, Hands

from widget_backend.sandbox import amocrm, bitrix24
from widget_backend.sandbox.faults import Fault, Faults, Logged
from widget_backend.sandbox.mount import serve


@dataclass
class Sandbox:
    """One emulated account that is being served. ``state`` is the emulator's own object, ``target`` the command's options,
    ``hands`` those of the clinic's administrator."""

    vendor: str
    url: str
    target: tuple[str, ...]
    faults: Faults
    state: Any
    hands: Hands

    @property
    def requests(self) -> list[Logged]:
        return self.faults.log

    @property
    def writes(self) -> list[Logged]:
        return [row for row in self.faults.log if row.write]

    def count_anew(self) -> None:
        """Forget the requests so far."""
        self.faults.plan()

    def plan(self, *faults: Fault) -> None:
        """What will go wrong; requests are counted anew."""
        self.faults.plan(*faults)


@contextmanager
def boris() -> Iterator[Sandbox]:
    """Boris's clinic, on Bitrix24."""
    portal = bitrix24.Portal.demo()
    app = bitrix24.create_app(portal)
    with serve(app.wsgi_app) as server:
        webhook = server.url + portal.webhook(1)
        yield Sandbox("bitrix24", server.url, ("--bitrix24", webhook), app.faults, portal, BorisHands(webhook))


@contextmanager
def alice() -> Iterator[Sandbox]:
    """Alice's clinic, on amoCRM."""
    account = amocrm.Account.demo()
    app = amocrm.create_app(account)
    with serve(app.wsgi_app) as server:
        token = account.long_lived_token()
        target = ("--amocrm", server.url, "--token", token)
        own = account.long_lived_token(client_id=account.issue_integration(kind="private").client_id)
        yield Sandbox("amocrm", server.url, target, app.faults, account, AliceHands(server.url, own))


CLINICS = {"boris": boris, "alice": alice}
VENDORS = {"bitrix24": boris, "amocrm": alice}
