"""Contacts and the portal's users, off the wire (bitrix24.md §4.4, §4.9). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from widget_backend.crm.bitrix24.client import number, rows
from widget_backend.crm.bitrix24.register import fields, values
from widget_backend.crm.bitrix24.register.moments import moment
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Contact, User
from widget_backend.phones import e164

Row = Mapping[str, Any]

#: where phones and addresses stand when the list of all of them does not come along
_SINGLE: Mapping[str, tuple[str, ...]] = {
    "PHONE": ("phoneMobile", "phoneWork", "phoneMailing", "phone"),
    "EMAIL": ("emailWork", "emailHome", "emailMailing", "email"),
}


def contact(item: Row, chart: Chart) -> Contact:
    """One contact."""
    parts = (str(item.get(name) or "").strip() for name in ("lastName", "name", "secondName"))
    return Contact(
        id=str(item["id"]),
        name=" ".join(part for part in parts if part),
        phones=tuple(dict.fromkeys(e164(value) for value in _reached(item, "PHONE"))),
        emails=tuple(dict.fromkeys(value.strip() for value in _reached(item, "EMAIL"))),
        responsible=values.identity(item.get("assignedById")),
        updated_at=moment(item.get("updatedTime")),
        fields=fields.read(chart, "contact", item),
    )


def has_phone(found: Contact, phone: str) -> bool:
    """Whether a contact that the portal found by a phone has it. A phone nobody can read is left to the portal's word."""
    readable = [one for one in found.phones if one.startswith("+")]
    return phone in readable or len(readable) < len(found.phones) or not found.phones


def users(listed: Iterable[Row], departments: Sequence[Row]) -> Iterator[User]:
    """Everybody, with his head where the company's structure tells."""
    tree = {str(row.get("ID")): row for row in departments}
    for row in listed:
        user_id = str(row["ID"])
        name = " ".join(part for part in (str(row.get(key) or "") for key in ("NAME", "LAST_NAME")) if part)
        homes = _homes(row.get("UF_DEPARTMENT"))
        head = next((found for home in homes if (found := _head(user_id, home, tree))), "")
        position = str(row.get("WORK_POSITION") or "")
        yield User(user_id, name or str(row.get("EMAIL") or user_id), _is_active(row), head=head, position=position)


def _head(user_id: str, department: str, tree: Mapping[str, Row]) -> str:
    """Of the department; of the one above for its own head, and where there is none. The tree may have a loop in it."""
    passed: set[str] = set()
    while department in tree and department not in passed:
        passed.add(department)
        head = values.identity(tree[department].get("UF_HEAD"))
        if head and head != user_id:
            return head
        department = str(tree[department].get("PARENT") or "")
    return ""


def _reached(item: Row, kind: str) -> Iterator[str]:
    if "fm" in item:
        listed = (
            (row.get("typeId") or row.get("TYPE_ID"), row.get("value") or row.get("VALUE")) for row in rows(item["fm"])
        )
        yield from (str(value) for of, value in listed if of == kind and value)
    else:
        yield from (str(item[key]) for key in _SINGLE[kind] if item.get(key))


def _homes(value: object) -> list[str]:
    listed = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else [value]
    return [str(one) for one in listed if number(one)]


def _is_active(row: Row) -> bool:
    return row.get("ACTIVE") in (True, "Y", "1", "true", None)
