"""The stages of one pipeline: which row takes which wish, in which order they are written (bitrix24.md §4.2). Pure.

A new pipeline comes with eight stages. They keep their codes and are given our names, places and colours; what is not needed
is dropped, what is lacking is added with a code of our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from widget_backend.crm.bitrix24 import naming, words
from widget_backend.crm.bitrix24.client import Inner
from widget_backend.crm.bitrix24.judge import VENDOR
from widget_backend.crm.bitrix24.known import existing, wished
from widget_backend.crm.bitrix24.places import Item, line_up, number, sorts
from widget_backend.crm.model import Action, Attributes, Change, Kind, Remote, Value
from widget_backend.crm.port import Outcome
from widget_backend.crm.vocabulary import STAGE_KINDS
from widget_backend.errors import Rejected
from widget_backend.texts import Text

_ONE_WON = Text(
    "Успешный этап в воронке Битрикс24 может быть только один, и он уже занят. Остальное не затронуто; измените вид этапа в "
    "пресете.",
    "A pipeline of Bitrix24 has exactly one won stage, and it is taken. The rest is not affected; change the stage's kind in "
    "the preset.",
)
#: lost stages go up first, then the won one, so that no other stands on the wrong side of it meanwhile
_ORDER = ("lost", "won", "open")


@dataclass(frozen=True, slots=True)
class Step:
    """One command. ``addresses``: the changes it carries out, first the one ``remote`` belongs to; none for housekeeping.
    ``numbered``: the answer is the number of the new stage."""

    inner: Inner
    addresses: tuple[str, ...] = ()
    remote: Remote | None = None
    numbered: bool = False

    def outcomes(self, answer: object) -> list[Outcome]:
        """What became of its changes."""
        remote = replace(self.remote, native=str(answer)) if self.remote and self.numbered else self.remote
        return [Outcome(address, remote if place == 0 else None) for place, address in enumerate(self.addresses)]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Commands in the order they must be sent, and the changes settled without one."""

    steps: tuple[Step, ...]
    outcomes: tuple[Outcome, ...] = ()


def update(change: Change, sort: int | None = None) -> Step:
    """Write the changed attributes of a stage."""
    remote = existing(change)
    after = change.after if sort is None else {**change.after, "position": sort}
    return _write(remote, after, sort, (change.address,))


def arrange(
    pipeline_id: str, now: Sequence[Remote], changes: Sequence[Change], ours: frozenset[str], *, fresh: bool
) -> Arrangement:
    """The work on one pipeline. ``now``: its stages as they are; ``ours``: ids of stages the preset has already.

    ``fresh``: we have just made it, so every stage in it may be taken over or dropped; in another pipeline only those may
    that a change gives up.
    """
    work = _Work(pipeline_id, now, fresh)
    work.give_up([c for c in changes if c.action is Action.DELETE])
    work.assign([c for c in changes if c.action is Action.CREATE])
    work.place([c for c in changes if c.action is Action.UPDATE])
    return Arrangement(tuple(work.steps(ours)), tuple(work.outcomes))


@dataclass
class _Work:
    pipeline_id: str
    now: Sequence[Remote]
    fresh: bool
    outcomes: list[Outcome] = field(default_factory=list)
    _free: dict[str, str] = field(default_factory=dict)
    _staying: list[Item] = field(default_factory=list)
    _placed: list[Item] = field(default_factory=list)
    _gone: list[Change] = field(default_factory=list)

    def give_up(self, deletes: Iterable[Change]) -> None:
        """Stage id -> address of the change that gives it up; one touched meanwhile is left alone."""
        names = {row.id: row.name for row in self.now}
        if self.fresh:
            self._free = {row.id: "" for row in self.now}
        for change in deletes:
            if names.get(existing(change).id) == existing(change).name:
                self._free[existing(change).id] = change.address
            else:
                self.outcomes.append(Outcome(change.address))

    def assign(self, creates: Sequence[Change]) -> None:
        """Give each new stage a row of its kind, as long as there are any."""
        for kind in STAGE_KINDS:
            rows = [row for row in self.now if row.id in self._free and row.attributes["kind"] == kind]
            for change in ordered(c for c in creates if c.after.get("kind", "open") == kind):
                row = rows.pop(0) if rows else None
                if kind == "won" and row is None:
                    error = Rejected(_ONE_WON, vendor=VENDOR, operation="crm.status.add", code="one_won")
                    self.outcomes.append(Outcome(change.address, error=error))
                else:
                    self._placed.append(Item(kind, row, change))

    def place(self, updates: Iterable[Change]) -> None:
        """Tell what stays where it is from what moves."""
        changed = {existing(change).id: change for change in updates}
        used = {item.row.id for item in self._placed if item.row}
        for row in self.now:
            change, kind = changed.get(row.id), str(row.attributes["kind"])
            if change is not None and change.resource is not None and "position" in change.after:
                self._placed.append(Item(kind, row, change))
            elif row.id not in used and (row.id not in self._free or row.fixed):
                self._staying.append(Item(kind, row, change, anchored=True))
        there = {row.id for row in self.now}
        self._gone = [change for stage_id, change in changed.items() if stage_id not in there]

    def steps(self, ours: frozenset[str]) -> Iterator[Step]:
        line = line_up(self._staying, self._placed, ours)
        numbered = list(zip(line, sorts(line), strict=True))
        for kind in _ORDER:
            family = [(item, sort) for item, sort in numbered if item.kind == kind and item.row]
            for item, sort in reversed(family) if kind == "lost" else family:
                yield from self._rewritten(item, sort)
        yield from self._added([(item, sort) for item, sort in numbered if item.row is None])
        yield from self._dropped()
        # removed since the survey: the portal says so in its own words
        yield from (update(change) for change in self._gone)

    def _rewritten(self, item: Item, sort: int) -> Iterator[Step]:
        row, change = item.row, item.change
        assert row is not None
        moved = sort if sort != row.attributes["position"] else None
        if change is None and moved is not None:
            yield _write(row, {"position": sort}, sort)
        elif change is not None and change.action is Action.UPDATE:
            yield update(change, sort if "position" in change.after else moved)
        elif change is not None:
            given_up = self._free.get(row.id, "")
            addresses = (change.address, given_up) if given_up else (change.address,)
            yield _write(row, {**change.after, "position": sort}, moved, addresses)

    def _added(self, items: Sequence[tuple[Item, int]]) -> Iterator[Step]:
        taken = {row.id for row in self.now}
        for item, sort in items:
            assert item.change is not None
            code = naming.stage_code(self.pipeline_id, wished(item.change).key, taken)
            taken.add(code)
            yield _add(self.pipeline_id, code, item.change, sort)

    def _dropped(self) -> Iterator[Step]:
        used = {item.row.id for item in (*self._placed, *self._staying) if item.row}
        for row in self.now:
            if row.id in self._free and row.id not in used:
                address = self._free[row.id]
                yield Step(delete(row), (address,) if address else ())


def ordered(changes: Iterable[Change]) -> list[Change]:
    """In the order of the preset."""
    return sorted(changes, key=lambda change: number(change.after.get("position")))


def delete(row: Remote) -> Inner:
    """Drop a stage or a source; one of the vendor's goes by force only (§4.2)."""
    forced = {"params": {"FORCED": "Y"}} if row.fixed else {}
    return Inner("crm.status.delete", {"id": row.native, **forced})


def _write(row: Remote, after: Attributes, sort: int | None, addresses: tuple[str, ...] = ()) -> Step:
    fields = {**_named(after), **({} if sort is None else {"SORT": sort})}
    remote = replace(row, attributes={**row.attributes, **after}, stock=False)
    return Step(Inner("crm.status.update", {"id": row.native, "fields": fields}), addresses, remote)


def _add(pipeline_id: str, code: str, change: Change, sort: int) -> Step:
    kind = str(change.after.get("kind", "open"))
    prefix = naming.stage_prefix(pipeline_id)
    fields = {
        "ENTITY_ID": naming.stage_directory(pipeline_id),
        # the portal puts the prefix in front by itself
        "STATUS_ID": code.removeprefix(prefix),
        "SORT": sort,
        "SEMANTICS": words.SEMANTICS[kind],
        **_named(change.after),
    }
    attributes = {**change.after, "position": sort, "kind": kind}
    remote = Remote(Kind.STAGE, code, attributes, parent=pipeline_id)
    return Step(Inner("crm.status.add", {"fields": fields}), (change.address,), remote, numbered=True)


def _named(after: Mapping[str, Value]) -> dict[str, Any]:
    """Name and colour; a colour is one of ours, or one of the clinic's put back as it was."""
    said = str(after.get("colour") or "")
    code = words.COLOURS.get(said, said)
    return {
        **({"NAME": after["name"]} if "name" in after else {}),
        **({"COLOR": code} if code.startswith("#") else {}),
    }
