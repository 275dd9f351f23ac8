"""Background work: durable jobs in our own database, behind a port of a few verbs.

``enqueue`` joins the caller's transaction; ``dead`` and ``replay`` are the letters that could not be delivered; ``stats``
and ``standing`` count; ``jobs.worker`` runs them, and it alone waits for the engine to be imported. Every job may run twice: a
task closes its guard row in the transaction of its effect.
"""

from __future__ import annotations

from widget_backend.jobs.letters import Letter, Queue, Stats, dead, housekeep, in_hand, replay, standing, stats
from widget_backend.jobs.queue import LOUD, ORDINARY, enqueue, here
from widget_backend.jobs.task import Task

__all__ = [
    "LOUD",
    "ORDINARY",
    "Letter",
    "Queue",
    "Stats",
    "Task",
    "dead",
    "enqueue",
    "here",
    "housekeep",
    "in_hand",
    "replay",
    "standing",
    "stats",
]
