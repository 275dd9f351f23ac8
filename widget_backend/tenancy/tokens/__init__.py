"""Tokens of an installation: kept sealed, renewed once for everybody."""

from __future__ import annotations

from widget_backend.tenancy.tokens.refreshing import STORE_PAUSES, Refresher, admitted, force_refresh, fresh, keep_alive
from widget_backend.tenancy.tokens.store import TokenRow, Tokens, forget, idle, load, save

__all__ = [
    "STORE_PAUSES",
    "Refresher",
    "TokenRow",
    "Tokens",
    "admitted",
    "force_refresh",
    "forget",
    "fresh",
    "idle",
    "keep_alive",
    "load",
    "save",
]
