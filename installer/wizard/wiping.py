"""What a clinic told the wizard may name people: all of it goes when the clinic goes."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.orm import Session

from installer.wizard.draft import DraftRow
from installer.wizard.plans import PlanRow
from installer.wizard.runs import RunRow

TABLES = (DraftRow, PlanRow, RunRow)


def forget(session: Session) -> Mapping[str, int]:
    """Drop drafts, plans and runs of the installation in scope; how many rows of each table there were."""
    return {row.__tablename__: _drop(session, row) for row in TABLES}


def _drop(session: Session, row: type[DraftRow] | type[PlanRow] | type[RunRow]) -> int:
    gone = delete(row).returning(row.id).execution_options(synchronize_session=False)
    return len(session.execute(gone).all())
