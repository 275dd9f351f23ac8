"""Why a portal does not let us in, and with that what helps (bitrix24.md §1.4, §1.6, §3.2). Pure."""

from __future__ import annotations

from collections.abc import Mapping

from widget_backend.crm.port import Loss
from widget_backend.errors import AccessLost, VendorError

LOSSES: Mapping[str, Loss] = {
    "expired_token": "expired",
    "invalid_token": "expired",
    "no_auth_found": "expired",
    "error_oauth": "expired",
    "authorization_error": "dead",  # whoever granted the token was dismissed
    "application_not_found": "dead",
    "not_installed": "dead",
    "portal_deleted": "dead",
    "payment_required": "unpaid",
}


def loss(error: VendorError) -> Loss:
    """What this error says of our access."""
    if isinstance(error, AccessLost) and error.details.get("host"):
        return "moved"
    known = LOSSES.get(error.code.casefold())
    bare = isinstance(error, AccessLost) and error.http_status == 401 and not error.code
    return known or ("expired" if bare else "other")
