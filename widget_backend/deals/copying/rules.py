"""What becomes of each field of a deal in its copy: copied, cleared, mapped or summed, by rule. Pure.

Every filled field arrives or is among the lost; nothing is left out silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from widget_backend.crm.chart import ChartField
from widget_backend.crm.records import FieldValue, FieldValues
from widget_backend.deals.copying.lost import Lost, Why
from widget_backend.texts import Text

How = Literal["copy", "clear", "map", "sum"]

#: in a table of values: what every other value becomes
OTHERS: Final = "*"
#: types whose values mean the same: from -> to
ALIKE: Final = frozenset({("text", "long_text"), ("long_text", "text"), ("url", "text"), ("url", "long_text")})


@dataclass(frozen=True, slots=True)
class FieldRule:
    """``into``: the field of the copy that gets the value, empty for the same field. ``table``: what each value becomes, both
    as text (option keys of lists, ``true`` and ``false``, plain numbers, ISO dates); ``*`` stands for every other value."""

    how: How = "copy"
    into: str = ""
    table: Mapping[str, str] = field(default_factory=dict)


#: address of a field of the source -> what becomes of it; what is not named is copied
Rules = Mapping[str, FieldRule]
Types = Mapping[str, ChartField]


@dataclass(frozen=True, slots=True)
class Carried:
    """The values of the copy, and what did not arrive."""

    values: FieldValues
    lost: tuple[Lost, ...]


def is_filled(value: FieldValue) -> bool:
    """Whether a field holds something."""
    return value is not None and value not in ("", ())


def carry(values: FieldValues, rules: Rules, types: Types) -> Carried:
    """The fields of a copy. ``types``: the fields there are, by address."""
    carrying = _Carrying(rules, types)
    filled = {address: value for address, value in values.items() if is_filled(value)}
    # whoever keeps its place comes first, whoever is added to it last
    for address in sorted(filled, key=carrying.turn):
        carrying.take(address, filled[address])
    return Carried(carrying.values, tuple(carrying.lost))


class _Carrying:
    def __init__(self, rules: Rules, types: Types) -> None:
        self._rules, self._types = rules, types
        self.values: dict[str, FieldValue] = {}
        self.lost: list[Lost] = []

    def turn(self, address: str) -> tuple[bool, bool, str]:
        rule = self._rule(address)
        return rule.how == "sum", bool(rule.into) and rule.into != address, address

    def take(self, address: str, value: FieldValue) -> None:
        rule = self._rule(address)
        into = rule.into or address
        if rule.how == "clear":
            self._lose(address, "cleared")
        elif into not in self._types or address not in self._types:
            self._lose(address, "gone")
        else:
            FATES[rule.how](self, address, into, value)

    def copy(self, address: str, into: str, value: FieldValue) -> None:
        source, target = self._types[address], self._types[into]
        if source.type != target.type and (source.type, target.type) not in ALIKE:
            self._lose(address, "unlike")
        elif into == address:
            self._put(address, into, value)
        else:
            self._put(address, into, *_fitting(value, target))

    def map(self, address: str, into: str, value: FieldValue) -> None:
        target, table = self._types[into], self._rules[address].table
        found = [table.get(text, table.get(OTHERS)) for text in _spelled(value)]
        read = [_read(text, target) for text in found if text is not None]
        known = [one for one in read if one is not None]
        if not known:
            self._lose(address, "unmapped")
            return
        if target.multiple and target.type == "list":
            self._put(address, into, tuple(dict.fromkeys(str(one) for one in known)), len(known) < len(found))
        else:
            self._put(address, into, known[0], len(found) > 1)

    def sum(self, address: str, into: str, value: FieldValue) -> None:
        source, target, so_far = self._types[address], self._types[into], self.values.get(into)
        alike = source.type == target.type in ("number", "money")
        if alike and isinstance(value, int | Decimal) and isinstance(so_far, int | Decimal | None):
            self.values[into] = value + (so_far or 0)
        else:
            self._lose(address, "unlike")

    def _put(self, address: str, into: str, value: FieldValue, partly: bool = False) -> None:
        if into in self.values:
            self._lose(address, "taken")
        elif not is_filled(value):
            self._lose(address, "unmapped")
        else:
            self.values[into] = value
            if partly:
                self._lose(address, "unmapped")

    def _rule(self, address: str) -> FieldRule:
        return self._rules.get(address, FieldRule())

    def _lose(self, address: str, why: Why) -> None:
        self.lost.append(Lost(address, why, named(address, self._types)))


FATES: Final[Mapping[How, Callable[[_Carrying, str, str, FieldValue], None]]] = {
    "copy": _Carrying.copy,
    "map": _Carrying.map,
    "sum": _Carrying.sum,
}


def named(address: str, types: Types) -> Text:
    """How a person calls a field: as the account does, by its address where it is gone."""
    name = types[address].name if address in types else address
    return Text(f"«{name}»", f"“{name}”")


def _fitting(value: FieldValue, target: ChartField) -> tuple[FieldValue, bool]:
    """A value of another field as this one can hold it, and whether some of it is left behind."""
    if target.type != "list":
        return value, False
    keys = value if isinstance(value, tuple) else (str(value),)
    known = [key for key in keys if not key.startswith("#") and target.option_id(key)]
    if target.multiple:
        return tuple(known), len(known) < len(keys)
    return (known[0] if known else None), len(keys) > 1


def _spelled(value: FieldValue) -> list[str]:
    """A value as tables spell it; of a list that holds several, each."""
    match value:
        case tuple():
            return list(value)
        case bool():
            return ["true" if value else "false"]
        case Decimal():
            return [f"{value.normalize():f}"]
        case date():
            return [value.isoformat()]
        case _:
            return [str(value)]


def _read(text: str, target: ChartField) -> FieldValue:
    """What a table says, as the field's type has it; ``None`` where the field cannot hold it."""
    try:
        value: FieldValue = READ.get(target.type, str)(text)
    except (ValueError, InvalidOperation, KeyError):
        return None
    if target.type == "list" and not target.option_id(text):
        return None
    return value


READ: Final[Mapping[str, Callable[[str], FieldValue]]] = {
    "number": Decimal,
    "money": int,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}
