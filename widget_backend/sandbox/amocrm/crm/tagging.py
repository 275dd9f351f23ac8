"""The tag of a name: found, or made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widget_backend.sandbox.amocrm.state import Tag

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account


def named(account: Account, entity: str, name: str, color: str | None = None) -> Tag:
    """The tag of this name, made if there is none."""
    tags = account.tags[entity]
    known = next((tag for tag in tags.values() if tag.name == name), None)
    if known is None:
        known = Tag(account.number("tag", 101, 2), entity, name, color)
        tags[known.id] = known
    return known
