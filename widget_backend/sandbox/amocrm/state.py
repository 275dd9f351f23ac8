"""The things an account holds, as plain values; ``account.py`` owns their collections."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

LEADS, CONTACTS, COMPANIES = "leads", "contacts", "companies"
ENTITIES = (LEADS, CONTACTS, COMPANIES)

WON, LOST = 142, 143
CLOSED = frozenset({WON, LOST})

ALL_SCOPES = frozenset({"crm", "notifications", "files", "files_delete"})


@dataclass
class User:
    """A user of the account; a free one may not act over the API."""

    id: int
    name: str
    email: str
    is_admin: bool = False
    is_free: bool = False
    is_active: bool = True
    group_id: int = 0
    role_id: int | None = None


@dataclass
class Role:
    """A named set of rights."""

    id: int
    name: str
    #: entity -> what may be done with it -> letter; empty for a plain manager's
    rights: dict[str, Any] = field(default_factory=dict)


@dataclass
class Integration:
    """An integration; ``lead_sources`` says that its widget declares that location.

    The market shows it under its ``name``; ``ticket_url`` is where its widget asks for a page to show in a frame,
    ``start_url`` where a person begins on the integration's own site.
    """

    client_id: str
    client_secret: str
    kind: str = "public"
    redirect_uri: str = ""
    scopes: frozenset[str] = ALL_SCOPES
    installed: bool = True
    uninstall_url: str = ""
    lead_sources: bool = True
    widget_code: str = ""
    dp_url: str = ""
    name: str = ""
    ticket_url: str = ""
    start_url: str = ""
    #: of its widget, once it was installed over the API
    settings: dict[str, Any] | None = None


@dataclass
class Token:
    """An access token of one grant, with the refresh token that renews it once."""

    access: str
    refresh: str
    client_id: str
    user_id: int
    scopes: frozenset[str]
    by_admin: bool
    expires: float
    refresh_expires: float = 0.0


@dataclass
class Code:
    """An authorization code; kept after use, to tell an exchanged one from an unknown one."""

    client_id: str
    user_id: int
    expires: float
    used: bool = False


@dataclass
class Status:
    """A stage; 142 and 143 have the same id in every pipeline."""

    id: int
    pipeline_id: int
    name: str
    sort: int
    color: str
    type: int = 0
    is_editable: bool = True
    descriptions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_working(self) -> bool:
        """Whether it is a stage between the incoming one and the two closed ones."""
        return self.type == 0 and self.id not in CLOSED


@dataclass
class Pipeline:
    """A pipeline of leads with its stages by id."""

    id: int
    name: str
    sort: int
    is_main: bool = False
    is_unsorted_on: bool = True
    is_archive: bool = False
    statuses: dict[int, Status] = field(default_factory=dict)

    @property
    def ordered(self) -> list[Status]:
        """The stages in their order."""
        return sorted(self.statuses.values(), key=lambda status: (status.sort, status.id))

    @property
    def first(self) -> Status:
        """The stage where a lead begins; the incoming one if there is no working stage."""
        return next((status for status in self.ordered if status.is_working), self.ordered[0])


@dataclass
class LossReason:
    """A reason why a lead was lost, for all pipelines."""

    id: int
    name: str
    sort: int
    created_at: int
    updated_at: int


@dataclass
class Enum:
    """An option of a list field."""

    id: int
    value: str
    sort: int
    code: str | None = None


@dataclass
class CustomField:
    """A custom field; ``group_id`` none is the main tab, ``extra`` holds what only some types have."""

    id: int
    entity: str
    name: str
    type: str
    code: str | None = None
    sort: int = 500
    group_id: str | None = None
    is_api_only: bool = False
    is_predefined: bool = False
    enums: dict[int, Enum] = field(default_factory=dict)
    required_statuses: list[dict[str, int]] = field(default_factory=list)
    hidden_statuses: list[dict[str, int]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass
class FieldGroup:
    """A tab of the card."""

    id: str
    entity: str
    name: str
    sort: int
    is_predefined: bool = False


@dataclass
class Tag:
    """A tag of one entity's dictionary."""

    id: int
    entity: str
    name: str
    color: str | None = None


@dataclass
class Webhook:
    """A subscription; ``failures`` are the times of the bad answers of the last two hours."""

    id: int
    destination: str
    settings: list[str]
    sort: int
    created_by: int
    created_at: int
    updated_at: int
    disabled: bool = False
    failures: deque[float] = field(default_factory=deque)


@dataclass
class Source:
    """A source of leads of one integration."""

    id: int
    client_id: str
    name: str
    external_id: str
    pipeline_id: int
    default: bool = False
    origin_code: str | None = None
    services: list[dict[str, Any]] = field(default_factory=list)
    deleted: bool = False


@dataclass
class Record:
    """A lead, a contact or a company; ``own`` holds the entity's own keys, ``values`` the custom fields' by field id."""

    id: int
    entity: str
    own: dict[str, Any]
    created_at: int
    updated_at: int
    created_by: int
    updated_by: int
    responsible_user_id: int
    values: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    tags: list[int] = field(default_factory=list)
    is_deleted: bool = False
    closest_task_at: int | None = None
    #: a person or a company of an incoming request that nobody has accepted: lists do not show it
    is_unsorted: bool = False


@dataclass
class Note:
    """A note of a record."""

    id: int
    entity: str
    entity_id: int
    note_type: str
    params: dict[str, Any]
    created_by: int
    updated_by: int
    responsible_user_id: int
    created_at: int
    updated_at: int


@dataclass
class Task:
    """A task, of a record or of nothing."""

    id: int
    text: str
    complete_till: int
    created_by: int
    updated_by: int
    responsible_user_id: int
    created_at: int
    updated_at: int
    entity_id: int | None = None
    entity_type: str | None = None
    task_type_id: int = 1
    duration: int = 0
    is_completed: bool = False
    result: str | None = None
    is_deleted: bool = False
