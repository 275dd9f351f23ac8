"""How bindings change: before the first request of a plan, and after each outcome. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from installer import wording
from installer.matching import twins_of
from installer.plan import Plan
from widget_backend.crm.model import Action, Attributes, Binding, Bindings, Change, Origin, Remote, Resource, Snapshot
from widget_backend.crm.port import Outcome


def before(plan: Plan, bound: Bindings, snapshot: Snapshot) -> list[Binding]:
    """Bindings to save before anything is sent: creates as pending, what was found or adopted as bound, decisions kept."""
    updated = {c.address: c.before for c in plan.changes if c.action is Action.UPDATE}
    parents = {c.address: c.remote.id for c in plan.changes if c.remote is not None}
    saved = []
    for change in plan.changes:
        binding = _before(change, bound.get(change.address), updated.get(change.address, {}), parents, snapshot)
        if binding is not None and binding != bound.get(change.address):
            saved.append(binding)
    return saved


def _before(
    change: Change, known: Binding | None, updated: Attributes, parents: Mapping[str, str], snapshot: Snapshot
) -> Binding | None:
    resource, remote = change.resource, change.remote
    if change.note == wording.DROPPED and known is not None and known.origin == "created":
        return replace(known, origin="dropped")
    if resource is None:
        return None
    if change.action is Action.CREATE:
        return _pending(resource, known, parents, snapshot)
    if change.action is Action.KEEP and remote is None:
        return replace(known, origin="released") if known else None
    if remote is None or change.action not in (Action.KEEP, Action.ADOPT):
        return None
    return _bound(change, resource, remote, known, updated)


def _pending(resource: Resource, known: Binding | None, parents: Mapping[str, str], snapshot: Snapshot) -> Binding:
    if known is not None and known.origin == "pending":
        return known
    twins = twins_of(resource, parents.get(resource.parent), snapshot)
    return Binding(resource.address, resource.kind, "pending", twins=twins)


def _bound(change: Change, resource: Resource, remote: Remote, known: Binding | None, updated: Attributes) -> Binding:
    """What is being updated counts as written only when the CRM has said so; what it replaces is noted at once."""
    written: Attributes = {name: value for name, value in resource.attributes.items() if name not in updated}
    if known is None or not known.remote_id or known.remote_id != remote.id:
        taken_over = change.action is Action.ADOPT or (known is not None and known.origin == "adopted")
        origin: Origin = "adopted" if taken_over else "created"
        kept = {**_place(remote), **change.before} if origin == "adopted" else {}
        return Binding(resource.address, resource.kind, origin, remote.id, written, kept, updated)
    agreed = {n: v for n, v in change.before.items() if n in change.after and _differs(known, resource, n)}
    return replace(
        known,
        origin="created" if known.origin == "dropped" else known.origin,
        applied={**known.applied, **written},
        kept={**known.kept, **agreed},
        original={**updated, **known.original},
    )


def _place(remote: Remote) -> Attributes:
    """Where an adopted object stood among its siblings: their order was taken over with it."""
    return {name: value for name, value in remote.attributes.items() if name == "position"}


def _differs(known: Binding, resource: Resource, name: str) -> bool:
    """Whether the preset moved on here: then leaving the clinic's value was a decision, and is remembered."""
    return known.applied.get(name) != resource.attributes.get(name)


def after(
    changes: Mapping[str, Change], outcomes: Sequence[Outcome], bound: Bindings
) -> tuple[list[Binding], list[str]]:
    """Bindings to save and addresses to let go of, for these outcomes."""
    saved: list[Binding] = []
    gone: list[str] = []
    for outcome in outcomes:
        change = changes.get(outcome.address)
        if change is None:
            continue
        binding = bound.get(outcome.address)
        if outcome.error is not None:
            if change.action is Action.CREATE and binding is not None and binding.origin == "pending":
                gone.append(outcome.address)
        elif change.resource is None:
            gone.append(outcome.address)
        elif outcome.remote is not None and change.action is Action.CREATE:
            saved.append(
                Binding(outcome.address, change.kind, "created", outcome.remote.id, change.resource.attributes)
            )
        elif change.action is Action.UPDATE and binding is not None:
            saved.append(_updated(binding, change, change.resource))
    return saved, gone


def _updated(binding: Binding, change: Change, resource: Resource) -> Binding:
    applied = {**binding.applied, **{name: resource.attributes[name] for name in change.after}}
    return replace(binding, applied=applied, original={**change.before, **binding.original})
