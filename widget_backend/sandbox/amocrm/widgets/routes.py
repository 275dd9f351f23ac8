"""The addresses of widgets: their files, the host's own scripts, pages that are a widget's, and where an archive is taken."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, request, send_from_directory

from widget_backend.sandbox.amocrm.pages.viewer import page, viewer
from widget_backend.sandbox.amocrm.state import LEADS, Integration
from widget_backend.sandbox.amocrm.widgets import checks, hosting, saving
from widget_backend.sandbox.amocrm.widgets.archive import Archive, Unfit, part
from widget_backend.sandbox.amocrm.wire.problems import Problem

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import User

STATIC = Path(__file__).parents[1] / "static"

#: so many leads are listed
LISTED = 100

REFUSED = {403: "Недостаточно прав: выберите администратора."}


def routes(account: Account) -> Blueprint:
    """The widgets of one account."""
    blueprint = Blueprint("widgets", __name__)
    _files(account, blueprint)
    _pages(account, blueprint)
    _deeds(account, blueprint)

    @blueprint.before_request
    def note_address() -> None:
        account.base_url = request.host_url.rstrip("/")

    @blueprint.errorhandler(Problem)
    def refuse(problem: Problem) -> tuple[Response, int]:
        return jsonify({"said": REFUSED.get(problem.status, problem.detail)}), problem.status

    return blueprint


def settings_page(account: Account, integration: Integration) -> str:
    """The window of a widget: what it is, its settings, and the buttons that install, save and switch off."""
    archive, about = account.widgets[integration.client_id], _about(account, integration)
    support = part(archive.about, "support")
    return page(
        account,
        "sandbox/amocrm_widget.html",
        area="settings",
        only=integration.client_id,
        **about,
        description=archive.text(archive.about.get("description"), about["language"]),
        support=support.get("link") or support.get("email"),
        installed=integration.installed,
        links=hosting.own_pages(account, integration, about["language"]),
        fields=_fields(archive, part(archive.manifest, "settings"), integration.settings or {}, about["language"]),
    )


def _files(account: Account, blueprint: Blueprint) -> None:
    @blueprint.get("/upl/<code>/widget/<path:path>")
    def file(code: str, path: str) -> Response:
        archive = account.widgets[_known(account, code).client_id]
        if path not in archive.files:
            abort(404)
        kind = "text/plain" if path.endswith(".twig") else mimetypes.guess_type(path)[0] or "application/octet-stream"
        return Response(archive.files[path], mimetype=kind, headers={"Cache-Control": "no-cache"})

    @blueprint.get("/_sandbox/host/<path:path>")
    def host(path: str) -> Response:
        # RequireJS asks for a module by its name
        return send_from_directory(STATIC, path.rpartition("/")[2])

    @blueprint.post("/_sandbox/widgets/<client_id>")
    def upload(client_id: str) -> tuple[Response, int]:
        if client_id not in account.integrations:
            abort(404)
        try:
            with account.lock:
                archive = account.upload_widget(client_id, request.get_data())
        except Unfit as unfit:
            return jsonify({"error": str(unfit)}), 400
        return jsonify({"code": account.integrations[client_id].widget_code, "version": archive.version}), 201


def _pages(account: Account, blueprint: Blueprint) -> None:
    @blueprint.get("/leads/list/")
    def listed() -> str:
        with account.lock:
            held = [each for each in account.records[LEADS].values() if not each.is_deleted and not each.is_unsorted]
            rows = [hosting.row(account, each) for each in held[::-1][:LISTED]]
        return page(account, "sandbox/amocrm_list.html", area="llist", rows=rows)

    @blueprint.get("/settings/widgets/<code>/")
    def advanced(code: str) -> str:
        return _own(account, code, "advanced_settings", "page")

    @blueprint.get("/widget_page/<code>/<item>/")
    @blueprint.get("/widget_page/<code>/<item>/<subitem>/")
    def menu_page(code: str, item: str, subitem: str = "") -> str:
        return _own(account, code, "widget_page", "page", item=item, subitem=subitem)

    @blueprint.get("/settings/widgets/<code>/action/")
    def action(code: str) -> str:
        rows = part(part(account.widgets[_known(account, code).client_id].manifest, "dp"), "settings")
        return _own(account, code, "digital_pipeline", "action", rows, pipelines=account.ordered_pipelines)

    @blueprint.get("/settings/widgets/<code>/bot/")
    def designer(code: str) -> str:
        integration = _known(account, code)
        archive, language = account.widgets[integration.client_id], _language(account)
        handlers = [
            {
                "code": key,
                "name": archive.text(held.get("name"), language) or key,
                "fields": _fields(archive, part(held, "settings"), {}, language),
            }
            for key, held in checks.handlers(archive).items()
        ]
        return _own(account, code, "salesbot_designer", "bot", handlers=handlers)


def _deeds(account: Account, blueprint: Blueprint) -> None:
    def done(code: str, deed: Callable[[Account, Integration, User, dict[str, Any]], None]) -> Response:
        given = request.get_json()
        with account.lock:
            deed(account, _known(account, code), viewer(account), given if isinstance(given, dict) else {})
            account.version += 1
        return jsonify({})

    @blueprint.post("/settings/widgets/<code>/save")
    def save(code: str) -> Response:
        return done(code, saving.settings)

    @blueprint.post("/settings/widgets/<code>/action/")
    def place(code: str) -> Response:
        return done(code, saving.action)

    @blueprint.post("/settings/widgets/<code>/bot/")
    def keep_bot(code: str) -> Response:
        return done(code, saving.bot)


def _own(
    account: Account, code: str, area: str, template: str, rows: dict[str, Any] | None = None, **values: Any
) -> str:
    """A page that is a widget's own; 404 where the widget does not declare the area."""
    integration = _known(account, code)
    archive, about = account.widgets[integration.client_id], _about(account, integration)
    if area not in archive.areas or not integration.installed:
        abort(404)
    fields = _fields(archive, rows or {}, {}, about["language"])
    name = f"sandbox/amocrm_widget_{template}.html"
    return page(account, name, area=area, only=integration.client_id, fields=fields, **about, **values)


def _about(account: Account, integration: Integration) -> dict[str, Any]:
    language, code = _language(account), integration.widget_code
    return {
        "language": language,
        "code": code,
        "name": hosting.name(account, integration, language),
        "path": hosting.PATH.format(code=code),
        "version": account.widgets[integration.client_id].version,
    }


def _fields(archive: Archive, rows: dict[str, Any], values: dict[str, Any], language: str) -> list[dict[str, Any]]:
    held = {key: row for key, row in rows.items() if isinstance(row, dict)}
    return [
        {
            "key": key,
            "type": row.get("type"),
            "name": archive.text(row.get("name"), language) or key,
            "required": bool(row.get("required")),
            "value": str(values.get(key, row.get("default_value", ""))),
        }
        for key, row in held.items()
    ]


def _language(account: Account) -> str:
    return request.args.get("lang") or account.language


def _known(account: Account, code: str) -> Integration:
    found = (each for each in account.integrations.values() if each.widget_code == code)
    return next((each for each in found if each.client_id in account.widgets), None) or abort(404)
