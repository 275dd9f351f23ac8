"""Grant: what an account has granted us, told by the CRM itself and never by a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Paid = Literal["ok", "trial", "expired", "unknown"]


@dataclass(frozen=True, slots=True)
class Grant:
    """``vendor``: bitrix24 or amocrm. ``account``: the key that never changes (member_id, or the account id as text).
    ``host``: where the account is reached, ``host[:port]``; ``base_url``: ``https://host/rest/`` or ``https://host``.
    ``expires_at``: of the access token, aware, UTC. ``server_endpoint``: Bitrix24's OAuth host that serves this portal."""

    vendor: str
    account: str
    host: str
    base_url: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime
    user_id: str = ""
    scopes: tuple[str, ...] = ()
    application_token: str = field(default="", repr=False)
    server_endpoint: str = ""
    paid: Paid = "unknown"
