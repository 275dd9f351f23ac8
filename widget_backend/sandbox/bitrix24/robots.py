"""Robots at work: those on a deal's stage are called one after the other, and a waiting one holds up the rest."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.delivery import auth, queue
from widget_backend.sandbox.bitrix24.state import HOPS, Waiting

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.state import PlacedRobot, Robot


def run_robots(portal: Portal, deal: dict[str, Any]) -> None:
    """Call the robots that an admin has placed on the stage the deal stands on; those of the stage before stop waiting."""
    stop(portal, deal["id"])
    _run(portal, deal["id"], [placed for placed in portal.placed_robots if placed.stage_id == deal["stageId"]])


def stop(portal: Portal, deal_id: int) -> None:
    """Let nobody wait on a deal any more, for it has moved on or is gone; an answer that comes now has no effect."""
    for token in [token for token, waiting in portal.waiting_robots.items() if waiting.deal == deal_id]:
        del portal.waiting_robots[token]


def answered(portal: Portal, token: str) -> Waiting | None:
    """Let the robots behind the one that has now answered go on; None when nobody waits under this token any more."""
    expire(portal)
    waiting = portal.waiting_robots.pop(token, None)
    if waiting:
        _run(portal, waiting.deal, waiting.behind)
    return waiting


def expire(portal: Portal) -> None:
    """Give up robots whose time is over; those behind them go on."""
    for token, waiting in list(portal.waiting_robots.items()):
        if waiting.until <= portal.clock():
            del portal.waiting_robots[token]
            _run(portal, waiting.deal, waiting.behind)
            portal.changed()


def find(portal: Portal, client_id: str, code: str) -> Robot | None:
    """A registered robot."""
    return next((row for row in portal.robots if (row.client_id, row.code) == (client_id, code)), None)


def waits(robot: Robot) -> bool:
    """Whether a robot waits for its handler; nothing said means it does."""
    return robot.fields.get("USE_SUBSCRIPTION") != "N"


def event_token(portal: Portal) -> str:
    """A signed token with which a robot's handler answers."""
    head = f"{secrets.token_hex(8)}|A{secrets.randbelow(10**5)}_{secrets.randbelow(10**5)}|{secrets.token_hex(8)}"
    return f"{head}.{_signature(portal, head)}"


def is_signed(portal: Portal, token: str) -> bool:
    """Whether a robot's token is one of ours, dead or alive."""
    head, _, signature = token.rpartition(".")
    return hmac.compare_digest(_signature(portal, head), signature)


def _run(portal: Portal, deal_id: int, placed: list[PlacedRobot]) -> None:
    for place, each in enumerate(placed, 1):
        robot, app = find(portal, each.client_id, each.code), portal.apps.get(each.client_id)
        if robot is None or app is None or app.payment_expired:
            continue
        token = event_token(portal)
        body = _body(portal, each, robot, deal_id, token)
        body["auth"] = auth(portal, app, int(robot.fields.get("AUTH_USER_ID") or 1), refresh=True, hops=HOPS)
        queue(portal, str(robot.fields["HANDLER"]), "robot", body)
        if waits(robot):
            until = portal.clock() + each.timeout if each.timeout else float("inf")
            portal.waiting_robots[token] = Waiting(robot.code, deal_id, until, placed[place:])
            return


def _body(portal: Portal, placed: PlacedRobot, robot: Robot, deal_id: int, token: str) -> dict[str, Any]:
    return {
        "workflow_id": f"{secrets.token_hex(7)}.{secrets.randbelow(10**8):08}",
        "code": robot.code,
        "document_id": ["crm", "CCrmDocumentDeal", f"DEAL_{deal_id}"],
        "document_type": ["crm", "CCrmDocumentDeal", "DEAL"],
        "event_token": token,
        "properties": {key: placed.properties.get(key, "") for key in robot.fields.get("PROPERTIES") or {}},
        "use_subscription": "Y" if waits(robot) else "N",
        "timeout_duration": placed.timeout,
        "ts": int(portal.clock()),
    }


def _signature(portal: Portal, head: str) -> str:
    return hmac.new(portal.event_key.encode(), head.encode(), hashlib.sha256).hexdigest()
