"""Cards of deals and contacts: their sections, and whether one set up by hand holds what we want. Pure."""

from __future__ import annotations

from collections.abc import Container

from installer.matching import Matches
from widget_backend.crm.model import Kind, Ref, Resource, Section, Snapshot, Value


def sections_of(value: Value) -> tuple[Section, ...]:
    """The sections of a card's attribute, none for any other value."""
    return tuple(item for item in value if isinstance(item, Section)) if isinstance(value, tuple) else ()


def has_refs(value: Value) -> bool:
    """Whether it speaks of something that is yet to be made."""
    return isinstance(value, Ref) or (isinstance(value, tuple) and any(isinstance(item, Ref) for item in value))


def is_laid_out(resource: Resource, snapshot: Snapshot, wanted: Container[str], matches: Matches) -> bool:
    """The verifier of a card set up by hand: each of our fields (``wanted`` addresses) stands on it."""
    cards = [r for r in snapshot.remotes if r.kind is Kind.CARD and r.entity == resource.entity]
    shown = {f for card in cards for s in sections_of(card.attributes.get("sections")) for f in s.fields}
    own = [f for s in sections_of(resource.attributes.get("sections")) for f in s.fields if not isinstance(f, str)]
    asked = [matches.remote_id(f.address) for f in own if f.address in wanted]
    return bool(cards) and all(remote_id in shown for remote_id in asked)
