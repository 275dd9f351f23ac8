"""Reasons to stop and look: a plan that touches too much, or a stage where deals stand. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from installer import wording
from installer.plan import Guard
from widget_backend.crm.model import Action, Change, Kind, Remote, Snapshot

#: share of what exists that may be updated or deleted without ``--force`` (house.md, rule 7)
SHARE = 0.30


def guards(changes: Iterable[Change], existing: int, snapshot: Snapshot) -> tuple[Guard, ...]:
    """The guards of these rows; stages whose deals were not counted yet are not judged."""
    rows = tuple(changes)
    return (*_share(rows, existing), *_deals(rows, snapshot))


def touched_stages(changes: Iterable[Change]) -> tuple[Remote, ...]:
    """The existing stages that would be updated or deleted: their deals must be counted before the plan is shown."""
    return tuple(
        change.remote
        for change in changes
        if change.kind is Kind.STAGE and change.action in (Action.UPDATE, Action.DELETE) and change.remote is not None
    )


def _share(rows: tuple[Change, ...], existing: int) -> Iterator[Guard]:
    risky = [row for row in rows if row.action in (Action.UPDATE, Action.DELETE) and not _is_automatic(row)]
    touched = len({(row.kind, row.address) for row in risky})
    if existing and touched / existing > SHARE:
        share = round(100 * touched / existing)
        yield Guard("share", wording.TOO_MANY.format(share=share, touched=touched, existing=existing))


def _is_automatic(row: Change) -> bool:
    """A stage the CRM made by itself in a new pipeline: naming or dropping it touches nobody's work."""
    return row.remote is not None and row.remote.stock


def _deals(rows: tuple[Change, ...], snapshot: Snapshot) -> Iterator[Guard]:
    for remote in touched_stages(rows):
        deals = snapshot.deals.get(remote.id, 0)
        if deals:
            yield Guard("deals", wording.HOLDS_DEALS.format(stage=remote.name, deals=deals))
