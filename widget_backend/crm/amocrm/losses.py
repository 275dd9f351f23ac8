"""Why an account does not let us in, and with that what helps (amocrm.md §1.3, §1.4, §2.3). Pure."""

from __future__ import annotations

from widget_backend.crm.port import Loss
from widget_backend.errors import AccessLost, Unavailable, VendorError


def loss(error: VendorError) -> Loss:
    """What this error says of our access. An account that was renamed answers with a web page, or sends us on."""
    if isinstance(error, AccessLost) and error.details.get("host"):
        return "moved"
    if isinstance(error, Unavailable) and error.http_status == 404:
        return "moved"
    return "expired" if isinstance(error, AccessLost) and error.code == "expired" else "other"
