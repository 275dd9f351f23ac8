"""What can be asked of a CRM's records and what can be written to them: values that a vendor folder packs into requests.

::

    found = records.read(deals := Deals(("759",)), marked := Marked("copy:12"))
    found[deals] -> tuple[Deal, ...]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from widget_backend.crm.records import Activity, Contact, Deal, FieldValues, Note, Product, Task, User
from widget_backend.errors import VendorError

T = TypeVar("T")


class Want(Generic[T]):
    """Something to read; ``T`` is what comes back for it."""

    __slots__ = ()


class Found:
    """What came back, by what was asked."""

    def __init__(self, answers: Mapping[Want[Any], Any]) -> None:
        self._answers = answers

    def __getitem__(self, want: Want[T]) -> T:
        found: T = self._answers[want]
        return found


@dataclass(frozen=True, slots=True)
class Deals(Want[tuple[Deal, ...]]):
    """Deals by id; one that is gone is absent."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DealsOf(Want[tuple[Deal, ...]]):
    """The open deals of a contact, in all pipelines."""

    contact: str


@dataclass(frozen=True, slots=True)
class Marked(Want[tuple[Deal, ...]]):
    """The deals created with this marker. ``near``: the contacts of the draft, ``since``: when creating was first tried, for a
    CRM that cannot search by marker and has to look among a patient's deals; ``title``, ``stage``: the draft's, for an account
    that keeps no markers."""

    marker: str
    near: tuple[str, ...] = ()
    since: datetime | None = None
    title: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Contacts(Want[tuple[Contact, ...]]):
    """Contacts by id; one that is gone is absent."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithPhone(Want[tuple[Contact, ...]]):
    """Contacts with exactly this phone (E.164)."""

    phone: str


@dataclass(frozen=True, slots=True)
class Tasks(Want[tuple[Task, ...]]):
    """The tasks of a deal that are not done."""

    deal: str


@dataclass(frozen=True, slots=True)
class Notes(Want[tuple[Note, ...]]):
    """The latest notes of a deal, up to 50."""

    deal: str


@dataclass(frozen=True, slots=True)
class Products(Want[tuple[Product, ...]]):
    """The goods of a deal; none where the CRM has no such thing."""

    deal: str


@dataclass(frozen=True, slots=True)
class Activities(Want[tuple[Activity, ...]]):
    """Calls, messages and letters by id; what is none of these, or gone, is absent."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Users(Want[tuple[User, ...]]):
    """Everybody who works there."""


# writes


@dataclass(frozen=True, slots=True)
class Draft:
    """A deal to create. ``marker``: by which the deal is found again (at most 60 characters of ``a-z0-9:._-``)."""

    title: str
    stage: str
    pipeline: str
    marker: str
    contacts: tuple[str, ...] = ()
    responsible: str = ""
    amount: int | None = None
    currency: str = ""
    company: str = ""
    observers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    fields: FieldValues = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreateDeal:
    """Not repeatable by itself: look for the marker first. ``products``: the goods it starts with, in the same request where
    the API allows."""

    draft: Draft
    products: tuple[Product, ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateDeal:
    """Set what is given, to these values; the rest stays. Repeatable. ``stage`` needs ``pipeline``; ``tags`` are added.
    ``leaves``: the stage that the move was decided at, for whoever sends it again later; no CRM is told."""

    id: str
    stage: str = ""
    pipeline: str = ""
    title: str = ""
    responsible: str = ""
    fields: FieldValues = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    leaves: str = ""


@dataclass(frozen=True, slots=True)
class UpdateContact:
    """Set these fields to these values. Repeatable."""

    id: str
    fields: FieldValues = field(default_factory=dict)
    responsible: str = ""


@dataclass(frozen=True, slots=True)
class AddTask:
    """``type``: address of a task type, used where the CRM has them. ``sign``: a short code the text ends in, to find it."""

    deal: str
    title: str
    text: str
    deadline: datetime
    responsible: str
    type: str = ""
    sign: str = ""


@dataclass(frozen=True, slots=True)
class CloseTask:
    """Repeatable."""

    id: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class AddNote:
    """``sign``: as in :class:`AddTask`."""

    deal: str
    text: str
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Notify:
    """A notice to somebody, about a deal; a task due now where the CRM knows no notices. ``sign``: as in :class:`AddTask`."""

    user: str
    deal: str
    text: str
    sign: str = ""


@dataclass(frozen=True, slots=True)
class DeleteDeal:
    """Take back a copy. Where the CRM lets no deal be deleted it is refused with :class:`Unsupported`. Repeatable."""

    id: str


@dataclass(frozen=True, slots=True)
class CallBack:
    """The answer to a :class:`RobotCall`. ``values``: what it returns; ``words``: for the log, or to be shown by the bot;
    ``failed``: the robot could not do what it is for.

    Repeatable: a second answer is refused, and that refusal is no fault."""

    reply: str = field(repr=False)
    values: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class StartBot:
    """Start a bot of the CRM on a deal."""

    bot: str
    deal: str


Write: TypeAlias = (
    CreateDeal | UpdateDeal | UpdateContact | AddTask | CloseTask | AddNote | Notify | DeleteDeal | CallBack | StartBot
)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one write: the id of what was made or changed, or the refusal."""

    id: str = ""
    error: VendorError | None = None


Writes: TypeAlias = Sequence[Write]
