"""``crm.<entity>.userfield.*``: user fields in upper-case spelling."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.bitrix24.crm import fields
from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import Page, RestError, legacy
from widget_backend.sandbox.bitrix24.events import fire
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.registry import Body, Call, method
from widget_backend.sandbox.bitrix24.state import UserField

PREFIX = "UF_CRM_"

#: keys that are listened to besides labels and settings
PLAIN = ("MANDATORY", "SORT", "XML_ID", "SHOW_IN_LIST", "EDIT_IN_LIST", "IS_SEARCHABLE")

_BLOCK = ("IBLOCK_TYPE_ID", "IBLOCK_ID", "DEFAULT_VALUE", "DISPLAY", "LIST_HEIGHT", "ACTIVE_FILTER")

#: type -> settings that are listened to; other types have none, and no filter when new
SETTINGS: dict[str, tuple[str, ...]] = {
    "string": ("DEFAULT_VALUE", "ROWS"),
    "integer": ("DEFAULT_VALUE",),
    "double": ("DEFAULT_VALUE", "PRECISION"),
    "boolean": ("DEFAULT_VALUE", "DISPLAY"),
    "date": ("DEFAULT_VALUE",),
    "datetime": ("DEFAULT_VALUE",),
    "enumeration": ("DISPLAY", "LIST_HEIGHT"),
    "iblock_section": _BLOCK,
    "iblock_element": _BLOCK,
    "crm_status": ("ENTITY_TYPE",),
    "crm": ("LEAD", "CONTACT", "COMPANY", "DEAL"),
    "employee": (),
}

SORTABLE = ("ID", "SORT", "FIELD_NAME", "USER_TYPE_ID", "XML_ID", "MULTIPLE", "MANDATORY", "SHOW_FILTER")


def _register(entity_id: str, name: str) -> None:
    def list_(call: Call) -> Any:
        return _list(call, entity_id)

    def get(call: Call) -> Any:
        field = _found(call, entity_id)
        row = shown(field) | {kind: _all_languages(field, kind) for kind in fields.LABELS}
        for option in row.get("LIST", []):
            del option["XML_ID"]
        return row

    def add(call: Call) -> Any:
        return _add(call, entity_id, name)

    def update(call: Call) -> Any:
        _check_right(call)
        field = _found(call, entity_id)
        before = [option.id for option in field.options]
        fields.change(call.portal, field, _changes(call, field.type, call.array("fields")))
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
    missing = [each for each in ("USER_TYPE_ID", "FIELD_NAME") if not str(given.get(each) or "").strip()]
    if missing:
        raise legacy("\n".join(f"The '{each}' field is not found." for each in missing))
    kind, code = str(given["USER_TYPE_ID"]).strip(), full_name(str(given["FIELD_NAME"]))
    field = fields.create(call.portal, entity_id, code, _new(call, kind, code, given))
    _told(call, name, "ADD", field)
    return field.id


def full_name(code: str) -> str:
    """``doctor`` and ``UF_DOCTOR`` -> ``UF_CRM_DOCTOR``."""
    code = code.strip().upper()
    return code if code.startswith(PREFIX) else PREFIX + code.removeprefix("UF_")


def _new(call: Call, kind: str, code: str, given: dict[str, Any]) -> dict[str, Any]:
    """A new field as it is understood: labels in every language, ``LABEL`` or the code where nothing is said."""
    label = str(given.get("LABEL") or "").strip() or code
    named = {each: _labels(call, given.get(each), label) for each in fields.LABELS}
    known = _changes(call, kind, given) | named | {"USER_TYPE_ID": kind, "MULTIPLE": given.get("MULTIPLE")}
    return known if kind in SETTINGS else known | {"SHOW_FILTER": "N"}


def _changes(call: Call, kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """A change as it is understood: a label clears the languages that it does not name, a filter is exact or none."""
    known = {key: given[key] for key in (*PLAIN, "LIST") if key in given}
    known |= {each: _labels(call, given[each], "") for each in fields.LABELS if given.get(each) is not None}
    settings = enumerate_map(given.get("SETTINGS"))
    known["SETTINGS"] = {name: settings[name] for name in SETTINGS.get(kind, ()) if name in settings}
    if "SHOW_FILTER" in given:
        wanted = str(given["SHOW_FILTER"]).upper() == "Y"
        known["SHOW_FILTER"] = ("I" if kind == "employee" else "E") if wanted else "N"
    return known


def _labels(call: Call, value: Any, default: str) -> dict[str, str]:
    named = value if isinstance(value, dict) else {}
    rest = value if isinstance(value, str) and value else default
    languages = dict.fromkeys((*fields.LANGUAGES, call.portal.settings.lang))
    return {lang: str(named.get(lang) or rest) for lang in languages}


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
    return {lang: labels.get(lang) or "" for lang in dict.fromkeys((*fields.LANGUAGES, *labels))}


def _sortable(value: Any) -> tuple[int, Any]:
    text = str(value or "")
    return (0, int(text)) if text.isdigit() else (1, text)


for _entity_id, _name, _ in NAMES.values():
    _register(_entity_id, _name)
