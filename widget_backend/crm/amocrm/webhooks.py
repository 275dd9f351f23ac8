"""The account's webhook to us: one address per installation, secret in its path (amocrm.md §5.1, §5.3)."""

from __future__ import annotations

from collections.abc import Iterable

from widget_backend.crm.amocrm import words
from widget_backend.crm.port import Application


def destination_prefix(application: Application) -> str:
    """What the addresses of all our webhooks begin with; by it we know them as ours."""
    return f"{application.public_url.rstrip('/')}/webhooks/amocrm/"


def destination(application: Application) -> str:
    """Where the account sends its events."""
    return destination_prefix(application) + application.secret


def settings(events: Iterable[object]) -> list[str]:
    """The vendor's events for ours, each once."""
    return list(dict.fromkeys(code for event in events for code in words.EVENTS.get(str(event), ())))
