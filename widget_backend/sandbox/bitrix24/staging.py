"""More of the control room: what an admin and patients do, for tests and demos that have no hands.

``POST /_sandbox/robots`` ``{"code", "stage_id", "timeout", "properties"}``, ``/triggers`` ``{"code", "stage_id"}``,
``/users`` ``{"id", "name", "last_name", "department", "head", …}``, ``/incoming`` ``{"channel", "contact", "text", "deal"}``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from widget_backend.sandbox.bitrix24.crm import incidents
from widget_backend.sandbox.bitrix24.pages import sent
from widget_backend.sandbox.bitrix24.state import CONTACT, User

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal


def routes(portal: Portal) -> Blueprint:
    """The control addresses of one portal."""
    blueprint = Blueprint("staging", __name__, url_prefix="/_sandbox")

    @blueprint.post("/robots")
    def robot() -> Response:
        given = request.get_json()
        with portal.lock:
            place = (given["code"], given["stage_id"], given.get("client_id", ""), int(given.get("timeout", 0)))
            portal.place_robot(*place, **given.get("properties", {}))
        return jsonify({"placed": len(portal.placed_robots)})

    @blueprint.post("/triggers")
    def trigger() -> Response:
        given = request.get_json()
        with portal.lock:
            portal.place_trigger(given["code"], given["stage_id"], given.get("client_id", ""))
        return jsonify({"placed": len(portal.placed_triggers)})

    @blueprint.post("/users")
    def user() -> Response:
        given: dict[str, Any] = request.get_json()
        department, head = given.pop("department", ""), given.pop("head", False)
        with portal.lock:
            hired = portal.hire(User(**given), department, head)
        return jsonify({"id": hired.id, "department": hired.department})

    @blueprint.post("/incoming")
    def incoming() -> tuple[Response, int]:
        given: dict[str, Any] = request.get_json()
        with portal.lock:
            if given.get("channel") not in incidents.CHANNELS or given.get("contact") not in portal.items[CONTACT]:
                return jsonify({"error": f"channel is one of {', '.join(incidents.CHANNELS)}, contact an id"}), 400
            what = (given["channel"], given["contact"], given.get("text", ""), given.get("deal", 0))
            return jsonify({"id": incidents.arrive(portal, *what)["ID"]}), 200

    @blueprint.get("/sent")
    def deliveries() -> Response:
        return jsonify([sent.row(each) for each in list(portal.sent)])

    return blueprint
