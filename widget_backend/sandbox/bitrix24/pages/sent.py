"""What went out to applications and what their handlers answered; and the faults that may meet it on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.delivery import LOST, OVERTAKEN, TWIN, Delivery, Sent
from widget_backend.sandbox.bitrix24.envelope import RestError, iso
from widget_backend.sandbox.bitrix24.pages import wording

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.registry import Caller

FATES = {LOST: "потеряно по дороге", TWIN: "повтор", OVERTAKEN: "опоздало"}

#: setting -> what the page calls it
FAULTS = {
    "lose_percent": "Терять, %",
    "double_percent": "Повторять, %",
    "reorder_percent": "Обгонять, %",
    "delay_s": "Задержка, с",
    "event_seed": "Зерно случая",
}

#: so many rows are shown
SHOWN = 100


def view(portal: Portal) -> dict[str, Any]:
    """The newest first, and what waits."""
    sent = list(portal.sent)
    return {
        "rows": [row(each) for each in sent[::-1][:SHOWN]],
        "waiting": len(portal.outbox),
        "count": len(sent),
        "faults": [(name, title, getattr(portal.settings, name)) for name, title in FAULTS.items()],
    }


def row(each: Sent) -> dict[str, Any]:
    """One delivery as the page and ``/_sandbox/sent`` tell of it."""
    delivery = each.delivery
    return {
        "number": delivery.number,
        "at": iso(each.at),
        "time": wording.moment(iso(each.at)) + f":{iso(each.at)[17:19]}",
        "event": delivery.event,
        "about": _about(delivery),
        "url": delivery.url,
        "status": each.status,
        "milliseconds": round(each.seconds * 1000),
        "fate": delivery.fate,
        "said": _said(each),
        "tokens": "auth[access_token]" in delivery.form,
    }


def set_faults(portal: Portal, caller: Caller, form: Mapping[str, str]) -> str:
    try:
        given = {name: float(form[name].replace(",", ".") or 0) for name in FAULTS if name in form}
    except ValueError as error:
        raise RestError("", "Сбои задаются числами.") from error
    if (
        not all(0 <= given.get(name, 0) <= 100 for name in FAULTS if name.endswith("percent"))
        or given.get("delay_s", 0) < 0
    ):
        raise RestError("", "Проценты — от 0 до 100, задержка не бывает отрицательной.")
    vars(portal.settings).update(given | {"event_seed": int(given.get("event_seed", 0))})
    return ""


DEEDS: dict[str, Any] = {"/sent/faults": set_faults}


def _said(each: Sent) -> str:
    if each.delivery.fate == LOST:
        return FATES[LOST]
    said = str(each.status) if each.status else "нет ответа"
    return f"{said}, {FATES[each.delivery.fate]}" if each.delivery.fate else said


def _about(delivery: Delivery) -> str:
    form = delivery.form
    if document := form.get("document_id[2]"):
        return f"{form.get('code', '')} · {document}"
    return form.get("data[FIELDS][ID]") or form.get("data[FIELDS_AFTER][ID]") or ""
