"""Workflows of ours in a clinic's CRM: put there before a rule is handed to them, gone before it is ours again.

Both ask the CRM, so no transaction may be open. Two who press at once come one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from widget_backend.crm.native import Native
from widget_backend.crm.registry import Connected
from widget_backend.db import Database
from widget_backend.locks import awaited
from widget_backend.native import handing
from widget_backend.robots import rules

#: seconds that somebody else may take
PATIENCE: Final = 60.0


@contextmanager
def alone(database: Database, installation_id: int) -> Iterator[None]:
    """Nobody else puts or removes workflows of this clinic meanwhile. Raises :class:`Busy`."""
    with awaited(database, f"native:{installation_id}", PATIENCE):
        yield


def put(database: Database, crm: Connected, native: Native, key: str, client: str) -> tuple[str, str]:
    """Put the workflow of a rule there: its id, and the digest of the rule. In scope.

    Raises as :func:`handing.flow` does, and :class:`VendorError`.
    """
    with database.transaction() as session:
        flow, digest = handing.flow(session, native, key, client)
    return native.install(crm.connection, crm.door, flow), digest


def remove(database: Database, crm: Connected, native: Native, keys: Sequence[str]) -> None:
    """Take the workflows of these rules away, with all that wait in them. In scope. Raises as :func:`put` does."""
    with database.transaction() as session:
        made = [handing.made(rules.load(session), key) for key in keys]
    for each in made:
        native.remove(crm.connection, crm.door, each)
