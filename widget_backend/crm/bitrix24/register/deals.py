"""Deals: an item of the portal as a :class:`Deal`, a draft and a change as an item's fields (bitrix24.md §4.3, §9.2). Pure.

``Deal.own`` holds by the portal's own names what a copy carries along and the chart knows nothing of: the clinic's own
fields and some built-in ones. Under :data:`LEFT_OUT` stand the names of those that have a value and cannot be carried, files
above all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from widget_backend.crm.asking import Draft, UpdateDeal
from widget_backend.crm.bitrix24.register import fields, values
from widget_backend.crm.bitrix24.register.moments import moment
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import LEFT_OUT, Deal, Product

#: who made a deal that bears a marker of ours
ORIGINATOR = "dental-crm"
#: longest title
TITLE = 255

#: built-in values that are a copy's own business too. Not its dates, its amount, nor where it came from
_CARRIED = ("typeId", "opened", "probability", "additionalInfo", "comments", "sourceId", "sourceDescription")
_CARRIED_NAMES = frozenset({*_CARRIED, *fields.UTM.values()})
_OPEN_NAME = re.compile(r"UF_[A-Z0-9_]+|parentId\d+", re.IGNORECASE)
#: what can be said of a line of goods (``crm.item.productrow.set``)
_LINE = (
    *("productId", "productName", "price", "quantity", "discountTypeId", "discountRate", "discountSum"),
    *("taxRate", "taxIncluded", "measureCode", "sort"),
)


def deal(item: Mapping[str, Any], chart: Chart) -> Deal:
    """One deal. The stage may be one of a pipeline that is gone: whatever the portal says."""
    main = values.identity(item.get("contactId"))
    others = [values.identity(one) for one in _several(item.get("contactIds"))]
    ours = item.get("originatorId") == ORIGINATOR
    return Deal(
        id=str(item["id"]),
        title=str(item.get("title") or ""),
        pipeline=str(item.get("categoryId") or 0),
        stage=str(item.get("stageId") or ""),
        contacts=tuple(dict.fromkeys(one for one in (main, *others) if one)),
        responsible=values.identity(item.get("assignedById")),
        amount=values.minor(item.get("opportunity")),
        currency=str(item.get("currencyId") or ""),
        company=values.identity(item.get("companyId")),
        observers=tuple(one for one in map(values.identity, _several(item.get("observers"))) if one),
        created_at=moment(item.get("createdTime")),
        updated_at=moment(item.get("updatedTime")),
        moved_at=moment(item.get("movedTime")),
        mover=values.identity(item.get("movedBy")),
        marker=str(item.get("originId") or "") if ours else "",
        fields=fields.read(chart, "deal", item),
        own=_own(item, fields.taken(chart, "deal")),
    )


def product(row: Mapping[str, Any]) -> Product:
    """One line of goods, with what can be said of it again."""
    return Product({name: row[name] for name in _LINE if name in row and not values.empty(row[name])})


def created(draft: Draft, chart: Chart, currency: str, products: Sequence[Product] = ()) -> dict[str, Any]:
    """The fields of a new deal. The chart's fields weigh more than what the deal it is a copy of had of its own."""
    said = {name: value for name, value in draft.own.items() if _is_carried(name)}
    said |= fields.write(chart, draft.fields, currency)
    if draft.amount is not None and "opportunity" not in said:
        said |= {"opportunity": values.major(draft.amount), "isManualOpportunity": _manual(draft.amount, products)}
    optional = {
        "currencyId": draft.currency,
        "assignedById": draft.responsible,
        "companyId": draft.company,
        "contactIds": list(draft.contacts),
        "observers": list(draft.observers),
    }
    return {
        **said,
        "title": draft.title[:TITLE],
        "categoryId": draft.pipeline,
        "stageId": draft.stage,
        "originatorId": ORIGINATOR,
        "originId": draft.marker,
        **{name: value for name, value in optional.items() if value},
    }


def changed(write: UpdateDeal, chart: Chart, currency: str) -> dict[str, Any]:
    """The fields of a change. A pipeline is never left out: without it a stage of another one would be lost (§4.3)."""
    said = fields.write(chart, write.fields, currency)
    if write.stage:
        said |= {"categoryId": write.pipeline, "stageId": write.stage}
    named = {"title": write.title[:TITLE], "assignedById": write.responsible}
    return said | {name: value for name, value in named.items() if value}


def lines(products: Sequence[Product]) -> list[dict[str, Any]]:
    """Goods for the wire; a discount is said in its own way only."""
    return [dict(_line(product.row)) for product in products]


def arrived(item: Mapping[str, Any], stage: str) -> bool:
    """Whether a written deal came to the stage; the portal's robots may have moved it on in the same breath."""
    return stage in (item.get("stageId"), item.get("previousStageId"))


def _own(item: Mapping[str, Any], taken: frozenset[str]) -> dict[str, Any]:
    own: dict[str, Any] = {}
    left_out: list[str] = []
    for name, value in item.items():
        if name in taken or not _is_carried(name) or values.empty(value):
            continue
        if _is_plain(value):
            own[name] = "Y" if value is True else value
        else:
            left_out.append(name)
    return {**own, LEFT_OUT: left_out} if left_out else own


def _is_carried(name: str) -> bool:
    return name in _CARRIED_NAMES or _OPEN_NAME.fullmatch(name) is not None


def _is_plain(value: object) -> bool:
    items = value if isinstance(value, list) else [value]
    return all(isinstance(one, str | int | float) for one in items)


def _manual(amount: int, products: Sequence[Product]) -> str:
    """An amount stands for itself unless it is what the goods come to."""
    total = sum((_times(p.row.get("price"), p.row.get("quantity", 1)) for p in products), Decimal())
    return "N" if products and values.minor(total) == amount else "Y"


def _times(price: object, quantity: object) -> Decimal:
    return (values.decimal(price) or Decimal()) * (values.decimal(quantity) or Decimal())


def _line(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    other = "discountRate" if str(row.get("discountTypeId")) == "1" else "discountSum"
    for name in _LINE:
        nameless = name == "productId" and str(row.get(name)) == "0"
        if name in row and name != other and not nameless and not values.empty(row[name]):
            yield name, row[name]


def _several(value: object) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []
