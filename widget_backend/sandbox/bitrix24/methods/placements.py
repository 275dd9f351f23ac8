"""``placement.*``: widgets of applications."""

from __future__ import annotations

import re
from typing import Any

from widget_backend.sandbox.bitrix24.crm.values import flag, to_int
from widget_backend.sandbox.bitrix24.envelope import RestError, argument_missing
from widget_backend.sandbox.bitrix24.methods.subscriptions import check_url
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import Placement

_ENTITIES = ("LEAD", "DEAL", "CONTACT", "COMPANY", "QUOTE", "SMART_INVOICE")
_PLACES: tuple[str, ...] = (
    "DETAIL_TAB",
    "DETAIL_TOOLBAR",
    "DETAIL_ACTIVITY",
    "ACTIVITY_TIMELINE_MENU",
    "LIST_MENU",
    "LIST_TOOLBAR",
)
_PLACES += ("ROBOT_DESIGNER_TOOLBAR", "DOCUMENTGENERATOR_BUTTON")

#: scope -> codes
CODES = {
    "placement": ["LEFT_MENU", "PAGE_BACKGROUND_WORKER", "REST_APP_URI"],
    "crm": [f"CRM_{entity}_{place}" for entity in _ENTITIES for place in _PLACES]
    + ["CRM_FUNNELS_TOOLBAR", "CRM_ANALYTICS_MENU", "CRM_ANALYTICS_TOOLBAR", "CRM_DETAIL_SEARCH", "BI_ANALYTICS_MENU"],
}

#: at most one of these per application; they alone may be one user's
SINGLE = frozenset({"PAGE_BACKGROUND_WORKER", "REST_APP_URI"})

#: only these keep their options
KEEPS_OPTIONS = re.compile(r"_DETAIL_ACTIVITY$|_AUTOCOMPLETE$|^PAGE_BACKGROUND_WORKER$")

DYNAMIC = re.compile(r"CRM_DYNAMIC_\d+_\w+")


@method("placement.list", "placement", app=True)
def list_(call: Call) -> Any:
    whole = flag(call.any_case("FULL")) == "Y"
    wanted = str(call.any_case("SCOPE") or "")
    scopes = [wanted] if wanted else [scope for scope in CODES if whole or scope in call.caller.scopes]
    return [code for scope in scopes for code in CODES.get(scope, [])]


@method("placement.get", "placement", app=True, admin=True)
def get(call: Call) -> Any:
    return [
        {
            "id": row.id,
            "placement": row.placement,
            "userId": row.user_id,
            "handler": row.handler,
            # nothing is an empty list, whatever it would be an object of
            "options": row.options or [],
            "title": row.title,
            "description": row.description,
            "langAll": row.lang_all,
        }
        for row in _mine(call)
    ]


@method("placement.bind", "placement", app=True, admin=True, write=True)
def bind(call: Call) -> Any:
    code, url = str(call.any_case("PLACEMENT") or "").upper(), str(call.any_case("HANDLER") or "")
    for name, value in (("PLACEMENT", code), ("HANDLER", url)):
        if not value:
            raise argument_missing(name)
    _check_code(call, code)
    check_url(url)
    user = to_int(call.any_case("USER_ID"))
    if user and code not in SINGLE:
        raise RestError("ERROR_PLACEMENT_USER_MODE", "User mode is not available.")
    if code in SINGLE and any(row.placement == code and row.user_id in (0, user) for row in _mine(call)):
        raise RestError("ERROR_PLACEMENT_MAX_COUNT", "Placement max count: 1")
    if any((row.placement, row.handler, row.user_id) == (code, url, user) for row in _mine(call)):
        raise RestError("ERROR_CORE", "Unable to set placement handler: Handler already binded")
    call.portal.placements.append(_placement(call, code, url, user))
    return True


@method("placement.unbind", "placement", app=True, admin=True, write=True)
def unbind(call: Call) -> Any:
    """Every deleted row is counted twice."""
    code, url = str(call.any_case("PLACEMENT") or "").upper(), call.any_case("HANDLER")
    if not code:
        raise argument_missing("PLACEMENT")
    user = call.any_case("USER_ID")
    gone = [
        row
        for row in _mine(call)
        if row.placement == code and (not url or row.handler == url) and (user is None or row.user_id == to_int(user))
    ]
    call.portal.placements = [row for row in call.portal.placements if row not in gone]
    return {"count": 2 * len(gone)}


def _placement(call: Call, code: str, url: str, user: int) -> Placement:
    title, description = str(call.any_case("TITLE") or ""), str(call.any_case("DESCRIPTION") or "")
    group = str(call.any_case("GROUP_NAME") or "")
    language = call.portal.settings.lang
    plain = {language: {"TITLE": title, "DESCRIPTION": description, "GROUP_NAME": group}}
    options = call.mapping("OPTIONS") if KEEPS_OPTIONS.search(code) else {}
    number = call.portal.number("placement", 3)
    langs = call.mapping("LANG_ALL") or plain
    return Placement(number, call.app.client_id, code, url, user, title, description, options, langs)


def _check_code(call: Call, code: str) -> None:
    known = [name for scope, names in CODES.items() if scope in call.caller.scopes for name in names]
    if code not in known and not ("crm" in call.caller.scopes and DYNAMIC.fullmatch(code)):
        raise RestError("ERROR_PLACEMENT_NOT_FOUND", "Placement not found")


def _mine(call: Call) -> list[Placement]:
    return [row for row in call.portal.placements if row.client_id == call.app.client_id]
