"""What an admin does with a widget on its own pages: settings kept, an action put on a stage, a bot's step saved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.hooks import triggers
from widget_backend.sandbox.amocrm.live import Bot
from widget_backend.sandbox.amocrm.widgets import checks, hosting
from widget_backend.sandbox.amocrm.widgets.archive import part
from widget_backend.sandbox.amocrm.wire.problems import Problem, forbidden

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import Integration, User

#: of a saved bot, as the vendor has it
BOT_BYTES = 64 * 1024


def settings(account: Account, integration: Integration, user: User, given: dict[str, Any]) -> None:
    """Save or Install with ``{"active": "Y", "fields": {…}}``; "N" switches the integration off."""
    _admin(user)
    if given.get("active") != "Y":
        account.uninstall(integration.client_id)
        integration.settings = None
        return
    fields = {key: str(value) for key, value in part(given, "fields").items()}
    for key, row in part(account.widgets[integration.client_id].manifest, "settings").items():
        if row.get("type") == "custom":
            fields[key] = checks.kept_custom(fields.get(key, ""))
        if row.get("required") and not fields.get(key, "").strip():
            raise Problem(400, f"Не сохранено обязательное поле «{key}».")
    integration.settings = fields
    if not integration.installed:
        integration.installed = True
        account.install(integration.client_id, user.id)


def action(account: Account, integration: Integration, user: User, given: dict[str, Any]) -> None:
    """Put the widget's action on a stage with ``{"stage": "9001-70005", "settings": {…}}``."""
    _admin(user)
    pipeline, _, status = str(given.get("stage", "")).partition("-")
    how = {key: str(value) for key, value in part(given, "settings").items()}
    try:
        place = int(pipeline), [int(status)]
        triggers.place(account, *place, "widget", client_id=integration.client_id, settings=how)
    except ValueError as fault:
        raise Problem(400, "Выберите этап.") from fault


def bot(account: Account, integration: Integration, user: User, given: dict[str, Any]) -> None:
    """Keep a bot of the one step that ``onSalesbotDesignerSave`` has written: a string with a list of steps."""
    _admin(user)
    text = given.get("steps")
    try:
        steps = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        steps = None
    if not isinstance(steps, list) or not all(isinstance(each, dict) for each in steps):
        raise Problem(400, "Виджет не записал шаги: нужна строка JSON со списком шагов.")
    if len(str(text).encode()) > BOT_BYTES:
        raise Problem(400, "Бот больше 64 КБ.")
    archive = account.widgets[integration.client_id]
    handler = checks.handlers(archive).get(str(given.get("handler")), {})
    name = archive.text(handler.get("name"), account.language) or hosting.name(account, integration)
    exits: dict[str, list[dict[str, Any]]] = {str(code): [] for code in given.get("exits") or []}
    made = Bot(account.number("bot", 565, 2), name, steps, integration.client_id, exits)
    account.bots[made.id] = made


def _admin(user: User) -> None:
    if not user.is_admin:
        raise forbidden()
