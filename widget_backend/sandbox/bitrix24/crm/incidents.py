"""What comes from a patient without anybody's doing here: messages, calls and letters, as activities on his card and deal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm import activities
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal


@dataclass(frozen=True)
class Channel:
    """How an activity of a channel looks; ``kind`` is the contact's multi-field it comes by."""

    subject: tuple[str, str]
    type_id: int
    provider: str
    provider_type: str
    kind: str
    done: bool = False
    missed: bool = False


CHANNELS = {
    "message": Channel(("Чат", "Chat"), activities.PROVIDER, "IMOPENLINES_SESSION", "1", "IM"),
    "call": Channel(
        ("Входящий звонок", "Incoming call"), activities.CALL, "VOXIMPLANT_CALL", "CALL", "PHONE", done=True
    ),
    "missed": Channel(
        ("Пропущенный звонок", "Missed call"), activities.CALL, "VOXIMPLANT_CALL", "CALL", "PHONE", missed=True
    ),
    "letter": Channel(("Письмо", "Letter"), activities.EMAIL, "CRM_EMAIL", "EMAIL", "EMAIL"),
}


def arrive(portal: Portal, channel: str, contact_id: int, text: str = "", deal_id: int = 0) -> dict[str, Any]:
    """A patient has written or called: an incoming activity on the contact and on one open deal of his, if there is one.

    ``deal_id`` is preferred while it is open, else the youngest open deal. Every message starts a dialogue of its own.
    """
    look, contact = CHANNELS[channel], portal.items[CONTACT][contact_id]
    name = f"{contact['lastName'] or ''} {contact['name'] or ''}".strip()
    values: dict[str, Any] = {"TYPE_ID": look.type_id, "PROVIDER_ID": look.provider, "DESCRIPTION": text}
    values |= {"PROVIDER_TYPE_ID": look.provider_type, "DIRECTION": activities.INCOMING, "IS_INCOMING_CHANNEL": "Y"}
    values |= {"SUBJECT": f"{portal.say(*look.subject)}: {name}", "_communications": [_from(contact, look.kind)]}
    values |= {"ASSOCIATED_ENTITY_ID": portal.number(f"{look.provider} source", 1, 1)}
    if look.done:
        values |= {"COMPLETED": "Y", "STATUS": "2"}
    if look.missed:
        values["SETTINGS"] = {"MISSED_CALL": True}
    deal = _deal_of(portal, contact_id, deal_id)
    places = [(CONTACT, contact_id), *([(DEAL, deal["id"])] if deal else [])]
    return activities.add(portal, None, values, places)


def _deal_of(portal: Portal, contact_id: int, preferred: int) -> dict[str, Any] | None:
    deals = portal.items[DEAL].values()
    of_him = [deal for deal in deals if contact_id in deal["contactIds"] and deal["closed"] == "N"]
    return next((deal for deal in of_him if deal["id"] == preferred), of_him[-1] if of_him else None)


def _from(contact: dict[str, Any], kind: str) -> dict[str, Any]:
    value = next((row["value"] for row in contact["fm"] if row["typeId"] == kind), "")
    return {"TYPE": kind, "VALUE": value, "ENTITY_ID": contact["id"], "ENTITY_TYPE_ID": CONTACT}
