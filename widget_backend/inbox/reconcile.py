"""Reconcile: every few minutes an account's own memory is looked through for what was never told, and what waits is tried
again.

What is found becomes a message like any other: late, not lost. The CRM's clock alone says how far we have come, so ours may
be wrong.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from widget_backend import jobs
from widget_backend.clock import now
from widget_backend.crm.records import Deal, Move
from widget_backend.db import Database
from widget_backend.deals import alignment, deal_state, stage_history
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.deal_state import DealState
from widget_backend.errors import AccessLost, VendorError
from widget_backend.inbox import losses, marks, messages, remembered
from widget_backend.inbox.deals import OVERLAP
from widget_backend.inbox.loudness import of_many
from widget_backend.inbox.messages import FOUND, Record
from widget_backend.inbox.office import Office
from widget_backend.tenancy import installations

SCHEDULE: Final = "*/3 * * * *"
#: a message that waits so long has been forgotten, or was put off
FORGOTTEN: Final = timedelta(minutes=1)
#: records that are tried again at once; the rest waits for the next time
MOST: Final = 500
#: a message of the CRM's own that waits so long does not tell of what is found now
RECENT: Final = timedelta(days=1)

log = logging.getLogger(__name__)


def reconcile_all(database: Database) -> None:
    """Job of the schedule: one job for each active installation."""
    with database.transaction() as session:
        for installation_id in installations.standing(session, "active"):
            name = f"{installation_id}:reconcile"
            jobs.enqueue(session, "inbox.reconcile", lock=name, queueing_lock=name, installation_id=installation_id)


def reconcile(office: Office, installation_id: int) -> None:
    """Job, in scope: one account. Raises :class:`VendorError` where the CRM is away; what waits goes on waiting then."""
    clinic = office.clinics.find(installation_id)
    if clinic is None:
        return
    late, refused = _Late(), None
    try:
        _look_through(office, clinic, late)
    except AccessLost:
        return
    except VendorError as error:
        if error.retry != "never":
            raise
        log.error("reconcile refused installation=%s error=%s code=%s", clinic.id, type(error).__name__, error.code)
        refused = error.message
    with office.database.transaction() as session:
        marks.refuse(session, clinic.id, refused)
        losses.count(session, clinic.id, len(late.told - late.deals), len(late.deals))
        wake(session, clinic.id)


def wake(session: Session, installation_id: int) -> int:
    """Have tried again what waits and has no job any more; how many records. In scope."""
    before = now() - FORGOTTEN
    tried, idle = (messages.idle(session, before, MOST, tried=tried) for tried in (True, False))
    with of_many(len(tried)):
        for record in sorted(tried):
            messages.begin(session, installation_id, record)
    with of_many(len(idle)):
        messages.enqueue(session, installation_id, *idle)
    return len({*tried, *idle})


@dataclass(frozen=True)
class _Late:
    """What one round has found; a deal counts once. ``told``: all that changed, ``deals``: those nobody told us of."""

    told: set[str] = field(default_factory=set)
    deals: set[str] = field(default_factory=set)


def _look_through(office: Office, clinic: Clinic, late: _Late) -> None:
    settled = now() - office.grace
    with office.database.transaction() as session:
        followed = stage_history.followed_since(session, clinic.id)
        moves_until = marks.moves_until(session) or followed
        changes_until = marks.changes_until(session) or followed
    for moves in clinic.records.moves(moves_until - OVERLAP):
        old = [move for move in moves if move.at <= settled]
        with office.database.transaction() as session:
            _take_moves(session, clinic.id, old, moves_until, late)
    for deals in clinic.records.changed(changes_until - OVERLAP):
        changed = [deal for deal in deals if deal.updated_at is not None and deal.updated_at <= settled]
        with office.database.transaction() as session:
            _take_changes(session, clinic.id, changed, changes_until, late)
    remembered.take(office, clinic)
    remembered.look_after(office, clinic)


def _take_moves(session: Session, installation_id: int, moves: Sequence[Move], until: datetime, late: _Late) -> None:
    # asked first: what is worked on in this moment is told of, or stands in the history
    told = messages.told_of(session, {move.deal for move in moves}, now() - RECENT)
    missing, provisional = stage_history.compare(session, installation_id, moves)
    for deal, theirs in _by_deal(provisional).items():
        stage_history.confirm(session, installation_id, deal, theirs)
    of_all = _by_deal(moves)
    found = {deal: of_all[deal] for deal in _by_deal(missing)}
    known = deal_state.load_all(session, list(found))
    for deal, theirs in found.items():
        key = f"found:{deal}:{alignment.key(theirs[-1])}"
        if deal in told:
            # whoever works on it may see no reason to ask for its moves, and they are not looked through again
            messages.post(session, installation_id, Record("deal", deal), FOUND, "reconcile", tuple(theirs), key[:140])
        else:
            _find(session, installation_id, known.get(deal), deal, key, late, tuple(theirs))
    late.told.update(move.deal for move in moves if move.at > until)
    if moves:
        marks.advance(session, installation_id, moves_until=max(until, *(move.at for move in moves)))


def _take_changes(session: Session, installation_id: int, deals: Sequence[Deal], until: datetime, late: _Late) -> None:
    told = messages.told_of(session, {deal.id for deal in deals}, now() - RECENT)
    known = deal_state.load_all(session, [deal.id for deal in deals])
    unseen = {deal.id: deal for deal in deals if _is_news(deal, known.get(deal.id))}
    for deal in unseen.values():
        if deal.id not in told:
            key = f"changed:{deal.id}:{deal.updated_at:%Y%m%d%H%M%S%f}"
            _find(session, installation_id, known.get(deal.id), deal.id, key, late)
    moments = {deal.id: deal.updated_at for deal in deals if deal.updated_at is not None}
    late.told.update(deal for deal, moment in moments.items() if moment > until)
    if moments:
        marks.advance(session, installation_id, changes_until=max(until, *moments.values()))


def _find(
    session: Session,
    installation_id: int,
    known: DealState | None,
    deal: str,
    key: str,
    late: _Late,
    moves: tuple[Move, ...] | None = None,
) -> None:
    """Tell of what was found. Found again it counts no more, and is told again only of a deal that can be read."""
    record = Record("deal", deal)
    with of_many(len(late.deals) + 1):
        if messages.post(session, installation_id, record, FOUND, "reconcile", moves, key[:140]):
            late.deals.add(deal)
        elif known is not None and not known.gone:
            messages.post(session, installation_id, record, FOUND, "reconcile", moves)


def _is_news(deal: Deal, known: DealState | None) -> bool:
    if known is None or known.gone or known.updated_at is None or deal.updated_at is None:
        return True
    return deal.updated_at > known.updated_at


def _by_deal(moves: Iterable[Move]) -> Mapping[str, list[Move]]:
    found: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        found[move.deal].append(move)
    return found
