"""The chart of an account out of what was read of it, what is bound, and what the preset means by it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from installer.matching import normal
from installer.preset.expansion import active_fields
from installer.preset.parts import FieldSpec
from installer.preset.preset import Preset
from widget_backend.crm.chart import Chart, ChartField, ChartPipeline, ChartStage
from widget_backend.crm.model import Bindings, Capabilities, Kind, Option, Remote, Snapshot, Value
from widget_backend.crm.vocabulary import SYSTEM_FIELDS

#: built-in fields that are no text
SYSTEM_TYPES: Mapping[str, str] = {
    "deal.amount": "money",
    "deal.source": "list",
    "deal.loss_reason": "list",
    "contact.birth_date": "date",
}
#: built-in lists, and the kind whose objects are their options
SYSTEM_LISTS: Mapping[str, Kind] = {"deal.source": Kind.SOURCE, "deal.loss_reason": Kind.LOSS_REASON}
#: built-in fields that a deal or contact has as parts of its own
PARTS = frozenset({"title", "amount", "client", "responsible", "phone", "email", "copy_of"})
#: what else goes by a bound id
NAMED = frozenset({Kind.LOSS_REASON, Kind.SOURCE, Kind.TAG, Kind.TASK_TYPE, Kind.ROBOT, Kind.TRIGGER})


def chart(preset: Preset, snapshot: Snapshot, bindings: Bindings, capabilities: Capabilities) -> Chart:
    """What the preset's addresses mean in this account."""
    made = _Charting(preset, snapshot, bindings, capabilities)
    return Chart(
        snapshot.account.language,
        tuple(made.stages()),
        tuple(made.pipelines()),
        tuple(made.fields()),
        made.names(),
        snapshot.account.currency,
    )


class _Charting:
    def __init__(self, preset: Preset, snapshot: Snapshot, bindings: Bindings, capabilities: Capabilities) -> None:
        self._preset = preset
        self._bindings = bindings
        self._can = capabilities
        self._remotes = {kind: [r for r in snapshot.remotes if r.kind is kind] for kind in Kind}
        bound = [b for b in bindings.values() if b.remote_id]
        self._address = {(b.kind, b.remote_id, _entity(b.address)): b.address for b in bound}

    def pipelines(self) -> Iterator[ChartPipeline]:
        for remote in self._remotes[Kind.PIPELINE]:
            yield ChartPipeline(self._address_of(remote), remote.id, remote.name, _whole(remote, "position"))

    def stages(self) -> Iterator[ChartStage]:
        homes = {r.id: self._address_of(r) for r in self._remotes[Kind.PIPELINE]}
        for remote in self._remotes[Kind.STAGE]:
            yield ChartStage(
                self._address_of(remote),
                remote.id,
                homes.get(remote.parent, ""),
                remote.parent,
                str(remote.attributes.get("kind", "open")),
                remote.name,
                _whole(remote, "position"),
            )

    def fields(self) -> Iterator[ChartField]:
        remotes = {(r.entity, r.id): r for r in self._remotes[Kind.FIELD]}
        specs = {spec.address: spec for spec in active_fields(self._preset)}
        for address, spec in specs.items():
            if spec.system in self._can.system_fields:
                if spec.key not in PARTS:
                    yield self._built_in(spec)
            elif (binding := self._bindings.get(address)) and (spec.entity, binding.remote_id) in remotes:
                yield self._own(spec, remotes[spec.entity, binding.remote_id])

    def names(self) -> Mapping[str, str]:
        there = {(kind, remote.id) for kind in NAMED for remote in self._remotes[kind]}
        bound = (b for b in self._bindings.values() if b.kind in NAMED)
        return {b.address: b.remote_id for b in bound if (b.kind, b.remote_id) in there}

    def _own(self, spec: FieldSpec, remote: Remote) -> ChartField:
        wanted = self._bindings[spec.address].applied.get("options", ())
        return ChartField(
            spec.address,
            remote.id,
            str(remote.attributes.get("type", spec.type)),
            remote.name,
            multiple=bool(remote.attributes.get("multiple", spec.multiple)),
            required_at=spec.required_at,
            options=tuple(_keyed(_options(wanted), _options(remote.attributes.get("options", ())))),
        )

    def _built_in(self, spec: FieldSpec) -> ChartField:
        name = spec.system if spec.system in SYSTEM_FIELDS else ""
        kind = SYSTEM_LISTS.get(name)
        options = tuple(self._objects(kind)) if kind else ()
        of_type = SYSTEM_TYPES.get(name, "text")
        return ChartField(
            spec.address,
            self._can.system_fields[spec.system],
            of_type,
            spec.name.ru,
            system=True,
            required_at=spec.required_at,
            options=options,
        )

    def _objects(self, kind: Kind) -> Iterator[Option]:
        """The objects of a kind as options of the list they make up."""
        for remote in self._remotes[kind]:
            key = self._address_of(remote).rpartition(".")[2]
            if key:
                yield Option(key, remote.name, remote.id)

    def _address_of(self, remote: Remote) -> str:
        return self._address.get((remote.kind, remote.id, remote.entity), "")


def _keyed(wanted: Sequence[Option], there: Sequence[Option]) -> Iterator[Option]:
    """Our keys with the ids of the CRM: by the id we gave the option, else by its label."""
    by_id, by_label = {o.id: o for o in there if o.id}, {normal(o.label): o for o in there}
    for option in wanted:
        found = by_id.get(option.id) or by_label.get(normal(option.label))
        if found is not None:
            yield Option(option.key, found.label, found.id)


def _options(value: Value) -> tuple[Option, ...]:
    return tuple(item for item in value if isinstance(item, Option)) if isinstance(value, tuple) else ()


def _whole(remote: Remote, name: str) -> int:
    value = remote.attributes.get(name)
    return value if isinstance(value, int) else 0


def _entity(address: str) -> str:
    """The entity an address carries: «field.deal.branch», «tag.contact.x»; empty for kinds that have none."""
    parts = address.split(".")
    return parts[1] if parts[0] in ("field", "tag", "group", "card") and parts[1] in ("deal", "contact") else ""
