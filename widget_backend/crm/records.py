"""Values of a CRM's records in our words: deals, contacts, tasks, users, and what an event tells. Frozen, no I/O.

Stages and pipelines are remote ids (``Chart`` knows their addresses); fields go by our addresses («field.deal.branch»), options
of lists by our keys, an option the clinic added by ``#id``. A value is, by the type of its field:

=====================  =====================================================
text, long_text, url   str
number                 Decimal
money                  int, minor units of the account's currency
boolean                bool
date                   date
datetime               datetime, aware, UTC
list                   str (option key), or a tuple of them where the field takes several
=====================  =====================================================

``None`` is an empty field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

FieldValue: TypeAlias = bool | int | Decimal | str | date | datetime | tuple[str, ...] | None
FieldValues: TypeAlias = Mapping[str, FieldValue]

Channel = Literal["call", "message", "email"]

#: in ``Deal.own``: names of what has a value and cannot be carried along, files above all
LEFT_OUT: Final = "left_out"


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as the CRM has it now. ``contacts``: the main one first. ``amount``: minor units.

    ``marker``: what :class:`Draft` was created with. ``mover``: who last moved it, as far as the CRM tells (empty: unknown,
    ``robot``: no person). ``own``: fields of the clinic's own and other values that a copy carries along, as the wire has
    them: for the vendor folder they came from and nobody else, but for the names under :data:`LEFT_OUT`. ``tags``: names.
    """

    id: str
    title: str
    pipeline: str
    stage: str
    contacts: tuple[str, ...] = ()
    responsible: str = ""
    amount: int | None = None
    currency: str = ""
    company: str = ""
    observers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    moved_at: datetime | None = None
    mover: str = ""
    marker: str = ""
    fields: FieldValues = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)

    @property
    def contact(self) -> str:
        """The patient: the main contact, empty where there is none."""
        return self.contacts[0] if self.contacts else ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A patient. ``phones``: E.164; one that cannot be read so stays as it was typed."""

    id: str
    name: str = field(repr=False)
    phones: tuple[str, ...] = field(default=(), repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    responsible: str = ""
    updated_at: datetime | None = None
    fields: FieldValues = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Task:
    """A task at a deal. ``text``: its title and words, as far as the CRM has both. ``type``: remote id, empty for none."""

    id: str
    deal: str
    text: str
    responsible: str = ""
    deadline: datetime | None = None
    type: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A note at a deal, in plain text."""

    id: str
    deal: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who works in the CRM. ``head``: id of his head; ``position``: what he does there, in the clinic's own words.
    Empty where the CRM does not say."""

    id: str
    name: str
    active: bool = True
    admin: bool = False
    head: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A stage a deal came to, as the CRM itself remembers it. ``id``: the CRM's id of that memory, empty where it has none.

    ``mover``: see :class:`Deal`. ``from_stage`` is empty where the CRM does not tell.
    """

    deal: str
    stage: str
    pipeline: str
    at: datetime
    id: str = ""
    from_stage: str = ""
    mover: str = ""


@dataclass(frozen=True, slots=True)
class Activity:
    """A call, message or letter. ``incoming``: the patient began. ``deals``, ``contacts``: whom it is about."""

    id: str
    channel: Channel
    incoming: bool
    at: datetime | None = None
    deals: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """A line of a deal's goods, as the wire of its vendor has it."""

    row: Mapping[str, Any]


# what events tell

Entity = Literal["deal", "contact", "activity", "task"]
Verb = Literal["added", "updated", "moved", "deleted"]


@dataclass(frozen=True, slots=True)
class Touched:
    """An event: something happened to this record. A hint: the record is read anew, nothing told is believed.

    ``activity``: what was told of a call, message or letter where the event itself carries it (its ``id`` is empty where
    nothing more can be read).
    """

    entity: Entity
    id: str
    verb: Verb
    at: datetime | None = None
    activity: Activity | None = None


@dataclass(frozen=True, slots=True)
class RobotCall:
    """A robot of ours that somebody placed on a stage (or a digital pipeline action, or a step of a bot) calls for ``code``.

    ``given``: what the clinic filled in. ``reply``: where the answer goes (an event token, a return address): a secret, empty
    where nobody waits. ``key``: the same call told twice has the same key.
    """

    code: str
    deal: str
    key: str
    given: Mapping[str, str] = field(default_factory=dict)
    contact: str = ""
    reply: str = field(default="", repr=False)
    at: datetime | None = None
