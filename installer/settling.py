"""Three copies of one attribute settled into a verdict: what the preset wants, what we last wrote, what the CRM has. Pure.

==========  ==========  ==================================================
CRM = want  …           same
CRM = last  want ≠ last update: our upgrade
CRM ≠ last  want = last edited: the clinic's own, kept
all differ              conflict: a question
never seen  ours        update · adopted: additions only, the rest agreed
==========  ==========  ==================================================

Options and card sections are sets: what the clinic added stays, what is missing is added, the order is the clinic's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from widget_backend.crm.model import Option, Ref, Section, Value


class Verdict(StrEnum):
    """What to do about one attribute."""

    SAME = "same"
    UPDATE = "update"
    AGREED = "agreed"
    EDITED = "edited"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Settled:
    """``after`` is what to write where the verdict is UPDATE, and what we would write where it is CONFLICT."""

    verdict: Verdict
    after: Value = None


Resolve = Callable[[str], str | None]
_UNSEEN = object()


@dataclass(frozen=True, slots=True)
class Copies:
    """The three copies, with references already turned into remote ids. ``kept``: a value the clinic's owner agreed to."""

    wanted: Value
    now: Value
    last: object = _UNSEEN
    kept: object = _UNSEEN
    ours: bool = True

    @property
    def seen(self) -> bool:
        """Whether we have written (or taken over) this attribute before."""
        return self.last is not _UNSEEN


def settle(copies: Copies) -> Settled:
    """The verdict on one attribute."""
    if _is_set_of(copies, Option):
        return _settle_options(copies)
    if _is_set_of(copies, Section):
        return _settle_sections(copies)
    wanted, now, last = _comparable(copies.wanted), _comparable(copies.now), copies.last
    if wanted == now:
        return Settled(Verdict.SAME)
    if not copies.seen:
        return Settled(Verdict.UPDATE, copies.wanted) if copies.ours else Settled(Verdict.AGREED)
    untouched, unwanted = now == _comparable(cast(Value, last)), wanted == _comparable(cast(Value, last))
    if untouched:
        return Settled(Verdict.UPDATE, copies.wanted)
    if unwanted:
        agreed = copies.kept is not _UNSEEN and _comparable(cast(Value, copies.kept)) == now
        return Settled(Verdict.AGREED if agreed else Verdict.EDITED)
    return Settled(Verdict.CONFLICT, copies.wanted)


def resolve(value: Value, find: Resolve) -> Value:
    """References as remote ids where those exist; a reference to what is yet to be made stays one."""
    if isinstance(value, Ref):
        return find(value.address) or value
    if isinstance(value, tuple):
        return cast(Value, tuple(_resolve_item(item, find) for item in value))
    return value


def _resolve_item(item: Ref | str | Option | Section, find: Resolve) -> object:
    if isinstance(item, Ref):
        return find(item.address) or item
    if isinstance(item, Section):
        return Section(item.title, tuple((find(f.address) or f) if isinstance(f, Ref) else f for f in item.fields))
    return item


def _comparable(value: Value) -> object:
    """Plain tuples (references, events) are sets: their order means nothing."""
    if isinstance(value, tuple):
        return frozenset(value)
    return value


def _is_set_of(copies: Copies, member: type) -> bool:
    return isinstance(copies.wanted, tuple) and any(isinstance(item, member) for item in copies.wanted)


def _settle_options(copies: Copies) -> Settled:
    """Ours are found by key, else by label; an option the clinic renamed or removed stays so."""
    wanted = cast(tuple[Option, ...], copies.wanted)
    now = cast(tuple[Option, ...], copies.now or ())
    last = cast(tuple[Option, ...], copies.last) if copies.seen else ()
    was = {option.key: option for option in last}
    missing = [o for o in wanted if _find_option(o, now) is None and (not copies.seen or o.key not in was)]
    removed = any(_find_option(o, now) is None and o.key in was for o in wanted)
    after, renamed, edited, conflict = [], False, removed, False
    for option in now:
        wish = next((o for o in wanted if o.key == option.key and o.label != option.label), None)
        before = was.get(option.key)
        if wish is None or (before and before.label == wish.label):
            edited = edited or wish is not None
            after.append(option)
        elif before is None and not copies.ours:
            after.append(option)
        elif before is None or before.label == option.label:
            renamed = True
            after.append(Option(option.key, wish.label, option.id))
        else:
            conflict = True
            after.append(Option(option.key, wish.label, option.id))
    if conflict:
        return Settled(Verdict.CONFLICT, (*after, *missing))
    if missing or renamed:
        return Settled(Verdict.UPDATE, (*after, *missing))
    return _kept(copies, edited)


def _find_option(wish: Option, now: tuple[Option, ...]) -> Option | None:
    by_key = next((option for option in now if option.key == wish.key), None)
    return by_key or next((option for option in now if option.label.casefold() == wish.label.casefold()), None)


def _settle_sections(copies: Copies) -> Settled:
    """A card has what we want when each wanted field stands somewhere on it; a field the clinic took off stays off."""
    wanted = cast(tuple[Section, ...], copies.wanted)
    now = cast(tuple[Section, ...], copies.now or ())
    placed = {name for section in now for name in section.fields}
    was = {f for section in cast(tuple[Section, ...], copies.last) for f in section.fields} if copies.seen else set()
    missing = {f for section in wanted for f in section.fields if f not in placed and f not in was}
    if missing:
        return Settled(Verdict.UPDATE, _with_fields(now, wanted, missing))
    taken_off = any(f not in placed for section in wanted for f in section.fields)
    return _kept(copies, taken_off)


def _with_fields(now: tuple[Section, ...], wanted: tuple[Section, ...], missing: set[Ref | str]) -> tuple[Section, ...]:
    """The clinic's card with our missing fields in sections of our titles."""
    result = list(now)
    for section in wanted:
        fields = tuple(f for f in section.fields if f in missing)
        place = next((i for i, existing in enumerate(result) if existing.title == section.title), None)
        if fields and place is None:
            result.append(Section(section.title, fields))
        elif fields and place is not None:
            result[place] = Section(section.title, (*result[place].fields, *fields))
    return tuple(result)


def _kept(copies: Copies, edited: bool) -> Settled:
    if not edited:
        return Settled(Verdict.SAME)
    return Settled(Verdict.AGREED if copies.kept == copies.now else Verdict.EDITED)
