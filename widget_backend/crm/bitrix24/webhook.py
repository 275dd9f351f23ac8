"""What a portal sends us: life-cycle events, and the POST that opens a page of ours (bitrix24.md §1.2, §1.3, §1.5). Pure.

Nothing in it is believed as such: an :class:`Offer` of tokens is proven by the OAuth host, an event by the stored token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from widget_backend.crm.forms import Tree, branch, leaf, read_form
from widget_backend.errors import Forbidden, InvalidInput
from widget_backend.security.signing import same
from widget_backend.texts import Text

#: longest value of one posted field, in characters
LONGEST = 20_000
#: events whose ``auth`` may hold neither tokens nor ``application_token`` (§1.3): re-read what they tell
HINTS = frozenset({"ONAPPPAYMENT"})

#: the same facts under the names of a page's POST and of an event's ``auth``
_POSTED = {
    "member_id": "member_id",
    "domain": "DOMAIN",
    "access": "AUTH_ID",
    "refresh": "REFRESH_ID",
    "expires_in": "AUTH_EXPIRES",
    "server_endpoint": "SERVER_ENDPOINT",
    "application_token": "APPLICATION_TOKEN",
    "scope": "APPLICATION_SCOPE",
    "status": "status",
}
_SENT = {
    "access": "access_token",
    "refresh": "refresh_token",
    **{name: name for name in ("member_id", "domain", "expires_in", "server_endpoint", "application_token")},
    **{name: name for name in ("scope", "status")},
}
_MEMBER = re.compile(r"[A-Za-z0-9._-]{1,100}")
_NOT_OURS = Text(
    "Эта страница открывается только из Битрикс24: в запросе нет того, что он передаёт. Ничего не сохранено. Откройте "
    "приложение из меню Битрикс24.",
    "This page opens from Bitrix24 only: the request lacks what it passes on. Nothing was stored. Open the application from "
    "the Bitrix24 menu.",
)
_FORGED = Text(
    "Это сообщение пришло не от Битрикс24: его метка не совпала. Ничего не сделано. Если приложение только что "
    "переустановлено, откройте его один раз из меню Битрикс24.",
    "This message did not come from Bitrix24: its token does not match. Nothing was done. If the application was just "
    "installed again, open it once from the Bitrix24 menu.",
)


@dataclass(frozen=True, slots=True)
class Offer:
    """Tokens that a request brought and whose it says they are. ``expires_in`` in seconds; empty where it was not said."""

    member_id: str
    domain: str = ""
    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    expires_in: int = 0
    server_endpoint: str = ""
    application_token: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ()
    status: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """A page of ours is opened in a frame of a portal. ``options`` are user input: re-read what they name."""

    offer: Offer
    app_sid: str = ""
    language: str = ""
    placement: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Installed:
    """``installed`` is false until ``installFinish``."""

    version: str
    active: bool
    installed: bool
    language: str


@dataclass(frozen=True, slots=True)
class Updated:
    """Another version was put in: handlers, placements and robots are gone."""

    version: str
    previous_version: str
    language: str


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """``clean``: the admin asked to delete the application's data too."""

    clean: bool
    language: str


@dataclass(frozen=True, slots=True)
class Paid:
    """A hint that the payment changed. ``days`` left; negative in the grace period, ``None`` where it is not said."""

    code: str
    version: str
    status: str
    expired: bool
    days: int | None
    language: str


Life: TypeAlias = Installed | Updated | Uninstalled | Paid


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``at``: when the portal queued it. ``life`` is what a life-cycle event says, ``data`` what any other does."""

    name: str
    at: datetime | None
    offer: Offer
    data: Tree = field(repr=False)
    life: Life | None = None

    @property
    def is_hint(self) -> bool:
        """Whether it proves nothing, even of its origin."""
        return self.name in HINTS


def read_opening(fields: Mapping[str, str]) -> Opening:
    """The query and body of a page's POST. Raises :class:`InvalidInput` where it is none of Bitrix24's."""
    return Opening(
        read_offer(fields, _POSTED),
        app_sid=_value(fields, "APP_SID"),
        language=_value(fields, "LANG").lower(),
        placement=_value(fields, "PLACEMENT"),
        options=_options(_value(fields, "PLACEMENT_OPTIONS")),
    )


def read_event(body: bytes) -> Event:
    """The body of an event. Raises :class:`InvalidInput` where it is none of Bitrix24's."""
    tree = read_form(body)
    name, data, stamp = leaf(tree, "event").upper(), branch(tree, "data"), leaf(tree, "ts")
    auth = {key: value for key, value in branch(tree, "auth").items() if isinstance(value, str)}
    if not name:
        raise InvalidInput(_NOT_OURS)
    at = datetime.fromtimestamp(int(stamp), UTC) if stamp.isdecimal() and len(stamp) <= 10 else None
    life = LIFE[name](data) if name in LIFE else None
    return Event(name, at, read_offer(auth, _SENT), data, life)


def read_offer(fields: Mapping[str, str], names: Mapping[str, str] | None = None) -> Offer:
    """The tokens a request brought, of a page or of an event. Raises :class:`InvalidInput` without a ``member_id``."""
    names = names or (_POSTED if "AUTH_ID" in fields else _SENT)
    said = {ours: _value(fields, theirs) for ours, theirs in names.items()}
    if not _MEMBER.fullmatch(said["member_id"]):
        raise InvalidInput(_NOT_OURS)
    return Offer(
        said["member_id"],
        said["domain"].lower(),
        said["access"],
        said["refresh"],
        _whole(said["expires_in"]) or 0,
        said["server_endpoint"],
        said["application_token"],
        read_scopes(said["scope"]),
        said["status"],
    )


def authenticate(offer: Offer, member_id: str, application_token: str) -> None:
    """Compare with what is stored of the installation, in constant time. Raises :class:`Forbidden`; so does an empty one."""
    if not same(offer.application_token, application_token) or offer.member_id != member_id:
        raise Forbidden(_FORGED)


def read_scopes(text: str) -> tuple[str, ...]:
    """``crm,placement``, or with blanks, as ONAPPINSTALL is said to have it (§11)."""
    return tuple(filter(None, re.split(r"[,\s]+", text)))


def _value(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name, "")
    if len(value) > LONGEST or "\0" in value:
        raise InvalidInput(_NOT_OURS)
    return value


def _options(text: str) -> dict[str, str]:
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        value = {}
    # an empty PHP map is «[]»
    entries = value.items() if isinstance(value, dict) else ()
    told = {name: str(entry) for name, entry in entries if isinstance(entry, str | int)}
    return {name: entry for name, entry in told.items() if entry.isprintable()}


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None


def _installed(data: Tree) -> Installed:
    return Installed(
        leaf(data, "VERSION"), leaf(data, "ACTIVE") == "Y", leaf(data, "INSTALLED") == "Y", leaf(data, "LANGUAGE_ID")
    )


def _updated(data: Tree) -> Updated:
    return Updated(leaf(data, "VERSION"), leaf(data, "PREVIOUS_VERSION"), leaf(data, "LANGUAGE_ID"))


def _uninstalled(data: Tree) -> Uninstalled:
    return Uninstalled(leaf(data, "CLEAN") == "1", leaf(data, "LANGUAGE_ID"))


def _paid(data: Tree) -> Paid:
    return Paid(
        leaf(data, "CODE"),
        leaf(data, "VERSION"),
        leaf(data, "STATUS"),
        leaf(data, "PAYMENT_EXPIRED") == "Y",
        _whole(leaf(data, "DAYS")),
        leaf(data, "LANGUAGE_ID"),
    )


#: life-cycle events (§1.3)
LIFE: Mapping[str, Callable[[Tree], Life]] = {
    "ONAPPINSTALL": _installed,
    "ONAPPUPDATE": _updated,
    "ONAPPUNINSTALL": _uninstalled,
    "ONAPPPAYMENT": _paid,
}
