"""The inbox of events, the history of stages, and the marks of our own writes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def _owned(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(name,
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    *columns,
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    *([] if name == 'inbox_message' else
      [sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE')]),
    )
    if name != 'inbox_message':
        op.create_index(op.f(f'ix_{name}_installation_id'), name, ['installation_id'], unique=False)


def _moment(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _history()
    _inbox()
    _owned('inbox_reconcile',
    _moment('moves_until'),
    _moment('changes_until'),
    _moment('refused_at'),
    sa.Column('refusal_ru', sa.Text(), nullable=False, server_default=''),
    sa.Column('refusal_en', sa.Text(), nullable=False, server_default=''),
    sa.UniqueConstraint('installation_id'),
    )
    _owned('inbox_loss',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('told', sa.BigInteger(), nullable=False),
    sa.Column('found_late', sa.BigInteger(), nullable=False),
    sa.UniqueConstraint('installation_id', 'day'),
    )
    _queue()


def _history() -> None:
    _owned('deal_state',
    sa.Column('deal', sa.String(length=64), nullable=False),
    sa.Column('pipeline', sa.String(length=64), nullable=False),
    sa.Column('stage', sa.String(length=64), nullable=False),
    sa.Column('anchor', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('contacts', postgresql.JSONB(), nullable=False),
    sa.Column('responsible', sa.String(length=64), nullable=False),
    _moment('updated_at'),
    _moment('moved_at'),
    _moment('entered_at'),
    _moment('read_at'),
    _moment('gone_at'),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('fields', sa.Text(), nullable=True),
    sa.UniqueConstraint('installation_id', 'deal'),
    )
    op.create_index('deal_state_contacts', 'deal_state', ['contacts'], unique=False, postgresql_using='gin')
    op.create_index('deal_state_open', 'deal_state', ['installation_id', 'responsible'], unique=False,
                    postgresql_where=sa.text("kind = 'open' AND gone_at IS NULL"))
    _owned('contact_state',
    sa.Column('contact', sa.String(length=64), nullable=False),
    _moment('read_at'),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('fields', sa.Text(), nullable=True),
    sa.UniqueConstraint('installation_id', 'contact'),
    )
    _owned('stage_transition',
    sa.Column('deal', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('from_stage', sa.String(length=64), nullable=False),
    sa.Column('to_stage', sa.String(length=64), nullable=False),
    sa.Column('pipeline', sa.String(length=64), nullable=False),
    _moment('at', nullable=False),
    sa.Column('mover', sa.String(length=64), nullable=False),
    sa.Column('memory', sa.String(length=140), nullable=True),
    sa.Column('moment', sa.String(length=8), nullable=False),
    sa.Column('hop', sa.BigInteger(), nullable=False),
    sa.Column('firing', sa.BigInteger(), nullable=True),
    _moment('seen_at', nullable=False),
    sa.UniqueConstraint('installation_id', 'deal', 'memory'),
    )
    op.create_index(op.f('ix_stage_transition_at'), 'stage_transition', ['at'], unique=False)
    _owned('own_mark',
    sa.Column('deal', sa.String(length=64), nullable=False),
    sa.Column('marker', sa.String(length=60), nullable=False),
    sa.Column('stage', sa.String(length=64), nullable=False),
    sa.Column('fields', postgresql.JSONB(), nullable=False),
    sa.Column('hop', sa.BigInteger(), nullable=False),
    sa.Column('firing', sa.BigInteger(), nullable=True),
    _moment('left_at', nullable=False),
    )
    op.create_index('own_mark_deal', 'own_mark', ['installation_id', 'deal'], unique=False)
    op.create_index('own_mark_marker', 'own_mark', ['installation_id', 'marker'], unique=False)
    op.create_index(op.f('ix_own_mark_left_at'), 'own_mark', ['left_at'], unique=False)


def _inbox() -> None:
    _owned('inbox_message',
    sa.Column('entity', sa.String(length=16), nullable=False),
    sa.Column('remote_id', sa.String(length=64), nullable=False),
    sa.Column('verb', sa.String(length=16), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False, server_default='new'),
    sa.Column('key', sa.String(length=140), nullable=True),
    _moment('told_at'),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False, server_default=sa.text('now()')),
    _moment('done_at'),
    sa.Column('tries', sa.Integer(), nullable=False, server_default='0'),
    sa.Column('told', sa.Text(), nullable=True),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('cause', sa.String(length=16), nullable=False, server_default=''),
    sa.Column('kind', sa.String(length=100), nullable=False, server_default=''),
    sa.Column('error_ru', sa.Text(), nullable=False, server_default=''),
    sa.Column('error_en', sa.Text(), nullable=False, server_default=''),
    )
    op.create_index('inbox_message_key', 'inbox_message', ['installation_id', 'key'], unique=True,
                    postgresql_where=sa.text("key IS NOT NULL"))
    op.create_index('inbox_message_received', 'inbox_message', ['received_at'], unique=False, postgresql_using='brin')
    op.create_index('inbox_message_new', 'inbox_message', ['installation_id', 'entity', 'remote_id'], unique=False,
                    postgresql_where=sa.text("state = 'new'"))
    op.create_index('inbox_message_dead', 'inbox_message', ['installation_id', 'cause'], unique=False,
                    postgresql_where=sa.text("state = 'dead'"))


def _queue() -> None:
    """A job that goes back into the queue keeps its queueing lock only while no other waits under it: the engine's unique
    index would refuse its return, and it would stay in the hands of its worker for ever."""
    op.execute("""
        CREATE FUNCTION job_returns() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM procrastinate_jobs other
                        WHERE other.queueing_lock = NEW.queueing_lock AND other.status = 'todo' AND other.id <> NEW.id) THEN
                NEW.queueing_lock := NULL;
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER job_returns BEFORE UPDATE OF status ON procrastinate_jobs
        FOR EACH ROW WHEN (NEW.status = 'todo' AND OLD.status <> 'todo' AND NEW.queueing_lock IS NOT NULL)
        EXECUTE FUNCTION job_returns()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER job_returns ON procrastinate_jobs")
    op.execute("DROP FUNCTION job_returns()")
    for name in ('inbox_loss', 'inbox_reconcile', 'inbox_message', 'own_mark', 'stage_transition', 'contact_state',
                 'deal_state'):
        op.drop_table(name)
