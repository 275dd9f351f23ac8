"""Installations, bindings, the journal, rate budgets and the request log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table('installation',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('vendor', sa.String(length=20), nullable=False),
    sa.Column('account', sa.String(length=200), nullable=False),
    sa.Column('host', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('vendor', 'account')
    )
    op.create_index(op.f('ix_installation_host'), 'installation', ['host'], unique=False)
    op.create_table('rate_budget',
    sa.Column('account', sa.String(length=200), nullable=False),
    sa.Column('tat', sa.Float(precision=53), nullable=False),
    sa.PrimaryKeyConstraint('account')
    )
    op.create_table('rate_hold',
    sa.Column('account', sa.String(length=200), nullable=False),
    sa.Column('lane', sa.String(length=100), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('account', 'lane')
    )
    op.create_table('request_log',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('account', sa.String(length=200), nullable=False),
    sa.Column('operation', sa.String(length=200), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('milliseconds', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.String(length=100), nullable=False),
    sa.Column('error', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_request_log_at'), 'request_log', ['at'], unique=False)
    op.create_index('request_log_account_at', 'request_log', ['account', 'at'], unique=False)
    op.create_table('binding',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('preset', sa.String(length=64), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('origin', sa.String(length=10), nullable=False),
    sa.Column('remote_id', sa.String(length=200), nullable=False),
    sa.Column('applied', postgresql.JSONB(), nullable=False),
    sa.Column('kept', postgresql.JSONB(), nullable=False),
    sa.Column('original', postgresql.JSONB(), nullable=False),
    sa.Column('twins', postgresql.JSONB(), nullable=False),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id', 'preset', 'address')
    )
    op.create_index(op.f('ix_binding_installation_id'), 'binding', ['installation_id'], unique=False)
    op.create_table('run',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('preset', sa.String(length=64), nullable=False),
    sa.Column('version', sa.String(length=32), nullable=False),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('checksum', sa.String(length=64), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('requests', sa.Integer(), nullable=False),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_run_installation_id'), 'run', ['installation_id'], unique=False)
    op.create_index(op.f('ix_run_preset'), 'run', ['preset'], unique=False)
    op.create_table('step',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('action', sa.String(length=16), nullable=False),
    sa.Column('inverse', sa.String(length=16), nullable=False),
    sa.Column('before', postgresql.JSONB(), nullable=False),
    sa.Column('after', postgresql.JSONB(), nullable=False),
    sa.Column('remote_id', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_step_installation_id'), 'step', ['installation_id'], unique=False)
    op.create_index('step_run_address', 'step', ['run_id', 'address', 'action'], unique=True)


def downgrade() -> None:
    op.drop_index('step_run_address', table_name='step')
    op.drop_index(op.f('ix_step_installation_id'), table_name='step')
    op.drop_table('step')
    op.drop_index(op.f('ix_run_preset'), table_name='run')
    op.drop_index(op.f('ix_run_installation_id'), table_name='run')
    op.drop_table('run')
    op.drop_index(op.f('ix_binding_installation_id'), table_name='binding')
    op.drop_table('binding')
    op.drop_index('request_log_account_at', table_name='request_log')
    op.drop_index(op.f('ix_request_log_at'), table_name='request_log')
    op.drop_table('request_log')
    op.drop_table('rate_hold')
    op.drop_table('rate_budget')
    op.drop_index(op.f('ix_installation_host'), table_name='installation')
    op.drop_table('installation')
