"""Every table of the product, gathered for the migrations. Each is declared by the module that writes it."""

from __future__ import annotations

from installer import journal
from widget_backend import budget, requestlog
from widget_backend.crm import bindings
from widget_backend.db import Base
from widget_backend.tenancy import installations

WRITERS = (installations, bindings, journal, budget, requestlog)

metadata = Base.metadata
