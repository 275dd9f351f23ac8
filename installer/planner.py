"""The planner: preset + snapshot + bindings + capabilities -> Plan, or ``None`` when nothing is left to do. Pure.

A row per resource. What the clinic made or changed is never removed or overwritten by a row it has not seen: see
``settling`` for the three-way rule and ``matching`` for who is who.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from installer import wording
from installer.cards import has_refs, is_laid_out, sections_of
from installer.extras import dropped, leftovers, lost_attributes
from installer.guards import guards
from installer.matching import Match, Matches, match
from installer.plan import Plan, sort_changes
from installer.ranking import Ranks, rank
from installer.settling import Copies, Settled, Verdict, resolve, settle
from installer.wishes import DEFAULT, Choices, Wishes
from widget_backend.crm.model import (
    Action,
    Attributes,
    Binding,
    Bindings,
    Capabilities,
    Change,
    Kind,
    Remote,
    Resource,
    Section,
    Snapshot,
    Value,
)
from widget_backend.crm.vocabulary import IDENTITY, SET_ONCE
from widget_backend.texts import Text

#: the application's own: the vendor drops them when it is removed or updated (bitrix24.md §1.1), nobody at the clinic does
OURS = frozenset({Kind.SUBSCRIPTION, Kind.PLACEMENT, Kind.ROBOT, Kind.TRIGGER})


def plan(
    preset: Wishes,
    snapshot: Snapshot,
    bindings: Bindings,
    capabilities: Capabilities,
    choices: Choices = DEFAULT,
) -> Plan | None:
    """The plan, or ``None`` when the CRM is as the preset and the clinic want it."""
    made = survey(preset, snapshot, bindings, capabilities, choices)
    return None if made.is_settled else made


def survey(
    preset: Wishes,
    snapshot: Snapshot,
    bindings: Bindings,
    capabilities: Capabilities,
    choices: Choices = DEFAULT,
) -> Plan:
    """All rows, those that do nothing too: kept, adopted, by hand, unsupported."""
    wanted = preset.desired(capabilities, snapshot.account.language)
    known = {} if _was_reset(bindings, snapshot) else bindings
    survey_ = _Survey(preset, wanted, snapshot, known, capabilities, choices)
    changes = sort_changes(list(survey_.rows()))
    return Plan(
        preset.key,
        preset.version,
        preset.digest,
        capabilities.vendor,
        snapshot.account,
        changes,
        guards(changes, _existing(snapshot, capabilities), snapshot),
        matched=len(survey_.matches.found),
    )


def _existing(snapshot: Snapshot, capabilities: Capabilities) -> int:
    """How much the clinic has of what a plan may touch."""
    return sum(remote.kind in capabilities.writes and not remote.stock for remote in snapshot.remotes)


def _was_reset(bindings: Bindings, snapshot: Snapshot) -> bool:
    """Nothing of what we made is there any more: it is another account behind the same address, or one made anew."""
    lasting = [b for b in bindings.values() if b.remote_id and b.kind in (Kind.PIPELINE, Kind.FIELD)]
    present = {(r.kind, r.id) for r in snapshot.remotes}
    return bool(lasting) and not any((b.kind, b.remote_id) in present for b in lasting)


class _Survey:
    def __init__(
        self,
        preset: Wishes,
        wanted: Iterable[Resource],
        snapshot: Snapshot,
        bindings: Bindings,
        capabilities: Capabilities,
        choices: Choices,
    ) -> None:
        self._preset = preset
        self._wanted = tuple(wanted)
        self._snapshot = snapshot
        self._bindings = bindings
        self._can = capabilities
        self._choices = choices
        self._language = snapshot.account.language
        self._names = {r.address: r.name for r in self._wanted}
        self._resources = {r.address: r for r in self._wanted}
        self._present: dict[str, dict[str, int]] = {}
        self.matches: Matches = match(self._wanted, snapshot, bindings, adopt=choices.adopt)
        self._ranks: Ranks = rank(self._wanted, self.matches, bindings)

    def rows(self) -> Iterator[Change]:
        for resource in self._wanted:
            yield from self._rows_of(resource)
        yield from leftovers(self._snapshot, self.matches, self._names)
        yield from lost_attributes(self._wanted, self._can, self._language)
        yield from dropped(self._bindings, self._names)

    def _rows_of(self, resource: Resource) -> Iterator[Change]:
        if resource.kind in self._can.unsupported:
            yield self._row(Action.UNSUPPORTED, resource, note=self._can.unsupported[resource.kind])
        elif resource.kind in self._can.manual:
            yield self._manual(resource)
        elif resource.address in self.matches.found:
            yield from self._found(resource, self.matches.found[resource.address])
        else:
            yield self._not_found(resource)

    def _not_found(self, resource: Resource) -> Change:
        clash = self.matches.clashes.get(resource.address)
        if clash is not None and clash.marker == resource.key:
            return self._row(Action.UNSUPPORTED, resource, clash, note=wording.CODE_TAKEN)
        binding, decided = self._bindings.get(resource.address), self._choices.about(resource.address)
        if binding is not None and binding.origin == "released" and decided != "replace":
            return self._row(Action.KEEP, resource, note=wording.RELEASED)
        if binding is not None and binding.remote_id and decided == "ask" and resource.kind not in OURS:
            return self._row(Action.CONFLICT, resource, after=self._sayable(resource), note=wording.REMOVED)
        if binding is not None and binding.remote_id and decided == "keep":
            return self._row(Action.KEEP, resource, note=wording.RELEASED)
        return self._new(resource)

    def _new(self, resource: Resource) -> Change:
        """Made, unless the clinic has removed what it would stand in: then it goes the way of that."""
        parent = self._resources.get(resource.parent)
        lost = parent is not None and parent.address not in self.matches.found and self._not_found(parent)
        if lost and lost.action is Action.KEEP:
            return self._row(Action.KEEP, resource, note=wording.RELEASED)
        if lost and lost.action is Action.CONFLICT:
            return self._row(Action.CONFLICT, resource, after=self._sayable(resource), note=wording.PARENT_REMOVED)
        return self._row(Action.CREATE, resource, after=self._sayable(resource))

    def _found(self, resource: Resource, found: Match) -> Iterator[Change]:
        binding = self._bindings.get(resource.address)
        verdicts = {
            name: self._settle(resource, found, binding, name) for name in self._compared(resource, found.remote)
        }
        yield self._first_row(resource, found, verdicts)
        updated = self._having(verdicts, Verdict.UPDATE)
        conflicts = self._having(verdicts, Verdict.CONFLICT)
        decided = self._choices.about(resource.address)
        if decided == "replace":
            updated, conflicts = [*updated, *conflicts], []
        if updated:
            yield self._difference(Action.UPDATE, resource, found.remote, verdicts, updated)
        if conflicts and decided == "ask":
            yield self._difference(Action.CONFLICT, resource, found.remote, verdicts, conflicts, wording.CONFLICT)

    def _first_row(self, resource: Resource, found: Match, verdicts: Mapping[str, Settled]) -> Change:
        """Keep or adopt, with what of the clinic's own stays; an object that is only updated needs no such row."""
        own = self._having(verdicts, Verdict.EDITED, Verdict.AGREED)
        if self._choices.about(resource.address) == "keep":
            own = [*own, *self._having(verdicts, Verdict.CONFLICT)]
        before = {name: found.remote.attributes[name] for name in own}
        after = {name: self._resolved(resource.attributes[name]) for name in own}
        if not found.bound and not found.ours:
            return self._row(Action.ADOPT, resource, found.remote, before, after, wording.ADOPTED)
        note = None if found.bound else wording.RESUMED
        if self._having(verdicts, Verdict.EDITED):
            note = wording.EDITED
        elif own:
            note = wording.AGREED
        return self._row(Action.KEEP, resource, found.remote, before, after, note)

    def _difference(
        self,
        action: Action,
        resource: Resource,
        remote: Remote,
        verdicts: Mapping[str, Settled],
        names: Iterable[str],
        note: Text | None = None,
    ) -> Change:
        before = {name: remote.attributes[name] for name in names}
        after = {name: self._absolute(resource, name, verdicts[name].after) for name in names}
        return self._row(action, resource, remote, before, after, note)

    def _settle(self, resource: Resource, found: Match, binding: Binding | None, name: str) -> Settled:
        # what the CRM made by itself and nobody has touched is as good as ours, also after a run that was cut off
        ours = found.ours or found.remote.stock
        if name == "position":
            return settle(self._ranks.copies(resource.address, ours))
        copies = {"wanted": self._resolved(resource.attributes[name]), "now": found.remote.attributes[name]}
        if found.bound and binding is not None and name in binding.applied:
            copies["last"] = self._resolved(binding.applied[name])
        if binding is not None and name in binding.kept:
            copies["kept"] = binding.kept[name]
        settled = settle(Copies(**copies, ours=ours))
        if settled.verdict is Verdict.EDITED and self._is_made_again(resource, copies["wanted"]):
            return Settled(Verdict.UPDATE, copies["wanted"])
        return settled

    def _is_made_again(self, resource: Resource, wanted: Value) -> bool:
        """Whether it lost its hold on something that is being made again, as the person asks."""
        return self._choices.about(resource.address) == "replace" and has_refs(wanted)

    def _compared(self, resource: Resource, remote: Remote) -> list[str]:
        """What can be said to this CRM about this object and may change after it is made."""
        said = self._can.attributes.get(resource.kind, frozenset())
        fixed = SET_ONCE.get(resource.kind, frozenset()) | IDENTITY.get(resource.kind, frozenset())
        return [n for n in resource.attributes if n in said and n not in fixed and n in remote.attributes]

    def _sayable(self, resource: Resource) -> Attributes:
        said = self._can.attributes.get(resource.kind, frozenset()) | {"name"}
        fixed = IDENTITY.get(resource.kind, frozenset())
        attributes = {n: v for n, v in resource.attributes.items() if n in said or n in fixed}
        return {n: self._absolute(resource, n, self._resolved(v)) for n, v in attributes.items()}

    def _resolved(self, value: Value) -> Value:
        """Remote ids for references; built-in fields this CRM lacks, and fields nobody can place, fall out of sections."""
        resolved = resolve(value, self._find)
        return (
            tuple(self._placeable(section) for section in sections) if (sections := sections_of(resolved)) else resolved
        )

    def _placeable(self, section: Section) -> Section:
        return Section(
            section.title, tuple(f for f in section.fields if isinstance(f, str) or f.address in self._names)
        )

    def _find(self, address: str) -> str | None:
        system = self._preset.system(address)
        if system is not None and system in self._can.system_fields:
            return self._can.system_fields[system]
        known = self._bindings.get(address) if address not in self._names else None
        return known.remote_id if known else self.matches.remote_id(address)

    def _absolute(self, resource: Resource, name: str, after: Value) -> Value:
        """Positions are compared as ranks and written as places among the siblings that are, or will be, there."""
        if name != "position" or resource.kind is not Kind.STAGE:
            return resource.attributes[name] if name == "position" else after
        if resource.parent not in self._present:
            family = [r for r in self._wanted if r.kind is Kind.STAGE and r.parent == resource.parent]
            there = [r for r in family if r.address in self.matches.found or self._is_missing(r)]
            self._present[resource.parent] = {r.address: place for place, r in enumerate(there, 1)}
        return self._present[resource.parent].get(resource.address, 0)

    def _is_missing(self, resource: Resource) -> bool:
        """Whether it is not there and nobody wants it so."""
        known = self._bindings.get(resource.address)
        decided = self._choices.about(resource.address)
        return known is None or known.origin == "pending" or decided == "replace"

    def _manual(self, resource: Resource) -> Change:
        found = self.matches.found.get(resource.address)
        laid_out = resource.kind is Kind.CARD and is_laid_out(resource, self._snapshot, self._names, self.matches)
        done = laid_out if resource.kind is Kind.CARD else found is not None
        note = wording.BY_HAND_DONE if done else self._can.manual[resource.kind]
        return self._row(Action.MANUAL, resource, found.remote if found else None, note=note, done=done)

    @staticmethod
    def _having(verdicts: Mapping[str, Settled], *wanted: Verdict) -> list[str]:
        return [name for name, settled in verdicts.items() if settled.verdict in wanted]

    def _row(
        self,
        action: Action,
        resource: Resource,
        remote: Remote | None = None,
        before: Attributes | None = None,
        after: Attributes | None = None,
        note: Text | None = None,
        done: bool = False,
    ) -> Change:
        title = self._title(resource)
        return Change(
            action, resource.kind, resource.address, title, resource, remote, before or {}, after or {}, note, done
        )

    def _title(self, resource: Resource) -> str:
        if resource.kind is Kind.STAGE:
            return f"{self._names.get(resource.parent, resource.parent)} / {resource.name}"
        if resource.kind is Kind.CARD:
            return self._names.get(resource.parent) or wording.CONTACT_CARD.into(self._language)
        return resource.name
