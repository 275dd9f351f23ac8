"""Conditions as the portal's robots ask them: one list of questions, joined by «and» or by «or» (§1.5). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from widget_backend.crm.bitrix24.native import phrases, shapes, words
from widget_backend.crm.bitrix24.native.unsaid import Unsaid, gathered
from widget_backend.crm.chart import Chart, ChartField, ChartStage
from widget_backend.robots import grammar
from widget_backend.robots.rule import Condition, Scalar

Item: TypeAlias = Mapping[str, Any]

#: how an item is joined to the one before it
AND, OR = 0, 1
#: questions that need no value fit every field
_UNARY: Final = frozenset({"filled", "empty"})
_NUMBERS: Final = frozenset({"number"})
#: parts of a deal that go without ``field.deal.``
_PARTS: Final[Mapping[str, str]] = {"amount": "OPPORTUNITY", "title": "TITLE"}
_NUMERIC_PARTS: Final = frozenset({"amount"})


def asked(conditions: Sequence[Condition], chart: Chart) -> tuple[Item, ...]:
    """All of these must hold. Raises :class:`Unsaid`."""
    if len(conditions) == 1 and conditions[0].some:
        return tuple(gathered((lambda c=one: _item(c, chart, OR)) for one in conditions[0].some))  # type: ignore[misc]
    flat = list(_flat(conditions))
    return tuple(gathered((lambda c=one: _item(c, chart, AND)) for one in flat))  # type: ignore[misc]


def is_free(items: Sequence[Item]) -> bool:
    """Whether another question may be joined by «and»."""
    return all(item["joiner"] == AND for item in items)


def stands_at(place: ChartStage) -> Item:
    """Whether the deal stands at this stage."""
    return _made("STAGE_ID", "equals", place.id)


def is_filled(one: ChartField) -> Item:
    """Whether a field is filled in."""
    return _made(phrases.code(one), "filled")


def fields_of(items: Iterable[Item]) -> set[str]:
    """Codes of the fields that are asked about."""
    return {str(item["field"]) for item in items}


def _flat(conditions: Iterable[Condition]) -> Iterable[Condition]:
    for one in conditions:
        if one.every:
            yield from _flat(one.every)
        else:
            yield one


def _item(one: Condition, chart: Chart, joiner: int) -> Item:
    if one.denied is not None:
        return _denied(one.denied, chart, joiner)
    if one.some or one.every:
        raise Unsaid(words.MIXED)
    if one.what in grammar.FACTS:
        raise Unsaid(words.NO_FACT.format(fact=grammar.FACTS[one.what].says))
    if one.what.startswith("setting."):
        raise Unsaid(words.NO_FACT.format(fact=one.what))
    part = one.what.removeprefix("field.").removeprefix("deal.")
    if one.what not in chart.field and part in _PARTS:
        return _of_part(part, one, joiner)
    return _of_field(phrases.field(chart, one.what), one, joiner)


def _denied(one: Condition, chart: Chart, joiner: int) -> Item:
    if not one.what or one.op not in shapes.OPPOSITE:
        raise Unsaid(words.MIXED)
    return _item(Condition(one.what, shapes.OPPOSITE[one.op], one.value), chart, joiner)


def _of_part(part: str, one: Condition, joiner: int) -> Item:
    numeric = isinstance(one.value, int) and not isinstance(one.value, bool)
    if one.op not in _UNARY and (part in _NUMERIC_PARTS) is not numeric:
        raise Unsaid(words.NOT_COMPARED.format(field=part))
    return _made(_PARTS[part], one.op, "" if one.op in _UNARY else str(one.value), joiner)


def _of_field(one: ChartField, asked_: Condition, joiner: int) -> Item:
    """An unticked box may be empty or «no»: only «yes» is asked for, or its opposite."""
    if asked_.op in _UNARY and one.type != "boolean":
        return _made(phrases.code(one), asked_.op, "", joiner)
    op, value = asked_.op, asked_.value
    if one.type == "boolean" and isinstance(value, bool) and op in ("equals", "differs"):
        return _made(one.id, "equals" if value is (op == "equals") else "differs", "Y", joiner)
    return _made(phrases.code(one), op, _compared(one, op, value), joiner)


def _compared(one: ChartField, op: str, value: Scalar) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if one.multiple:
        raise Unsaid(words.NOT_COMPARED.format(field=one.name))
    if one.type == "list" and isinstance(value, str) and op in ("equals", "differs"):
        return phrases.option(one, value)
    if one.type in _NUMBERS and is_number:
        return str(value)
    if one.type == "text" and isinstance(value, str) and op in ("equals", "differs") and not set(value) & set("{}<>="):
        return value
    raise Unsaid(words.NOT_COMPARED.format(field=one.name))


def _made(code: str, op: str, value: str = "", joiner: int = AND) -> Item:
    return {
        "object": "Document",
        "field": code,
        "operator": shapes.OPERATORS[op],
        "value": value,
        "joiner": joiner,
    }
