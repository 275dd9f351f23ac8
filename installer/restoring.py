"""What a value goes back to: what we added is taken out, what the clinic did since stays. Pure."""

from __future__ import annotations

from typing import cast

from widget_backend.crm.model import Option, Ref, Section, Value


def restored(now: Value, original: Value, applied: Value) -> Value:
    """``original`` stood there before us, ``applied`` is what we wrote (references resolved); ``now`` itself where nothing
    of ours is left to take out."""
    if _holds(now, Option) or _holds(original, Option):
        return _options(_all(now), _all(original), _all(applied))
    if _holds(now, Section):
        return without_fields(now, _fields(applied) - _fields(original), _titles(applied) - _titles(original))
    if isinstance(now, tuple):
        ours = set(_all(applied)) - set(_all(original))
        return cast(Value, tuple(item for item in now if item not in ours))
    return original if now == applied else now


def without_fields(now: Value, fields: set[object], titles: set[str]) -> Value:
    """The sections without these fields; one of these titles goes when that empties it."""
    kept = []
    for section in cast(tuple[Section, ...], now):
        left = tuple(field for field in section.fields if field not in fields)
        if left or section.title not in titles:
            kept.append(Section(section.title, left))
    return tuple(kept)


def is_all_ours(now: Value, applied: Value) -> bool:
    """Whether a card holds nothing but what we put on it."""
    return _fields(now) <= _fields(applied) and _titles(now) <= _titles(applied)


def _options(now: tuple[object, ...], original: tuple[object, ...], applied: tuple[object, ...]) -> Value:
    was = {option.id: option for option in cast(tuple[Option, ...], original)}
    ours = cast(tuple[Option, ...], applied)
    kept = []
    for option in cast(tuple[Option, ...], now):
        before = was.get(option.id)
        if before is not None:
            renamed_by_us = any(o.key == option.key and o.label == option.label for o in ours)
            kept.append(Option(option.key, before.label, option.id) if renamed_by_us else option)
        elif not any(o.key == option.key or o.label.casefold() == option.label.casefold() for o in ours):
            kept.append(option)
    return tuple(kept)


def _all(value: Value) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _holds(value: Value, member: type) -> bool:
    return isinstance(value, tuple) and any(isinstance(item, member) for item in value)


def _sections(value: Value) -> tuple[Section, ...]:
    return tuple(item for item in value if isinstance(item, Section)) if isinstance(value, tuple) else ()


def _fields(value: Value) -> set[object]:
    return {field for section in _sections(value) for field in section.fields if not isinstance(field, Ref)}


def _titles(value: Value) -> set[str]:
    return {section.title for section in _sections(value)}
