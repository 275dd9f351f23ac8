"""Visits: a journal of which patient came when, told by deals, by the clinic's system or by hand; what follows from it."""

from widget_backend.deals.visits.counting import Counters, counters
from widget_backend.deals.visits.journal import Outcome, Source, Visit, forget, latest, note, of_patients
from widget_backend.deals.visits.telling import follow

__all__ = ["Counters", "Outcome", "Source", "Visit", "counters", "follow", "forget", "latest", "note", "of_patients"]
