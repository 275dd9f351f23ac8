"""The draft of a copy, out of its source and the clinic's policy. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from widget_backend.crm.asking import Draft
from widget_backend.crm.chart import Chart, ChartField, ChartStage
from widget_backend.crm.records import LEFT_OUT, Deal, FieldValue, FieldValues, Product
from widget_backend.deals.copying.lost import Lost
from widget_backend.deals.copying.policy import AMOUNT, PARTS, Part, Policy
from widget_backend.deals.copying.rules import Rules, carry, is_filled, named
from widget_backend.texts import Text

#: what a person calls the parts of a deal that go by no field of the preset
BUILT_IN: Final = {
    AMOUNT: ChartField(AMOUNT, "", "money", "Сумма", system=True),
    "field.deal.title": ChartField("field.deal.title", "", "text", "Название", system=True),
    "field.deal.responsible": ChartField("field.deal.responsible", "", "text", "Ответственный", system=True),
}
#: address a new deal may be given a value at -> the part of the draft it is
GIVEN: Final = {AMOUNT: "amount", "field.deal.title": "title", "field.deal.responsible": "responsible"}


@dataclass(frozen=True, slots=True)
class Drafted:
    """A copy before it is made, and what of the source it does not hold."""

    draft: Draft
    products: tuple[Product, ...]
    lost: tuple[Lost, ...]


def rules_of(policy: Policy, chart: Chart, source: Deal, target: ChartStage, mapping: Rules | None = None) -> Rules:
    """The field rules of one copy; ``mapping`` goes before all that is set."""
    return {**policy.rules(chart, chart.stage_of_id.get(source.stage), target), **(mapping or {})}


def drafted(
    source: Deal,
    target: ChartStage,
    chart: Chart,
    parts: frozenset[Part],
    rules: Rules,
    filled: FieldValues,
    products: Sequence[Product] = (),
    marker: str = "",
) -> Drafted:
    """The copy of ``source`` at a stage: the title stays, who is responsible is left to the target's own rule.

    ``filled`` goes before what the source holds.
    """
    types = {**chart.field, **BUILT_IN}
    values: dict[str, FieldValue] = dict(source.fields)
    if "amount" in parts and source.amount:
        values[AMOUNT] = source.amount
    carried = carry(values, rules, types)
    given = {address: value for address, value in filled.items() if address in types}
    fields = {**carried.values, **given}
    built_in: Mapping[str, Any] = {GIVEN[address]: value for address, value in fields.items() if address in GIVEN}
    draft = Draft(
        title=source.title,
        stage=target.id,
        pipeline=target.pipeline_id,
        marker=marker,
        contacts=source.contacts,
        currency=source.currency,
        company=source.company if "company" in parts else "",
        observers=source.observers if "observers" in parts else (),
        tags=source.tags if "tags" in parts else (),
        fields={address: value for address, value in fields.items() if address not in GIVEN},
        own=dict(source.own) if "own" in parts else {},
    )
    lost = (
        *carried.lost,
        *_replaced(carried.values, given, types),
        *_unknown(filled, types),
        *_left(source, parts, products),
    )
    return Drafted(replace(draft, **built_in), tuple(products) if "products" in parts else (), lost)


def _replaced(values: FieldValues, given: FieldValues, types: Mapping[str, ChartField]) -> Iterator[Lost]:
    for address, value in given.items():
        if address in values and values[address] != value:
            yield Lost(address, "replaced", named(address, types))


def _unknown(filled: FieldValues, types: Mapping[str, ChartField]) -> Iterator[Lost]:
    """What the copy was to be given, and the CRM has no field for."""
    for address, value in filled.items():
        if address not in types and is_filled(value):
            yield Lost(address, "gone", named(address, types))


def _left(source: Deal, parts: frozenset[Part], products: Sequence[Product]) -> Iterator[Lost]:
    """Parts of the source that the clinic does not want in copies, and what cannot be carried. Tasks and notes are not a part
    of the deal itself."""
    held: Mapping[Part, Any] = {
        "amount": source.amount,
        "company": source.company,
        "observers": source.observers,
        "tags": source.tags,
        "products": products,
        "own": source.own,
    }
    for part, value in held.items():
        if value and part not in parts:
            yield Lost(part, "part", PARTS[part])
    if "own" in parts:
        yield from (Lost(name, "fixed", Text(name, name)) for name in source.own.get(LEFT_OUT, ()))
