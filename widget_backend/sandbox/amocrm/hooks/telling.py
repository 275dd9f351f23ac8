"""From what a write has done to everything that comes of it: the event log, account hooks, actions of stages, bots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widget_backend.sandbox.amocrm.crm import unsorted
from widget_backend.sandbox.amocrm.hooks import eventlog, triggers
from widget_backend.sandbox.amocrm.hooks.bodies import body, word
from widget_backend.sandbox.amocrm.hooks.delivery import queue
from widget_backend.sandbox.amocrm.state import LEADS

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.hooks.changes import Change

#: items in one request
MOST_ITEMS = 10
#: an action may change what another one waits for; a circle of them ends here
MOST_ROUNDS = 20


def flush(account: Account) -> None:
    """Tell what has changed, then what the actions of stages have changed by that, until all is quiet."""
    for _ in range(MOST_ROUNDS):
        changes, account.changes = account.changes, []
        if not changes:
            return
        account.version += 1
        for change in changes:
            eventlog.append(account, change)
        _tell(account, changes)
        for change in changes:
            _accept(account, change)
            triggers.fire(account, change)


def _accept(account: Account, change: Change) -> None:
    """Whoever moves a lead out of the incoming stage has accepted its request."""
    if change.entity == LEADS and change.action == "status":
        unsorted.left(account, account.records[LEADS][change.id], change.by)


def _tell(account: Account, changes: list[Change]) -> None:
    for hook in account.webhooks.values():
        if hook.disabled:
            continue
        wanted = [change for change in changes if word(change) in hook.settings]
        for start in range(0, len(wanted), MOST_ITEMS):
            part = wanted[start : start + MOST_ITEMS]
            about = ", ".join(f"{word(change)} {change.id}" for change in part)
            queue(account, hook.destination, word(part[0]), body(account, part), hook.id, about)
