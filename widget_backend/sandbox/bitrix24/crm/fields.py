"""The engine of user fields, shared by ``crm.*.userfield.*`` and ``userfieldconfig.*``; keys are in upper case."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm.entities import uf_entity
from widget_backend.sandbox.bitrix24.crm.values import flag, to_int
from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.state import Option, UserField

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

LONGEST = 50
TYPES = {
    "string": ("Строка", {"SIZE": 20, "ROWS": 1, "REGEXP": "", "MIN_LENGTH": 0, "MAX_LENGTH": 0, "DEFAULT_VALUE": ""}),
    "integer": ("Целое число", {"SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": None}),
    "double": ("Число", {"PRECISION": 4, "SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": None}),
    "boolean": ("Да/Нет", {"DEFAULT_VALUE": 0, "DISPLAY": "CHECKBOX", "LABEL": ["", ""], "LABEL_CHECKBOX": ""}),
    "datetime": ("Дата со временем", {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}, "USE_SECOND": "Y"}),
    "date": ("Дата", {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}}),
    "money": ("Деньги", {"DEFAULT_VALUE": ""}),
    "url": ("Ссылка", {"POPUP": "Y", "SIZE": 20, "DEFAULT_VALUE": ""}),
    "address": ("Адрес", {"SHOW_MAP": "Y"}),
    "enumeration": ("Список", {"DISPLAY": "LIST", "LIST_HEIGHT": 1, "CAPTION_NO_VALUE": "", "SHOW_NO_VALUE": "Y"}),
    "file": ("Файл", {"SIZE": 20, "LIST_WIDTH": 0, "LIST_HEIGHT": 0, "MAX_ALLOWED_SIZE": 0, "EXTENSIONS": {}}),
    "employee": ("Привязка к сотруднику", {}),
    "crm_status": ("Привязка к справочникам CRM", {"ENTITY_TYPE": ""}),
    "iblock_section": ("Привязка к разделам инф. блоков", {"IBLOCK_ID": 0, "DISPLAY": "LIST", "LIST_HEIGHT": 1}),
    "iblock_element": ("Привязка к элементам инф. блоков", {"IBLOCK_ID": 0, "DISPLAY": "LIST", "LIST_HEIGHT": 1}),
    "crm": ("Привязка к элементам CRM", {"LEAD": "N", "CONTACT": "N", "COMPANY": "N", "DEAL": "N"}),
}

LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL", "ERROR_MESSAGE", "HELP_MESSAGE")

#: languages that a portal has labels in
LANGUAGES = ("ru", "en", "de", "ua", "kz", "pl", "fr", "tr")

#: flag -> its value when nothing is said
FLAGS = {"MULTIPLE": "N", "MANDATORY": "N", "SHOW_FILTER": "N", "SHOW_IN_LIST": "Y", "EDIT_IN_LIST": "Y"} | {
    "IS_SEARCHABLE": "N"
}
#: kinds of filtering stand in the same place as a flag
FILTER_KINDS = ("N", "I", "E", "S")


def create(portal: Portal, entity_id: str, name: str, given: dict[str, Any]) -> UserField:
    """Add a field under its full name."""
    _check(portal, entity_id, name, given)
    field = UserField(portal.number("field", 301), entity_id, name, str(given["USER_TYPE_ID"]))
    field.settings = {**_settings_of(field.type)}
    field.flags = dict(FLAGS)
    _apply(portal, field, given)
    field.flags["MULTIPLE"] = "N" if field.type == "boolean" else flag(given.get("MULTIPLE"))
    portal.fields[field.id] = field
    return field


def change(portal: Portal, field: UserField, given: dict[str, Any]) -> None:
    """Change what may change; entity, name, type and multiplicity stay."""
    _apply(portal, field, {key: value for key, value in given.items() if key != "MULTIPLE"})


def remove(portal: Portal, field: UserField) -> None:
    """Delete a field with its values."""
    del portal.fields[field.id]
    for items in portal.items.values():
        for item in items.values():
            if _entity_of(item) == field.entity_id:
                item.pop(field.name, None)


def by_name(portal: Portal, entity_id: str) -> dict[str, UserField]:
    """The user fields of an entity."""
    return {field.name: field for field in portal.fields_of(entity_id)}


def _entity_of(item: dict[str, Any]) -> str:
    return uf_entity(item["entityTypeId"])


def _settings_of(kind: str) -> dict[str, Any]:
    return TYPES[kind][1] if kind in TYPES else {}  # type: ignore[return-value]


def _check(portal: Portal, entity_id: str, name: str, given: dict[str, Any]) -> None:
    if len(name) > LONGEST:
        raise _refusal(
            portal,
            f"Слишком длинное название поля (больше {LONGEST} символов).",
            f"Field name is too long (more than {LONGEST} characters).",
        )
    if not re.fullmatch(r"[A-Z0-9_]+", name):
        raise _refusal(
            portal,
            "Название поля содержит недопустимые символы. Допустимы A-Z, 0-9 и _.",
            "Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _.",
        )
    kind = str(given.get("USER_TYPE_ID") or "")
    if kind not in TYPES and not _is_registered(portal, kind):
        raise _refusal(portal, "Указан неверный пользовательский тип.", "Incorrect custom type specified.")
    if name in by_name(portal, entity_id):
        raise _refusal(
            portal,
            f"Поле {name} для объекта {entity_id} уже существует.",
            f"Field {name} for object {entity_id} already exists.",
        )


def _refusal(portal: Portal, in_russian: str, in_english: str) -> RestError:
    return RestError("ERROR_CORE", portal.say(in_russian, in_english))


def _is_registered(portal: Portal, kind: str) -> bool:
    """Whether an application has registered this type, ``rest_<number>_<code>``."""
    numbers = {app.client_id: app.id for app in portal.apps.values()}
    types = portal.user_field_types
    return any(kind in (f"rest_{numbers.get(row.client_id)}_{row.code}", row.code) for row in types)


def _apply(portal: Portal, field: UserField, given: dict[str, Any]) -> None:
    options = _options(portal, field, given)
    for name in FLAGS.keys() & given.keys():
        field.flags[name] = _filter_kind(given[name]) if name == "SHOW_FILTER" else flag(given[name])
    if "SORT" in given:
        field.sort = to_int(given["SORT"], 100)
    if "XML_ID" in given:
        field.xml_id = str(given["XML_ID"]) if given["XML_ID"] else None
    field.settings = field.settings | enumerate_map(given.get("SETTINGS"))
    field.options = options
    for kind in (kind for kind in LABELS if kind in given):
        field.labels[kind] = field.labels.get(kind, {}) | _texts(portal, given[kind])


def _filter_kind(value: Any) -> str:
    """Yes is stored as an exact filter."""
    return str(value) if value in FILTER_KINDS else {"Y": "E", "N": "N"}[flag(value)]


def _texts(portal: Portal, value: Any) -> dict[str, str | None]:
    """A label by language; a plain text fills every language."""
    if isinstance(value, dict):
        return {lang: str(text) for lang, text in value.items()}
    return dict.fromkeys((*LANGUAGES, portal.settings.lang), str(value)) if value else {}


def _options(portal: Portal, field: UserField, given: dict[str, Any]) -> list[Option]:
    """The options after the change: rows with an id are written anew, rows without one are always appended."""
    kept = {option.id: option for option in field.options}
    if field.type != "enumeration":
        return []
    added = []
    for row in map(enumerate_map, enumerate_map(given.get("LIST")).values()):
        number = to_int(row.get("ID"))
        if number in kept:
            if flag(row.get("DEL")) == "Y" or not str(row.get("VALUE") or "").strip():
                del kept[number]
            else:
                kept[number] = _option(number, row, kept[number])
        elif str(row.get("VALUE") or "").strip():
            added.append(_option(0, row, None))
    options = [*kept.values(), *added]
    _check_unique(portal, options)
    for option in added:
        option.id = portal.number("option", 45)
    return sorted(options, key=lambda option: (option.sort, option.id))


def _option(number: int, row: dict[str, Any], before: Option | None) -> Option:
    """An option as its row says; one that is changed without its ``XML_ID`` loses it to a hash of its text."""
    value, known = str(row["VALUE"]).strip(), before or Option(0, "", 500, False, "")
    sort, default = to_int(row.get("SORT")), flag(row["DEF"]) == "Y" if "DEF" in row else known.default
    return Option(
        number, value, sort if sort > 0 else known.sort, default, str(row.get("XML_ID") or _hash(value, before))
    )


def _hash(value: str, before: Option | None) -> str:
    salt = "" if before else secrets.token_hex(4)
    return hashlib.md5((salt + value).encode(), usedforsecurity=False).hexdigest()


def _check_unique(portal: Portal, options: list[Option]) -> None:
    seen: set[str] = set()
    for option in options:
        if option.xml_id in seen:
            raise _refusal(
                portal,
                f"Элемент списка с XML_ID={option.xml_id} уже существует.",
                f"List item with value XML_ID={option.xml_id} already exists.",
            )
        seen.add(option.xml_id)
