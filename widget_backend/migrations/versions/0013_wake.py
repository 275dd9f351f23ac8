"""Workers are woken when a lock falls free: the engine itself tells them of new jobs only, and they would sleep until they
look by the clock."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"

#: in the engine's channel and words of a new job
_WAKE = """
    CREATE FUNCTION job_lock_is_free() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('procrastinate_queue_v1#' || queue_name, told), pg_notify('procrastinate_any_queue_v1', told)
           FROM (SELECT queue_name, json_build_object('type', 'job_inserted', 'job_id', id)::text AS told
                   FROM procrastinate_jobs
                  WHERE lock = NEW.lock AND status = 'todo' AND coalesce(scheduled_at, now()) <= now()
                  ORDER BY id LIMIT 1) AS next;
        RETURN NULL;
    END;
    $$;
    CREATE TRIGGER job_lock_is_free AFTER UPDATE OF status ON procrastinate_jobs
        FOR EACH ROW WHEN (OLD.status = 'doing' AND NEW.status <> 'doing' AND NEW.lock IS NOT NULL)
        EXECUTE FUNCTION job_lock_is_free();
    CREATE INDEX job_of_lock ON procrastinate_jobs (lock) WHERE status = 'todo' AND lock IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(_WAKE)


def downgrade() -> None:
    op.execute("DROP TRIGGER job_lock_is_free ON procrastinate_jobs; DROP FUNCTION job_lock_is_free(); DROP INDEX job_of_lock")
