"""SalesBots as far as an integration meets them: a run is queued, a waiting widget step is continued once."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.bots import running
from widget_backend.sandbox.amocrm.live import Bot
from widget_backend.sandbox.amocrm.state import CONTACTS, LEADS
from widget_backend.sandbox.amocrm.wire.hal import listing
from widget_backend.sandbox.amocrm.wire.problems import (
    Issue,
    Problem,
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
ENTITY_TYPES = {1: CONTACTS, 2: LEADS}

RUN = {"bot_id": "int*", "entity_id": "int*", "entity_type": "int*"}
RUN_ONE = {"entity_id": "int*", "entity_type": "string*"}
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
    for row in rows:
        call.account.run_bots.append(dict(row.item))
        _start(call, row.item["bot_id"], ENTITY_TYPES[row.item["entity_type"]], row.item["entity_id"])
    links = {"self": {"href": "/api/v2/salesbot/run", "method": "post"}}
    return Answer({"success": True, "_links": links}, 202)


@route("POST", "/<any(salesbot, marketingbot):kind>/<int:bot_id>/continue/<string:continue_id>", admin=True)
def go_on(call: Call, kind: str, bot_id: int, continue_id: str) -> Answer:
    """Continue a bot that waits in a widget step; a second time there is nothing to continue."""
    waiting = call.account.waiting_bots.get((bot_id, continue_id))
    if waiting is None:
        raise not_found("Waiting bot not found")
    row = single(call)
    validated([row], _issues)
    if running.busy_on(call.account, waiting):
        raise Problem(400, "Another bot is running on the entity")
    del call.account.waiting_bots[bot_id, continue_id]
    about = {"bot_id": bot_id, "continue_id": continue_id, "lead_id": waiting.entity_id, "data": waiting.data}
    call.account.continued_bots.append(about | {"answer": row.item})
    running.go_on(call.account, waiting, row.item)
    return Answer(None, 202)


@route("GET", "/bots")
def get_all(call: Call) -> Answer:
    """All bots, where the brand has this call."""
    _kommo_only(call)
    return listing(call, "bots", list(call.account.bots.values()), lambda bot: _model(call, bot), total=True)


@route("GET", "/bots/<int:bot_id>")
def get(call: Call, bot_id: int) -> Answer:
    """One bot."""
    _kommo_only(call)
    return Answer(_model(call, _bot(call, bot_id)))


@route("POST", "/bots/<int:bot_id>/<any(run, stop):what>")
def run_or_stop(call: Call, bot_id: int, what: str) -> Answer:
    """Start a bot on a record, or stop it there."""
    _kommo_only(call)
    bot, row = _bot(call, bot_id), single(call)
    validated([row], lambda item: shaped(item, RUN_ONE))
    entity, number = row.item["entity_type"], row.item["entity_id"]
    if number not in call.account.records.get(entity, {}):
        raise forbidden("Entity not found")
    if what == "run":
        _start(call, bot.id, entity, number)
    else:
        running.stop(call.account, bot.id, entity, number)
    return Answer(None, 202)


def _start(call: Call, bot_id: int, entity: str, number: int) -> None:
    bot = call.account.bots.get(bot_id)
    if bot is not None:
        running.start(call.account, bot, entity, number)


def _kommo_only(call: Call) -> None:
    if call.account.settings.brand != "kommo":
        raise not_found(f"Cannot {call.method} {call.url}{call.path}")


def _bot(call: Call, bot_id: int) -> Bot:
    found = call.account.bots.get(bot_id)
    if found is None:
        raise not_found("Bot not found")
    return found


def _model(call: Call, bot: Bot) -> dict[str, Any]:
    about = {"id": bot.id, "name": bot.name, "type_functionality": "salesbot", "is_active": True}
    return about | {"account_id": call.account.id, "_links": call.href(f"/bots/{bot.id}")}


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
