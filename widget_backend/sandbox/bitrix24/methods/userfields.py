"""``crm.<entity>.userfield.*``: user fields in upper-case spelling."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.bitrix24.crm import fields
from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.delivery import fire
from widget_backend.sandbox.bitrix24.envelope import Page, RestError, legacy
from widget_backend.sandbox.bitrix24.registry import Body, Call, method
from widget_backend.sandbox.bitrix24.state import UserField

PREFIX = "UF_CRM_"

#: languages that the answer of ``get`` names
LANGUAGES = ("ru", "en", "de", "ua", "kz", "pl", "fr", "tr")

SORTABLE = ("ID", "SORT", "FIELD_NAME", "USER_TYPE_ID", "XML_ID", "MULTIPLE", "MANDATORY", "SHOW_FILTER")


def _register(entity_id: str, name: str) -> None:
    def list_(call: Call) -> Any:
        return _list(call, entity_id)

    def get(call: Call) -> Any:
        field = _found(call, entity_id)
        return shown(field) | {kind: _all_languages(field, kind) for kind in fields.LABELS}

    def add(call: Call) -> Any:
        return _add(call, entity_id, name)

    def update(call: Call) -> Any:
        _check_right(call)
        field = _found(call, entity_id)
        before = [option.id for option in field.options]
        fields.change(call.portal, field, call.array("fields"))
        _told(call, name, "UPDATE", field)
        if before != [option.id for option in field.options]:
            _told(call, name, "SETENUMVALUES", field)
        return True

    def delete(call: Call) -> Any:
        _check_right(call)
        field = _found(call, entity_id)
        fields.remove(call.portal, field)
        _told(call, name, "DELETE", field)
        return True

    bodies: dict[str, tuple[Body, bool]] = {"list": (list_, False), "get": (get, False)}
    bodies |= {"add": (add, True), "update": (update, True), "delete": (delete, True)}
    for verb, (body, write) in bodies.items():
        method(f"crm.{name}.userfield.{verb}", write=write)(body)


@method("crm.userfield.types")
def types(call: Call) -> Any:
    return [{"ID": kind, "title": title} for kind, (title, _) in fields.TYPES.items()]


def shown(field: UserField) -> dict[str, Any]:
    """A field's row without its labels."""
    row: dict[str, Any] = {
        "ID": str(field.id),
        "ENTITY_ID": field.entity_id,
        "FIELD_NAME": field.name,
        "USER_TYPE_ID": field.type,
        "XML_ID": field.xml_id,
        "SORT": str(field.sort),
        **{name: field.flags[name] for name in fields.FLAGS},
        "SETTINGS": field.settings,
    }
    if field.type == "enumeration":
        row["LIST"] = [
            {
                "ID": str(option.id),
                "SORT": str(option.sort),
                "VALUE": option.value,
                "DEF": "Y" if option.default else "N",
                "XML_ID": option.xml_id,
            }
            for option in field.options
        ]
    return row


def _list(call: Call, entity_id: str) -> Page:
    """All rows at once; labels only in the language that the filter names."""
    wanted = call.mapping("filter")
    language = str(wanted.get("LANG") or "")
    rows = []
    for field in call.portal.fields_of(entity_id):
        row = shown(field)
        if all(str(row.get(key)) == str(value) for key, value in wanted.items() if key in SORTABLE):
            labels = {kind: field.labels.get(kind, {}).get(language) for kind in fields.LABELS} if language else {}
            rows.append(row | labels)
    for key, direction in reversed(list(call.mapping("order").items())):
        if key in SORTABLE:
            rows.sort(key=lambda row: _sortable(row[key]), reverse=str(direction).upper() == "DESC")
    return Page(rows, total=len(rows))


def _add(call: Call, entity_id: str, name: str) -> int:
    given = call.array("fields")
    _check_right(call)
    for required in ("FIELD_NAME", "USER_TYPE_ID"):
        if not given.get(required):
            raise legacy(f"The '{required}' field is not found.")
    code = str(given["FIELD_NAME"])
    field = fields.create(call.portal, entity_id, code if code.startswith(PREFIX) else PREFIX + code, given)
    _told(call, name, "ADD", field)
    return field.id


def _told(call: Call, name: str, what: str, field: UserField) -> None:
    data = {"FIELDS": {"ID": field.id, "ENTITY_ID": field.entity_id, "FIELD_NAME": field.name}}
    fire(call.portal, f"ONCRM{name.upper()}USERFIELD{what}", data, call.caller)


def _check_right(call: Call) -> None:
    if not call.caller.user.crm_admin:
        raise legacy("Access denied.")


def _found(call: Call, entity_id: str) -> UserField:
    number = to_int(call.any_case("id"))
    if number <= 0:
        raise legacy("ID is not defined or invalid.")
    field = call.portal.fields.get(number)
    if field is None:
        raise RestError("ERROR_NOT_FOUND", f"The entity with ID '{number}' is not found.")
    if field.entity_id != entity_id:
        raise legacy("Access denied.")
    return field


def _all_languages(field: UserField, kind: str) -> dict[str, str]:
    labels = field.labels.get(kind, {})
    return {lang: labels.get(lang) or "" for lang in (*LANGUAGES, *(labels.keys() - set(LANGUAGES)))}


def _sortable(value: Any) -> tuple[int, Any]:
    text = str(value or "")
    return (0, int(text)) if text.isdigit() else (1, text)


for _entity_id, _name, _ in NAMES.values():
    _register(_entity_id, _name)
