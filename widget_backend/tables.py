"""Every table of the product, gathered for the migrations. Each is declared by the module that writes it."""

from __future__ import annotations

from installer import journal
from installer.wizard import draft, plans, runs
from widget_backend import answers, audit, budget, requestlog
from widget_backend.crm import bindings, charts
from widget_backend.db import Base
from widget_backend.deals import contact_state, deal_state, effect_log, own_marks, rota, stage_history
from widget_backend.deals.copying import lineage
from widget_backend.deals.routing import arrivals, decision_log
from widget_backend.deals.visits import journal as visit_journal
from widget_backend.inbox import losses, marks, messages
from widget_backend.jobs import letters
from widget_backend.robots import firing_log, increases, rules, timers
from widget_backend.security import once, tickets
from widget_backend.tenancy import closing, installations
from widget_backend.tenancy.tokens import store

WRITERS = (
    *(effect_log, lineage),
    *(deal_state, contact_state, stage_history, own_marks, messages, marks, losses),
    *(installations, store, closing, tickets, once, audit, letters),
    *(rules, firing_log, increases, timers),
    *(rota, arrivals, decision_log, visit_journal),
    *(bindings, charts, journal, draft, plans, runs, budget, requestlog, answers),
)

metadata = Base.metadata
