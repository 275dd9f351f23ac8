"""Every table of the product, gathered for the migrations. Each is declared by the module that writes it."""

from __future__ import annotations

from installer import journal
from installer.wizard import draft, plans, runs
from widget_backend import audit, budget, requestlog
from widget_backend.crm import bindings
from widget_backend.db import Base
from widget_backend.jobs import letters
from widget_backend.security import once, tickets
from widget_backend.tenancy import closing, installations
from widget_backend.tenancy.tokens import store

WRITERS = (
    *(installations, store, closing, tickets, once, audit, letters),
    *(bindings, journal, draft, plans, runs, budget, requestlog),
)

metadata = Base.metadata
