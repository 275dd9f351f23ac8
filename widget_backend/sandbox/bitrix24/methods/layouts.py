"""Card layouts: ``crm.item.details.configuration.*`` and the older methods of deals and contacts."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import legacy
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import COMPANY, CONTACT, DEAL, LEAD

#: the common layout stands where a personal one has its user
COMMON = 0

Key = tuple[int, int, int]


def _get(call: Call, entity_type: int) -> Any:
    """A layout nobody has set is ``null``."""
    key = _key(call, entity_type)
    if key[2] not in (COMMON, call.caller.user.id):
        _check_right(call)
    return call.portal.layouts.get(key)


def _set(call: Call, entity_type: int) -> Any:
    key = _key(call, entity_type)
    if key[2] != call.caller.user.id:
        _check_right(call)
    call.portal.layouts[key] = checked(call.any_case("data"))
    return True


def _reset(call: Call, entity_type: int) -> Any:
    key = _key(call, entity_type)
    if key[2] != call.caller.user.id:
        _check_right(call)
    call.portal.layouts.pop(key, None)
    return True


def _force(call: Call, entity_type: int) -> Any:
    """Drop the personal layouts, so that everybody sees the common one."""
    _check_right(call)
    where = _where(call, entity_type)
    layouts = call.portal.layouts
    call.portal.layouts = {key: data for key, data in layouts.items() if key[:2] != where or key[2] == COMMON}
    return True


VERBS = {"get": _get, "set": _set, "reset": _reset, "forceCommonScopeForAll": _force}


def _register(verb: str, entity_type: int, name: str) -> None:
    body, write = VERBS[verb], verb != "get"

    def of_this(call: Call) -> Any:
        return body(call, entity_type)

    method(f"crm.{name}.details.configuration.{verb}", write=write)(of_this)


def _register_universal(verb: str) -> None:
    body = VERBS[verb]

    def of_any(call: Call) -> Any:
        if call.any_case("entityTypeId") is None:
            raise legacy("Parameter 'entityTypeId' is not defined")
        entity_type = to_int(call.any_case("entityTypeId"))
        if entity_type not in NAMES:
            raise legacy(f"The entity type '{entity_type}' is not supported in current context.")
        return body(call, entity_type)

    method(f"crm.item.details.configuration.{verb}", write=verb != "get")(of_any)


def checked(data: Any) -> list[dict[str, Any]]:
    """The sections as stored: option flags as text; raises on the first fault."""
    if not isinstance(data, list | dict):
        raise legacy("Parameter 'data' must be array.")
    if not data:
        raise legacy("There are no data to write.")
    if isinstance(data, dict):
        raise legacy("The data must be indexed array.")
    return [_section(index, enumerate_map(section)) for index, section in enumerate(data)]


def _section(index: int, section: dict[str, Any]) -> dict[str, Any]:
    kind = section.get("type")
    if kind != "section":
        raise legacy(f"Section at index {index} have type {kind or ''}. The expected type is 'section'.")
    for name in ("name", "title"):
        if not section.get(name):
            raise legacy(f"Section at index {index} does not have {name}.")
    elements = enumerate_map(section.get("elements")).values()
    shown = [_element(index, place, enumerate_map(element)) for place, element in enumerate(elements)]
    return {"name": str(section["name"]), "title": str(section["title"]), "type": "section", "elements": shown}


def _element(index: int, place: int, element: dict[str, Any]) -> dict[str, Any]:
    if not element.get("name"):
        raise legacy(f"Element at index {place} in section at index {index} does not have name.")
    shown: dict[str, Any] = {"name": str(element["name"]), "optionFlags": str(to_int(element.get("optionFlags")))}
    return shown | ({"options": element["options"]} if element.get("options") else {})


def _key(call: Call, entity_type: int) -> Key:
    """(entity type, pipeline, user or common); any scope but exactly ``C`` is personal."""
    user = to_int(call.any_case("userId")) or call.caller.user.id
    return *_where(call, entity_type), COMMON if call.any_case("scope") == "C" else user


def _where(call: Call, entity_type: int) -> tuple[int, int]:
    """Entity type and pipeline; only deals have several."""
    return entity_type, to_int(call.mapping("extras").get("dealCategoryId")) if entity_type == DEAL else 0


def _check_right(call: Call) -> None:
    if not call.caller.user.crm_admin:
        raise legacy("Access denied.")


for _verb in VERBS:
    _register_universal(_verb)
    for _type in (LEAD, DEAL, CONTACT, COMPANY):
        _register(_verb, _type, NAMES[_type][1])
