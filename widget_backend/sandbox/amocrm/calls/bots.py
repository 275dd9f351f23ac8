"""SalesBots as far as an integration meets them: a run is queued, a waiting widget step is continued once."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS
from widget_backend.sandbox.amocrm.wire.problems import (
    Issue,
    forbidden,
    missing,
    not_a_choice,
    not_found,
    too_long,
    wrong_type,
)
from widget_backend.sandbox.amocrm.wire.registry import Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import batch, shaped, single, validated

MOST_RUNS, MOST_HANDLERS, MOST_SHOWN, MOST_BUTTONS = 100, 10, 80, 25

#: number of the entity in the old call
ENTITY_TYPES = {1: CONTACTS, 2: LEADS, 3: COMPANIES}

RUN = {"bot_id": "int*", "entity_id": "int*", "entity_type": "int*"}
CONTINUE = {"data": "object?", "execute_handlers": "array?"}

ALLOWED = {"show": ("text", "buttons", "buttons_url"), "goto": ("question", "answer", "finish")}


@route("POST", "/salesbot/run", version="v2")
def run(call: Call) -> Answer:
    """Queue bots for records; a record that is not there is forbidden."""
    rows = batch(call, MOST_RUNS)
    validated(rows, lambda item: shaped(item, RUN))
    for row in rows:
        entity = ENTITY_TYPES.get(row.item["entity_type"], "")
        if row.item["entity_id"] not in call.account.records.get(entity, {}):
            raise forbidden("Entity not found")
        call.account.run_bots.append(dict(row.item))
    return Answer({"success": True, "_links": {"self": {"href": f"{call.account.base_url}/api/v2/salesbot/run"}}}, 202)


@route("POST", "/<any(salesbot, marketingbot):kind>/<int:bot_id>/continue/<string:continue_id>", admin=True)
def go_on(call: Call, kind: str, bot_id: int, continue_id: str) -> Answer:
    """Continue a bot that waits in a widget step; a second time there is nothing to continue."""
    waiting = call.account.waiting_bots.get((bot_id, continue_id))
    if waiting is None:
        raise not_found("Waiting bot not found")
    row = single(call)
    validated([row], _issues)
    del call.account.waiting_bots[bot_id, continue_id]
    call.account.continued_bots.append(waiting | {"answer": row.item})
    return Answer(None, 202)


def _issues(item: dict[str, Any]) -> list[Issue]:
    found = shaped(item, CONTINUE)
    handlers = item.get("execute_handlers") or []
    if found or not handlers:
        return found
    if len(handlers) > MOST_HANDLERS:
        return [too_long("execute_handlers", MOST_HANDLERS)]
    for index, handler in enumerate(handlers):
        path = f"execute_handlers.{index}"
        if not isinstance(handler, dict):
            found.append(wrong_type(path, "object"))
        else:
            found += [issue.under(path) for issue in _handler_issues(handler)]
    return found


def _handler_issues(handler: dict[str, Any]) -> list[Issue]:
    name, params = handler.get("handler"), handler.get("params")
    if name not in ALLOWED:
        return [not_a_choice("handler")]
    if not isinstance(params, dict):
        return [missing("params")]
    found = [] if params.get("type") in ALLOWED[name] else [not_a_choice("params.type")]
    if name == "show" and len(str(params.get("value", ""))) > MOST_SHOWN:
        found.append(too_long("params.value", MOST_SHOWN))
    if len(params.get("buttons") or []) > MOST_BUTTONS:
        found.append(too_long("params.buttons", MOST_BUTTONS))
    return found
