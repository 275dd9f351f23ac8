"""The install wizard: what was chosen, the plan that was shown, and the run that carries it out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column('step', sa.Column('title', sa.String(length=400), nullable=False, server_default=''))
    op.add_column('step', sa.Column('error_ru', sa.Text(), nullable=False, server_default=''))
    op.create_table('wizard_draft',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('preset', sa.String(length=64), nullable=False),
    sa.Column('given', postgresql.JSONB(), nullable=False),
    sa.Column('skipped', postgresql.JSONB(), nullable=False),
    sa.Column('adopt', sa.Boolean(), nullable=False),
    sa.Column('decisions', postgresql.JSONB(), nullable=False),
    sa.Column('step', sa.String(length=16), nullable=False),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id')
    )
    op.create_index(op.f('ix_wizard_draft_installation_id'), 'wizard_draft', ['installation_id'], unique=False)
    op.create_table('wizard_plan',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('asked', sa.BigInteger(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fits', sa.String(length=64), nullable=False),
    sa.Column('checksum', sa.String(length=64), nullable=False),
    sa.Column('content', postgresql.JSONB(), nullable=False),
    sa.Column('files', postgresql.JSONB(), nullable=False),
    sa.Column('error_ru', sa.Text(), nullable=False),
    sa.Column('error_en', sa.Text(), nullable=False),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id', 'purpose')
    )
    op.create_index(op.f('ix_wizard_plan_installation_id'), 'wizard_plan', ['installation_id'], unique=False)
    op.create_table('wizard_run',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('checksum', sa.String(length=64), nullable=False),
    sa.Column('accepted', postgresql.JSONB(), nullable=False),
    sa.Column('only', postgresql.JSONB(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('after_run', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('pause', sa.Boolean(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('turn', sa.BigInteger(), nullable=False),
    sa.Column('questions', sa.Integer(), nullable=False),
    sa.Column('error_ru', sa.Text(), nullable=False),
    sa.Column('error_en', sa.Text(), nullable=False),
    sa.Column('actor', sa.String(length=100), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_wizard_run_installation_id'), 'wizard_run', ['installation_id'], unique=False)
    # two clicks at once make one run, whatever the code above does
    op.create_index('wizard_run_alive', 'wizard_run', ['installation_id'], unique=True,
                    postgresql_where=sa.text("state IN ('queued', 'running', 'waiting', 'paused', 'stopped')"))


def downgrade() -> None:
    op.drop_table('wizard_run')
    op.drop_table('wizard_plan')
    op.drop_table('wizard_draft')
    op.drop_column('step', 'error_ru')
    op.drop_column('step', 'title')
