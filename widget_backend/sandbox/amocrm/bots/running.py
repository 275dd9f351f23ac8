"""SalesBots at work: handlers one after another, until the bot waits for a widget or a patient, or has come to its end."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.bots import deeds
from widget_backend.sandbox.amocrm.bots.markers import filled, record_of
from widget_backend.sandbox.amocrm.crm.talking import say, talk_of_lead
from widget_backend.sandbox.amocrm.hooks import automation
from widget_backend.sandbox.amocrm.live import Bot, Run
from widget_backend.sandbox.amocrm.state import LEADS

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

Handler = dict[str, Any]

#: a bot that goes round in circles ends here
MOST_HANDLERS = 500

COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: deeds.number(one) > deeds.number(other),
    ">=": lambda one, other: deeds.number(one) >= deeds.number(other),
    "<": lambda one, other: deeds.number(one) < deeds.number(other),
    "<=": lambda one, other: deeds.number(one) <= deeds.number(other),
    "contains": lambda one, other: other.lower() in one.lower(),
}


def start(account: Account, bot: Bot, entity: str, entity_id: int) -> Run:
    """Run a bot on a record from its first question."""
    run = Run(bot.id, uuid.uuid4().hex, entity, entity_id)
    account.runs.append(run)
    _enter(run, bot, 0, "question")
    _advance(account, run)
    return run


def go_on(account: Account, run: Run, answer: dict[str, Any]) -> None:
    """Continue a run that waited for a widget: its data become ``{{json.…}}``, its handlers come first."""
    run.json |= answer.get("data") or {}
    run.rest = [*(answer.get("execute_handlers") or []), *run.rest]
    run.state = "running"
    run.trail.append("виджет ответил")
    _advance(account, run)


def answered(account: Account, entity: str, entity_id: int, text: str) -> None:
    """Continue the runs on a record that wait for what the patient says."""
    for run in [each for each in account.runs if each.state == "asking"]:
        if (run.entity, run.entity_id) == (entity, entity_id):
            run.message, run.state = text, "running"
            _advance(account, run)


def stop(account: Account, bot_id: int, entity: str, entity_id: int) -> None:
    """Stop a bot's runs on a record; what they waited for finds nobody."""
    for run in account.runs:
        if (run.bot_id, run.entity, run.entity_id) == (bot_id, entity, entity_id) and run.state != "done":
            run.state, run.rest = "stopped", []
            account.waiting_bots.pop((run.bot_id, run.key), None)


def busy_on(account: Account, run: Run) -> bool:
    """Whether another bot is at work on the record of a run."""
    place = (run.entity, run.entity_id)
    others = (each for each in account.runs if each is not run and (each.entity, each.entity_id) == place)
    return any(each.state in ("waiting", "asking") for each in others)


def _advance(account: Account, run: Run) -> None:
    bot = account.bots.get(run.bot_id)
    for _ in range(MOST_HANDLERS):
        if run.state != "running":
            return
        if not run.rest:
            _at_the_end(run, bot)
            continue
        handler = run.rest.pop(0)
        name, params = handler.get("handler", ""), handler.get("params") or {}
        if name in HANDLERS:
            HANDLERS[name](account, bot, run, params)
        else:
            run.trail.append(f"не умеет: {name}")
    run.state = "stopped"


def _at_the_end(run: Run, bot: Bot | None) -> None:
    """After a question comes the answer, if the step has one; else the run is over."""
    step = bot.steps[run.step] if bot and run.step < len(bot.steps) else {}
    if run.block == "question" and step.get("answer"):
        run.state, run.block, run.rest = "asking", "answer", list(step["answer"])
    else:
        run.state = "done"


def _enter(run: Run, bot: Bot | None, step: int, block: str) -> None:
    held = bot.steps[step].get(block) if bot and 0 <= step < len(bot.steps) else None
    run.step, run.block, run.rest = step, block, list(held or [])


def _goto(account: Account, bot: Bot | None, run: Run, params: dict[str, Any]) -> None:
    _enter(run, bot, int(params.get("step", -1)), str(params.get("type", "question")))


def _wait_answer(account: Account, bot: Bot | None, run: Run, params: dict[str, Any]) -> None:
    _goto(account, bot, run, params)
    run.state = "asking"


def _ask(account: Account, bot: Bot | None, run: Run, params: dict[str, Any]) -> None:
    integration = account.integrations.get(bot.client_id) if bot else None
    if integration is None:
        run.trail.append("нет виджета")
        return
    automation.ask(account, integration, str(params.get("url")), run, filled(account, run, params.get("data") or {}))
    run.trail.append("спросил виджет")


def _show(account: Account, bot: Bot | None, run: Run, params: dict[str, Any]) -> None:
    """Write to the patient; a bot without a chat to write to says nothing."""
    text = str(filled(account, run, params.get("value", "")))
    lead = record_of(account, run, LEADS)
    talk = talk_of_lead(account, lead) if lead else None
    if talk is None:
        run.trail.append(f"нет чата, не сказал: {text}")
        return
    say(account, talk, text, bot.name if bot else "SalesBot", incoming=False)
    run.trail.append(f"сказал: {text}")


def _conditions(account: Account, bot: Bot | None, run: Run, params: dict[str, Any]) -> None:
    rows = [filled(account, run, row) for row in params.get("conditions") or [params]]
    held = [_holds(row) for row in rows]
    if any(held) if params.get("logic") == "or" else all(held):
        run.rest = [*(params.get("result") or []), *run.rest]


def _holds(row: dict[str, Any]) -> bool:
    compare = COMPARISONS.get(str(row.get("operation", "=")), COMPARISONS["="])
    return compare(str(row.get("term1", "")), str(row.get("term2", "")))


def _exits(account: Account, bot: Bot | None, run: Run, params: dict[str, Any]) -> None:
    run.exit = str(params.get("value", ""))
    run.trail.append(f"выход: {run.exit}")
    run.block, run.rest = "finish", list(bot.exits.get(run.exit, [])) if bot else []


def _stop(account: Account, bot: Bot | None, run: Run, params: dict[str, Any]) -> None:
    run.state, run.rest = "done", []


def _action(account: Account, bot: Bot | None, run: Run, params: dict[str, Any]) -> None:
    name, about = str(params.get("name")), filled(account, run, params.get("params") or {})
    run.trail.append(deeds.do(account, run, name, about))


HANDLERS: dict[str, Callable[[Account, Bot | None, Run, dict[str, Any]], None]] = {
    "show": _show,
    "goto": _goto,
    "wait_answer": _wait_answer,
    "widget_request": _ask,
    "condition": _conditions,
    "conditions": _conditions,
    "exits": _exits,
    "stop": _stop,
    "action": _action,
}
