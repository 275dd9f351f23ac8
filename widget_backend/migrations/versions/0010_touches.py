"""How far it was looked through who got in touch, and which contacts changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column('inbox_reconcile', sa.Column('touched_until', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('inbox_reconcile', 'touched_until')
