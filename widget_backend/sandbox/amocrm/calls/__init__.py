"""The API's routes by what they are about; importing a module registers them."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "account",
    "users",
    "roles",
    "webhooks",
    "sources",
    "bots",
    "widgets",
    "structure.pipelines",
    "structure.statuses",
    "structure.loss_reasons",
    "structure.fields",
    "structure.field_groups",
    "structure.tags",
    "data.entities",
    "data.complex_leads",
    "data.links",
    "data.notes",
    "data.tasks",
    "data.events",
    "data.unsorted",
    "data.talks",
)


def load() -> None:
    """Register all routes; safe to repeat."""
    for name in MODULES:
        import_module(f"{__name__}.{name}")
