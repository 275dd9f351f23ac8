"""Charts: the chart of each installation, as its set-up was last read. The only writer of its table."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.crm.chart import Chart, ChartField, ChartPipeline, ChartStage
from widget_backend.crm.model import Option
from widget_backend.db import Owned

#: installation id -> the version that was read last, and what it says: each job asks for it several times
_read: dict[int, tuple[tuple[int, datetime], Chart]] = {}


class ChartRow(Owned):
    """One chart."""

    __tablename__ = "chart"
    __table_args__ = (UniqueConstraint("installation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    made_at: Mapped[datetime]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)


def load(session: Session) -> Chart | None:
    """The chart of the installation in scope; ``None`` before its set-up was first read."""
    row = session.execute(select(ChartRow.installation_id, ChartRow.id, ChartRow.made_at)).one_or_none()
    if row is None:
        return None
    version, known = (row.id, row.made_at), _read.get(row.installation_id)
    if known is None or known[0] != version:
        known = version, _chart(session.execute(select(ChartRow.content)).scalar_one())
        _read[row.installation_id] = known
    return known[1]


def save(session: Session, installation_id: int, chart: Chart) -> None:
    """Keep this chart instead of the one before."""
    row = insert(ChartRow).values(installation_id=installation_id, made_at=now(), content=asdict(chart))
    kept = {name: row.excluded[name] for name in ("made_at", "content")}
    session.execute(row.on_conflict_do_update(index_elements=["installation_id"], set_=kept))


def _chart(content: dict[str, Any]) -> Chart:
    return Chart(
        content["language"],
        tuple(ChartStage(**stage) for stage in content["stages"]),
        tuple(ChartPipeline(**pipeline) for pipeline in content["pipelines"]),
        tuple(_field(one) for one in content["fields"]),
        content["names"],
        content["currency"],
    )


def _field(content: dict[str, Any]) -> ChartField:
    options = tuple(Option(**option) for option in content["options"])
    return ChartField(**{**content, "options": options, "required_at": tuple(content["required_at"])})
