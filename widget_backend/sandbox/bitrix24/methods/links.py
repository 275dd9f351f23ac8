"""What hangs on items: contacts of a deal, product rows, the stage history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widget_backend.sandbox.bitrix24.crm import filters, records
from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.crm.values import flag, to_float, to_int
from widget_backend.sandbox.bitrix24.envelope import Page, RestError, iso, legacy
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.methods.legacy import found
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL, Moved

OWNERS = {code: entity_type for entity_type, (_, _, code) in NAMES.items()}


@method("crm.deal.contact.items.get")
def contact_items_get(call: Call) -> Any:
    linked = found(call, DEAL)["contactIds"]
    return [
        {"CONTACT_ID": number, "SORT": (place + 1) * 10, "ROLE_ID": 0, "IS_PRIMARY": "N" if place else "Y"}
        for place, number in enumerate(linked)
    ]


@method("crm.deal.contact.items.set", write=True)
def contact_items_set(call: Call) -> Any:
    deal = found(call, DEAL)
    rows = [enumerate_map(row) for row in call.array("items").values()]
    for index, row in enumerate(rows):
        if to_int(row.get("CONTACT_ID")) not in call.portal.items[CONTACT]:
            raise legacy(f"Contact ID at index {index} is not found.")
    rows.sort(key=lambda row: (flag(row.get("IS_PRIMARY")) != "Y", to_int(row.get("SORT"))))
    records.update(call.portal, call.caller, deal, {"contactIds": [to_int(row["CONTACT_ID"]) for row in rows]})
    return True


@method("crm.deal.contact.items.delete", write=True)
def contact_items_delete(call: Call) -> Any:
    records.update(call.portal, call.caller, found(call, DEAL), {"contactIds": []})
    return True


@method("crm.deal.contact.add", write=True)
def contact_add(call: Call) -> Any:
    deal, number = found(call, DEAL), to_int(call.array("fields").get("CONTACT_ID"))
    if number not in call.portal.items[CONTACT]:
        raise legacy("Contact is not found.")
    first = flag(call.array("fields").get("IS_PRIMARY")) == "Y"
    linked = [number, *deal["contactIds"]] if first else [*deal["contactIds"], number]
    return records.update(call.portal, call.caller, deal, {"contactIds": linked})


@method("crm.deal.contact.delete", write=True)
def contact_delete(call: Call) -> Any:
    deal, number = found(call, DEAL), to_int(call.array("fields").get("CONTACT_ID"))
    linked = [each for each in deal["contactIds"] if each != number]
    return records.update(call.portal, call.caller, deal, {"contactIds": linked})


@method("crm.item.productrow.set", write=True)
def product_rows_set(call: Call) -> Any:
    """Replaces all rows; the amount follows them unless it is kept by hand."""
    code, number = str(call.required("ownerType")), call.required_int("ownerId")
    item = call.portal.items[OWNERS.get(code, 0)].get(number)
    if item is None:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
    given = enumerate_map(call.required("productRows")).values()
    rows = [_product_row(call, code, number, enumerate_map(row), place) for place, row in enumerate(given, 1)]
    call.portal.product_rows[(code, number)] = rows
    if "opportunity" in item and item["isManualOpportunity"] != "Y":
        amount = round(sum(row["price"] * row["quantity"] for row in rows), 2)
        records.update(call.portal, call.caller, item, {"opportunity": amount})
    return {"productRows": rows}


@method("crm.item.productrow.list")
def product_rows_list(call: Call) -> Any:
    conditions = enumerate_map(call.required("filter"))
    rows = [row for held in call.portal.product_rows.values() for row in held]
    names = ("id", "ownerId", "ownerType", "productId", "productName", "price", "quantity", "sort")

    def reader(name: str) -> Callable[[dict[str, Any]], Any] | None:
        return (lambda row: row[name]) if name in names else None

    rows = [row for row in rows if filters.matches(row, conditions, reader)]
    rows.sort(key=lambda row: (row["sort"], row["id"]))
    return filters.paged(rows, call.get("start"), False, "productRows")


@method("crm.stagehistory.list")
def stage_history(call: Call) -> Any:
    """Only rows of the pipeline that the deal is in now."""
    if call.required_int("entityTypeId") != DEAL:
        return Page({"items": []}, total=0)
    deals = call.portal.items[DEAL]
    rows = [_history_row(row) for row in call.portal.history if deals[row.owner_id]["categoryId"] == row.category_id]
    names = frozenset(rows[0]) if rows else frozenset()

    def reader(name: str) -> Callable[[dict[str, Any]], Any] | None:
        return (lambda row: row[name]) if name in names else None

    rows = [row for row in rows if filters.matches(row, call.mapping("filter"), reader)]
    for name, direction in reversed(list((call.mapping("order") or {"ID": "ASC"}).items())):
        if (read := reader(name)) is not None:
            rows.sort(key=lambda row: filters.comparable(read(row)), reverse=str(direction).upper() == "DESC")
    select = [str(name) for name in call.mapping("select").values()]
    wanted = names if not select or "*" in select else names & set(select)

    def show(row: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in row.items() if name in wanted}

    return filters.paged(rows, call.any_case("start"), False, "items", show)


def _history_row(row: Moved) -> dict[str, Any]:
    return {
        "ID": row.id,
        "TYPE_ID": row.type_id,
        "OWNER_ID": row.owner_id,
        "CREATED_TIME": iso(row.created),
        "CATEGORY_ID": row.category_id,
        "STAGE_SEMANTIC_ID": row.semantics,
        "STAGE_ID": row.stage_id,
    }


def _product_row(call: Call, code: str, number: int, given: dict[str, Any], place: int) -> dict[str, Any]:
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
