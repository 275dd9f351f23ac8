"""The journal read by time, what has stopped found at once, and when an account's memory was last looked through."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

#: table -> by which moment the journal reads it
READ_BY = {
    "robot_cause": "made_at",
    "stage_transition": "seen_at",
    "route_decision": "made_at",
    "deal_copy": "begun_at",
}


def upgrade() -> None:
    for table, moment in READ_BY.items():
        op.create_index(f"{table}_journal", table, ["installation_id", moment, "id"])
    op.create_index(
        "robot_firing_stuck",
        "robot_firing",
        ["installation_id", "cause_id"],
        postgresql_where=sa.text("state IN ('failed', 'stopped', 'paused', 'held')"),
    )
    op.add_column("inbox_reconcile", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("inbox_reconcile", "looked_at")
    op.drop_index("robot_firing_stuck", "robot_firing")
    for table in READ_BY:
        op.drop_index(f"{table}_journal", table)
