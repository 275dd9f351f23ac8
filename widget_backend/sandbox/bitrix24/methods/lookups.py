"""Small reads: duplicates by phone or e-mail, currencies."""

from __future__ import annotations

import re
from typing import Any

from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.envelope import Page, iso, legacy
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import COMPANY, CONTACT, LEAD

MOST_VALUES = 20
MOST_HITS = 20

CURRENCIES = {
    "RUB": ("Российский рубль", "# &#8381;", "1.0000"),
    "EUR": ("Евро", "# €", "90.0000"),
    "USD": ("Доллар США", "$#", "80.0000"),
}


@method("crm.duplicate.findbycomm")
def find_by_comm(call: Call) -> Any:
    """Values beyond twenty are dropped silently; once twenty are found, later types stay hidden."""
    kind = str(call.any_case("type") or "").upper()
    if kind not in ("PHONE", "EMAIL"):
        raise legacy(f"Communication type '{kind}' is not supported in current context.")
    values = list(call.array("values").values())[:MOST_VALUES]
    wanted = {normal(kind, str(value)) for value in values} - {""}
    only = str(call.any_case("entity_type") or "").upper()
    found: dict[str, list[int]] = {}
    for entity_type in (LEAD, CONTACT, COMPANY):
        name = NAMES[entity_type][1].upper()
        if only not in ("", name) or sum(map(len, found.values())) >= MOST_HITS:
            continue
        hits = [row["id"] for row in call.portal.items[entity_type].values() if wanted & _values(row, kind)]
        if hits:
            found[name] = hits[:MOST_HITS]
    return found


@method("crm.currency.base.get")
def currency_base(call: Call) -> Any:
    return call.portal.currency


@method("crm.currency.list")
def currency_list(call: Call) -> Any:
    rows = [_currency(call, code, place) for place, code in enumerate(CURRENCIES, 1)]
    return Page(rows, total=len(rows))


def normal(kind: str, value: str) -> str:
    """A phone as digits without extension, an 8 in front read as 7; an e-mail in lower case."""
    if kind == "EMAIL":
        return value.strip().lower()
    digits = re.sub(r"\D", "", re.split(r"[,;#]|доб|ext", value.lower())[0])
    return "7" + digits[1:] if len(digits) == 11 and digits.startswith("8") else digits


def _values(item: dict[str, Any], kind: str) -> set[str]:
    return {normal(kind, row["value"]) for row in item["fm"] if row["typeId"] == kind}


def _currency(call: Call, code: str, place: int) -> dict[str, Any]:
    name, shape, amount = CURRENCIES[code]
    base = code == call.portal.currency
    return {
        "CURRENCY": code,
        "AMOUNT_CNT": "1",
        "AMOUNT": "1.0000" if base else amount,
        "SORT": str(place * 100),
        "BASE": "Y" if base else "N",
        "FULL_NAME": name,
        "LID": call.portal.settings.lang,
        "FORMAT_STRING": shape,
        "DEC_POINT": ".",
        "THOUSANDS_SEP": "&nbsp;",
        "DECIMALS": "2",
        "DATE_UPDATE": iso(call.portal.clock()),
    }
