"""What is known while changes are carried out: ids of what exists, and what was refused together with its dependents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from widget_backend.crm.bitrix24.judge import VENDOR
from widget_backend.crm.model import Attributes, Change, Ref, Remote, Resource, Section, Value
from widget_backend.crm.port import Outcome
from widget_backend.errors import Missing, Rejected, Unsupported, VendorError
from widget_backend.texts import Text

#: refusals of one command that leave the rest of the work possible
REFUSALS = (Rejected, Missing, Unsupported)

_DEPENDS = Text(
    "Не сделано: Битрикс24 отказал в том, на что это опирается («{title}»). Остальное не затронуто; исправьте ту причину и "
    "повторите.",
    "Not done: Bitrix24 refused what this rests on (“{title}”). The rest is not affected; remove that cause and repeat.",
)


class Known:
    """Addresses -> remote ids; grows with every outcome. Remembers what was refused. ``titles``: addresses in words."""

    def __init__(self, ids: Mapping[str, str], titles: Mapping[str, str] | None = None) -> None:
        self._ids = dict(ids)
        self._titles = titles or {}
        self._refused: set[str] = set()

    def __getitem__(self, address: str) -> str:
        return self._ids[address]

    @property
    def remote_ids(self) -> frozenset[str]:
        """Ids of all that is ours or adopted."""
        return frozenset(self._ids.values())

    def settle(self, outcomes: Iterable[Outcome]) -> Sequence[Outcome]:
        """Remember what was made and what was refused; the same outcomes."""
        settled = tuple(outcomes)
        self._ids |= {o.address: o.remote.id for o in settled if o.remote is not None}
        self._refused |= {o.address for o in settled if o.error is not None}
        return settled

    def resolve(self, attributes: Attributes) -> dict[str, Value]:
        """Attributes with references as remote ids; fields nobody can place fall out of sections."""
        return {name: self._resolve(value) for name, value in attributes.items()}

    def unmet(self, change: Change) -> VendorError | None:
        """The refusal of a change that rests on what was refused before, or on a parent that does not exist."""
        parent = change.resource.parent if change.resource and not change.remote else ""
        if parent and not self._ids.get(parent):
            return self.dependent(parent)
        refused = next((a for value in change.after.values() for a in _references(value) if a in self._refused), None)
        return self.dependent(refused) if refused else None

    def dependent(self, address: str) -> VendorError:
        """The refusal of what rests on something refused."""
        title = self._titles.get(address, address)
        return Rejected(_DEPENDS.format(title=title), vendor=VENDOR, code="depends", words=title)

    def updated(self, change: Change) -> Remote:
        """The object of an UPDATE as it should be now."""
        remote = existing(change)
        return replace(remote, attributes={**remote.attributes, **self.resolve(change.after)})

    def _resolve(self, value: Value) -> Value:
        if isinstance(value, Ref):
            return self._ids.get(value.address, "")
        if isinstance(value, tuple) and any(isinstance(item, Section) for item in value):
            return tuple(self._placed(item) for item in value if isinstance(item, Section))
        return value

    def _placed(self, section: Section) -> Section:
        ids = (self._ids.get(f.address, "") if isinstance(f, Ref) else f for f in section.fields)
        return Section(section.title, tuple(field_id for field_id in ids if field_id))


def unsupported(text: Text) -> VendorError:
    """The refusal of what Bitrix24 has no call for."""
    return Unsupported(text, vendor=VENDOR, code="unsupported", words=text.en)


def existing(change: Change) -> Remote:
    """The object an UPDATE or DELETE is about."""
    assert change.remote is not None
    return change.remote


def wished(change: Change) -> Resource:
    """The wish of a CREATE."""
    assert change.resource is not None
    return change.resource


def _references(value: Value) -> Iterator[str]:
    items: Iterable[object] = value if isinstance(value, tuple) else (value,)
    for item in items:
        if isinstance(item, Section):
            yield from (f.address for f in item.fields if isinstance(f, Ref))
        elif isinstance(item, Ref):
            yield item.address
