"""Rows beyond the wishes: automatic stages not needed, attributes a CRM lacks, addresses that left the preset. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from installer import wording
from installer.matching import Matches
from widget_backend.crm.model import Action, Bindings, Capabilities, Change, Kind, Resource, Snapshot


def leftovers(snapshot: Snapshot, matches: Matches, names: Mapping[str, str]) -> Iterator[Change]:
    """Automatic stages of pipelines we made, untouched and not needed."""
    ours = {m.remote.id: a for a, m in matches.found.items() if m.remote.kind is Kind.PIPELINE and m.ours}
    taken = {m.remote.id for m in matches.found.values() if m.remote.kind is Kind.STAGE}
    for remote in snapshot.remotes:
        if remote.kind is not Kind.STAGE or not remote.stock or remote.fixed:
            continue
        if remote.parent in ours and remote.id not in taken:
            title = f"{names[ours[remote.parent]]} / {remote.name}"
            address = f"{ours[remote.parent]}.stock.{remote.id}"
            yield Change(Action.DELETE, Kind.STAGE, address, title, None, remote, note=wording.LEFTOVER)


def lost_attributes(wanted: Iterable[Resource], can: Capabilities, language: str) -> Iterator[Change]:
    """What cannot be said to this CRM about any object of a kind, with the fallback."""
    resources = tuple(wanted)
    for (kind, name), fallback in can.lost_attributes.items():
        if any(r.kind is kind and r.attributes.get(name) for r in resources):
            title = f"{wording.PLURALS[kind].into(language)}: {wording.ATTRIBUTES[name].into(language)}"
            yield Change(Action.UNSUPPORTED, kind, f"{kind}.*.{name}", title, note=fallback)


def dropped(bindings: Bindings, names: Mapping[str, str]) -> Iterator[Change]:
    """What the preset has left out since it was installed; told once."""
    for address, binding in bindings.items():
        if address not in names and binding.origin != "dropped":
            yield Change(Action.FORGET, binding.kind, address, address, note=wording.DROPPED)
