"""The account's webhooks to us: an address per subscription, the installation's secret in it (amocrm.md §5.1, §5.3).

The vendor knows a webhook by its address: two subscriptions at one address would overwrite each other.
"""

from __future__ import annotations

from collections.abc import Iterable

from widget_backend.crm.amocrm import words
from widget_backend.crm.port import Application


def destination_prefix(application: Application) -> str:
    """What the addresses of all our webhooks begin with; by it we know them as ours."""
    return f"{application.public_url.rstrip('/')}/webhooks/amocrm/"


def destination(application: Application, key: str) -> str:
    """Where the account sends the events of one subscription."""
    return destination_prefix(application) + "/".join(filter(None, (application.secret, key)))


def settings(events: Iterable[object]) -> list[str]:
    """The vendor's events for ours, each once."""
    return list(dict.fromkeys(code for event in events for code in words.EVENTS.get(str(event), ())))
