"""The forms of cards: an input for every field that a person may fill in, and what came back of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm.entities import STANDARD, uf_entity
from widget_backend.sandbox.bitrix24.pages import wording
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL, UserField

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from widget_backend.sandbox.bitrix24.portal import Portal

_DATES = ("begindate", "closedate")
_MORE = ("comments", "contactIds", "utmSource", "utmMedium", "utmCampaign")

_DATES = ("begindate", "closedate")
_MORE = ("comments", "contactIds", "utmSource", "utmMedium", "utmCampaign")

#: standard fields that a card lets change
EDITABLE = {
    DEAL: ("title", "opportunity", "typeId", "sourceId", "sourceDescription", "assignedById", *_DATES, *_MORE),
    CONTACT: ("lastName", "name", "secondName", "birthdate", "typeId", "sourceId", "assignedById", "post", "comments"),
}

DIRECTORIES = {(DEAL, "typeId"): "DEAL_TYPE", (CONTACT, "typeId"): "CONTACT_TYPE"}

#: type of a field -> kind of its input
INPUTS = {
    "text": "long",
    "integer": "number",
    "double": "number",
    "date": "date",
    "datetime": "datetime-local",
    "boolean": "choice",
    "user": "choice",
    "employee": "choice",
    "crm_status": "choice",
    "enumeration": "choice",
}

#: cannot be filled in on a page
NOT_HERE = frozenset({"file", "iblock_section", "iblock_element"})

YES_NO = (("Y", "да"), ("N", "нет"))

#: in front of the name of a field's value as the form showed it
WAS = "was."


@dataclass(frozen=True)
class Input:
    """One field of a form; ``values`` are texts as the form gives them back."""

    name: str
    label: str
    kind: str
    values: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = field(default=())
    multiple: bool = False

    @property
    def value(self) -> str:
        """The value of a single field, or the lines of a multiple one."""
        return "\n".join(self.values)


def inputs(portal: Portal, item: dict[str, Any]) -> list[Input]:
    """The whole form of a card."""
    entity_type = item["entityTypeId"]
    own = [row for row in portal.fields_of(uf_entity(entity_type)) if row.type not in NOT_HERE]
    return [_standard(portal, item, name) for name in EDITABLE[entity_type]] + [_own(portal, item, row) for row in own]


def changes(portal: Portal, item: dict[str, Any], form: MultiDict[str, str]) -> dict[str, Any]:
    """What a person has changed, as the item API takes it; a field left as it was shown is not in it."""
    found: dict[str, Any] = {}
    for each in inputs(portal, item):
        given = _lines(each, form.getlist(each.name))
        if each.name in form or WAS + each.name in form:
            if "\n".join(given) != "\n".join(_lines(each, [form.get(WAS + each.name, "")])):
                found[each.name] = given if each.multiple else (given[0] if given else "")
    if "opportunity" in found:
        found["isManualOpportunity"] = "Y"
    return found


def phones(item: dict[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """Changes of a contact's phones and letters' addresses, by the ids of what is there."""
    rows: dict[str, Any] = {}
    for row in item["fm"]:
        given = form.get(f"fm.{row['id']}")
        if given is not None and given.strip() != row["value"]:
            rows[str(row["id"])] = {"typeId": row["typeId"], "value": given.strip()}
    for kind in ("PHONE", "EMAIL"):
        if added := form.get(f"fm.new.{kind}", "").strip():
            rows[f"n{kind}"] = {"typeId": kind, "valueType": "MOBILE" if kind == "PHONE" else "WORK", "value": added}
    return rows


def _standard(portal: Portal, item: dict[str, Any], name: str) -> Input:
    known = STANDARD[item["entityTypeId"]][name]
    held = item.get(name)
    options = _options(portal, known.type, DIRECTORIES.get((item["entityTypeId"], name), "SOURCE"))
    shown = tuple(map(str, held)) if isinstance(held, list) else (_shown(held, known.type),)
    kind = "lines" if known.multiple else INPUTS.get(known.type, "short")
    return Input(name, known.title, kind, shown, options, known.multiple)


def _own(portal: Portal, item: dict[str, Any], row: UserField) -> Input:
    held = item.get(row.name)
    listed = held if isinstance(held, list) else [held]
    options = tuple((str(option.id), option.value) for option in row.options) or _options(portal, row.type, "SOURCE")
    kind = INPUTS.get(row.type, "short")
    if row.multiple:
        kind = "choices" if kind == "choice" else "lines"
    elif row.type == "string" and int(row.settings.get("ROWS") or 1) > 1:
        kind = "long"
    shown = tuple(_shown(each, row.type) for each in listed if each is not None)
    return Input(row.name, wording.label(portal, row), kind, shown, options, row.multiple)


def _options(portal: Portal, kind: str, directory: str) -> tuple[tuple[str, str], ...]:
    if kind == "boolean":
        return YES_NO
    if kind in ("user", "employee"):
        return tuple((str(user.id), user.full_name) for user in portal.users.values())
    if kind == "crm_status":
        return tuple((row.status_id, row.name) for row in portal.directory(directory))
    return ()


def _shown(value: Any, kind: str) -> str:
    """A value as an input wants it."""
    if value is None:
        return ""
    if kind == "date":
        return str(value)[:10]
    if kind == "datetime":
        return str(value)[:16]
    return str(value)


def _lines(each: Input, given: list[str]) -> list[str]:
    """Values of a field without blanks; a multiple one may come line by line."""
    if not each.multiple:
        return [given[0].replace("\r\n", "\n").strip()] if given and given[0].strip() else []
    return [line.strip() for text in given for line in text.splitlines() if line.strip()]
