"""Which ``sort`` brings a stage to its place. Pure.

The vendor makes the numbers anew, 10 apart (amocrm.md §3.2); whether after each change or now and then is not said. So
numbers are chosen that are right in both worlds: where those of the other stages stay, and where they are made anew at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from widget_backend.crm.amocrm.writing.bodies import STEP, number
from widget_backend.crm.model import Change, Remote

World = dict[str, int]

#: above any number of a stage but won and lost
TOP = 9000


def target(standing: Mapping[str, int], wanted: Mapping[str, int]) -> list[str]:
    """All stages of a pipeline but won and lost, in the order they should stand in.

    ``standing``: their numbers now. ``wanted``: the places of those to move. They exchange the places they hold, so that
    the clinic's own stages stay where they are; one alone goes to the number it is to have.
    """
    order = _ordered(standing)
    if len(wanted) == 1:
        return _with_one_at(order, standing, *next(iter(wanted.items())))
    places = iter(sorted(wanted, key=lambda stage: wanted[stage]))
    return [next(places) if stage in wanted else stage for stage in order]


def steps(standing: Mapping[str, int], goal: Sequence[str], left: Collection[str]) -> dict[str, int | None]:
    """Stage -> ``sort`` to send, in the order to send them; ``None`` for one whom others' moves bring to its place.

    ``left``: the stages still to be moved. As far as can be told without looking again; at least one.
    """
    worlds = [dict(standing), dict(standing)]
    sorts: dict[str, int | None] = {}
    for before, stage in zip(["", *goal], goal, strict=False):
        if stage not in left:
            continue
        if all(_stands(world, before, stage) for world in worlds):
            sorts[stage] = None
            continue
        low, high = _between(worlds, before, stage)
        if low > high and sorts:
            break
        sorts[stage] = worlds[0][stage] = worlds[1][stage] = low
        worlds[1] = _renumbered(worlds[1])
    return sorts


def inserted(creates: Sequence[Change], ours: Sequence[Remote]) -> dict[str, int]:
    """Address -> ``sort`` for new stages of a pipeline where ``ours`` stand already, in order; the last one first.

    Ours hold the positions the new ones leave free; a new stage goes right behind the last of ours before it, or right
    before the first of ours. Made from the last to the first, none shifts the number another one was given.
    """
    wanted = {number(change.after.get("position")) for change in creates}
    free = (position for position in range(1, len(wanted) + len(ours) + 1) if position not in wanted)
    held = dict(zip(free, (number(remote.attributes["position"]) for remote in ours), strict=False))
    front = max(0, min(held.values()) - len(creates) - 1) if held else STEP
    sorts: dict[str, int] = {}
    for ordinal, change in enumerate(sorted(creates, key=lambda c: number(c.after.get("position"))), 1):
        position = number(change.after.get("position"))
        before = max((sort for place, sort in held.items() if place < position), default=front)
        sorts[change.address] = before + ordinal
    return dict(sorted(sorts.items(), key=lambda item: -item[1]))


def _with_one_at(order: list[str], standing: Mapping[str, int], stage: str, place: int) -> list[str]:
    others = [other for other in order if other != stage]
    down = place > standing[stage]
    ahead = sum(standing[other] < place + down for other in others)
    return [*others[:ahead], stage, *others[ahead:]]


def _stands(world: World, before: str, stage: str) -> bool:
    order = ["", *_ordered(world)]
    return order[order.index(stage) - 1] == before


def _between(worlds: Sequence[World], before: str, stage: str) -> tuple[int, int]:
    """Lowest and highest number right behind ``before`` that hold in all worlds."""
    gaps = [_gap(world, before, stage) for world in worlds]
    return max(low for low, _ in gaps), min(high for _, high in gaps)


def _gap(world: World, before: str, stage: str) -> tuple[int, int]:
    others = ["", *_ordered({other: sort for other, sort in world.items() if other != stage})]
    following = others[others.index(before) + 1 :]
    high = world[following[0]] - 1 if following else TOP
    return world[before] + 1 if before else min(high, max(1, high - STEP + 2)), high


def _renumbered(world: World) -> World:
    return {stage: STEP * ordinal for ordinal, stage in enumerate(_ordered(world), 1)}


def _ordered(world: Mapping[str, int]) -> list[str]:
    return sorted(world, key=lambda stage: world[stage])
