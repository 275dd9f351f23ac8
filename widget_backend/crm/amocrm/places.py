"""Where stages go among those that are there. The vendor renumbers, so only the order of numbers counts (amocrm.md §3.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from widget_backend.crm.amocrm.bodies import STEP, number
from widget_backend.crm.amocrm.known import existing
from widget_backend.crm.model import Change, Remote


def moved(updates: Sequence[Change]) -> dict[str, int]:
    """Address -> ``sort`` for stages that change places, to be sent in the order wanted.

    They exchange the places they hold now, so that the clinic's own stages stay where they are. A stage goes one beyond
    its new place, away from where it stood: it then stands right whether the others were renumbered meanwhile or not.
    """
    sorts: dict[str, int] = {}
    families: dict[str, list[Change]] = defaultdict(list)
    for change in updates:
        if "position" not in change.after:
            continue
        if change.resource is None:  # a restored place is the number it had
            sorts[change.address] = number(change.after["position"])
        else:
            families[existing(change).parent].append(change)
    for family in families.values():
        slots = sorted(_now(change) for change in family)
        wanted = sorted(family, key=lambda change: number(change.after["position"]))
        if len(family) == 1:
            slots = [(number(wanted[0].after["position"]) + 1) * STEP]
        for change, slot in zip(wanted, slots, strict=True):
            sorts[change.address] = slot + (slot > _now(change)) - (slot < _now(change))
    return sorts


def inserted(creates: Sequence[Change], ours: Sequence[Remote]) -> dict[str, int]:
    """Address -> ``sort`` for new stages of a pipeline where ``ours`` stand already, in order.

    Ours hold the positions the new ones leave free; a new stage goes right behind the last of ours before it.
    """
    wanted = {number(change.after.get("position")) for change in creates}
    free = (position for position in range(1, len(wanted) + len(ours) + 1) if position not in wanted)
    held = dict(zip(free, (number(remote.attributes["position"]) for remote in ours), strict=False))
    sorts: dict[str, int] = {}
    for ordinal, change in enumerate(sorted(creates, key=lambda c: number(c.after.get("position"))), 1):
        position = number(change.after.get("position"))
        before = max((sort for place, sort in held.items() if place < position), default=STEP)
        sorts[change.address] = before + ordinal
    return sorts


def _now(change: Change) -> int:
    return number(existing(change).attributes.get("position", 0))
