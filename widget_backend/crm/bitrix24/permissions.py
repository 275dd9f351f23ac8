"""Permissions: what the application's card at Bitrix24 asks a portal for, no more than its calls need (bitrix24.md §7, 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from widget_backend.crm.bitrix24.inventory import APPLICATION_SCOPES

#: scope -> how the names of the methods begin that it opens
METHODS: Final[Mapping[str, str]] = {
    "crm": "crm.",
    "placement": "placement.",
    "bizproc": "bizproc.",
    "user_brief": "user.",
    "department": "department.",
    "im": "im.",
}
#: the same of methods that are open to every application
FREE: Final = ("app.", "event.", "method.", "feature.", "profile", "scope", "batch")
#: scope -> whether nothing works without it
PERMISSIONS: Final[Mapping[str, bool]] = {scope: scope in APPLICATION_SCOPES for scope in METHODS}
