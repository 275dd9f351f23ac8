"""Written arrays: up to 50 items a request; one bad item refuses them all, so the bad are told from the good.

amocrm.md §2.2 (envelope, ``request_id``, atomicity), §2.4 (sizes).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from widget_backend.crm.amocrm.client import ARRAY, Client, Row, embedded
from widget_backend.crm.amocrm.judge import FORBIDDEN, problems_of
from widget_backend.errors import Missing, Rejected, Unsupported, VendorError

#: refusals of a request that leave the rest of the work possible
REFUSALS = (Rejected, Missing, Unsupported)


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


def send(
    client: Client, method: str, path: str, key: str, entries: Sequence[Entry], *, repeatable: bool | None = None
) -> Iterator[Sent]:
    """Send them all; what each request brought, after each.

    A refused array did nothing: the items named in the refusal are given up and the rest is sent once more; where none is
    named the array is halved until the bad stand alone. Raises :class:`VendorError` for a fault of a whole request, and
    :class:`Unavailable` when an answer leaves a created item out.
    """
    waiting = [list(entries[start : start + ARRAY]) for start in range(0, len(entries), ARRAY)]
    while waiting:
        batch = waiting.pop(0)
        body = [{**entry.body, "request_id": entry.address} for entry in batch]
        try:
            rows = embedded(client.write(method, path, body, repeatable=repeatable), key)
        except REFUSALS as refusal:
            refused, again = _divide(batch, refusal)
            waiting[:0] = again
            if refused:
                yield Sent(refused=[(entry.address, refusal) for entry in refused])
            continue
        answered = _answered(batch, rows)
        yield Sent(
            done=[(e.address, answered.get(e.address, {})) for e in batch if method != "POST" or e.address in answered]
        )
        if method == "POST" and len(answered) < len(batch):
            raise client.unclear(method, path, f"{len(answered)} / {len(batch)}")


def _divide(batch: list[Entry], refusal: VendorError) -> tuple[list[Entry], list[list[Entry]]]:
    """The items to give up, and the arrays to send instead."""
    if len(batch) == 1 or refusal.code == FORBIDDEN or not isinstance(refusal, Rejected):
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
    """Address -> row, by ``request_id``; by a name that occurs once where an answer has none."""
    by_id = {str(row["request_id"]): row for row in rows if row.get("request_id") is not None}
    counted = Counter(str(row.get("name")) for row in rows)
    by_name = {str(row.get("name")): row for row in rows if counted[str(row.get("name"))] == 1}
    found = {e.address: by_id.get(e.address) or by_name.get(str(e.body.get("name"))) for e in batch}
    return {address: row for address, row in found.items() if row is not None and row.get("id") is not None}
