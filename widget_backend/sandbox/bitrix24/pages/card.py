"""What the card of a deal or a contact says, section by section, as its pipeline shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm.entities import STANDARD, uf_entity
from widget_backend.sandbox.bitrix24.crm.values import number_text
from widget_backend.sandbox.bitrix24.pages import wording
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL, UserField

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal


def _section(name: str, title: str, *codes: str) -> dict[str, Any]:
    return {"name": name, "title": title, "elements": [{"name": code} for code in codes]}


#: what a card shows while nobody has set a layout
STOCK = {
    DEAL: [
        _section("main", "О сделке", "TITLE", "STAGE_ID", "OPPORTUNITY_WITH_CURRENCY", "CLIENT", "CLOSEDATE"),
        _section("additional", "Дополнительно", "TYPE_ID", "SOURCE_ID", "ASSIGNED_BY_ID", "COMMENTS"),
    ],
    CONTACT: [
        _section("main", "О контакте", "LAST_NAME", "NAME", "SECOND_NAME", "BIRTHDATE", "PHONE", "EMAIL"),
        _section("additional", "Дополнительно", "TYPE_ID", "SOURCE_ID", "ASSIGNED_BY_ID", "COMMENTS"),
    ],
}

STAGES = ("STAGE_ID", "PREVIOUS_STAGE_ID")
#: fields whose value is the code of a directory's row
DIRECTORIES = {
    DEAL: {"SOURCE_ID": "SOURCE", "TYPE_ID": "DEAL_TYPE"},
    CONTACT: {"SOURCE_ID": "SOURCE", "TYPE_ID": "CONTACT_TYPE", "HONORIFIC": "HONORIFIC"},
}
PEOPLE = ("ASSIGNED_BY_ID", "CREATED_BY_ID", "MODIFY_BY_ID", "MOVED_BY_ID", "LAST_ACTIVITY_BY")
FLAGS = {"Y": "да", "N": "нет"}

EMPTY = "—"


def sections(portal: Portal, entity_type: int, category_id: int = 0) -> list[dict[str, Any]]:
    """The layout that everybody sees."""
    return portal.layouts.get((entity_type, category_id, 0), STOCK[entity_type])


def values(portal: Portal, item: dict[str, Any]) -> dict[str, str]:
    """Field code -> what the card says of it."""
    entity_type = item["entityTypeId"]
    found: dict[str, Any] = {
        field.legacy: _plain(item.get(name), field.type) for name, field in STANDARD[entity_type].items()
    }
    for field in portal.fields_of(uf_entity(entity_type)):
        found[field.name] = _own(portal, field, item.get(field.name))
    stages = {code: stage.name for code, stage in portal.deal_stages().items()}
    found |= {code: stages.get(found[code], found[code]) for code in STAGES if found.get(code)}
    for code, directory in DIRECTORIES[entity_type].items():
        names = {row.status_id: row.name for row in portal.directory(directory)}
        found[code] = names.get(found[code], found[code])
    found |= {code: wording.user_name(portal, found[code]) for code in PEOPLE if found.get(code)}
    if entity_type == DEAL:
        found["CLIENT"] = ", ".join(wording.person(each) for each in contacts_of(portal, item))
        found["OPPORTUNITY_WITH_CURRENCY"] = wording.money(item["opportunity"], item["currencyId"])
        found["OBSERVER"] = ", ".join(wording.user_name(portal, each) for each in item["observers"])
        found["UTM"] = ", ".join(str(item[name]) for name in item if name.startswith("utm") and item[name])
    for row in item.get("fm", ()):
        found[row["typeId"]] = ", ".join(filter(None, (found.get(row["typeId"]), row["value"])))
    return {code: str(value) if value not in (None, "", []) else EMPTY for code, value in found.items()}


def others(portal: Portal, item: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Label, code and value of what is filled in and not on the card, the clinic's own fields first."""
    category = item.get("categoryId") or 0
    shown = {
        element["name"]
        for section in sections(portal, item["entityTypeId"], category)
        for element in section["elements"]
    }
    names = wording.labels(portal, item["entityTypeId"])
    rows = values(portal, item).items()
    filled = [(names.get(code, code), code, value) for code, value in rows if value not in (EMPTY, "0")]
    return sorted((row for row in filled if row[1] not in shown), key=lambda row: not row[1].startswith("UF_"))


def contacts_of(portal: Portal, deal: dict[str, Any]) -> list[dict[str, Any]]:
    """The contacts of a deal, the main one first."""
    return [portal.items[CONTACT][each] for each in deal["contactIds"] if each in portal.items[CONTACT]]


def deals_of(portal: Portal, contact_id: int) -> list[dict[str, Any]]:
    """The deals of a contact, the newest first."""
    return [deal for deal in reversed(portal.items[DEAL].values()) if contact_id in deal["contactIds"]]


def _plain(value: Any, kind: str) -> Any:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if kind == "double" and value is not None:
        return number_text(value)
    if kind == "boolean":
        return FLAGS.get(str(value), value)
    if kind in ("date", "datetime") and value:
        return wording.moment(value) if kind == "datetime" else _day(value)
    return value


def _own(portal: Portal, field: UserField, held: Any) -> str:
    options = {option.id: option.value for option in field.options}
    chosen = held if isinstance(held, list) else [held]
    return ", ".join(_one(portal, field, options.get(each, each)) for each in chosen if each is not None)


def _one(portal: Portal, field: UserField, value: Any) -> str:
    if field.type == "employee":
        return wording.user_name(portal, value)
    if field.type == "money":
        amount, _, currency = str(value).rpartition("|")
        return wording.money(float(amount or 0), currency)
    if field.type == "file":
        return str(value.get("name", "")) if isinstance(value, dict) else str(value)
    return str(_plain(value, field.type))


def _day(text: str) -> str:
    return f"{text[8:10]}.{text[5:7]}.{text[:4]}"
