"""Rows and the jobs for them in one statement: where a request has one round trip for both.

::

    WITH wanted AS (… rows of: queue, task, lock, queueing_lock, args …), {TOGETHER} …
"""

from __future__ import annotations

from typing import Final

#: after a part ``wanted`` (queue text, task text, lock text, queueing_lock text, args jsonb; no queueing lock twice): a job
#: for each whose queueing lock no waiting job has. One that waits is held, and so does not start before the statement's
#: transaction has ended
TOGETHER: Final = """
enqueued AS (
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
    SELECT queue, task, 0, lock, queueing_lock, args FROM wanted ORDER BY queueing_lock
        ON CONFLICT (queueing_lock) WHERE status = 'todo'
        DO UPDATE SET priority = procrastinate_jobs.priority WHERE false
    RETURNING id
)
"""
