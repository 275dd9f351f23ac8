"""Checking the connection: one cheap reading (a request, two at amoCRM) that shows whether we are let in, and whether the CRM
still tells us of events.

What it showed is kept in the installation's settings, for the page.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from widget_backend.clock import now
from widget_backend.crm.bindings import BindingRow
from widget_backend.crm.encoding import decode_all
from widget_backend.crm.model import Kind
from widget_backend.crm.port import Structure
from widget_backend.db import Database, scope
from widget_backend.errors import VendorError
from widget_backend.tenancy import installations
from widget_backend.texts import Text


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check showed. ``fault``: why it failed; ``wanted``, ``missing``: subscriptions that should be there, and of them
    those that are not, or do not tell all; ``milliseconds``: how long the CRM took."""

    at: datetime
    milliseconds: int
    fault: Text | None = None
    wanted: int = 0
    missing: int = 0


def check(database: Database, structure: Structure, installation_id: int) -> Checked:
    """Ask the account. No transaction may be open. What it refuses is an answer too."""
    with scope(installation_id), database.transaction() as session:
        wanted = _wanted(session)
    began = time.monotonic()
    try:
        found = structure.snapshot((Kind.SUBSCRIPTION,), {}).remotes
    except VendorError as error:
        return Checked(now(), _since(began), error.message)
    heard = {one.id: _events(one.attributes) for one in found if one.kind is Kind.SUBSCRIPTION}
    missing = [one for one, events in wanted.items() if one not in heard or not events <= heard[one]]
    return Checked(now(), _since(began), None, len(wanted), len(missing))


def keep(session: Session, installation_id: int, checked: Checked) -> None:
    """Remember it for the page."""
    told = {"at": checked.at.isoformat(), "ms": checked.milliseconds, "wanted": checked.wanted}
    fault = [checked.fault.ru, checked.fault.en] if checked.fault else []
    installations.configure(session, installation_id, link={**told, "missing": checked.missing, "fault": fault})


def last(settings: Mapping[str, Any]) -> Checked | None:
    """What the last check showed; ``None`` where there was none."""
    kept = settings.get("link")
    if not isinstance(kept, Mapping):
        return None
    fault = Text(*kept["fault"]) if kept["fault"] else None
    return Checked(datetime.fromisoformat(kept["at"]), kept["ms"], fault, kept["wanted"], kept["missing"])


def _wanted(session: Session) -> dict[str, frozenset[str]]:
    """Remote id -> the events that a subscription of ours should tell."""
    rows = select(BindingRow).where(BindingRow.kind == Kind.SUBSCRIPTION.value, BindingRow.remote_id != "")
    return {row.remote_id: _events(decode_all(row.applied)) for row in session.execute(rows).scalars()}


def _events(attributes: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(event) for event in attributes.get("events", ()) or ())


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
