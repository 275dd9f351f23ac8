"""What a portal's plan includes: REST at all, automation, two features by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.settings import Settings

#: plan families, the smallest first; ``project`` stands for the free plan
FAMILIES = ("project", "basic", "std", "pro", "ent")

#: families without any REST, and without automation: its methods are not even registered there
WITHOUT_REST = ("project",)
WITHOUT_AUTOMATION = ("basic", "project")
AUTOMATION = "bizproc."

#: feature -> plan families that have it
FEATURES = {"rest_offline_extended": ("pro", "ent"), "rest_auth_connector": ("pro", "ent")}


def family(plan: str) -> str:
    """``ent250`` -> ``ent``; an unknown plan is its own family."""
    return next((name for name in FAMILIES if plan.startswith(name)), plan)


def has_rest(settings: Settings) -> bool:
    """Whether REST may be called here."""
    return settings.rest_enabled and family(settings.plan) not in WITHOUT_REST


def has_method(settings: Settings, name: str) -> bool:
    """Whether the plan and the settings register a method, given in lower case."""
    hidden = {each.lower() for each in settings.hidden_methods}
    without = family(settings.plan) in WITHOUT_AUTOMATION and name.startswith(AUTOMATION)
    return name not in hidden and not without


def has_feature(settings: Settings, feature: str) -> bool:
    """Whether the plan has a feature that ``feature.get`` tells of."""
    return family(settings.plan) in FEATURES.get(feature, ())
