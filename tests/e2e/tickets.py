"""What the page of an amoCRM account sends for its widget: a disposable token, and a ticket for it."""

from __future__ import annotations

import json
import time

from conftest import AMOCRM, APP, Crm
from wizard import SOON, ask

from widget_backend.sandbox.amocrm.stock import ADMIN
from widget_backend.sandbox.amocrm.tokens import front_end_token


def token(alice: Crm) -> str:
    """What the page of the account would send for its administrator."""
    return front_end_token(alice.state, alice.state.integrations[AMOCRM["client_id"]], ADMIN)


def ticket(alice: Crm, shown: str, origin: str = "") -> tuple[int, str]:
    """Ask for a frame's address with this token: status, and the address or what was said instead."""
    headers = {"X-Auth-Token": shown, "Origin": origin or alice.url, "Content-Type": "application/json"}
    status, body = ask(f"{APP}/amo/api/ticket", headers, "POST", "{}")
    return status, json.loads(body).get("url", body)


def wait_until_connected(alice: Crm) -> None:
    """Until the application would open its page: right after the exchange it is still writing down what it was given."""
    until = time.monotonic() + SOON / 1000
    while ticket(alice, token(alice))[0] != 200:
        assert time.monotonic() < until, "the application was not connected"
        time.sleep(0.1)
