"""What is known while changes are carried out: ids of what exists, and what was refused together with its dependents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from widget_backend.crm.amocrm.judge import VENDOR
from widget_backend.crm.model import Attributes, Change, Ref, Remote, Value
from widget_backend.crm.port import Outcome
from widget_backend.errors import Missing, Rejected, Unsupported, VendorError
from widget_backend.texts import Text

_DEPENDS = Text(
    "Не сделано: amoCRM отказала в том, на что это опирается («{title}»). Остальное не затронуто; исправьте ту причину и "
    "повторите.",
    "Not done: amoCRM refused what this rests on (“{title}”). The rest is not affected; remove that cause and repeat.",
)

_GONE = Text(
    "Не сделано: в amoCRM этого уже нет («{title}»). Остальное не затронуто; составьте план заново.",
    "Not done: it is no longer there in amoCRM (“{title}”). The rest is not affected; make the plan again.",
)


class Known:
    """Addresses -> remote ids; grows with every outcome."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        self._ids = dict(ids)

    def __getitem__(self, address: str) -> str:
        return self._ids[address]

    @property
    def remote_ids(self) -> frozenset[str]:
        """Ids of all that is ours or adopted."""
        return frozenset(self._ids.values())

    def settle(self, outcomes: Iterable[Outcome]) -> Sequence[Outcome]:
        """Remember what was made; the same outcomes."""
        settled = tuple(outcomes)
        self._ids |= {o.address: o.remote.id for o in settled if o.remote is not None}
        return settled

    def resolve(self, attributes: Attributes) -> dict[str, Value]:
        """Attributes with references as remote ids. Every reference must be met: see :meth:`unmet`."""
        return {name: self._resolve(value) for name, value in attributes.items()}

    def unmet(self, change: Change) -> VendorError | None:
        """The refusal of a change that refers to what does not exist, because that was refused before."""
        parent = change.resource.parent if change.resource and not change.remote else ""
        addresses = [parent] if parent else []
        addresses += [address for value in change.after.values() for address in _references(value)]
        lacking = next((address for address in addresses if not self._ids.get(address)), None)
        return dependent(lacking) if lacking else None

    def updated(self, change: Change) -> Remote:
        """The object of an UPDATE as it should be now."""
        remote = existing(change)
        return replace(remote, attributes={**remote.attributes, **self.resolve(change.after)})

    def _resolve(self, value: Value) -> Value:
        if isinstance(value, Ref):
            return self._ids[value.address]
        if isinstance(value, tuple) and any(isinstance(item, Ref) for item in value):
            return tuple(self._ids[item.address] if isinstance(item, Ref) else str(item) for item in value)
        return value


def dependent(title: str) -> VendorError:
    """The refusal of what rests on something refused."""
    return Rejected(_DEPENDS.format(title=title), vendor=VENDOR, code="depends", words=title)


def gone(title: str) -> VendorError:
    """The refusal of a change to what somebody has removed meanwhile."""
    return Missing(_GONE.format(title=title), vendor=VENDOR, code="gone", words=title)


def unsupported(text: Text) -> VendorError:
    """The refusal of what amoCRM has no call for."""
    return Unsupported(text, vendor=VENDOR, code="unsupported", words=text.en)


def existing(change: Change) -> Remote:
    """The object an UPDATE or DELETE is about."""
    assert change.remote is not None
    return change.remote


def _references(value: Value) -> Iterator[str]:
    if isinstance(value, Ref):
        yield value.address
    elif isinstance(value, tuple):
        yield from (item.address for item in value if isinstance(item, Ref))
