"""Robots: rules, their firings with causes and facts, sums under way, and timers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def _owned(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(name,
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    *columns,
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    )
    op.create_index(op.f(f'ix_{name}_installation_id'), name, ['installation_id'], unique=False)


def _moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _rules()
    _firings()
    _owned('robot_increase',
    sa.Column('record', sa.String(length=110), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.UniqueConstraint('installation_id', 'key'),
    )
    op.create_index('robot_increase_record', 'robot_increase', ['installation_id', 'record'], unique=False)
    _owned('robot_timer',
    sa.Column('deal', sa.String(length=100), nullable=False),
    sa.Column('contact', sa.String(length=100), nullable=False),
    sa.Column('rule_key', sa.String(length=100), nullable=False),
    _moment('base'),
    _moment('due_at'),
    sa.Column('rung', sa.Boolean(), nullable=False),
    _moment('made_at'),
    sa.UniqueConstraint('installation_id', 'deal', 'rule_key', 'base'),
    )
    op.create_index('robot_timer_due', 'robot_timer', ['due_at'], unique=False, postgresql_where=sa.text('NOT rung'))


def _rules() -> None:
    _owned('robot_rule',
    sa.Column('key', sa.String(length=100), nullable=False),
    sa.Column('origin', sa.String(length=10), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('release', sa.String(length=80), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('content', postgresql.JSONB(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    _moment('made_at'),
    sa.UniqueConstraint('installation_id', 'key', 'origin', 'number'),
    )
    op.create_index('robot_rule_current', 'robot_rule', ['installation_id', 'key', 'origin'], unique=True,
                    postgresql_where=sa.text('current'))
    _owned('robot_book',
    sa.Column('stamp', sa.String(length=16), nullable=False),
    sa.Column('tasks', postgresql.JSONB(), nullable=False),
    sa.Column('settings', postgresql.JSONB(), nullable=False),
    sa.Column('off', postgresql.JSONB(), nullable=False),
    sa.Column('paused', postgresql.JSONB(), nullable=False),
    sa.UniqueConstraint('installation_id'),
    )


def _firings() -> None:
    _owned('robot_cause',
    sa.Column('deal', sa.String(length=100), nullable=False),
    sa.Column('contact', sa.String(length=100), nullable=False),
    sa.Column('cause', sa.String(length=120), nullable=False),
    sa.Column('hop', sa.BigInteger(), nullable=False),
    sa.Column('happenings', sa.Text(), nullable=False),
    sa.Column('facts', sa.Text(), nullable=True),
    _moment('at'),
    _moment('made_at'),
    sa.UniqueConstraint('installation_id', 'deal', 'cause'),
    )
    op.create_index(op.f('ix_robot_cause_made_at'), 'robot_cause', ['made_at'], unique=False)
    _owned('robot_firing',
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('rule_id', sa.BigInteger(), nullable=False),
    sa.Column('rule_key', sa.String(length=100), nullable=False),
    sa.Column('happening', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('quiet', sa.Boolean(), nullable=False),
    sa.Column('anew', postgresql.JSONB(), nullable=False),
    _moment('made_at'),
    _moment('done_at', nullable=True),
    sa.ForeignKeyConstraint(['cause_id'], ['robot_cause.id'], ondelete='CASCADE'),
    sa.UniqueConstraint('cause_id', 'rule_key'),
    )
    op.create_index('robot_firing_of_rule', 'robot_firing', ['installation_id', 'rule_key', 'id'], unique=False)


def downgrade() -> None:
    for name in ('robot_timer', 'robot_increase', 'robot_firing', 'robot_cause', 'robot_book', 'robot_rule'):
        op.drop_table(name)
