"""The contacts of a deal."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.bitrix24.crm import records
from widget_backend.sandbox.bitrix24.crm.values import flag, to_int
from widget_backend.sandbox.bitrix24.envelope import legacy
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.methods.legacy import found
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL


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
