"""Which object of the CRM is which resource of the preset. Pure.

In this order: by binding; by our marker; by name or alias of the same kind, entity and parent; a stage the CRM does not let
anybody delete (won, lost) by its kind. An object is taken once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from widget_backend.crm.model import Binding, Bindings, Kind, Remote, Resource, Snapshot
from widget_backend.crm.vocabulary import IDENTITY


@dataclass(frozen=True, slots=True)
class Match:
    """``ours``: we made it. ``bound``: it was known before by its id."""

    remote: Remote
    bound: bool
    ours: bool


@dataclass
class Matches:
    """The result: found objects by address, clashes (a marker or name borne by an object of another nature)."""

    found: dict[str, Match] = field(default_factory=dict)
    clashes: dict[str, Remote] = field(default_factory=dict)

    def remote_id(self, address: str) -> str | None:
        """The id of a found object."""
        match = self.found.get(address)
        return match.remote.id if match else None


def normal(name: str) -> str:
    """A name as people compare it: case, spaces and ё aside."""
    return " ".join(name.split()).casefold().replace("ё", "е")


def match(desired: Sequence[Resource], snapshot: Snapshot, bindings: Bindings, *, adopt: bool = True) -> Matches:
    """Find each resource. ``adopt=False``: only what is ours is found; same-named objects of the clinic are not."""
    return _Matcher(snapshot, bindings, adopt).run(desired)


class _Matcher:
    def __init__(self, snapshot: Snapshot, bindings: Bindings, adopt: bool) -> None:
        self._bindings = bindings
        self._adopt = adopt
        self._by_id = {(r.kind, r.entity, r.id): r for r in snapshot.remotes}
        self._by_marker = {(r.kind, r.entity, r.marker): r for r in snapshot.remotes if r.marker}
        self._by_name: dict[tuple[Kind, str, str, str], list[Remote]] = defaultdict(list)
        self._by_parent: dict[tuple[Kind, str, str], list[Remote]] = defaultdict(list)
        for remote in snapshot.remotes:
            self._by_name[remote.kind, remote.entity, remote.parent, normal(remote.name)].append(remote)
            self._by_parent[remote.kind, remote.entity, remote.parent].append(remote)
        self._taken: set[tuple[Kind, str, str]] = set()
        self._result = Matches()

    def run(self, desired: Sequence[Resource]) -> Matches:
        for kind in Kind:
            wanted = [r for r in desired if r.kind is kind]
            for finder in (self._bound, self._marked, self._named, self._unnamed):
                for resource in wanted:
                    if resource.address not in self._result.found:
                        finder(resource)
        return self._result

    def _bound(self, resource: Resource) -> None:
        binding = self._bindings.get(resource.address)
        if binding and binding.remote_id:
            remote = self._by_id.get((resource.kind, resource.entity, binding.remote_id))
            if remote and alike(resource, remote):
                self._take(resource, remote, bound=True, ours=binding.ours)
            elif remote:
                self._result.clashes[resource.address] = remote

    def _marked(self, resource: Resource) -> None:
        remote = self._by_marker.get((resource.kind, resource.entity, resource.key))
        if remote is None or self._is_taken(remote) or self._gone(resource):
            return
        if alike(resource, remote):
            # our marker says that some run of ours made it, but not that this database knows of it
            self._take(resource, remote, ours=self._is_pending(resource, remote))
        else:
            self._result.clashes[resource.address] = remote

    def _named(self, resource: Resource) -> None:
        if self._gone(resource) or resource.address in self._result.clashes:
            return
        for remote in self._candidates(resource):
            if self._is_taken(remote) or self._gives_way(resource, remote):
                continue
            if not alike(resource, remote):
                self._result.clashes.setdefault(resource.address, remote)
                continue
            ours = self._is_pending(resource, remote)
            if ours or self._adopt:
                self._result.clashes.pop(resource.address, None)
                self._take(resource, remote, ours=ours)
                return

    def _unnamed(self, resource: Resource) -> None:
        """Won and lost stages are there from the start; in a pipeline of ours the first stage too. A card has no name."""
        if resource.kind not in (Kind.STAGE, Kind.CARD) or self._gone(resource):
            return
        for remote in self._siblings(resource):
            if self._is_taken(remote) or not alike(resource, remote):
                continue
            untouched = self._parent_is_ours(resource) and remote.stock
            if resource.kind is Kind.CARD or (remote.fixed and (remote.attributes.get("kind") != "open" or untouched)):
                self._take(resource, remote, ours=untouched or self._is_pending(resource, remote))
                return

    def _gives_way(self, resource: Resource, remote: Remote) -> bool:
        """An automatic stage that may go leaves its place to the one that may not, whatever their names."""
        if not remote.stock or remote.fixed or not self._parent_is_ours(resource):
            return False
        lasting = [r for r in self._siblings(resource) if r.stock and r.fixed and not self._is_taken(r)]
        return any(alike(resource, r) for r in lasting)

    def _candidates(self, resource: Resource) -> Iterable[Remote]:
        parent = self._parent_id(resource)
        if parent is None or resource.kind is Kind.CARD:
            return
        for name in (resource.name, *resource.aliases):
            yield from self._by_name.get((resource.kind, resource.entity, parent, normal(name)), ())

    def _siblings(self, resource: Resource) -> Sequence[Remote]:
        parent = self._parent_id(resource)
        if parent is None:
            return ()
        return self._by_parent.get((resource.kind, resource.entity, parent), ())

    def _parent_id(self, resource: Resource) -> str | None:
        """The remote id of the parent, "" where there is none to have, ``None`` while it does not exist."""
        return self._result.remote_id(resource.parent) if resource.parent else ""

    def _parent_is_ours(self, resource: Resource) -> bool:
        parent = self._result.found.get(resource.parent)
        return parent is not None and parent.ours

    def _is_pending(self, resource: Resource, remote: Remote) -> bool:
        binding = self._bindings.get(resource.address)
        return binding is not None and binding.origin == "pending" and remote.id not in binding.twins

    def _gone(self, resource: Resource) -> bool:
        """It was bound, and that object is no more: another one of the same name is not it."""
        binding = self._bindings.get(resource.address)
        return binding is not None and binding.origin in ("created", "released", "dropped")

    def _is_taken(self, remote: Remote) -> bool:
        return (remote.kind, remote.entity, remote.id) in self._taken

    def _take(self, resource: Resource, remote: Remote, *, bound: bool = False, ours: bool = False) -> None:
        self._taken.add((remote.kind, remote.entity, remote.id))
        self._result.found[resource.address] = Match(remote, bound, ours)


def alike(resource: Resource, remote: Remote) -> bool:
    """Whether what cannot be changed about the object fits the wish."""
    return all(
        resource.attributes[name] == remote.attributes[name]
        for name in IDENTITY.get(resource.kind, ())
        if name in resource.attributes and name in remote.attributes
    )


def twins_of(resource: Resource, parent_id: str | None, snapshot: Snapshot) -> tuple[str, ...]:
    """Ids of objects that bear the same name today: after a crash they must not be taken for our own create."""
    return tuple(
        remote.id
        for remote in snapshot.remotes
        if (remote.kind, remote.entity) == (resource.kind, resource.entity)
        and remote.parent == (parent_id or "")
        and normal(remote.name) == normal(resource.name)
    )


def known_ids(bindings: Mapping[str, Binding]) -> dict[str, str]:
    """Address -> remote id of everything bound."""
    return {address: binding.remote_id for address, binding in bindings.items() if binding.remote_id}
