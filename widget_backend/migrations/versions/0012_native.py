"""Which rules were handed to the CRM's own automation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("robot_book", sa.Column("handed", JSONB(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("robot_book", "handed")
