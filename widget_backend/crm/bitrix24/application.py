"""What only an installed application has, as commands: subscriptions, places, robots, triggers (bitrix24.md §2.1, §4.10–5.1).

Pure. Binding twice is refused by the portal and harmless: see :func:`is_there_already`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from widget_backend.crm.bitrix24 import handlers, words
from widget_backend.crm.bitrix24.client import Inner
from widget_backend.crm.model import Attributes, Kind, Option, Remote, Resource, Value
from widget_backend.crm.port import Application

#: robots show among those of deals only
_DOCUMENT = ("crm", "CCrmDocumentDeal", "DEAL")
#: refusal of a robot that is there already
ROBOT_THERE = "ERROR_ACTIVITY_ALREADY_INSTALLED"
_ALREADY = "already bind"


def subscribe(application: Application, key: str, events: Value) -> list[Inner]:
    """Bind all events of a subscription to its address."""
    wanted = events if isinstance(events, tuple) else ()
    address = handlers.events_address(application, key, [str(event) for event in wanted])
    return [Inner("event.bind", {"event": code, "handler": address}) for code in handlers.codes(wanted)]


def unsubscribe(remote: Remote, keep: str = "") -> list[Inner]:
    """Unbind all events of a subscription, but not from the address to ``keep``."""
    return [
        Inner("event.unbind", {"event": code, "handler": address})
        for address in remote.native.split()
        if address != keep
        for code in handlers.codes(handlers.stood_for(address))
    ]


def subscribed(application: Application, key: str, attributes: Attributes) -> Remote:
    """The subscription as it is now."""
    events = attributes["events"]
    wanted = events if isinstance(events, tuple) else ()
    address = handlers.events_address(application, key, [str(event) for event in wanted])
    return Remote(Kind.SUBSCRIPTION, key, {"events": wanted}, marker=key, native=address)


def bind_place(application: Application, key: str, attributes: Attributes) -> Inner:
    """Show ourselves at a place, under a name in each language."""
    spot = str(attributes["spot"])
    address = handlers.placement_address(application, key)
    placed = {"PLACEMENT": words.SPOTS.get(spot, spot), "HANDLER": address, "TITLE": attributes["name"]}
    titles = {title.key: {"TITLE": title.label} for title in _options(attributes.get("titles"))}
    return Inner("placement.bind", placed | ({"LANG_ALL": titles} if titles else {}))


def unbind_place(remote: Remote) -> Inner:
    """Leave a place."""
    spot = str(remote.attributes["spot"])
    return Inner("placement.unbind", {"PLACEMENT": words.SPOTS.get(spot, spot), "HANDLER": remote.native})


def placed(application: Application, key: str, attributes: Attributes) -> Remote:
    """The place as it is now."""
    address = handlers.placement_address(application, key)
    return Remote(Kind.PLACEMENT, key, dict(attributes), marker=key, native=address)


def new_robot(application: Application, resource: Resource, attributes: Attributes) -> Inner:
    """A robot people may put on a stage."""
    return Inner("bizproc.robot.add", {"CODE": resource.key, **_robot(application, resource.key, attributes)})


def changed_robot(application: Application, code: str, attributes: Attributes) -> Inner:
    """The whole robot anew."""
    return Inner("bizproc.robot.update", {"CODE": code, "FIELDS": _robot(application, code, attributes)})


def trigger(code: str, attributes: Attributes) -> Inner:
    """A trigger; one of the same code is renamed (§4.10)."""
    return Inner("crm.automation.trigger.add", {"CODE": code, "NAME": attributes["name"]})


def is_there_already(refusal: str) -> bool:
    """Whether a refusal says that what we bind is bound already."""
    return _ALREADY in refusal.casefold()


def _robot(application: Application, code: str, attributes: Attributes) -> dict[str, Any]:
    """Its settings are a page of ours. It is waited for only where it has something to tell: a lost answer would hold up the
    stage (§4.11)."""
    returns = _properties(attributes.get("returns"))
    robot: dict[str, Any] = {
        "HANDLER": handlers.robot_address(application),
        "USE_SUBSCRIPTION": "Y" if returns else "N",
        "NAME": attributes["name"],
        "DOCUMENT_TYPE": list(_DOCUMENT),
        "FILTER": {"INCLUDE": [list(_DOCUMENT[:2])]},
        "USE_PLACEMENT": "Y",
        "PLACEMENT_HANDLER": handlers.setting_address(application, code),
    }
    if attributes.get("description"):
        robot["DESCRIPTION"] = attributes["description"]
    properties = _properties(attributes.get("properties"))
    return (
        robot | ({"PROPERTIES": properties} if properties else {}) | ({"RETURN_PROPERTIES": returns} if returns else {})
    )


def _properties(listed: Value) -> Mapping[str, Any]:
    return {option.key: {"Name": option.label, "Type": "string"} for option in _options(listed)}


def _options(listed: Value) -> list[Option]:
    return [o for o in listed if isinstance(o, Option)] if isinstance(listed, tuple) else []
