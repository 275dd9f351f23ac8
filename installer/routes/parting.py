"""An administrator disconnects the application from the CRM by himself, asked twice; what the CRM has stays there."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from installer import onboarding
from widget_backend import audit
from widget_backend.audit import Act
from widget_backend.preferences import rest
from widget_backend.web.auth import installation, require, visit
from widget_backend.web.context import context

blueprint = Blueprint("parting", __name__, url_prefix="/office/settings")


@blueprint.post("/disconnect")
@require("change_settings")
def disconnect() -> Response:
    """Wipe our access and what we hold of the clinic. Raises :class:`InvalidInput` unless it was ticked that this is meant."""
    rest.sure(request.form.get("sure", ""))
    number, caller = installation().id, visit()
    act = Act(caller.user_id or "unknown", caller.role, "disconnect", f"installation:{number}", "office")
    with audit.recorded(context().database, number, act):
        pass
    onboarding.uninstall(context().database, context().settings, number, "disconnected by its administrator")
    return make_response(render_template("office/settings_gone.html"))
