"""Creating, changing and deleting items; values come with canonical names and are already clean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm import activities, stages, timeline
from widget_backend.sandbox.bitrix24.crm.entities import NAMES, STANDARD, WITH_MULTI
from widget_backend.sandbox.bitrix24.envelope import iso
from widget_backend.sandbox.bitrix24.events import fire
from widget_backend.sandbox.bitrix24.robots import run_robots, stop
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL, LEAD

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.registry import Caller

Item = dict[str, Any]

#: type -> the value of a standard field nobody has set
EMPTY_VALUES: dict[str, Any] = {"boolean": "N", "double": 0, "crm_company": 0, "crm_contact": 0, "crm_category": 0}

#: what an untitled item is called
TITLES = {DEAL: "Сделка #", LEAD: "Лид #"}

#: changes of these alone are no change
TIDE_MARKS = frozenset({"updatedTime", "updatedBy", "lastActivityTime", "lastActivityBy"})


def create(portal: Portal, caller: Caller, entity_type: int, values: Item, imported: bool = False) -> Item:
    """Add an item; an imported one keeps its given times and wakes no robots."""
    item = _blank(portal, caller, entity_type)
    given = dict(values)
    stages.settle_new(portal, entity_type, given)
    item.update({key: value for key, value in given.items() if key != "fm"})
    _link_contacts(portal, item, given)
    set_multi(portal, item, given.get("fm", {}))
    item["title"] = item.get("title") or (f"{TITLES[entity_type]}{item['id']}" if entity_type in TITLES else None)
    if "title" not in STANDARD[entity_type]:
        del item["title"]
    portal.items[entity_type][item["id"]] = item
    stages.entered(portal, item, caller)
    fire(portal, f"ONCRM{NAMES[entity_type][1].upper()}ADD", {"FIELDS": {"ID": item["id"]}}, caller)
    if entity_type == DEAL and not imported:
        run_robots(portal, item)
    return item


def update(portal: Portal, caller: Caller, item: Item, values: Item, mover: bool = False) -> bool:
    """Change an item; what changes nothing is not saved and tells nobody.

    ``mover``: people's own way into another pipeline, which tells of the move and of no other change.
    """
    before = _copy(item)
    given = dict(values)
    stages.settle_change(portal, item, given)
    item.update({key: value for key, value in given.items() if key != "fm"})
    _link_contacts(portal, item, given)
    set_multi(portal, item, given.get("fm", {}))
    if all(before.get(key) == item.get(key) for key in item.keys() - TIDE_MARKS):
        return False
    item["updatedTime"] = item["lastActivityTime"] = iso(portal.clock())
    item["updatedBy"] = item["lastActivityBy"] = caller.user.id
    moved = item.get("stageId") != before.get("stageId")
    if moved:
        stages.moved(portal, item, before, caller)
    _tell_update(portal, caller, item, before, mover)
    if moved and item["entityTypeId"] == DEAL:
        run_robots(portal, item)
    return True


def delete(portal: Portal, caller: Caller, item: Item) -> None:
    """Remove an item with its links."""
    entity_type, number = item["entityTypeId"], item["id"]
    del portal.items[entity_type][number]
    portal.product_rows.pop((NAMES[entity_type][2], number), None)
    portal.history = [row for row in portal.history if entity_type != DEAL or row.owner_id != number]
    if entity_type == CONTACT:
        for deal in portal.items[DEAL].values():
            deal["contactIds"] = [contact for contact in deal["contactIds"] if contact != number]
            deal["contactId"] = next(iter(deal["contactIds"]), 0)
    if entity_type == DEAL:
        stop(portal, number)
    activities.release(portal, caller, (entity_type, number))
    timeline.release(portal, (entity_type, number))
    fire(portal, f"ONCRM{NAMES[entity_type][1].upper()}DELETE", {"FIELDS": {"ID": number}}, caller)


def set_multi(portal: Portal, item: Item, rows: dict[str, Any]) -> None:
    """Phones and their like: a known id changes its value or, with an empty one, deletes it; any other key adds."""
    if item["entityTypeId"] not in WITH_MULTI:
        return
    held = {str(row["id"]): dict(row) for row in item["fm"]}
    for key, row in rows.items():
        value = str(row.get("value") or "").strip()
        if key in held and not value:
            del held[key]
        elif key in held:
            held[key] |= {"value": value, "valueType": row.get("valueType") or held[key]["valueType"]}
        elif value and row.get("typeId"):
            number = portal.number("multi", 101)
            kind = {"typeId": str(row["typeId"]), "valueType": str(row.get("valueType") or "WORK")}
            held[str(number)] = {"id": number, "valueType": kind["valueType"], "value": value, "typeId": kind["typeId"]}
    item["fm"] = list(held.values())
    kinds = {row["typeId"] for row in item["fm"]}
    item["hasPhone"], item["hasEmail"] = ("Y" if kind in kinds else "N" for kind in ("PHONE", "EMAIL"))


def _blank(portal: Portal, caller: Caller, entity_type: int) -> Item:
    now, user = iso(portal.clock()), caller.user.id
    item: Item = {}
    for field in STANDARD[entity_type].values():
        item[field.name] = [] if field.multiple else EMPTY_VALUES.get(field.type)
    item |= {
        "id": portal.number(f"item{entity_type}"),
        "entityTypeId": entity_type,
        "opened": "Y",
        "assignedById": user,
    }
    item |= dict.fromkeys(("createdTime", "updatedTime", "lastActivityTime"), now)
    item |= dict.fromkeys(("createdBy", "updatedBy", "lastActivityBy"), user)
    if "currencyId" in item:
        item["currencyId"] = portal.currency
    if "movedTime" in item:
        item["movedTime"], item["movedBy"] = now, user
    return item | ({"fm": []} if entity_type in WITH_MULTI else {})


def _link_contacts(portal: Portal, item: Item, given: Item) -> None:
    """``contactIds`` replaces the set; ``contactId`` alone puts its contact first, or with 0 unlinks all."""
    if "contactIds" not in item or not given.keys() & {"contactId", "contactIds"}:
        return
    linked = item["contactIds"]
    if "contactIds" not in given:
        first = item["contactId"]
        linked = [first, *(each for each in linked if each != first)] if first else []
    item["contactIds"] = [each for each in dict.fromkeys(linked) if each in portal.items[CONTACT]]
    if "contactId" in item:
        item["contactId"] = next(iter(item["contactIds"]), 0)


def _tell_update(portal: Portal, caller: Caller, item: Item, before: Item, mover: bool) -> None:
    name = NAMES[item["entityTypeId"]][1].upper()
    moved = item["entityTypeId"] == DEAL and item["categoryId"] != before["categoryId"]
    if not (moved and mover):
        fire(portal, f"ONCRM{name}UPDATE", {"FIELDS": {"ID": item["id"]}}, caller)
    if moved:
        data = {"ID": item["id"], "CATEGORY_ID": item["categoryId"], "STAGE_ID": item["stageId"]}
        fire(portal, "ONCRMDEALMOVETOCATEGORY", {"FIELDS": data}, caller)


def _copy(item: Item) -> Item:
    return {key: list(value) if isinstance(value, list) else value for key, value in item.items()}
