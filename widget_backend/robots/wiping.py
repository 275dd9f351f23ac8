"""What robots keep may name people: all of it goes when the clinic goes."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from widget_backend.robots import firing_log, increases, rules, timers


def forget(session: Session) -> Mapping[str, int]:
    """Drop all of the installation in scope; how many rows of each table there were."""
    parts = (firing_log.forget, timers.forget, increases.forget, rules.forget)
    return {name: count for part in parts for name, count in part(session).items()}
