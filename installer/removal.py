"""Rollback as a plan: what we made goes if it is empty, what we changed is restored, what was adopted stays. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from installer import wording
from installer.cards import sections_of
from installer.plan import Plan, sort_changes
from installer.restoring import is_all_ours, restored, without_fields
from installer.settling import resolve
from installer.wishes import Wishes
from widget_backend.crm.model import (
    Action,
    Attributes,
    Binding,
    Bindings,
    Capabilities,
    Change,
    Kind,
    Remote,
    Snapshot,
    Value,
)
from widget_backend.crm.vocabulary import IDENTITY
from widget_backend.texts import Text

#: kinds whose values may stand in deals and contacts
HOLDERS = (Kind.FIELD, Kind.SOURCE, Kind.LOSS_REASON)
#: origins of what we made; «dropped» has left the preset since
MADE = ("created", "dropped")

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
ANOTHER = Text(
    "под этим именем уже другой объект (его сделали вы или другое приложение), не трогаем",
    "another object stands under this name (made by you or another application), left alone",
)
CARD_KEPT = Text(
    "уберём наши поля, остальное на карточке ваше и остаётся", "our fields go, the rest of the card is yours and stays"
)
RESTORED = Text("вернуть, как было до пресета", "restore what was there before the preset")


def questionable(snapshot: Snapshot, bindings: Bindings) -> tuple[tuple[Remote, ...], tuple[Remote, ...]]:
    """The stages whose deals, and the fields, sources and reasons whose values must be counted before anything goes."""
    made = {(b.kind, b.remote_id) for b in bindings.values() if b.origin in MADE}
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
    changes = sort_changes(list(_Removal(preset, snapshot, bindings, capabilities, values, shared).rows()))
    return Plan(
        preset.key, preset.version, preset.digest, capabilities.vendor, snapshot.account, changes, purpose="rollback"
    )


@dataclass(frozen=True, slots=True)
class _Removal:
    preset: Wishes
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
            elif binding.origin in MADE:
                yield self._made(binding, remote, staying)
            else:
                yield from self._adopted(binding, remote)

    def _staying(self, remotes: Mapping[tuple[Kind, str], Remote]) -> Mapping[str, Text]:
        """Pipelines of ours that cannot go, with the reason."""
        bound = {b.remote_id for b in self.bindings.values() if b.kind is Kind.STAGE}
        reasons: dict[str, Text] = {}
        for binding in self.bindings.values():
            if binding.kind is not Kind.PIPELINE or binding.origin not in MADE:
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
        title = self._title(remote)
        if (remote.kind, remote.id) in self.shared:
            return Change(Action.FORGET, binding.kind, binding.address, title, None, remote, note=SHARED)
        reason = self._reason_to_stay(binding, remote, staying)
        if reason is not None:
            return Change(Action.KEEP, binding.kind, binding.address, title, None, remote, note=reason)
        if remote.kind is Kind.CARD and not is_all_ours(
            remote.attributes["sections"], self._applied(binding, "sections")
        ):
            return self._without_our_fields(binding, remote)
        return Change(Action.DELETE, binding.kind, binding.address, title, None, remote)

    def _without_our_fields(self, binding: Binding, remote: Remote) -> Change:
        """A card the clinic has worked on keeps all but the fields that go."""
        going: set[object] = {b.remote_id for b in self.bindings.values() if b.kind is Kind.FIELD and b.origin in MADE}
        now, ours = remote.attributes["sections"], self._applied(binding, "sections")
        titles = {section.title for section in sections_of(ours)}
        after = {"sections": without_fields(now, going, titles)}
        title = self._title(remote)
        if after["sections"] == now:
            return Change(Action.FORGET, remote.kind, binding.address, title, None, remote, note=YOURS_NOW)
        return Change(
            Action.UPDATE, remote.kind, binding.address, title, None, remote, {"sections": now}, after, CARD_KEPT
        )

    def _reason_to_stay(self, binding: Binding, remote: Remote, staying: Mapping[str, Text]) -> Text | None:
        if remote.kind not in self.can.writes:
            return CANNOT
        if not _is_as_made(binding, remote):
            return ANOTHER
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
            and b.origin in MADE
            and not self.values.get(b.remote_id, 0)
            and (b.kind, b.remote_id) not in self.shared
        }
        return any(
            r.kind is Kind.FIELD and r.attributes.get("group") == group.id and r.id not in leaving
            for r in self.snapshot.remotes
        )

    def _adopted(self, binding: Binding, remote: Remote) -> Iterator[Change]:
        """Take out what we added, put back what we replaced, leave what the clinic has changed since; then let go."""
        restored_ = {n: self._restored(binding, remote, n) for n in binding.original if n in remote.attributes}
        after: Attributes = {n: value for n, value in restored_.items() if value != remote.attributes[n]}
        title = self._title(remote)
        if after:
            before: Attributes = {name: remote.attributes[name] for name in after}
            yield Change(Action.UPDATE, remote.kind, binding.address, title, None, remote, before, after, RESTORED)
            return
        note = YOURS_NOW if binding.original else ADOPTED
        yield Change(Action.FORGET, remote.kind, binding.address, title, None, remote, note=note)

    def _restored(self, binding: Binding, remote: Remote, name: str) -> Value:
        """Options of a field that is filled are not taken away again."""
        now = remote.attributes[name]
        if name == "options" and self.values.get(remote.id, 0):
            return now
        return restored(now, binding.original[name], self._applied(binding, name))

    def _applied(self, binding: Binding, name: str) -> Value:
        return resolve(binding.applied.get(name), self._find)

    def _find(self, address: str) -> str | None:
        system = self.preset.system(address)
        if system is not None and system in self.can.system_fields:
            return self.can.system_fields[system]
        known = self.bindings.get(address)
        return known.remote_id if known else None

    def _title(self, remote: Remote) -> str:
        parent = next((r.name for r in self.snapshot.remotes if r.kind is Kind.PIPELINE and r.id == remote.parent), "")
        if remote.kind is Kind.CARD:
            return parent or wording.CONTACT_CARD.into(self.snapshot.account.language)
        return f"{parent} / {remote.name}" if parent else remote.name


def _is_as_made(binding: Binding, remote: Remote) -> bool:
    """Whether it is still of the nature we gave it: else somebody has put another object under its name."""
    return all(
        binding.applied[name] == remote.attributes[name]
        for name in IDENTITY.get(remote.kind, ())
        if name in binding.applied and name in remote.attributes
    )
