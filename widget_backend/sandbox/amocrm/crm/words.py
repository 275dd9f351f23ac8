"""One entity's names: plural in addresses, singular in events, a number in hooks."""

from __future__ import annotations

from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS

SINGULAR = {
    LEADS: "lead",
    CONTACTS: "contact",
    COMPANIES: "company",
    "tasks": "task",
    "talks": "talk",
    "messages": "message",
    "unsorted": "unsorted",
}

ELEMENT_TYPES = {CONTACTS: 1, LEADS: 2, COMPANIES: 3, "customers": 12}
