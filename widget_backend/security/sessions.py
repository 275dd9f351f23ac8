"""Bearer sessions: who looks at which installation, told by a token in the page. No cookie decides anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any, Final, Literal

from widget_backend.errors import Forbidden
from widget_backend.security.signing import EXPIRED, Signer
from widget_backend.texts import Language

LIFE: Final = timedelta(hours=1)

#: ``user``: an ordinary user of the CRM, who may look and is told why not more
Role = Literal["owner", "admin", "coordinator", "marketer", "auditor", "user"]


@dataclass(frozen=True, slots=True)
class Visit:
    """One person in one installation. ``placement``: where in the CRM our page was opened; ``entity``: on which record;
    ``since``: when, in Unix seconds, as a session that is renewed does not last for ever."""

    installation_id: int
    user_id: str
    role: Role
    language: Language = "ru"
    placement: str = ""
    entity: str = ""
    since: int = 0


#: attribute -> claim, short as the token travels with every request
CLAIMS = {
    "installation_id": "inst",
    "user_id": "user",
    "role": "role",
    "language": "lang",
    "placement": "placement",
    "entity": "entity",
    "since": "since",
}


class Sessions:
    """Issues and reads the tokens, HS256 with a key derived from ours."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._signer = Signer(keys, "session", LIFE)

    def issue(self, visit: Visit) -> str:
        """A token for an hour."""
        return self._signer.issue({CLAIMS[name]: value for name, value in asdict(visit).items()})

    def read(self, token: str) -> Visit:
        """Whose token it is. Raises :class:`Forbidden` for a foreign, changed or old one."""
        claims: Any = self._signer.read(token)
        try:
            return Visit(**{field.name: claims[CLAIMS[field.name]] for field in fields(Visit)})
        except KeyError as fault:
            raise Forbidden(EXPIRED) from fault
