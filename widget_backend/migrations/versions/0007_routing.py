"""Routing: the journal of visits, turns, arrivals and decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table('visit',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('contact', sa.String(length=100), nullable=False),
    sa.Column('source', sa.String(length=10), nullable=False),
    sa.Column('key', sa.String(length=100), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('deal', sa.String(length=100), nullable=False),
    sa.Column('insured', sa.Boolean(), nullable=False),
    sa.Column('elsewhere', sa.Boolean(), nullable=False),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id', 'contact', 'source', 'key')
    )
    op.create_index(op.f('ix_visit_installation_id'), 'visit', ['installation_id'], unique=False)
    op.create_index('visit_told', 'visit', ['installation_id', 'source', 'key'], unique=False)
    op.create_table('rota',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('branch', sa.String(length=100), nullable=False),
    sa.Column('pipeline', sa.String(length=100), nullable=False),
    sa.Column('direction', sa.String(length=100), nullable=False),
    sa.Column('last', sa.String(length=100), nullable=False),
    sa.Column('given', postgresql.JSONB(), nullable=False),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id', 'role', 'branch', 'pipeline', 'direction')
    )
    op.create_index(op.f('ix_rota_installation_id'), 'rota', ['installation_id'], unique=False)
    op.create_table('arrival',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('cause', sa.String(length=200), nullable=False),
    sa.Column('contact', sa.String(length=100), nullable=False),
    sa.Column('deal', sa.String(length=100), nullable=False),
    sa.Column('made', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id', 'cause')
    )
    op.create_index(op.f('ix_arrival_installation_id'), 'arrival', ['installation_id'], unique=False)
    op.create_index('arrival_patient', 'arrival', ['installation_id', 'contact', 'at'], unique=False)
    op.create_table('route_decision',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('deal', sa.String(length=100), nullable=False),
    sa.Column('cause', sa.String(length=200), nullable=False),
    sa.Column('contact', sa.String(length=100), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('reason_ru', sa.Text(), nullable=False),
    sa.Column('reason_en', sa.Text(), nullable=False),
    sa.Column('stage', sa.String(length=100), nullable=False),
    sa.Column('person', sa.String(length=100), nullable=False),
    sa.Column('into', sa.String(length=100), nullable=False),
    sa.Column('task', sa.String(length=100), nullable=False),
    sa.Column('refused', postgresql.JSONB(), nullable=False),
    sa.Column('facts', postgresql.JSONB(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id', 'deal', 'cause')
    )
    op.create_index(op.f('ix_route_decision_installation_id'), 'route_decision', ['installation_id'], unique=False)
    op.create_index('route_decision_patient', 'route_decision', ['installation_id', 'contact'], unique=False)


def downgrade() -> None:
    op.drop_table('route_decision')
    op.drop_table('arrival')
    op.drop_table('rota')
    op.drop_table('visit')
