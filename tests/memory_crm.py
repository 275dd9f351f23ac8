"""A CRM in memory that fulfils the Structure port: what the planner's laws are tried on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from installer.settling import resolve
from widget_backend.crm.model import (
    Access,
    Account,
    Action,
    Capabilities,
    Change,
    Kind,
    Option,
    Remote,
    Resource,
    Section,
    Snapshot,
    Value,
)
from widget_backend.crm.port import Outcome
from widget_backend.crm.vocabulary import FIELD_TYPES
from widget_backend.texts import Text

CAPABILITIES = Capabilities(
    vendor="memory",
    title=Text("Память", "Memory"),
    application=False,
    writes=frozenset({Kind.PIPELINE, Kind.STAGE, Kind.GROUP, Kind.FIELD, Kind.CARD, Kind.SOURCE}),
    attributes={
        Kind.PIPELINE: frozenset({"name", "position"}),
        Kind.STAGE: frozenset({"name", "position", "colour", "kind"}),
        Kind.GROUP: frozenset({"name", "position"}),
        Kind.FIELD: frozenset({"name", "type", "options", "group", "required_at", "filterable", "multiple"}),
        Kind.CARD: frozenset({"sections"}),
        Kind.SOURCE: frozenset({"name"}),
    },
    system_fields={"deal.title": "TITLE"},
    field_types=frozenset(FIELD_TYPES),
)


@dataclass(frozen=True)
class Wishes:
    """A preset for tests: just resources."""

    resources: tuple[Resource, ...]
    key: str = "trial"
    version: str = "1"

    @property
    def digest(self) -> str:
        return repr(hash(tuple(repr(r) for r in self.resources)))

    def system(self, address: str) -> str | None:
        return {"field.deal.title": "deal.title"}.get(address)

    def desired(self, capabilities: Capabilities, language: str) -> tuple[Resource, ...]:
        return self.resources


@dataclass
class MemoryCrm:
    """``automatic``: pipelines come with stages of their own, as in Bitrix24."""

    automatic: bool = True
    remotes: dict[tuple[Kind, str], Remote] = field(default_factory=dict)
    deals: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    writes: int = 0
    capabilities: Capabilities = CAPABILITIES
    _last: int = 0

    def snapshot(self, kinds: Collection[Kind], known: Mapping[str, str]) -> Snapshot:
        return Snapshot(Account("memory", "Клиника"), tuple(self.remotes.values()))

    def access(self) -> Access:
        return Access(admin=True)

    def count_deals(self, stages: Sequence[Remote]) -> Mapping[str, int]:
        return {stage.id: self.deals.get(stage.id, 0) for stage in stages}

    def count_values(self, fields: Sequence[Remote]) -> Mapping[str, int]:
        return {remote.id: self.values.get(remote.id, 0) for remote in fields}

    def apply(self, changes: Sequence[Change], ids: Mapping[str, str]) -> Iterator[Sequence[Outcome]]:
        """One change a request; automatic stages of pipelines made here, or given up by a DELETE, are used again."""
        known = dict(ids)
        made: set[str] = set()
        given_up = {c.remote.id for c in changes if c.action is Action.DELETE and c.remote and c.remote.stock}
        for change in changes:
            self.writes += 1
            outcome = self._carry_out(change, known, made, given_up)
            if outcome.remote and outcome.remote.kind is Kind.PIPELINE and change.action is Action.CREATE:
                made.add(outcome.remote.id)
            yield (outcome,)
        for remote in [r for r in self.remotes.values() if r.parent in made and r.stock and not r.fixed]:
            self._drop(remote)

    def _carry_out(self, change: Change, known: dict[str, str], made: set[str], given_up: set[str]) -> Outcome:
        if change.action is Action.DELETE:
            assert change.remote is not None
            now = self.remotes.get((change.remote.kind, change.remote.id))
            if now is not None and not (change.remote.stock and not now.stock):
                self._drop(change.remote)
            return Outcome(change.address)
        if change.action is Action.UPDATE:
            assert change.remote is not None
            return Outcome(change.address, self._updated(change.remote, change.after, known))
        assert change.resource is not None
        remote = self._created(change.resource, change.after, known, made, given_up)
        known[change.address] = remote.id
        return Outcome(change.address, remote)

    def add(self, of: Kind, /, parent: str = "", entity: str = "", **attributes: Value) -> Remote:
        """Something the clinic made."""
        self._last += 1
        remote = Remote(of, str(self._last), attributes, parent, entity)
        self.remotes[of, remote.id] = remote
        return remote

    def _created(
        self,
        resource: Resource,
        after: Mapping[str, Value],
        known: Mapping[str, str],
        made: set[str],
        given_up: set[str],
    ) -> Remote:
        parent = known.get(resource.parent, "") if resource.parent else ""
        attributes = {name: self._stored(value, known) for name, value in after.items()}
        reused = self._reusable(resource, parent, made, given_up)
        if reused is not None:
            remote = replace(reused, attributes=attributes, stock=False)
        else:
            remote = self.add(resource.kind, parent, resource.entity, **attributes)
            remote = replace(remote, marker=resource.key if resource.kind is Kind.FIELD else "")
        self.remotes[remote.kind, remote.id] = remote
        if resource.kind is Kind.PIPELINE and self.automatic and reused is None:
            self._automatic_stages(remote.id)
        return remote

    def _reusable(self, resource: Resource, parent: str, made: set[str], given_up: set[str]) -> Remote | None:
        kind = resource.attributes.get("kind")
        family = [r for r in self.remotes.values() if r.kind is Kind.STAGE and r.parent == parent and r.stock]
        usable = [r for r in family if r.attributes["kind"] == kind and (parent in made or r.id in given_up)]
        return next(iter(usable), None) if resource.kind is Kind.STAGE else None

    def _automatic_stages(self, pipeline: str) -> None:
        for number, (name, kind, fixed) in enumerate(
            (("Новая", "open", True), ("В работе", "open", False), ("Успех", "won", True), ("Провал", "lost", True)), 1
        ):
            remote = self.add(Kind.STAGE, pipeline, "", name=name, kind=kind, position=number, colour="grey")
            self.remotes[Kind.STAGE, remote.id] = replace(remote, fixed=fixed, stock=True)

    def _updated(self, remote: Remote, after: Mapping[str, Value], known: Mapping[str, str]) -> Remote:
        now = self.remotes[remote.kind, remote.id]
        attributes = {**now.attributes, **{name: self._stored(value, known) for name, value in after.items()}}
        self.remotes[remote.kind, remote.id] = replace(now, attributes=attributes, stock=False)
        return self.remotes[remote.kind, remote.id]

    def _stored(self, value: Value, known: Mapping[str, str]) -> Value:
        found = resolve(value, known.get)
        if isinstance(found, tuple) and found and isinstance(found[0], Option):
            return tuple(o if o.id else replace(o, id=self._new_id()) for o in found if isinstance(o, Option))
        if isinstance(found, tuple):
            return tuple(_plain(i) for i in found)  # type: ignore[return-value]
        return found

    def _new_id(self) -> str:
        self._last += 1
        return f"o{self._last}"

    def _drop(self, remote: Remote) -> None:
        self.remotes.pop((remote.kind, remote.id), None)
        if remote.kind is Kind.PIPELINE:
            for child in [r for r in self.remotes.values() if r.parent == remote.id]:
                self.remotes.pop((child.kind, child.id))


def _plain(item: object) -> object:
    if isinstance(item, Section):
        return Section(item.title, tuple(f for f in item.fields if isinstance(f, str)))
    return item
