"""Values of the CRM's structure in our words: what should be there, what is there, what to do. Frozen, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from widget_backend.texts import Text


class Kind(StrEnum):
    """Kinds of structure, in the order they are provisioned."""

    PIPELINE = "pipeline"
    STAGE = "stage"
    LOSS_REASON = "loss_reason"
    SOURCE = "source"
    TAG = "tag"
    TASK_TYPE = "task_type"
    GROUP = "group"
    FIELD = "field"
    CARD = "card"
    SUBSCRIPTION = "subscription"
    PLACEMENT = "placement"
    ROBOT = "robot"
    TRIGGER = "trigger"


@dataclass(frozen=True, slots=True)
class Ref:
    """Another resource, by its address."""

    address: str


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list field. ``key`` is our stable code, ``id`` the CRM's own id where it is known."""

    key: str
    label: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One block of a card. ``fields`` are :class:`Ref` in what we want, remote ids (plain text) in what the CRM has."""

    title: str
    fields: tuple[Ref | str, ...] = ()


Value = bool | int | str | None | Ref | tuple[Ref | str, ...] | tuple[Option, ...] | tuple[Section, ...]
Attributes = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing a preset wants. ``parent`` is an address (a stage's pipeline, a deal card's pipeline)."""

    kind: Kind
    address: str
    attributes: Attributes
    parent: str = ""
    entity: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The words people know it by."""
        return str(self.attributes.get("name", self.address))

    @property
    def key(self) -> str:
        """Last part of the address: what a CRM that has codes carries as our marker."""
        return self.address.rsplit(".", 1)[-1]


@dataclass(frozen=True, slots=True)
class Remote:
    """One thing the CRM has.

    ``id`` is what deals and other objects speak of (unique within its kind), ``native`` what writes need where that is
    another id. ``marker`` is our key if the object carries it. ``fixed``: the CRM does not let it be deleted. ``stock``:
    the CRM made it by itself together with its parent and nobody has touched it since.
    An attribute that cannot be said for this very object is absent from ``attributes``.
    """

    kind: Kind
    id: str
    attributes: Attributes
    parent: str = ""
    entity: str = ""
    marker: str = ""
    native: str = ""
    fixed: bool = False
    stock: bool = False

    @property
    def name(self) -> str:
        """The words people know it by."""
        return str(self.attributes.get("name", self.id))


@dataclass(frozen=True, slots=True)
class Account:
    """Whose CRM it is, told by the CRM. ``key`` identifies the tenant for good, ``language`` is ``ru`` or ``en``. ``currency``:
    its base currency, empty where nobody says."""

    key: str
    name: str = ""
    language: str = "ru"
    url: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the CRM holds at one moment. ``deals``: stage id -> number of deals, for the stages that were asked about."""

    account: Account
    remotes: tuple[Remote, ...]
    deals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Access:
    """What the given key may do. ``None`` says that the CRM would not tell. ``plan``: the account's tariff by name."""

    admin: bool | None = None
    missing_scopes: tuple[str, ...] = ()
    plan: Text | None = None
    robots: bool | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What can be said to this CRM over this connection.

    ``writes``: kinds the adapter creates, updates and deletes. ``manual``: kinds a person sets up, with instructions.
    ``unsupported``: kinds that cannot be had, with the fallback. ``attributes``: per kind, the attributes that are
    written and compared. ``system_fields``: our name of a built-in field («deal.title») -> its remote id.
    ``field_types``: our field types the CRM has. ``limits``: known ceilings (``pipelines``, ``stages``, ``fields``).
    ``lost_attributes``: (kind, attribute) that cannot be said, with the fallback.
    """

    vendor: str
    title: Text
    application: bool
    writes: frozenset[Kind]
    attributes: Mapping[Kind, frozenset[str]]
    system_fields: Mapping[str, str]
    field_types: frozenset[str]
    manual: Mapping[Kind, Text] = field(default_factory=dict)
    unsupported: Mapping[Kind, Text] = field(default_factory=dict)
    lost_attributes: Mapping[tuple[Kind, str], Text] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)


class Action(StrEnum):
    """What a row of a plan says."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADOPT = "adopt"
    KEEP = "keep"
    FORGET = "forget"
    CONFLICT = "conflict"
    UNSUPPORTED = "unsupported"
    MANUAL = "manual"


#: actions that write to the CRM
WRITES = frozenset({Action.CREATE, Action.UPDATE, Action.DELETE})


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a plan.

    CREATE: ``resource`` is the wish, ``after`` all its attributes. UPDATE: ``remote`` is what is there, ``before`` and
    ``after`` hold just the attributes that differ (``after`` of options and sections is the whole new list, with the ids
    the CRM knows). DELETE: ``remote`` only. ADOPT, KEEP: ``remote`` is taken over or left as it is. ``note`` is the
    reason, fallback or instruction.
    """

    action: Action
    kind: Kind
    address: str
    title: str
    resource: Resource | None = None
    remote: Remote | None = None
    before: Attributes = field(default_factory=dict)
    after: Attributes = field(default_factory=dict)
    note: Text | None = None
    done: bool = False

    @property
    def writes(self) -> bool:
        """Whether it sends something to the CRM."""
        return self.action in WRITES


#: pending   a create was announced; whether it reached the CRM is not known yet
#: created   we made it · adopted  the clinic's own, taken over, never deleted by us
#: released  the clinic removed it and wants it so
#: dropped   we made it, and the preset has left it out since: it goes with a rollback
Origin = Literal["pending", "created", "adopted", "released", "dropped"]


@dataclass(frozen=True, slots=True)
class Binding:
    """What we know of one resource of a preset in one CRM.

    ``applied``: what the preset wanted when it was last written (references as addresses). ``kept``: the clinic's own
    values we agreed to leave. ``original``: what stood there before our first change. ``twins``: ids of objects of the
    same name that were there before a pending create, and so are not ours.
    """

    address: str
    kind: Kind
    origin: Origin
    remote_id: str = ""
    applied: Attributes = field(default_factory=dict)
    kept: Attributes = field(default_factory=dict)
    original: Attributes = field(default_factory=dict)
    twins: tuple[str, ...] = ()

    @property
    def ours(self) -> bool:
        """Whether we made it, or announced that we would."""
        return self.origin in ("pending", "created", "dropped")


Bindings = Mapping[str, Binding]
