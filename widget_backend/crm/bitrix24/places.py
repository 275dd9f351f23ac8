"""Where stages go among those that are there, and the numbers that put them there (bitrix24.md §4.2). Pure.

A portal sorts by ``SORT``: stages under way before the won one, lost ones after it. What stands there already keeps its
number as long as the new ones fit between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from widget_backend.crm.model import Change, Remote, Value
from widget_backend.crm.vocabulary import STAGE_KINDS

#: the vendor's own distance between numbers
STEP = 10


@dataclass(frozen=True, slots=True)
class Item:
    """One stage to be placed: a row of the portal, a change, or both (a row that a change takes over or moves).

    ``anchored``: it stays where its row stands.
    """

    kind: str
    row: Remote | None = None
    change: Change | None = None
    anchored: bool = False

    @property
    def sort(self) -> int:
        """The number it has, or was restored to; 0 where it has none yet."""
        if self.change is not None and self.change.resource is None and "position" in self.change.after:
            return number(self.change.after["position"])
        return number(self.row.attributes["position"]) if self.row else 0

    @property
    def wanted(self) -> int:
        """The place the preset gives it; 0 where the preset says nothing."""
        change = self.change
        return number(change.after.get("position")) if change and not self.anchored else 0


def line_up(staying: Sequence[Item], placed: Sequence[Item], ours: frozenset[str]) -> list[Item]:
    """All stages in their order: each new or moved one right behind the last of ours before it.

    Ours hold the places of the preset that the new ones leave free; the clinic's own keep their neighbours.
    """
    standing = sorted(staying, key=lambda item: item.sort)
    held = _held(standing, placed, ours)
    return [item for kind in STAGE_KINDS for item in _line(kind, standing, placed, held)]


def sorts(line: Sequence[Item]) -> list[int]:
    """A number for each stage of the line, rising; a number that is there already is kept where it can be."""
    numbers: list[int] = []
    for index, item in enumerate(line):
        before = numbers[-1] if numbers else 0
        numbers.append(_sort(item, line[index - 1] if index else None, before, line[index + 1 :]))
    return numbers


def number(value: Value) -> int:
    """A position."""
    return value if isinstance(value, int) else 0


def _held(standing: Iterable[Item], placed: Sequence[Item], ours: frozenset[str]) -> dict[str, int]:
    """Stage id -> its place in the preset, for those of ours that stay."""
    mine = [item.row.id for item in standing if item.row and item.row.id in ours]
    taken = {item.wanted for item in placed}
    free = (place for place in range(1, len(mine) + len(taken) + 1) if place not in taken)
    return dict(zip(mine, free, strict=False))


def _line(kind: str, standing: Iterable[Item], placed: Iterable[Item], held: dict[str, int]) -> Iterator[Item]:
    line = [(held.get(item.row.id, 0) if item.row else 0, item) for item in standing if item.kind == kind]
    for item in sorted((i for i in placed if i.kind == kind), key=lambda i: i.wanted):
        behind = [n for n, (place, _) in enumerate(line, 1) if 0 < place < item.wanted]
        line.insert(max(behind, default=_first(line)), (item.wanted, item))
    return (item for _, item in line)


def _first(line: Sequence[tuple[int, Item]]) -> int:
    """In front of all but the clinic's own first stage, where its new deals come in."""
    first = line[0] if line else None
    return int(first is not None and first[0] == 0 and first[1].row is not None and first[1].row.fixed)


def _sort(item: Item, left: Item | None, before: int, rest: Sequence[Item]) -> int:
    if item.anchored:
        beside = left is not None and left.anchored and left.kind == item.kind
        return item.sort if item.sort > before or (beside and item.sort == before) else before + STEP
    limit = next((i.sort for i in rest if i.anchored), None)
    if before < item.sort and (limit is None or item.sort < limit):
        return item.sort
    until = next((n for n, i in enumerate(rest) if i.sort > before), None)
    if until is None:
        return before + STEP
    return before + max(1, (rest[until].sort - before) // (until + 2))
