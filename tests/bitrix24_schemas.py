"""Bitrix24's own method schemas as a checker: ``check("crm.category.add", {...})`` names what is wrong with a call.

The facts are derived from the vendor's schemas (``fixtures/bitrix24/derive.py``). ``SHEET`` holds methods that the vendor
describes in prose only, ``CORRECTIONS`` what its schemas get wrong, both from the vendor's pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

_FIXTURE = Path(__file__).parent / "fixtures" / "bitrix24" / "methods.json"

#: parameters that any call may carry
COMMON = frozenset({"auth", "access_token", "auth_connector"})

#: names of user fields and of links to other types, which no schema lists
OPEN_NAMES = re.compile(r"UF_[A-Z0-9_]+|ufCrm\w+|parentId\d+|PARENT_ID_\d+")

#: clears a value of any kind
EMPTY = (None, "")

_TEXT = "string"

#: methods without a schema
SHEET: dict[str, dict[str, Any]] = {
    "app.info": {"params": {}},
    "batch": {"params": {"cmd": "any", "halt": "any"}, "required": ["cmd"]},
    "bizproc.robot.list": {"params": {}},
    "crm.automation.trigger.list": {"params": {}},
    "crm.contact.details.configuration.forceCommonScopeForAll": {"params": {}},
    "crm.contact.fields": {"params": {}},
    "crm.currency.base.get": {"params": {}},
    "crm.timeline.icon.list": {"params": {}},
    "event.get": {"params": {}},
    "event.test": {"params": {"any": "any"}},
    "events": {"params": {"SCOPE": _TEXT, "FULL": "boolean"}},
    "methods": {"params": {"scope": _TEXT, "full": "boolean"}},
    "placement.bind": {
        "params": dict.fromkeys(["PLACEMENT", "HANDLER", "TITLE", "DESCRIPTION", "GROUP_NAME"], _TEXT)
        | {"LANG_ALL": "object", "OPTIONS": "object", "USER_ID": "integer", "ICON": "object"},
        "required": ["PLACEMENT", "HANDLER"],
    },
    "profile": {"params": {}},
    "scope": {"params": {"full": "boolean"}},
    "server.time": {"params": {}},
    "user.admin": {"params": {}},
    "user.current": {"params": {}},
    "userfieldtype.list": {"params": {}},
}

#: a deal's and a contact's keys that the universal methods' page leaves to another page
_ITEM = dict.fromkeys(["begindate", "closedate", "birthdate"], "date") | {
    **dict.fromkeys(["categoryId", "probability", "webformId"], "integer"),
    **dict.fromkeys(["typeId", "additionalInfo", "locationId"], _TEXT),
    **dict.fromkeys(["closed", "isRecurring", "isReturnCustomer", "isRepeatedApproach", "export"], "boolean"),
    **{"taxValue": "number", "companyIds": "array"},
}

#: method -> part ("" for the parameters themselves) -> what replaces the schema's
CORRECTIONS: dict[str, dict[str, dict[str, Any]]] = {
    # an offline subscription has no address
    "event.bind": {"": {"required": ["event"]}},
    "event.unbind": {"": {"required": ["event"]}},
    "event.offline.get": {
        "": {
            "params": dict.fromkeys(["clear", "error", "limit"], "integer")
            | dict.fromkeys(["process_id", "auth_connector"], _TEXT)
            | dict.fromkeys(["filter", "order"], "object")
        }
    },
    # asked for only together with USE_PLACEMENT
    "bizproc.robot.add": {"": {"required": ["CODE", "HANDLER", "NAME"]}},
    "bizproc.robot.update": {"FIELDS": {"required": []}},
    # the page calls it a number and shows a text
    "bizproc.workflow.kill": {"": {"params": {"ID": _TEXT}}},
    # the portal takes it as a text only
    "bizproc.workflow.template.add": {"": {"params": {"AUTO_EXECUTE": _TEXT}}},
    # an update writes what it is given
    "crm.activity.update": {
        "": {"params": {"fields": "object"}},
        "fields": {"required": [], "params": {"COMPLETED": "boolean"}},
    },
    # a call that is over is entered as completed, as the page's own example does
    "crm.activity.add": {"fields": {"params": {"COMPLETED": "boolean"}}},
    # maps that the page calls text or list
    "crm.status.delete": {"": {"params": {"params": "object"}}},
    "user.get": {"": {"params": {"FILTER": "object", "ID": "any", "ACTIVE": "any"}}},
    "app.option.set": {"": {"params": {"options": "object"}}},
    "crm.stagehistory.list": {"": {"params": {"select": "array"}, "required": ["entityTypeId"]}},
    "crm.currency.list": {"": {"required": []}},
    "crm.lead.list": {"": {"params": {"order": "object"}}},
    "crm.item.add": {"fields": {"params": _ITEM}},
    "crm.item.update": {"fields": {"params": _ITEM}},
    **{
        f"crm.item.details.configuration.{verb}": {"": {"values": {"scope": ["P", "C"]}}}
        for verb in ("get", "set", "reset", "forceCommonScopeForAll")
    },
    **{
        f"crm.{name}.userfield.add": {
            "fields": {
                "values": {
                    "USER_TYPE_ID": [
                        *("string", "integer", "double", "boolean", "datetime", "date", "money", "url", "address"),
                        *("enumeration", "file", "employee", "crm_status", "iblock_section", "iblock_element", "crm"),
                    ]
                }
            }
        }
        for name in ("deal", "contact", "lead", "company")
    },
}


def check(method: str, params: dict[str, Any]) -> list[str]:
    """What is wrong with a call by the vendor's schema; an empty list for a good one.

    Numbers may come as text, for a form and a batch know nothing else.
    """
    spec = SPECS.get(method)
    if spec is None:
        return [f"{method}: no such method"]
    given = {name: value for name, value in params.items() if name not in COMMON}
    return list(_problems(method, spec, given))


def specs() -> dict[str, dict[str, Any]]:
    """Every known method: parameters and their kinds, what is required, listed values, parts of maps."""
    known: dict[str, dict[str, Any]] = json.loads(_FIXTURE.read_text("utf-8")) | SHEET
    for method, parts in CORRECTIONS.items():
        for part, better in parts.items():
            _correct(known[method]["parts"][part] if part else known[method], better)
    return known


def _correct(spec: dict[str, Any], better: dict[str, Any]) -> None:
    for key, value in better.items():
        spec[key] = spec.get(key, {}) | value if isinstance(value, dict) else value


def _problems(where: str, spec: dict[str, Any], given: dict[str, Any]) -> Iterator[str]:
    yield from (f"{where}: {name} is missing" for name in spec.get("required", []) if given.get(name) in (None, ""))
    for name, value in given.items():
        kind, listed = spec["params"].get(name), spec.get("values", {}).get(name)
        if kind is None:
            if not OPEN_NAMES.fullmatch(name) and "any" not in spec["params"]:
                yield f"{where}: {name} is unknown"
        elif value in EMPTY:
            continue
        elif not KINDS[kind](value):
            yield f"{where}: {name} is no {kind}: {value!r}"
        elif listed and str(value) not in listed:
            yield f"{where}: {name} cannot be {value!r}"
        elif name in spec.get("parts", {}):
            for row in value if isinstance(value, list) else [value]:
                yield from _problems(f"{where}: {name}", spec["parts"][name], row)


def _is_integer(value: Any) -> bool:
    return not isinstance(value, bool) and re.fullmatch(r"-?\d+", str(value)) is not None


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and re.fullmatch(r"-?\d+(\.\d+)?", str(value)) is not None


def _is_object(value: Any) -> bool:
    """A map; PHP has one array, so a list of rows is a map with the keys 0, 1, …"""
    return isinstance(value, dict) or (isinstance(value, list) and all(isinstance(row, dict) for row in value))


def _is_moment(value: Any) -> bool:
    """ISO 8601 with an offset: without one the portal reads it in its own zone."""
    try:
        return datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False


#: kind -> whether a value is of it
KINDS: dict[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "array": lambda value: isinstance(value, dict | list),
    "boolean": lambda value: value in ("Y", "N") or isinstance(value, bool),
    "char": lambda value: value in ("Y", "N"),
    "date": lambda value: re.match(r"\d{4}-\d\d-\d\d", str(value)) is not None,
    "datetime": _is_moment,
    "integer": _is_integer,
    "number": _is_number,
    "object": _is_object,
    "string": lambda value: isinstance(value, str),
    "texts": lambda value: isinstance(value, str | dict),
}

SPECS = specs()
