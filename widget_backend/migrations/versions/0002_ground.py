"""States of an installation, tokens, tickets, deletion notes, the audit chain and the queue of jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # what the command line has set up before is reached with a key of its own: there is nothing to connect
    op.add_column('installation', sa.Column('base_url', sa.String(length=400), nullable=False, server_default=''))
    op.add_column('installation', sa.Column('status', sa.String(length=16), nullable=False, server_default='active'))
    op.add_column('installation', sa.Column('language', sa.String(length=2), nullable=False, server_default='ru'))
    op.add_column('installation', sa.Column('settings', postgresql.JSONB(), nullable=False, server_default='{}'))
    op.add_column('installation', sa.Column('application_token', sa.Text(), nullable=True))
    op.add_column('installation', sa.Column('activated_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('installation', sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f('ix_installation_status'), 'installation', ['status'], unique=False)
    op.create_table('token',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('access', sa.Text(), nullable=False),
    sa.Column('refresh', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('refreshed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('generation', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.String(length=100), nullable=False),
    sa.Column('scopes', postgresql.JSONB(), nullable=False),
    sa.Column('server_endpoint', sa.String(length=200), nullable=False),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id')
    )
    op.create_index(op.f('ix_token_installation_id'), 'token', ['installation_id'], unique=False)
    op.create_index(op.f('ix_token_refreshed_at'), 'token', ['refreshed_at'], unique=False)
    op.create_table('ticket',
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('visit', postgresql.JSONB(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('hash')
    )
    op.create_index(op.f('ix_ticket_installation_id'), 'ticket', ['installation_id'], unique=False)
    op.create_index(op.f('ix_ticket_expires_at'), 'ticket', ['expires_at'], unique=False)
    op.create_table('spent',
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('hash')
    )
    op.create_index(op.f('ix_spent_until'), 'spent', ['until'], unique=False)
    op.create_table('deletion_note',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.Column('vendor', sa.String(length=20), nullable=False),
    sa.Column('account', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('wiped', postgresql.JSONB(), nullable=False),
    sa.Column('signature', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_deletion_note_installation_id'), 'deletion_note', ['installation_id'], unique=False)
    _audit()
    _queue()


def _audit() -> None:
    op.create_table('audit_row',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=100), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('action', sa.String(length=100), nullable=False),
    sa.Column('object', sa.String(length=200), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('details', postgresql.JSONB(), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id', 'number')
    )
    op.create_index(op.f('ix_audit_row_installation_id'), 'audit_row', ['installation_id'], unique=False)
    op.create_table('audit_chain',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('installation_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['installation_id'], ['installation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('installation_id')
    )
    op.create_index(op.f('ix_audit_chain_installation_id'), 'audit_chain', ['installation_id'], unique=False)
    op.execute("""
        CREATE FUNCTION audit_row_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of the audit are neither changed nor deleted';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER audit_row_append_only BEFORE UPDATE OR DELETE ON audit_row
        FOR EACH ROW EXECUTE FUNCTION audit_row_is_append_only()
    """)
    op.execute("""
        CREATE TRIGGER audit_row_no_truncate BEFORE TRUNCATE ON audit_row
        FOR EACH STATEMENT EXECUTE FUNCTION audit_row_is_append_only()
    """)


def _queue() -> None:
    """The engine's own tables, as its pinned release has them, in this same transaction. Another release of the engine
    comes with changes of its own: they go into a migration of ours, together with the new pin."""
    from procrastinate.schema import SchemaManager

    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())
    op.create_table('job_fault',
    sa.Column('job_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=100), nullable=False),
    sa.Column('message_ru', sa.Text(), nullable=False),
    sa.Column('message_en', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('job_id')
    )
    # the engine's table is not one of ours to declare, so the tie is made here: a fault goes with its job
    op.execute("""
        ALTER TABLE job_fault ADD FOREIGN KEY (job_id) REFERENCES procrastinate_jobs (id) ON DELETE CASCADE
    """)
    # a queue is rewritten all the time: clean by number of rows, not by a share of the table
    op.execute("""
        ALTER TABLE procrastinate_jobs SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
            autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000)
    """)


def downgrade() -> None:
    op.drop_table('job_fault')
    op.execute("""
        DO $$
        DECLARE found record;
        BEGIN
            FOR found IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate\\_%' LOOP
                EXECUTE 'DROP FUNCTION ' || found.name || ' CASCADE';
            END LOOP;
            DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers;
            DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_event_type, procrastinate_job_status;
        END $$
    """)
    op.drop_table('audit_chain')
    op.drop_table('audit_row')
    op.execute("DROP FUNCTION audit_row_is_append_only()")
    op.drop_table('deletion_note')
    op.drop_table('spent')
    op.drop_table('ticket')
    op.drop_table('token')
    op.drop_index(op.f('ix_installation_status'), table_name='installation')
    for column in ('closed_at', 'activated_at', 'application_token', 'settings', 'language', 'status', 'base_url'):
        op.drop_column('installation', column)
