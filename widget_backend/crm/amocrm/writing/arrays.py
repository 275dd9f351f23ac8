"""Written arrays: up to 50 items a request; one bad item refuses them all, so the bad are told from the good.

amocrm.md §2.2 (envelope, ``request_id``, atomicity), §2.3 (504), §2.4 (sizes).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from widget_backend.crm.amocrm.client import ARRAY, Client, Row, embedded
from widget_backend.crm.amocrm.judge import FORBIDDEN, problems_of
from widget_backend.errors import Missing, Rejected, Unavailable, Unsupported, VendorError

#: refusals of a request that leave the rest of the work possible
REFUSALS = (Rejected, Missing, Unsupported)
#: status of an array that was too much work
TOO_HEAVY = 504


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of an array, and the address it is sent for, which is its ``request_id`` too."""

    address: str
    body: Mapping[str, Any]


@dataclass
class Sent:
    """What one request brought."""

    done: list[tuple[str, Row]] = field(default_factory=list)
    refused: list[tuple[str, VendorError]] = field(default_factory=list)


class Arrays:
    """Sends arrays to one account, and remembers which lists take only smaller ones."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._sizes: dict[str, int] = {}

    def send(
        self,
        method: str,
        path: str,
        key: str,
        entries: Sequence[Entry],
        *,
        lenient: bool = False,
        repeatable: bool = False,
    ) -> Iterator[Sent]:
        """Send them all; what each request brought, after each.

        A refused array did nothing: the items named in the refusal are given up and the rest is sent once more; where none
        is named the array is halved until the bad stand alone. ``lenient``: one item that is gone or forbidden says nothing
        of the others; ``repeatable``: twice is as good as once. Raises :class:`VendorError` for a fault of a whole request,
        and :class:`Unavailable` when an answer leaves a created item out.
        """
        size = self._sizes.get(path, ARRAY)
        waiting = [list(entries[start : start + size]) for start in range(0, len(entries), size)]
        while waiting:
            batch = waiting.pop(0)
            try:
                rows = self._write(method, path, key, batch, repeatable)
            except REFUSALS as refusal:
                refused, again = _divide(batch, refusal, lenient)
                waiting[:0] = again
                if refused:
                    yield Sent(refused=[(entry.address, refusal) for entry in refused])
                continue
            answered = _answered(batch, rows)
            made = [e for e in batch if method != "POST" or e.address in answered]
            yield Sent(done=[(e.address, answered.get(e.address, {})) for e in made])
            if len(made) < len(batch):
                raise self._client.unclear(method, path, f"{len(made)} / {len(batch)}")

    def _write(self, method: str, path: str, key: str, batch: Sequence[Entry], repeatable: bool) -> list[Row]:
        """A too heavy array may have been made all the same; the next plan's is half as long."""
        body = [{**entry.body, "request_id": entry.address} for entry in batch]
        try:
            return embedded(self._client.write(method, path, body, repeatable=repeatable), key)
        except Unavailable as fault:
            if fault.http_status == TOO_HEAVY:
                self._sizes[path] = max(1, len(batch) // 2)
            raise


def _divide(batch: list[Entry], refusal: VendorError, lenient: bool) -> tuple[list[Entry], list[list[Entry]]]:
    """The items to give up, and the arrays to send instead."""
    hopeless = refusal.code == FORBIDDEN or not isinstance(refusal, Rejected)
    if len(batch) == 1 or (hopeless and not lenient):
        return batch, []
    named = _named(batch, refusal)
    if named:
        rest = [entry for entry in batch if entry.address not in named]
        return [entry for entry in batch if entry.address in named], [rest] if rest else []
    middle = (len(batch) + 1) // 2
    return [], [batch[:middle], batch[middle:]]


def _named(batch: Sequence[Entry], refusal: VendorError) -> frozenset[str]:
    """The addresses a refusal names, by our ``request_id`` or by the ordinal that stands in for it."""
    ordinals = {str(number): entry.address for number, entry in enumerate(batch)}
    ours = {entry.address for entry in batch}
    said = {problem.request_id for problem in problems_of(refusal)}
    return frozenset(name if name in ours else ordinals[name] for name in said if name in ours or name in ordinals)


def _answered(batch: Sequence[Entry], rows: Sequence[Row]) -> dict[str, Row]:
    """Address -> row, by ``request_id``; where an answer echoes none, by a name that occurs once on both sides."""
    by_id = {str(row["request_id"]): row for row in rows if row.get("request_id") is not None}
    asked = Counter(str(entry.body.get("name")) for entry in batch)
    given = Counter(str(row.get("name")) for row in rows)
    by_name = {name: row for row in rows if given[name := str(row.get("name"))] == asked[name] == 1}
    found = {e.address: by_id.get(e.address) or by_name.get(str(e.body.get("name"))) for e in batch}
    return {address: row for address, row in found.items() if row is not None and row.get("id") is not None}
