"""Rollback as a plan: what we made goes if it is empty, what we changed is restored, what was adopted stays. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from installer import wording
from installer.plan import Plan, sort_changes
from installer.wishes import Wishes
from widget_backend.crm.model import (
    Action,
    Attributes,
    Binding,
    Bindings,
    Capabilities,
    Change,
    Kind,
    Option,
    Remote,
    Snapshot,
    Value,
)
from widget_backend.texts import Text

#: kinds whose values may stand in deals and contacts
HOLDERS = (Kind.FIELD, Kind.SOURCE, Kind.LOSS_REASON)

HOLDS = Text("не удаляем: есть сделки ({deals})", "not removed: it holds deals ({deals})")
FILLED = Text("не удаляем: заполнено в карточках ({records})", "not removed: filled in records ({records})")
OWN_STAGES = Text("не удаляем: в ней есть ваши этапы", "not removed: it has stages of your own")
OWN_FIELDS = Text("не удаляем: на вкладке есть ваши поля", "not removed: the tab has fields of your own")
STAYS = Text("остаётся вместе с воронкой", "stays together with its pipeline")
ADOPTED = Text("было у вас до пресета, остаётся", "was yours before the preset, stays")
YOURS_NOW = Text("вы изменили это после нас, оставляем", "you changed it after us, left as it is")
CANNOT = Text(
    "CRM не даёт удалить это через API, остаётся", "the CRM does not let it be removed through the API, it stays"
)
SHARED = Text("нужно другому установленному пресету, остаётся", "another installed preset needs it, it stays")
RESTORED = Text("вернуть, как было до пресета", "restore what was there before the preset")


def questionable(snapshot: Snapshot, bindings: Bindings) -> tuple[tuple[Remote, ...], tuple[Remote, ...]]:
    """The stages whose deals, and the fields, sources and reasons whose values must be counted before anything goes."""
    made = {(b.kind, b.remote_id) for b in bindings.values() if b.origin == "created"}
    altered = {(b.kind, b.remote_id) for b in bindings.values() if b.original}
    pipelines = {remote_id for kind, remote_id in made if kind is Kind.PIPELINE}
    stages = tuple(
        r for r in snapshot.remotes if r.kind is Kind.STAGE and (r.parent in pipelines or (r.kind, r.id) in made)
    )
    holders = tuple(r for r in snapshot.remotes if r.kind in HOLDERS and (r.kind, r.id) in made | altered)
    return stages, holders


def plan_removal(
    preset: Wishes,
    snapshot: Snapshot,
    bindings: Bindings,
    capabilities: Capabilities,
    values: Mapping[str, int],
    shared: Collection[tuple[Kind, str]] = (),
) -> Plan:
    """The way back. ``snapshot.deals`` and ``values`` are the counts :func:`questionable` asked for; ``shared`` is what
    other presets hold."""
    changes = sort_changes(list(_Removal(snapshot, bindings, capabilities, values, shared).rows()))
    return Plan(
        preset.key, preset.version, preset.digest, capabilities.vendor, snapshot.account, changes, purpose="rollback"
    )


@dataclass(frozen=True, slots=True)
class _Removal:
    snapshot: Snapshot
    bindings: Bindings
    can: Capabilities
    values: Mapping[str, int]
    shared: Collection[tuple[Kind, str]]

    def rows(self) -> Iterator[Change]:
        remotes = {(r.kind, r.id): r for r in self.snapshot.remotes}
        staying = self._staying(remotes)
        for binding in self.bindings.values():
            remote = remotes.get((binding.kind, binding.remote_id))
            if remote is None or not binding.remote_id:
                yield Change(Action.FORGET, binding.kind, binding.address, binding.address, note=wording.RELEASED)
            elif binding.origin == "created":
                yield self._made(binding, remote, staying)
            else:
                yield from self._adopted(binding, remote)

    def _staying(self, remotes: Mapping[tuple[Kind, str], Remote]) -> Mapping[str, Text]:
        """Pipelines of ours that cannot go, with the reason."""
        bound = {b.remote_id for b in self.bindings.values() if b.kind is Kind.STAGE}
        reasons: dict[str, Text] = {}
        for binding in self.bindings.values():
            if binding.kind is not Kind.PIPELINE or binding.origin != "created":
                continue
            stages = [r for r in self.snapshot.remotes if r.kind is Kind.STAGE and r.parent == binding.remote_id]
            deals = sum(self.snapshot.deals.get(stage.id, 0) for stage in stages)
            foreign = [s for s in stages if s.id not in bound and not s.stock and not s.fixed]
            if deals:
                reasons[binding.remote_id] = HOLDS.format(deals=deals)
            elif foreign:
                reasons[binding.remote_id] = OWN_STAGES
            elif (Kind.PIPELINE, binding.remote_id) in self.shared:
                reasons[binding.remote_id] = SHARED
        return reasons

    def _made(self, binding: Binding, remote: Remote, staying: Mapping[str, Text]) -> Change:
        reason = self._reason_to_stay(binding, remote, staying)
        if reason is not None:
            return Change(Action.KEEP, binding.kind, binding.address, self._title(remote), None, remote, note=reason)
        return Change(Action.DELETE, binding.kind, binding.address, self._title(remote), None, remote)

    def _reason_to_stay(self, binding: Binding, remote: Remote, staying: Mapping[str, Text]) -> Text | None:
        if (remote.kind, remote.id) in self.shared:
            return SHARED
        if remote.kind not in self.can.writes:
            return CANNOT
        if remote.kind is Kind.PIPELINE:
            return staying.get(remote.id)
        if remote.kind is Kind.STAGE:
            return self._stage_stays(remote, staying)
        if remote.kind is Kind.CARD:
            return STAYS if remote.parent in staying else None
        if remote.kind in HOLDERS:
            records = self.values.get(remote.id, 0)
            return FILLED.format(records=records) if records else None
        return OWN_FIELDS if remote.kind is Kind.GROUP and self._has_foreign_fields(remote) else None

    def _stage_stays(self, remote: Remote, staying: Mapping[str, Text]) -> Text | None:
        if remote.parent in staying:
            return STAYS
        deals = self.snapshot.deals.get(remote.id, 0)
        return HOLDS.format(deals=deals) if deals else None

    def _has_foreign_fields(self, group: Remote) -> bool:
        """A tab with a field that stays (the clinic's own, or ours with values) stays too."""
        leaving = {
            b.remote_id
            for b in self.bindings.values()
            if b.kind is Kind.FIELD
            and b.origin == "created"
            and not self.values.get(b.remote_id, 0)
            and (b.kind, b.remote_id) not in self.shared
        }
        return any(
            r.kind is Kind.FIELD and r.attributes.get("group") == group.id and r.id not in leaving
            for r in self.snapshot.remotes
        )

    def _adopted(self, binding: Binding, remote: Remote) -> Iterator[Change]:
        """Restore what we changed, unless the clinic has changed it since; then let go."""
        restored = {n: v for n, v in binding.original.items() if self._may_restore(binding, remote, n)}
        title = self._title(remote)
        if restored:
            before: Attributes = {name: remote.attributes[name] for name in restored}
            yield Change(Action.UPDATE, remote.kind, binding.address, title, None, remote, before, restored, RESTORED)
            return
        note = YOURS_NOW if binding.original else ADOPTED
        yield Change(Action.FORGET, remote.kind, binding.address, title, None, remote, note=note)

    def _may_restore(self, binding: Binding, remote: Remote, name: str) -> bool:
        """Options in use are not taken away again; a value the clinic changed after us is the clinic's."""
        now = remote.attributes.get(name)
        if now == binding.original[name]:
            return False
        if _is_options(now):
            return not self.values.get(remote.id, 0)
        return isinstance(now, tuple) or now == binding.applied.get(name)

    def _title(self, remote: Remote) -> str:
        parent = next((r.name for r in self.snapshot.remotes if r.kind is Kind.PIPELINE and r.id == remote.parent), "")
        if remote.kind is Kind.CARD:
            return parent or wording.CONTACT_CARD.into(self.snapshot.account.language)
        return f"{parent} / {remote.name}" if parent else remote.name


def _is_options(value: Value) -> bool:
    return isinstance(value, tuple) and any(isinstance(item, Option) for item in value)
