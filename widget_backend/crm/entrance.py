"""The door to one installation's account: each request carries a fresh token to where the account is now.

What a refusal says of our access is booked here: a new token is asked for once, a moved account is looked for once; what only
its owner can mend (a bill, a new consent) becomes the installation's status.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeVar

from widget_backend.crm.asking import Found, Want, Write, Written
from widget_backend.crm.model import Access, Capabilities, Change, Kind, Remote, Snapshot
from widget_backend.crm.port import Loss, OAuth, Outcome, Records, Structure
from widget_backend.crm.records import Deal, Move, Touched
from widget_backend.db import Database, scope
from widget_backend.errors import AccessLost, Unavailable, VendorError
from widget_backend.tenancy import installations, tokens
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.transport import PATIENT, Answer, Budget, Call, Door, Judge, Patience, RequestLog

Read = TypeVar("Read")

#: seconds for which one connection goes on with the address and the token it was let in with; a refusal ends them
REMEMBERED: Final = 5.0
#: what becomes of an installation whose access is lost for good
TURNS: Mapping[Loss, Callable[..., bool]] = {
    "unpaid": installations.pause,
    "expired": installations.need_reconnect,
    "dead": installations.need_reconnect,
}


@dataclass(frozen=True, slots=True)
class Host:
    """What is needed to stay let in: ``loss`` tells what a refusal means at this vendor."""

    database: Database
    oauth: OAuth
    loss: Callable[[VendorError], Loss]
    installation_id: int

    def info(self) -> InstallationInfo:
        """The installation as it is now."""
        with self.database.transaction() as session:
            return installations.get(session, self.installation_id)

    def admitted(self) -> tuple[str, str]:
        """The address now, and a token good for a minute at least. Raises :class:`AccessLost`, :class:`Unavailable`."""
        info, access = tokens.admitted(self.database, self.oauth, self.installation_id)
        return info.base_url, access

    def renewed(self, refused: str) -> str:
        """Another token than the refused one."""
        return tokens.force_refresh(self.database, self.oauth, self.installation_id, refused)

    def follow(self, left: str) -> bool:
        """Find the account at its new address and keep that; whether there is another than the one it ``left``. The vendor is
        asked, not the old address: whoever holds that now may send us anywhere."""
        info = self.info()
        if info.base_url != left:
            return True  # somebody else has followed it while we remembered the old address
        with scope(info.id), self.database.transaction() as session:
            pair = tokens.load(session)
        found = self.oauth.whereabouts(pair, info.account) if pair else ""
        if found in ("", info.base_url):
            return False
        with self.database.transaction() as session:
            installations.move(session, info.id, found.split("/")[2], found)
        return True

    def book(self, loss: Loss, refused: str) -> bool:
        """Let the installation say what its owner has to do. False, and nothing is said, where the refused token is no longer
        that of the account: consent has brought another in the meantime."""
        if loss not in TURNS:
            return True
        with scope(self.installation_id), self.database.transaction() as session:
            installations.hold(session, self.installation_id)
            pair = tokens.load(session)
            if refused and pair is not None and pair.access != refused:
                return False
            TURNS[loss](session, self.installation_id)
        return True


class Entrance(Door):
    """Sends to the account of one installation. ``base_url``: the address that the calls are made for."""

    def __init__(
        self,
        host: Host,
        base_url: str,
        vendor: str,
        budget: Budget,
        log: RequestLog,
        in_transaction: Callable[[], bool],
        patience: Patience = PATIENT,
    ) -> None:
        super().__init__(vendor, budget, log, in_transaction=in_transaction, patience=patience)
        self._host = host
        self._base_url = base_url
        self._now_at = ""
        self._used = ""
        self._good_until = 0.0

    def send(self, call: Call, judge: Judge) -> Answer:
        """Send with what is good now; mend once what we can mend. Raises :class:`VendorError`."""
        mended: set[Loss] = set()
        while True:
            try:
                return super().send(self._addressed(call), judge)
            except VendorError as error:
                mended.add(self.mend(error, mended))

    def mend(self, error: VendorError, mended: Collection[Loss] = ()) -> Loss:
        """Make good what the error says of our access, so that the same may be tried again: what it was. Raises the error
        itself where nothing helps, or this helped no better before."""
        self._good_until = 0.0
        loss = self._host.loss(error)
        if loss not in mended and loss == "expired" and self._used and self._host.renewed(self._used) != self._used:
            return loss
        if loss not in mended and loss == "moved" and self._host.follow(self._now_at):
            return loss
        if not self._host.book(loss, self._used) and loss not in mended:
            return loss
        raise error

    def _addressed(self, call: Call) -> Call:
        if time.monotonic() >= self._good_until:
            self._now_at, self._used = self._host.admitted()
            self._good_until = time.monotonic() + REMEMBERED
        url = self._now_at + call.url.removeprefix(self._base_url) if call.url.startswith(self._base_url) else call.url
        return replace(call, url=url, headers={**call.headers, "Authorization": f"Bearer {self._used}"})


class Tended:
    """A :class:`Structure` whose token may end inside a packed request: it is renewed then, and what was read is read again;
    what was written is left to the caller, who reads and plans anew."""

    def __init__(self, structure: Structure, entrance: Entrance) -> None:
        self._structure = structure
        self._entrance = entrance

    @property
    def capabilities(self) -> Capabilities:
        """See :class:`Structure`."""
        return self._structure.capabilities

    def snapshot(self, kinds: Collection[Kind], known: Mapping[str, str]) -> Snapshot:
        """See :class:`Structure`."""
        return self._twice(lambda: self._structure.snapshot(kinds, known))

    def access(self) -> Access:
        """See :class:`Structure`."""
        return self._twice(self._structure.access)

    def count_deals(self, stages: Sequence[Remote]) -> Mapping[str, int]:
        """See :class:`Structure`."""
        return self._twice(lambda: self._structure.count_deals(stages))

    def count_values(self, fields: Sequence[Remote]) -> Mapping[str, int]:
        """See :class:`Structure`."""
        return self._twice(lambda: self._structure.count_values(fields))

    def apply(self, changes: Sequence[Change], ids: Mapping[str, str]) -> Iterator[Sequence[Outcome]]:
        """See :class:`Structure`. Raises :class:`Unavailable` of unknown outcome after a token that ended on the way."""
        try:
            yield from self._structure.apply(changes, ids)
        except AccessLost as lost:
            self._entrance.mend(lost)
            raise unclear(lost) from lost

    def _twice(self, read: Callable[[], Read]) -> Read:
        try:
            return read()
        except AccessLost as lost:
            self._entrance.mend(lost)
            return read()


class TendedRecords:
    """:class:`Records` whose token may end inside a packed request: what was read is read again with a new one; what was
    written is left to the caller, who looks what became of it."""

    def __init__(self, records: Records, entrance: Entrance) -> None:
        self._records = records
        self._entrance = entrance

    def read(self, *wants: Want[Any]) -> Found:
        """See :class:`Records`."""
        try:
            return self._records.read(*wants)
        except AccessLost as lost:
            self._entrance.mend(lost)
            return self._records.read(*wants)

    def write(self, writes: Sequence[Write]) -> Sequence[Written]:
        """See :class:`Records`. Raises :class:`Unavailable` of unknown outcome after a token that ended on the way."""
        try:
            return self._records.write(writes)
        except AccessLost as lost:
            self._entrance.mend(lost)
            raise unclear(lost) from lost

    def moves(self, since: datetime, deal: str = "") -> Iterator[Sequence[Move]]:
        """See :class:`Records`."""
        return self._paged(lambda: self._records.moves(since, deal))

    def changed(self, since: datetime) -> Iterator[Sequence[Deal]]:
        """See :class:`Records`."""
        return self._paged(lambda: self._records.changed(since))

    def touched(self, since: datetime) -> Iterator[Sequence[Touched]]:
        """See :class:`Records`."""
        return self._paged(lambda: self._records.touched(since))

    def _paged(self, read: Callable[[], Iterator[Read]]) -> Iterator[Read]:
        """A token that ends between pages is renewed for the caller's next try."""
        try:
            yield from read()
        except AccessLost as lost:
            self._entrance.mend(lost)
            raise unclear(lost) from lost


def unclear(lost: AccessLost) -> Unavailable:
    """What to raise when the token has ended on the way and was renewed: try again."""
    return Unavailable(lost.message, applied_unknown=True, vendor=lost.vendor, operation=lost.operation, code=lost.code)
