"""Resuming: deals that stand where rules wait get their moments at once when those rules are ours again, not only when next
something happens to them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from widget_backend import jobs
from widget_backend.clock import now
from widget_backend.crm.asking import Contacts, Deals
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Contact, Deal
from widget_backend.db import scope
from widget_backend.deals import deal_state
from widget_backend.deals.clinic import Clinic
from widget_backend.robots import matching, rules, timers
from widget_backend.robots.moments import needs_contact
from widget_backend.robots.rule import Rule

TASK: Final = "robots.resume"
#: deals that one job reads
BATCH: Final = 100


def begin(session: Session, installation_id: int, keys: Collection[str], after: str = "") -> None:
    """Have the deals looked at that stand where these rules wait; those behind ``after``. In the caller's transaction."""
    known = rules.load(session).entry
    if waiting := sorted(key for key in keys if key in known and known[key].rule.when.on in matching.TIMED):
        lock = f"{installation_id}:resume"
        jobs.enqueue(session, TASK, lock=lock, installation_id=installation_id, keys=waiting, after=after)


def resume(clinic: Clinic, keys: Sequence[str], after: str) -> None:
    """Job: the next deals, and a job for those behind them. Raises :class:`VendorError`; safe to repeat."""
    with scope(clinic.id):
        with clinic.database.transaction() as session:
            known = rules.load(session).entry
            ours = [known[key].rule for key in keys if key in known]
            standing = deal_state.standing(session, _stages(clinic.chart, ours), after, BATCH)
        if not standing:
            return
        read_at = now()
        people = sorted({one.contact for one in standing if one.contact} if any(map(needs_contact, ours)) else ())
        wanted, theirs = Deals(tuple(one.deal for one in standing)), Contacts(tuple(people))
        found = clinic.records.read(wanted, theirs) if people else clinic.records.read(wanted)
        patients = {one.id: one for one in (found[theirs] if people else ())}
        for deal in found[wanted]:
            with clinic.database.transaction() as session:  # one each, as the deal is held
                _set(session, clinic, deal, patients.get(deal.contact), read_at)
        if len(standing) == BATCH:
            with clinic.database.transaction() as session:
                begin(session, clinic.id, keys, standing[-1].deal)


def _set(session: Session, clinic: Clinic, deal: Deal, patient: Contact | None, read_at: datetime) -> None:
    """Unless the deal has moved or was read later: whoever takes that in sets its moments. It is held meanwhile."""
    row = deal_state.hold(session, clinic.id, deal.id)
    if row.stage == deal.stage and not deal_state.is_older(row, deal, read_at):
        timers.derive(session, clinic, deal, patient.fields if patient else None, row.entered_at)


def _stages(chart: Chart, waiting: Sequence[Rule]) -> list[str]:
    """Remote ids of the stages at which any of these rules waits."""
    return [stage.id for stage in chart.stages if any(matching.covers(rule.when, stage) for rule in waiting)]
