"""From a form of the pages to the body of a write: only what is not as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.pages.words import INPUTS, seconds
from widget_backend.sandbox.amocrm.state import CustomField, Record
from widget_backend.sandbox.amocrm.wire.problems import Problem

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from widget_backend.sandbox.amocrm.account import Account

    Form = MultiDict[str, str]

#: own keys of a record that a form may have -> how they are read
OWN = {"name": str, "price": int, "responsible_user_id": int, "first_name": str, "last_name": str}

#: a form names the fields it shows by this, so that an unticked flag is told from one that is not there
SHOWN = "shown"

LISTS = frozenset({"select", "radiobutton", "multiselect"})


def new_lead(account: Account, form: Form) -> dict[str, Any]:
    """The lead of an enquiry; its source is a source of an integration or an option of a list field."""
    item: dict[str, Any] = {"name": form.get("name", "").strip() or "Заявка"}
    item |= {key: int(form[key]) for key in ("pipeline_id", "status_id", "price") if form.get(key)}
    kind, _, rest = form.get("origin", "").partition("-")
    source = account.sources.get(int(rest)) if kind == "source" else None
    if source is not None:
        item["_embedded"] = {"source": {"external_id": source.external_id, "type": "widget"}}
    if kind == "option":
        field, _, option = rest.partition("-")
        item["custom_fields_values"] = [{"field_id": int(field), "values": [{"enum_id": int(option)}]}]
    return item


def new_contact(account: Account, form: Form) -> dict[str, Any]:
    """The patient of an enquiry; empty if nothing is told of him."""
    name, phone = form.get("patient", "").strip(), form.get("phone", "").strip()
    if not name and not phone:
        return {}
    phones = [{"field_code": "PHONE", "values": [{"value": phone, "enum_code": "MOB"}]}] if phone else []
    return {"name": name or phone} | ({"custom_fields_values": phones} if phones else {})


def changes(account: Account, record: Record, form: Form) -> dict[str, Any]:
    """What a form changes in a record."""
    item: dict[str, Any] = {}
    for key, read in OWN.items():
        text = form.get(key)
        if text is not None and (read is str or text.strip()):
            value = _whole(text) if read is int else text.strip()
            if value != (record.responsible_user_id if key == "responsible_user_id" else record.own.get(key)):
                item[key] = value
    values = []
    for number in form.getlist(SHOWN):
        field = account.fields[record.entity].get(_whole(number))
        if field is not None:
            values += _change(field, record, form)
    return item | ({"custom_fields_values": values} if values else {})


def _change(field: CustomField, record: Record, form: Form) -> list[dict[str, Any]]:
    texts = [text.strip() for text in form.getlist(f"cf-{field.id}") if text.strip()]
    kept = record.values.get(field.id, [])
    wanted = _values(field, texts, kept)
    same = [_key(each) for each in wanted or []] == [_key(each) for each in kept]
    return [] if same else [{"field_id": field.id, "values": wanted}]


def _values(field: CustomField, texts: list[str], kept: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    if field.type == "checkbox":
        return [{"value": bool(texts)}] if texts or kept else None
    if not texts:
        return None
    if field.type in LISTS:
        return [{"enum_id": _whole(text)} for text in texts]
    if field.type in INPUTS:
        return [{"value": seconds(texts[0], field.type)}]
    if field.type == "multitext":
        parts = [part.strip() for part in texts[0].split(",") if part.strip()]
        usual = next(iter(field.enums))
        return [
            {"value": part, "enum_id": kept[at]["enum_id"] if at < len(kept) else usual}
            for at, part in enumerate(parts)
        ]
    return [{"value": texts[0].replace("\r\n", "\n")}]


def _key(each: dict[str, Any]) -> tuple[Any, ...]:
    return (each.get("value"), each.get("enum_id"))


def _whole(text: str) -> int:
    digits = text.replace(" ", "").replace("\u00a0", "")
    if not digits.isdecimal():
        raise Problem(400, f"«{text}» — не число.")
    return int(digits)
