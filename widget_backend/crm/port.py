"""What the product asks of a CRM. Small protocols; each vendor folder fulfils them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from widget_backend.crm.asking import Found, Want, Write, Written
from widget_backend.crm.model import Access, Capabilities, Change, Kind, Remote, Snapshot
from widget_backend.crm.records import Deal, Move, Touched
from widget_backend.errors import VendorError
from widget_backend.tenancy.grants import Grant as Grant  # noqa: PLC0414  # a word of this port, known further down
from widget_backend.tenancy.tokens import Tokens

#: why we are not let in: a new access token helps; only new consent does; the bill is due; the account is elsewhere
Loss = Literal["expired", "dead", "unpaid", "moved", "other"]


@dataclass(frozen=True, slots=True)
class Application:
    """Set when we call as an installed application: where our handlers live, and the secret part of their addresses."""

    public_url: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one account. ``url``: Bitrix24, the incoming webhook or ``https://portal/rest/``; amoCRM, ``https://host``.
    ``token``: access token (empty for a Bitrix24 webhook, whose address is the secret). ``account``: its key where an
    installation knows it (Bitrix24 tells ``member_id`` to applications only)."""

    url: str = field(repr=False)
    token: str = field(default="", repr=False)
    application: Application | None = None
    account: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change: the object as the CRM now knows it (``None`` after a delete), or the refusal."""

    address: str
    remote: Remote | None = None
    error: VendorError | None = None


class Structure(Protocol):
    """Pipelines, fields, cards and the rest of the set-up of one account."""

    @property
    def capabilities(self) -> Capabilities:
        """What can be said over this connection; costs no request."""
        ...

    def snapshot(self, kinds: Collection[Kind], known: Mapping[str, str]) -> Snapshot:
        """Read what is there, in as few requests as the API allows.

        ``kinds`` the plan needs; ``known`` address -> remote id from the bindings, so that cards of known pipelines can be
        read in the same request. Raises :class:`VendorError`; safe to repeat.
        """
        ...

    def access(self) -> Access:
        """What the key may do: asked once, before the first write."""
        ...

    def count_deals(self, stages: Sequence[Remote]) -> Mapping[str, int]:
        """Stage id -> how many deals stand in it (a lower bound where counting on would cost too much)."""
        ...

    def count_values(self, fields: Sequence[Remote]) -> Mapping[str, int]:
        """Field, source or loss reason id -> how many records hold it (a lower bound; at least 1 where it cannot be known)."""
        ...

    def apply(self, changes: Sequence[Change], ids: Mapping[str, str]) -> Iterator[Sequence[Outcome]]:
        """Carry out the writing changes, packed into as few requests as the API allows, in an order that works.

        ``ids``: address -> remote id of everything that exists already, to resolve :class:`Ref`. Yields after each
        request the outcomes it brought, so that the caller can store them before the next one is sent. A change the
        vendor refuses is an Outcome with an error, and what depends on it is refused with it; a fault of the whole
        request (no answer, rate, access) raises. Never sends a create twice by itself: after an unknown outcome the
        caller reads and plans anew.
        """
        ...


class Records(Protocol):
    """Deals, contacts and what hangs on them, of one account. Made with a :class:`Chart`, in whose words they are."""

    def read(self, *wants: Want[Any]) -> Found:
        """Read it all, in as few requests as the API allows. Raises :class:`VendorError`; safe to repeat."""
        ...

    def write(self, writes: Sequence[Write]) -> Sequence[Written]:
        """Carry out in this order, packed into as few requests as the API allows; one answer per write.

        A write the vendor refuses is a :class:`Written` with an error, and the others go on. A fault of a whole request (no
        answer, rate, access) raises, and what of it was carried out is not known: each write says whether it may be sent
        again as it is, or has to be looked for first.
        """
        ...

    def moves(self, since: datetime, deal: str = "") -> Iterator[Sequence[Move]]:
        """The stages deals came to since then, the oldest first, as far as the CRM remembers; page by page. ``deal``: of this
        one only."""
        ...

    def changed(self, since: datetime) -> Iterator[Sequence[Deal]]:
        """The deals created or changed since then, the longest unchanged first; page by page."""
        ...

    def touched(self, since: datetime) -> Iterator[Sequence[Touched]]:
        """What else happened since then, as far as the CRM lists it: contacts changed, patients who called or wrote, deals
        deleted; page by page."""
        ...


class OAuth(Protocol):
    """How an account lets us in: consent, the proof of it, and a new pair of tokens when the old one ends."""

    def authorize_url(self, state: str, account_host: str = "") -> str:
        """The consent page of the CRM. ``state``: ours, signed; ``account_host``: where the vendor asks at the account."""
        ...

    def exchange(self, answer: Mapping[str, str]) -> Grant:
        """The grant behind what came to our address, told by the CRM itself.

        amoCRM: ``code`` and ``referer``; Bitrix24: ``AUTH_ID`` and its companions, proven at the OAuth host, or ``code``.
        Raises :class:`Forbidden` before anything is sent where a host is not on the list; :class:`VendorError`.
        """
        ...

    def refresh(self, token: Tokens, host: str) -> Grant:
        """A new pair for this one; ``host``: where the account was last reached.

        Raises :class:`AccessLost` where only new consent helps, :class:`Unavailable` where nobody knows whether the old
        refresh token was used up.
        """
        ...

    def is_admin(self, grant: Grant) -> bool:
        """Whether the grant's user is an administrator of the account, asked of the account with the grant's token.

        Raises :class:`VendorError`; of its address and user the grant holds what the CRM itself has told.
        """
        ...

    def whereabouts(self, token: Tokens, account: str) -> str:
        """The address (as ``Grant.base_url``) of the account now, told by the vendor and not by the account's old address.

        Empty where nobody says. Raises :class:`VendorError`.
        """
        ...
