"""Answers to requests that may come twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table('answer',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('mark', sa.String(length=64), nullable=False),
    sa.Column('status', sa.BigInteger(), nullable=True),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id', 'key')
    )
    op.create_index(op.f('ix_answer_begun_at'), 'answer', ['begun_at'], unique=False)
    op.create_index(op.f('ix_answer_installation_id'), 'answer', ['installation_id'], unique=False)


def downgrade() -> None:
    op.drop_table('answer')
