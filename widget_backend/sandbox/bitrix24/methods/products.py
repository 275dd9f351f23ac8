"""``crm.item.productrow.*``: what a deal sells; its amount follows the rows unless it is kept by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widget_backend.sandbox.bitrix24.crm import filters, records
from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.crm.values import flag, to_float, to_int
from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.registry import Call, method

OWNERS = {code: entity_type for entity_type, (_, _, code) in NAMES.items()}

FILTERED = ("id", "ownerId", "ownerType", "productId", "productName", "price", "quantity", "sort")

#: what an update listens to
_DISCOUNT = ("discountTypeId", "discountRate", "discountSum")
CHANGEABLE = frozenset(
    {"productId", "productName", "price", "quantity", "taxRate", "taxIncluded", "measureCode", "sort", *_DISCOUNT}
)


@method("crm.item.productrow.set", write=True)
def set_(call: Call) -> Any:
    """Replaces all rows."""
    code, number = str(call.required("ownerType")), call.required_int("ownerId")
    _owner(call, code, number)
    given = enumerate_map(call.required("productRows")).values()
    rows = [_row(call, code, number, enumerate_map(row), place) for place, row in enumerate(given, 1)]
    call.portal.product_rows[(code, number)] = rows
    _sum_up(call, code, number)
    return {"productRows": rows}


@method("crm.item.productrow.list")
def list_(call: Call) -> Any:
    conditions = enumerate_map(call.required("filter"))
    rows = [row for held in call.portal.product_rows.values() for row in held]
    rows = [row for row in rows if filters.matches(row, conditions, _reader)]
    rows.sort(key=lambda row: (row["sort"], row["id"]))
    return filters.paged(rows, call.get("start"), False, "productRows")


@method("crm.item.productrow.get")
def get(call: Call) -> Any:
    return {"productRow": _found(call)}


@method("crm.item.productrow.add", write=True)
def add(call: Call) -> Any:
    given = enumerate_map(call.required("fields"))
    for name in ("ownerId", "ownerType"):
        if not given.get(name):
            raise RestError("100", f"Could not find value for parameter {{{name}}}")
    code, number = str(given["ownerType"]), to_int(given["ownerId"])
    _owner(call, code, number)
    held = call.portal.product_rows[(code, number)]
    held.append(_row(call, code, number, given, len(held) + 1))
    _sum_up(call, code, number)
    return {"productRow": held[-1]}


@method("crm.item.productrow.update", write=True)
def update(call: Call) -> Any:
    row, given = _found(call), enumerate_map(call.required("fields"))
    unknown = sorted(given.keys() - CHANGEABLE)
    if unknown:
        raise RestError("INVALID_ARG_VALUE", f"Field '{unknown[0]}' is not available for update")
    fresh = _row(call, row["ownerType"], row["ownerId"], _given(row) | given, 1)
    row |= fresh | {"id": row["id"]}
    _sum_up(call, row["ownerType"], row["ownerId"])
    return {"productRow": row}


@method("crm.item.productrow.delete", write=True)
def delete(call: Call) -> Any:
    row = _found(call)
    call.portal.product_rows[(row["ownerType"], row["ownerId"])].remove(row)
    _sum_up(call, row["ownerType"], row["ownerId"])
    return None


def _reader(name: str) -> Callable[[dict[str, Any]], Any] | None:
    return (lambda row: row[name]) if name in FILTERED else None


def _owner(call: Call, code: str, number: int) -> dict[str, Any]:
    if code not in OWNERS:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", f"Entity type {code} is not supported")
    item = call.portal.items[OWNERS[code]].get(number)
    if item is None:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
    return item


def _sum_up(call: Call, code: str, number: int) -> None:
    item = _owner(call, code, number)
    if "opportunity" in item and item["isManualOpportunity"] != "Y":
        rows = call.portal.product_rows[(code, number)]
        amount = round(sum(row["price"] * row["quantity"] for row in rows), 2)
        records.update(call.portal, call.caller, item, {"opportunity": amount})


def _found(call: Call) -> dict[str, Any]:
    number = call.required_int("id")
    rows = (row for held in call.portal.product_rows.values() for row in held)
    row = next((row for row in rows if row["id"] == number), None)
    if row is None:
        raise RestError("NOT_FOUND", "Item not found")
    return row


def _given(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in CHANGEABLE}


def _row(call: Call, code: str, number: int, given: dict[str, Any], place: int) -> dict[str, Any]:
    price = to_float(given.get("price")) or 0
    discount = to_float(given.get("discountSum")) or 0
    rate = to_float(given.get("discountRate")) or 0
    if not discount and 0 < rate < 100:
        discount = round(price * rate / (100 - rate), 2)
    return {
        "id": call.portal.number("product row"),
        "ownerId": number,
        "ownerType": code,
        "productId": to_int(given.get("productId")),
        "productName": str(given.get("productName") or ""),
        "price": price,
        "priceAccount": price,
        "priceExclusive": price,
        "priceNetto": price + discount,
        "priceBrutto": price + discount,
        "quantity": to_float(given.get("quantity", 1)) or 0,
        "discountTypeId": to_int(given.get("discountTypeId"), 2),
        "discountRate": rate,
        "discountSum": discount,
        "taxRate": to_float(given.get("taxRate")),
        "taxIncluded": flag(given.get("taxIncluded")),
        "customized": "Y",
        "measureCode": to_int(given.get("measureCode"), 796),
        "measureName": "шт" if call.portal.settings.lang == "ru" else "pcs",
        "sort": to_int(given.get("sort"), place * 10),
        "xmlId": "",
    }
