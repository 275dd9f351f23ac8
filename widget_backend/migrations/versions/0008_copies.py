"""The log of effects, copies of deals and their lineage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table('effect',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('payload', sa.Text(), nullable=True),
    sa.Column('sent', sa.Boolean(), nullable=False),
    sa.Column('done', sa.Boolean(), nullable=False),
    sa.Column('made', sa.String(length=100), nullable=False),
    sa.Column('refusal', sa.Text(), nullable=True),
    sa.Column('firing', sa.BigInteger(), nullable=True),
    sa.Column('hop', sa.BigInteger(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id', 'key', 'position')
    )
    op.create_index(op.f('ix_effect_begun_at'), 'effect', ['begun_at'], unique=False)
    op.create_index(op.f('ix_effect_firing'), 'effect', ['firing'], unique=False)
    op.create_index(op.f('ix_effect_installation_id'), 'effect', ['installation_id'], unique=False)
    op.create_table('deal_copy',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('target', sa.String(length=200), nullable=False),
    sa.Column('cause', sa.String(length=150), nullable=False),
    sa.Column('marker', sa.String(length=60), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('how', sa.String(length=8), nullable=False),
    sa.Column('deal', sa.String(length=40), nullable=False),
    sa.Column('contact', sa.String(length=40), nullable=False),
    sa.Column('from_stage', sa.String(length=200), nullable=False),
    sa.Column('from_pipeline', sa.String(length=200), nullable=False),
    sa.Column('lost', postgresql.JSONB(), nullable=False),
    sa.Column('refusals', sa.BigInteger(), nullable=False),
    sa.Column('asked_by', sa.String(length=100), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id', 'source', 'target', 'cause')
    )
    op.create_index(op.f('ix_deal_copy_deal'), 'deal_copy', ['deal'], unique=False)
    op.create_index(op.f('ix_deal_copy_installation_id'), 'deal_copy', ['installation_id'], unique=False)


def downgrade() -> None:
    op.drop_table('deal_copy')
    op.drop_table('effect')
