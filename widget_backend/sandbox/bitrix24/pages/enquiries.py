"""A new enquiry: a deal of a patient who is found by name and phone, or entered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.pages.acting import call
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.registry import Caller

FIELDS = {"title": "title", "amount": "opportunity", "source": "sourceId", "stage": "stageId", "note": "comments"}


def enter(portal: Portal, caller: Caller, form: Mapping[str, str]) -> int:
    """Make the deal; answers its id. Refuses one without any name."""
    name = form.get("name", "").strip()
    title = form.get("title", "").strip()
    if not (name or title):
        raise RestError("", "Напишите название обращения или имя пациента.")
    fields: dict[str, Any] = {FIELDS[key]: form[key].strip() for key in FIELDS if form.get(key, "").strip()}
    fields |= {"title": title or f"Обращение: {name}", "categoryId": int(form.get("category") or 0)}
    if "opportunity" in fields:
        fields["isManualOpportunity"] = "Y"
    contact = _patient(portal, caller, form, name)
    fields |= {"contactIds": [contact]} if contact else {}
    return int(call(portal, caller, "crm.item.add", entityTypeId=DEAL, fields=fields)["item"]["id"])


def _patient(portal: Portal, caller: Caller, form: Mapping[str, str], name: str) -> int:
    """The contact of this name and phone, old or new; 0 where neither is given."""
    phone, email = form.get("phone", "").strip(), form.get("email", "").strip()
    if not (name or phone or email):
        return 0
    family, _, rest = name.partition(" ")
    for contact in _known(portal, caller, phone):
        if not name or {contact["name"] or "", contact["lastName"] or ""} == {family, rest}:
            return int(contact["id"])
    given = (("PHONE", "MOBILE", phone), ("EMAIL", "WORK", email))
    fm = {f"n{kind}": {"typeId": kind, "valueType": place, "value": value} for kind, place, value in given if value}
    fields: dict[str, Any] = {"lastName": family, "name": rest} if rest else {"name": family}
    fields |= {"fm": fm, "sourceId": form.get("source", "")}
    return int(call(portal, caller, "crm.item.add", entityTypeId=CONTACT, fields=fields)["item"]["id"])


def _known(portal: Portal, caller: Caller, phone: str) -> list[dict[str, Any]]:
    """The contacts of a phone."""
    asked = {"type": "PHONE", "values": [phone], "entity_type": "CONTACT"}
    found = call(portal, caller, "crm.duplicate.findbycomm", **asked) if phone else {}
    return [portal.items[CONTACT][number] for number in found.get("CONTACT", [])]
