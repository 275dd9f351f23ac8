"""Whoever asks acts in his clinic: its records at hand, and a row of the audit for each change."""

from __future__ import annotations

from widget_backend.audit import Act
from widget_backend.crm import registry
from widget_backend.deals.clinic import Clinic, Clinics
from widget_backend.transport import HURRIED
from widget_backend.web.auth import installation, visit
from widget_backend.web.context import context


def clinic() -> Clinic:
    """The clinic of this request, to be asked outside of transactions. Raises as :meth:`Clinics.open` does."""
    return opened(installation().id)


def opened(number: int) -> Clinic:
    """The same for an installation whose caller has proven himself otherwise; in its scope."""
    database, settings = context().database, context().settings
    clinics = Clinics(
        database, lambda info, chart: registry.connected(database, settings, info, HURRIED).records(chart)
    )
    return clinics.open(number)


def act(action: str, what: str) -> Act:
    """For the audit: what the caller of this request does."""
    return Act(visit().user_id, visit().role, action, what, "api")
