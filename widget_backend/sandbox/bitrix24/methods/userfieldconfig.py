"""``userfieldconfig.*``: the same user fields in camelCase, with their options in one answer."""

from __future__ import annotations

import re
from typing import Any

from widget_backend.sandbox.bitrix24.crm import fields
from widget_backend.sandbox.bitrix24.crm.entities import NAMES, upper
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import Page, RestError, legacy
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.methods import userfields
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import UserField

SCOPES = "userfieldconfig crm"
PAGE = 50

#: what ``userfieldconfig.add`` does not listen to
IGNORED_ON_ADD = frozenset({"SHOW_IN_LIST", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL", "ERROR_MESSAGE"})

ENTITIES = {entity_id for entity_id, _, _ in NAMES.values()}


@method("userfieldconfig.getTypes", SCOPES)
def get_types(call: Call) -> Any:
    _check_module(call)
    rows = {kind: {"userTypeId": kind, "description": title} for kind, (title, _) in fields.TYPES.items()}
    return {"types": rows}


@method("userfieldconfig.get", SCOPES)
def get(call: Call) -> Any:
    return {"field": shown(_found(call))}


@method("userfieldconfig.list", SCOPES)
def list_(call: Call) -> Any:
    """Pages of rows without options; labels only when ``select`` names a language."""
    _check_module(call)
    wanted = call.mapping("filter")
    language = str(call.mapping("select").get("language") or wanted.get("languageId") or "")
    rows = [shown(field, language) for field in call.portal.fields.values()]
    rows = [row for row in rows if all(_fits(row, key, value) for key, value in wanted.items())]
    for key, direction in reversed(list(call.mapping("order").items())):
        rows.sort(key=lambda row: _sortable(row.get(key)), reverse=str(direction).upper() == "DESC")
    start = max(0, to_int(call.get("start"))) // PAGE * PAGE
    after = start + PAGE
    return Page({"fields": rows[start:after]}, total=len(rows), next=after if after < len(rows) else None)


@method("userfieldconfig.add", SCOPES, write=True)
def add(call: Call) -> Any:
    _check_right(call)
    given = _legacy_names(enumerate_map(call.required("field")))
    entity_id, name = str(given.get("ENTITY_ID") or ""), str(given.get("FIELD_NAME") or "")
    for required in ("FIELD_NAME", "USER_TYPE_ID"):
        if not given.get(required):
            raise legacy(f"The '{required}' field is not found.")
    if entity_id not in ENTITIES or not name.startswith(f"UF_{entity_id}_"):
        raise legacy("You cannot create custom fields")
    given = {key: value for key, value in given.items() if key not in IGNORED_ON_ADD}
    try:
        field = fields.create(call.portal, entity_id, name, given)
    except RestError as error:
        raise legacy(error.description) from None
    for kind in ("LIST_COLUMN_LABEL", "LIST_FILTER_LABEL", "ERROR_MESSAGE"):
        field.labels.pop(kind, None)
    return {"field": shown(field)}


@method("userfieldconfig.update", SCOPES, write=True)
def update(call: Call) -> Any:
    _check_right(call)
    field = _found(call)
    fields.change(call.portal, field, _legacy_names(enumerate_map(call.required("field"))))
    return {"field": shown(field)}


@method("userfieldconfig.delete", SCOPES, write=True)
def delete(call: Call) -> Any:
    _check_right(call)
    fields.remove(call.portal, _found(call))
    return None


def shown(field: UserField, language: str | None = None) -> dict[str, Any]:
    """A field in camelCase: whole for ``language=None``, else as a row of a list."""
    row = {_camel(key): value for key, value in userfields.shown(field).items() if key != "LIST"}
    if language:
        row["languageId"] = {language: language}
        for kind in fields.LABELS:
            text = field.labels.get(kind, {}).get(language)
            row[_camel(kind)] = {language: text} if text else None
    if language is None:
        row["languageId"] = {"en": "en", "ru": "ru"}
        for kind in fields.LABELS:
            row[_camel(kind)] = {lang: field.labels.get(kind, {}).get(lang) for lang in ("en", "ru")}
        if field.type == "enumeration":
            row["enum"] = [
                {
                    "id": str(option.id),
                    "userFieldId": str(field.id),
                    "value": option.value,
                    "def": "Y" if option.default else "N",
                    "sort": str(option.sort),
                    "xmlId": option.xml_id,
                }
                for option in field.options
            ]
    return row


def _legacy_names(given: dict[str, Any]) -> dict[str, Any]:
    """The keys in upper-case spelling; option rows as well."""
    renamed = {upper(key): value for key, value in given.items() if key != "enum"}
    rows = [enumerate_map(row) for row in enumerate_map(given.get("enum")).values()]
    return renamed | {"LIST": [{upper(key): value for key, value in row.items()} for row in rows]}


def _camel(name: str) -> str:
    head, *rest = name.lower().split("_")
    return head + "".join(part.capitalize() for part in rest)


def _fits(row: dict[str, Any], key: str, value: Any) -> bool:
    name = re.sub(r"^[=%!<>@]+", "", key)
    if name not in row or name == "languageId":
        return True
    options = value if isinstance(value, list) else [value]
    return any(str(row[name]) == str(option) for option in options)


def _check_module(call: Call) -> None:
    if call.required("moduleId") != "crm":
        raise legacy("Access denied")


def _check_right(call: Call) -> None:
    _check_module(call)
    if not call.caller.user.crm_admin:
        raise legacy("Access denied")


def _found(call: Call) -> UserField:
    _check_module(call)
    field = call.portal.fields.get(call.required_int("id"))
    if field is None:
        raise RestError("NOT_FOUND", "Field not found")
    return field


def _sortable(value: Any) -> tuple[int, Any]:
    text = str(value or "")
    return (0, int(text)) if text.isdigit() else (1, text)
