"""A saved plan in the shape of its page: counts, groups by kind and pipeline, questions, reasons. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from installer import wording
from installer.wizard.listing import text
from installer.wizard.plans import Purpose, SavedPlan
from installer.wizard.words import plan as words
from widget_backend.crm.model import Action, Kind
from widget_backend.texts import Text

#: rows told by their reason, and rows that ask: neither stands in the tree
BESIDE: Final = (Action.MANUAL.value, Action.UNSUPPORTED.value, Action.CONFLICT.value)
LOUD: Final = (Action.CREATE.value, Action.UPDATE.value, Action.DELETE.value)
#: tile -> the actions it counts
TILES: Final[Mapping[str, tuple[str, ...]]] = {
    "create": (Action.CREATE.value,),
    "update": (Action.UPDATE.value,),
    "delete": (Action.DELETE.value,),
    "keep": (Action.KEEP.value, Action.ADOPT.value, Action.FORGET.value),
    "decide": (Action.CONFLICT.value,),
}
#: purpose -> tiles that are shown with a zero too
ALWAYS: Final[Mapping[Purpose, tuple[str, ...]]] = {
    "apply": ("create", "update", "keep", "decide"),
    "rollback": ("delete", "update", "keep"),
}
LISTS: Final = (Kind.LOSS_REASON, Kind.SOURCE, Kind.TAG, Kind.TASK_TYPE, Kind.GROUP, Kind.CARD)
APPLICATION: Final = (Kind.SUBSCRIPTION, Kind.PLACEMENT, Kind.ROBOT, Kind.TRIGGER)
FIELDS_OF: Final = {"deal": Text("Сделка", "Deal"), "contact": Text("Контакт", "Contact")}


@dataclass(frozen=True, slots=True)
class Change:
    """An attribute: what it is called, was and becomes."""

    name: Text
    before: Text
    after: Text


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the plan. ``quiet``: nothing happens to it and nobody need look."""

    action: str
    kind: Text
    title: Text | str
    address: str
    note: Text
    changes: tuple[Change, ...]
    done: bool

    @property
    def quiet(self) -> bool:
        """Left out where only changes are asked for."""
        return self.action not in LOUD

    @property
    def was_removed(self) -> bool:
        """A question about something that the clinic has removed: there is nothing to compare."""
        return not self.changes


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one pipeline or kind. ``counts``: (action, how many), loud ones first."""

    title: Text
    lines: tuple[Line, ...]

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many of what."""
        order = [action.value for action in Action]
        found = sorted({line.action for line in self.lines}, key=lambda a: (a not in LOUD, order.index(a)))
        return tuple((action, sum(line.action == action for line in self.lines)) for action in found)

    @property
    def quiet(self) -> bool:
        """Whether nothing changes in it."""
        return all(line.quiet for line in self.lines)


@dataclass(frozen=True, slots=True)
class Section:
    """Groups under one heading."""

    title: Text
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """What several rows have in common: an instruction or a fallback. ``done``: all of it has been done."""

    kind: Text
    note: Text
    titles: tuple[str, ...]
    done: bool


def counts(saved: SavedPlan) -> tuple[tuple[str, int], ...]:
    """The tiles on top: (tile, how many)."""
    counted: Mapping[str, int] = saved.content["counts"] if saved.content else {}
    tiles = ((tile, sum(counted.get(action, 0) for action in actions)) for tile, actions in TILES.items())
    return tuple((tile, number) for tile, number in tiles if number or tile in ALWAYS[saved.purpose])


def writes(saved: SavedPlan) -> int:
    """How many rows send something to the CRM."""
    return len(saved.rows(*LOUD))


def sections(saved: SavedPlan) -> tuple[Section, ...]:
    """The plan as a tree."""
    rows = [row for row in saved.rows() if row["action"] not in BESIDE]
    made = (
        Section(words.PIPELINES, tuple(_by_pipeline(rows))),
        Section(words.FIELDS, tuple(_by_entity(rows))),
        Section(words.LISTS, tuple(_by_kind(rows, LISTS))),
        Section(words.APPLICATION, tuple(_by_kind(rows, APPLICATION))),
    )
    return tuple(section for section in made if section.groups)


def questions(saved: SavedPlan) -> tuple[Line, ...]:
    """The rows a person must decide."""
    return tuple(map(_line, saved.rows(Action.CONFLICT.value)))


def reasons(saved: SavedPlan, action: Action) -> tuple[Reason, ...]:
    """Rows done by hand, or that cannot be done, by their reason; those that are done apart from those that are not."""
    found: dict[tuple[bool, str, str, str], list[str]] = {}
    for row in saved.rows(action.value):
        said = (row["done"], row["kind"], row["note"]["ru"], row["note"]["en"])
        found.setdefault(said, []).append(row["title"])
    return tuple(
        Reason(wording.PLURALS[Kind(kind)], Text(ru, en), tuple(titles), done)
        for (done, kind, ru, en), titles in sorted(found.items())
    )


def _by_pipeline(rows: Sequence[Mapping[str, Any]]) -> Iterator[Group]:
    names = {row["address"]: row["title"] for row in rows if row["kind"] == Kind.PIPELINE.value}
    keys = dict.fromkeys(row["pipeline"] for row in rows if row["pipeline"])
    for key in keys:
        own = [row for row in rows if row["pipeline"] == key]
        name = names.get(key) or own[0]["title"].split(" / ")[0]
        yield Group(Text(name, name), tuple(_line(row, f"{name} / ") for row in own))


def _by_entity(rows: Sequence[Mapping[str, Any]]) -> Iterator[Group]:
    for entity, name in FIELDS_OF.items():
        own = [row for row in rows if row["kind"] == Kind.FIELD.value and (row["entity"] or "deal") == entity]
        if own:
            yield Group(name, tuple(map(_line, own)))


def _by_kind(rows: Sequence[Mapping[str, Any]], kinds: Sequence[Kind]) -> Iterator[Group]:
    for kind in kinds:
        own = [row for row in rows if row["kind"] == kind.value and not row["pipeline"]]
        if own:
            yield Group(wording.PLURALS[kind], tuple(map(_line, own)))


def _line(row: Mapping[str, Any], under: str = "") -> Line:
    return Line(
        row["action"],
        wording.KINDS[Kind(row["kind"])],
        words.NAMELESS.get(row["address"], row["title"].removeprefix(under)),
        row["address"],
        text(row["note"]),
        tuple(Change(text(d["name"]), text(d["before"]), text(d["after"])) for d in row["differences"]),
        row["done"],
    )
