"""Activities of any kind: adding those of the older sort, reading, closing, deleting them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widget_backend.sandbox.bitrix24.crm import activities, filters
from widget_backend.sandbox.bitrix24.crm.values import flag, moment, to_int
from widget_backend.sandbox.bitrix24.envelope import RestError, legacy
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import CONTACT

CHANGEABLE = ("SUBJECT", "DESCRIPTION", "RESPONSIBLE_ID", "PRIORITY", "LOCATION", "STATUS")
TIMES = ("DEADLINE", "START_TIME", "END_TIME")
NUMBERS = ("TYPE_ID", "DIRECTION", "PRIORITY", "RESPONSIBLE_ID", "ASSOCIATED_ENTITY_ID", "DESCRIPTION_TYPE")
_PROVIDER = ("PROVIDER_ID", "PROVIDER_TYPE_ID", "PROVIDER_GROUP_ID")
TEXTS = ("SUBJECT", "DESCRIPTION", "LOCATION", "ORIGIN_ID", "ORIGINATOR_ID", *_PROVIDER)

#: types that ``crm.activity.add`` makes -> provider and its type; the last one names its own
PROVIDERS = {
    activities.MEETING: ("CRM_MEETING", "MEETING"),
    activities.CALL: ("VOXIMPLANT_CALL", "CALL"),
    activities.EMAIL: ("CRM_EMAIL", "EMAIL"),
    activities.PROVIDER: (None, None),
}

NOT_DEFINED = {name: f"The field {name} is not defined or invalid." for name in ("RESPONSIBLE_ID", "TYPE_ID")}


@method("crm.activity.list")
def list_(call: Call) -> Any:
    wanted = dict(call.mapping("filter"))
    rows = list(call.portal.activities.values()) if call.caller.user.crm else []
    rows = _bound(rows, wanted.pop("BINDINGS", None))
    rows = [row for row in rows if filters.matches(row, wanted, _reader)]
    for name, direction in reversed(list((call.mapping("order") or {"START_TIME": "ASC"}).items())):
        rows.sort(key=lambda row: filters.comparable(row.get(name)), reverse=str(direction).upper() == "DESC")
    select = {str(name) for name in call.mapping("select").values()}
    return filters.paged(rows, call.any_case("start"), True, show=lambda row: shown(row, select))


@method("crm.activity.get")
def get(call: Call) -> Any:
    return shown(found(call), set())


@method("crm.activity.add", write=True)
def add(call: Call) -> Any:
    given = call.array("fields")
    values: dict[str, Any] = {name: to_int(given[name]) for name in NUMBERS if name in given}
    values |= {name: str(given[name]) for name in TEXTS if given.get(name) is not None}
    _check(call, values, given)
    values |= {name: read for name in TIMES if name != "DEADLINE" and (read := moment(given.get(name)))}
    # a deadline is not listened to
    values["DEADLINE"] = values.get("START_TIME")
    provider, its_type = PROVIDERS[values["TYPE_ID"]]
    values |= {"PROVIDER_ID": provider, "PROVIDER_TYPE_ID": its_type} if provider else {}
    values |= _done(given) | {"IS_INCOMING_CHANNEL": flag(given.get("IS_INCOMING_CHANNEL"))}
    values["_communications"] = rows = _communications(given)
    places = [(to_int(given.get("OWNER_TYPE_ID")), to_int(given.get("OWNER_ID")))]
    places += [(row["ENTITY_TYPE_ID"], row["ENTITY_ID"]) for row in rows]
    places = [place for place in places if place[1] in call.portal.items[place[0]]]
    if not places:
        owners = "Please ensure that owner info and communications are defined correctly."
        raise legacy(f"Could not build binding. {owners}")
    return activities.add(call.portal, call.caller, values, places)["ID"]


@method("crm.activity.update", write=True)
def update(call: Call) -> Any:
    row, given = found(call), call.array("fields")
    values = {name: given[name] for name in CHANGEABLE if name in given}
    values |= {name: to_int(values[name]) for name in ("RESPONSIBLE_ID", "PRIORITY") if name in values}
    values |= {name: read for name in TIMES if name in given and (read := moment(given[name]))}
    activities.change(call.portal, call.caller, row, values | _done(given))
    return True


@method("crm.activity.delete", write=True)
def delete(call: Call) -> Any:
    activities.remove(call.portal, call.caller, found(call))
    return True


def shown(row: dict[str, Any], select: set[str]) -> dict[str, Any]:
    """A row with its numbers as text; communications only when they are asked for by name."""
    whole = not select or "*" in select
    wanted = {name: value for name, value in row.items() if name[0] != "_" and (whole or name in select)}
    if "COMMUNICATIONS" in select:
        wanted["COMMUNICATIONS"] = [shown(each, set()) for each in row["_communications"]]
    return {name: str(value) if isinstance(value, int) else value for name, value in wanted.items()}


def found(call: Call) -> dict[str, Any]:
    """The activity that a call names."""
    row = call.portal.activities.get(to_int(call.any_case("id")))
    if row is None:
        raise legacy("Activity is not found.")
    return row


def _reader(name: str) -> Callable[[dict[str, Any]], Any] | None:
    return (lambda row: row.get(name)) if name in activities.COLUMNS else None


def _bound(rows: list[dict[str, Any]], places: Any) -> list[dict[str, Any]]:
    """The rows on one of these items or types; a row that fits two of them comes twice, as it does from the vendor."""
    if not places:
        return rows
    pairs = [enumerate_map(pair) for pair in enumerate_map(places).values()]
    wanted = [(pair.get("OWNER_TYPE_ID"), pair.get("OWNER_ID")) for pair in pairs]
    return [
        row
        for kind, number in wanted
        for row in rows
        if any(
            to_int(kind, place[0]) == place[0] and to_int(number, place[1]) == place[1] for place in row["_bindings"]
        )
    ]


def _check(call: Call, values: dict[str, Any], given: dict[str, Any]) -> None:
    """What the vendor's page says is refused."""
    if not call.caller.user.crm:
        raise legacy("Access denied.")
    if not values.get("SUBJECT"):
        raise legacy("The field SUBJECT is not defined or empty.")
    if values.get("RESPONSIBLE_ID") not in call.portal.users:
        raise legacy(NOT_DEFINED["RESPONSIBLE_ID"])
    if values.get("TYPE_ID") not in PROVIDERS:
        raise legacy(NOT_DEFINED["TYPE_ID"])
    if values["TYPE_ID"] == activities.PROVIDER:
        _check_provider(call, str(values.get("PROVIDER_ID") or ""))
    elif not enumerate_map(given.get("COMMUNICATIONS")):
        raise legacy("The field COMMUNICATIONS is not defined or invalid.")
    elif values["TYPE_ID"] == activities.CALL and len(enumerate_map(given["COMMUNICATIONS"])) > 1:
        raise legacy("The only one communication is allowed for activity of specified type.")


def _check_provider(call: Call, provider: str) -> None:
    if not provider:
        raise legacy("The custom activity without provider is not supported in current context.")
    if provider == "CONFIGURABLE_REST_APP":
        raise legacy("Use crm.activity.configurable.add for this activity provider.")
    if provider == "REST_APP" and call.caller.app is None:
        raise RestError("", "Application context required.")


def _communications(given: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [enumerate_map(row) for row in enumerate_map(given.get("COMMUNICATIONS")).values()]
    return [
        {
            "TYPE": str(row.get("TYPE") or ""),
            "VALUE": str(row.get("VALUE") or ""),
            "ENTITY_ID": to_int(row.get("ENTITY_ID")),
            "ENTITY_TYPE_ID": to_int(row.get("ENTITY_TYPE_ID"), CONTACT),
        }
        for row in rows
    ]


def _done(given: dict[str, Any]) -> dict[str, Any]:
    if "COMPLETED" not in given:
        return {}
    done = flag(given["COMPLETED"])
    return {"COMPLETED": done, "STATUS": "2" if done == "Y" else "1"}
