"""The things a portal holds, as plain values; ``portal.py`` owns their collections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LEAD, DEAL, CONTACT, COMPANY = 1, 2, 3, 4

#: a write with a token that came with no event starts a chain of this many events
HOPS = 7

ALL_SCOPES = frozenset(
    [
        "crm",
        "placement",
        "bizproc",
        "user",
        "user_basic",
        "user_brief",
        "userfieldconfig",
        "im",
        "task",
        "messageservice",
        "department",
    ]
)


def stage_directory(category_id: int) -> str:
    """The directory that holds a deal pipeline's stages."""
    return f"DEAL_STAGE_{category_id}" if category_id else "DEAL_STAGE"


@dataclass
class User:
    """A portal user; ``crm`` is the right to see the CRM at all."""

    id: int
    name: str
    last_name: str
    admin: bool = False
    crm_admin: bool = False
    crm: bool = True
    can_import: bool = False
    active: bool = True
    department: int = 1
    position: str = ""

    @property
    def full_name(self) -> str:
        """As people are called on pages."""
        return f"{self.name} {self.last_name}".strip()


@dataclass
class Department:
    """A part of the company; its head is a user, 0 for nobody."""

    id: int
    name: str
    parent: int = 0
    head: int = 0


@dataclass
class Webhook:
    """An incoming webhook: acts as its user, is no application."""

    user_id: int
    code: str
    scopes: frozenset[str]


@dataclass
class Application:
    """An application as installed on the portal; ``installed`` is set when its installer has finished.

    ``handler_url`` is told of the installation without having subscribed. ``users`` limits who may use it, None lets
    everybody.
    """

    id: int
    client_id: str
    client_secret: str
    code: str
    scopes: frozenset[str]
    application_token: str
    redirect_uri: str = ""
    page_url: str = ""
    installer_url: str = ""
    installed: bool = True
    version: int = 1
    status: str = "F"
    payment_expired: bool = False
    users: frozenset[int] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    handler_url: str = ""


@dataclass
class Token:
    """One access token with its refresh token, of one user in one application.

    ``hops`` counts down from event to event along a chain of writes; 0 for a token that came with no event.
    """

    access: str
    refresh: str
    client_id: str
    user_id: int
    expires: float
    refresh_expires: float
    hops: int = 0


@dataclass
class Category:
    """A deal pipeline."""

    id: int
    name: str
    sort: int
    origin_id: str = ""
    originator_id: str = ""


@dataclass
class Status:
    """A row of a directory; of a deal pipeline's directory it is a stage."""

    id: int
    entity_id: str
    status_id: str
    name: str
    sort: int
    name_init: str = ""
    system: bool = False
    color: str | None = None
    semantics: str | None = None
    category_id: int | None = None


@dataclass
class Option:
    """An option of an enumeration field."""

    id: int
    value: str
    sort: int
    default: bool
    xml_id: str


@dataclass
class UserField:
    """A user field; labels are kept by kind and language."""

    id: int
    entity_id: str
    name: str
    type: str
    xml_id: str | None = None
    sort: int = 100
    flags: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, dict[str, str | None]] = field(default_factory=dict)
    options: list[Option] = field(default_factory=list)

    @property
    def multiple(self) -> bool:
        """Whether the field holds a list."""
        return self.flags.get("MULTIPLE") == "Y"


@dataclass
class Moved:
    """A row of the stage history; type 1 created, 2 moved on, 3 finished, 5 changed the pipeline."""

    id: int
    type_id: int
    owner_id: int
    created: float
    category_id: int
    stage_id: str
    semantics: str
    user_id: int = 0
    by_automation: bool = False
    client_id: str = ""


@dataclass
class Handler:
    """A subscription of an application to an event."""

    id: int
    client_id: str
    event: str
    url: str
    user_id: int = 0
    offline: bool = False
    connector: str = ""
    min_timeout: int = 1


@dataclass
class Placement:
    """A widget an application has put somewhere."""

    id: int
    client_id: str
    placement: str
    handler: str
    user_id: int = 0
    title: str = ""
    description: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    lang_all: dict[str, Any] = field(default_factory=dict)


@dataclass
class Robot:
    """A robot an application has registered."""

    client_id: str
    code: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass
class PlacedRobot:
    """A robot an admin has put on a stage, with its configured values and, if it waits, for how many seconds (0: for ever)."""

    client_id: str
    code: str
    stage_id: str
    properties: dict[str, str] = field(default_factory=dict)
    timeout: int = 0
    id: int = 0


@dataclass
class Waiting:
    """A robot that waits for its handler's answer, and the robots of the stage that wait behind it."""

    code: str
    deal: int
    until: float
    behind: list[PlacedRobot] = field(default_factory=list)


@dataclass
class UserFieldType:
    """A field type that an application has registered."""

    client_id: str
    code: str
    handler: str
    title: str = ""
    description: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """One call as it reached a method: single, or a command of a batch with its references resolved."""

    method: str
    params: dict[str, Any]
    caller: str
