"""Batches to one portal: JSON POST through the door (bitrix24.md §3.1, §3.4).

``batch`` is one request for up to 50 commands; each command is ``method?urlencoded PHP-style query``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlsplit

from widget_backend.clock import now
from widget_backend.crm.bitrix24.judge import VENDOR, Judge
from widget_backend.crm.port import Connection
from widget_backend.errors import RateLimited, VendorError
from widget_backend.transport import Call, Door

BATCH = 50
#: seconds of work a method may take in ten minutes, and the share after which we leave it alone (§3.3, §9.3)
OPERATING_CEILING = 480.0
OPERATING_SHARE = 0.8

_READS = (".list", ".get", ".instances", ".findbycomm", "profile", "scope", "app.info")


@dataclass(frozen=True, slots=True)
class Inner:
    """One command of a batch. ``params`` hold text, numbers, and lists and mappings of these."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """As it stands in ``cmd``."""
        query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in flatten(self.params))
        return f"{self.method}?{query}" if query else self.method

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.method.endswith(_READS)


@dataclass(frozen=True, slots=True)
class Replies:
    """Answers by key; a key in neither ``values`` nor ``errors`` was not carried out, or nobody knows. ``seconds``: what
    each command took."""

    values: Mapping[str, Any]
    errors: Mapping[str, VendorError]
    totals: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


class Client:
    """Speaks to one portal. The address (of a webhook) and the token are secrets and stay out of errors."""

    def __init__(self, connection: Connection, door: Door) -> None:
        self.host = urlsplit(connection.url).netloc.rpartition("@")[2].lower()
        self.door = door
        self._base = connection.url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {connection.token}"} if connection.token else {}
        self._secrets = tuple(_secrets(connection))
        self._resets: dict[str, float] = {}

    def batch(self, commands: Mapping[str, Inner], *, vital: Collection[str] = ()) -> Replies:
        """Send up to 50 commands; each is carried out whatever became of the others.

        Raises :class:`VendorError` for a fault of the whole request, and for one of a ``vital`` command; faults of other
        commands are in the replies.
        """
        assert 0 < len(commands) <= BATCH
        write = not all(inner.is_read for inner in commands.values())
        operation = _operation(commands.values())
        judge = Judge(self.host, operation, write, self._secrets)
        call = Call(
            "POST",
            f"{self._base}/batch",
            operation,
            write=write,
            json={"halt": 0, "cmd": {key: inner.text for key, inner in commands.items()}},
            headers=self._headers,
            lanes=tuple(dict.fromkeys(inner.method for inner in commands.values())),
        )
        data = self.door.send(call, judge.whole).data
        assert isinstance(data, dict)
        return self._read(data["result"], commands, judge, vital)

    def unclear(self, commands: Iterable[Inner]) -> VendorError:
        """What to raise when commands were neither done nor refused."""
        inner = list(commands)
        write = not all(i.is_read for i in inner)
        return Judge(self.host, _operation(inner), write, self._secrets).unclear("нет ответа на команду / no reply")

    def _read(self, body: Any, commands: Mapping[str, Inner], judge: Judge, vital: Collection[str]) -> Replies:
        if not isinstance(body, dict) or "result" not in body:
            raise judge.unclear("batch")
        values, faults = as_map(body["result"]), as_map(body.get("result_error"))
        times, totals = as_map(body.get("result_time")), as_map(body.get("result_total"))
        for key, time in times.items():
            if key in commands:
                self._watch(commands[key].method, as_map(time))
        errors = {
            key: judge.inside(commands[key].method, as_map(fault), self._wait(commands[key].method), vital=key in vital)
            for key, fault in faults.items()
            if key in commands
        }
        for key, error in errors.items():
            if isinstance(error, RateLimited):
                self.door.budget.hold(commands[key].method, error.wait)
        # a null result may be left out of the map (crm.category.delete), its time never is
        answered = [key for key in commands if key not in errors and (key in values or key in times)]
        for key in vital:
            if key not in answered:
                raise errors.get(key) or judge.unclear(commands[key].method)
        return Replies(
            {key: values.get(key) for key in answered},
            errors,
            {key: number(total) for key, total in totals.items() if key in commands},
            {key: decimal(as_map(time).get("duration")) for key, time in times.items() if key in commands},
        )

    def _watch(self, method: str, time: Mapping[str, Any]) -> None:
        """Leave a method alone before the portal blocks it."""
        reset = decimal(time.get("operating_reset_at"))
        self._resets[method] = reset
        if decimal(time.get("operating")) >= OPERATING_SHARE * OPERATING_CEILING:
            self.door.budget.hold(method, self._wait(method))

    def _wait(self, method: str) -> float:
        """Seconds until the method's time is whole again; 0 where the portal never said."""
        return max(0.0, self._resets.get(method, 0.0) - now().timestamp())


def flatten(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """PHP-style pairs: ``{"a": {"b": [1]}}`` is ``a[b][0]=1``."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from flatten(item, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, item in enumerate(value):
            yield from flatten(item, f"{name}[{index}]")
    else:
        yield name, str(value)


def as_map(value: Any) -> Mapping[str, Any]:
    """A PHP map: an empty one arrives as ``[]`` (§3.4)."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Mapping[str, Any]]:
    """A PHP list of maps; with gaps in its keys it arrives as a map."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [item for item in items if isinstance(item, dict)]


def number(value: Any) -> int:
    """A whole number out of 5, ``"5"``, ``"5.00"``; 0 for anything else (§10, pitfall 2)."""
    return int(decimal(value))


def decimal(value: Any) -> float:
    """A number out of 5.5 or ``"5.5"``; 0 for anything else."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _operation(commands: Iterable[Inner]) -> str:
    """What the log shows: «batch crm.status.update×27 crm.status.add×12»."""
    counted = Counter(inner.method for inner in commands)
    return "batch " + " ".join(f"{method}×{n}" if n > 1 else method for method, n in counted.items())


def _secrets(connection: Connection) -> Iterator[str]:
    if connection.token:
        yield connection.token
    parts = [part for part in urlsplit(connection.url).path.split("/") if part]
    if len(parts) >= 3:  # /rest/<user>/<code>
        yield parts[2]


__all__ = ["BATCH", "VENDOR", "Client", "Inner", "Replies", "as_map", "decimal", "flatten", "number", "rows"]
