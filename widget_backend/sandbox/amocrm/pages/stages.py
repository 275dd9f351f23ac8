"""The Digital Pipeline's page: automatic actions on stages, bots and their runs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.hooks import triggers
from widget_backend.sandbox.amocrm.live import Trigger
from widget_backend.sandbox.amocrm.widgets import hosting
from widget_backend.sandbox.amocrm.wire.problems import Problem, forbidden

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.wire.registry import Call

    Form = MultiDict[str, str]

MOST_RUNS = 50

KINDS = {"webhook": "API: отправить webhook", "widget": "Виджет", "bot": "Salesbot"}
EVENTS = {
    "status": "при переходе в этап",
    "call_in": "при входящем звонке",
    "chat": "при сообщении из чата",
    "mail_in": "при входящем письме",
    "site_visit": "при заходе на сайт",
}
STATES = {
    "running": "работает",
    "waiting": "ждёт виджет",
    "asking": "ждёт пациента",
    "done": "закончен",
    "stopped": "остановлен",
}


def view(account: Account) -> dict[str, Any]:
    """What the template shows."""
    return {
        "pipelines": account.ordered_pipelines,
        "rows": [_row(account, each) for each in account.triggers.values()],
        "kinds": KINDS,
        "events": EVENTS,
        "widgets": [each for each in account.integrations.values() if each.dp_url],
        "links": [
            (address, f"{hosting.name(account, each)}: {title}")
            for each in account.integrations.values()
            for address, title in hosting.own_pages(account, each)
        ],
        "bots": list(account.bots.values()),
        "runs": [
            {"run": run, "state": STATES[run.state], "bot": _bot_name(account, run.bot_id)}
            for run in islice(reversed(account.runs), MOST_RUNS)
        ],
    }


def place(call: Call, form: Form) -> None:
    """Put an action on a stage."""
    _admin(call)
    pipeline, _, status = form["stage"].partition("-")
    how: dict[str, Any] = {"events": (form.get("event", "status"),), "url": form.get("url", "").strip()}
    how |= {"client_id": form.get("client_id", ""), "bot_id": int(form.get("bot_id") or 0)}
    if form.get("setting", "").strip():
        how["settings"] = {"key": form["setting"].strip()}
    if form["kind"] == "webhook" and not how["url"].startswith(("http://", "https://")):
        raise Problem(400, "Напишите адрес, он начинается с https://")
    try:
        triggers.place(call.account, int(pipeline), [int(status)], form["kind"], **how)
    except ValueError as fault:
        raise Problem(400, "Выберите виджет или бота, который есть в аккаунте.") from fault


def remove(call: Call, form: Form) -> None:
    """Take an action off its stages."""
    _admin(call)
    call.account.triggers.pop(int(form["trigger"]), None)


DEEDS: dict[str, Callable[[Call, Any], None]] = {"place": place, "remove": remove}


def _row(account: Account, trigger: Trigger) -> dict[str, Any]:
    pipeline = account.pipelines.get(trigger.pipeline_id)
    names = [pipeline.statuses[key].name for key in trigger.status_ids if pipeline and key in pipeline.statuses]
    integration = account.integrations.get(trigger.client_id)
    targets = {"webhook": trigger.url, "bot": _bot_name(account, trigger.bot_id)}
    return {
        "trigger": trigger,
        "pipeline": pipeline.name if pipeline else "воронка удалена",
        "stages": ", ".join(names) or "этап удалён",
        "kind": KINDS[trigger.kind],
        "events": ", ".join(EVENTS[word] for word in trigger.events),
        "target": targets.get(trigger.kind) or (integration.name or integration.client_id if integration else ""),
    }


def _bot_name(account: Account, bot_id: int) -> str:
    bot = account.bots.get(bot_id)
    return bot.name if bot else f"№ {bot_id}"


def _admin(call: Call) -> None:
    if not call.caller.is_admin:
        raise forbidden()
