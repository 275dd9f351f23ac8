"""The widget that amoCRM loads into its own pages: its archive, and what the moderation would say of one (amocrm.md §7)."""

from __future__ import annotations

from widget_backend.widget.archive import NAME as NAME  # the face of the package
from widget_backend.widget.archive import Imprint as Imprint
from widget_backend.widget.archive import build as build
from widget_backend.widget.archive import sources as sources
from widget_backend.widget.archive import unpack as unpack
from widget_backend.widget.moderation import lint as lint
from widget_backend.widget.moderation.finding import Finding as Finding
