"""``/widgets``: the widgets of the account's integrations; settings are shown to the widget's own integration only."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.state import Integration
from widget_backend.sandbox.amocrm.widgets.archive import Archive, part
from widget_backend.sandbox.amocrm.wire.hal import listing
from widget_backend.sandbox.amocrm.wire.problems import invalid, not_found, wrong_type
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route

ONE = "/widgets/<string:code>"


@route("GET", "/widgets")
def get_all(call: Call) -> Answer:
    """All widgets."""
    rows = list(call.account.integrations.values())
    return listing(call, "widgets", rows, lambda each: model(call, each), total=True)


@route("GET", ONE)
def get(call: Call, code: str) -> Answer:
    """One widget by its code."""
    return Answer(model(call, _widget(call, code)))


@route("POST", ONE, admin=True)
def install(call: Call, code: str) -> Answer:
    """Install a widget with the settings of the body."""
    if not isinstance(call.body or {}, dict):
        raise invalid([("0", [wrong_type("", "object")])])
    widget = _widget(call, code)
    widget.installed, widget.settings = True, dict(call.body or {})
    return Answer(model(call, widget))


@route("DELETE", ONE, admin=True)
def remove(call: Call, code: str) -> Answer:
    """Switch a widget off; its settings are gone."""
    widget = _widget(call, code)
    widget.settings = None
    return NOTHING


def model(call: Call, widget: Integration) -> dict[str, Any]:
    """A widget."""
    own = widget.client_id == call.caller.integration.client_id
    archive = call.account.widgets.get(widget.client_id)
    return {
        "id": int(widget.client_id.encode().hex()[:6], 16),
        "code": widget.widget_code,
        "version": archive.version if archive else "1.0.0",
        "rating": 0,
        "settings_template": _template(archive) if archive else [],
        "is_lead_source": widget.lead_sources,
        "is_work_with_dp": bool(widget.dp_url),
        "is_crm_template": False,
        "client_uuid": widget.client_id,
        "is_active_in_account": widget.installed,
        "pipeline_id": None,
        "settings": widget.settings if own else None,
        "_links": call.href(f"/widgets/{widget.widget_code}"),
    }


def _template(archive: Archive) -> list[dict[str, Any]]:
    rows = part(archive.manifest, "settings")
    return [
        {
            "key": key,
            "name": archive.text(row.get("name")) or key,
            "type": row.get("type"),
            "is_required": bool(row.get("required")),
        }
        for key, row in rows.items()
    ]


def _widget(call: Call, code: str) -> Integration:
    found = next((each for each in call.account.integrations.values() if each.widget_code == code), None)
    if found is None:
        raise not_found("Widget not found")
    return found
