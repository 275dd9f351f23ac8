"""The timeline: what happened to a patient: moves, visits, copies, decisions, what robots did. The newest first."""

from widget_backend.panel.timeline.event import MOST, Event, Patient, Source
from widget_backend.panel.timeline.reading import FILTERS, SOURCES, Timeline, read

__all__ = ["FILTERS", "MOST", "SOURCES", "Event", "Patient", "Source", "Timeline", "read"]
