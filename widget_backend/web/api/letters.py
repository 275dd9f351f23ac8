"""Dead letters: events and jobs that have stopped, by cause, to be tried again; and how much the CRM forgot to tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from widget_backend import audit
from widget_backend.inbox import dead_letters, losses
from widget_backend.web.api.acting import act
from widget_backend.web.api.bodies import Asked, Said
from widget_backend.web.api.noun import Noun
from widget_backend.web.auth import installation
from widget_backend.web.context import context

noun = Noun("letters", "Events and jobs that have stopped, and what the CRM did not tell in time.")


class GroupShown(Schema):
    """All that stopped for one cause."""

    cause = fields.String(required=True, metadata={"description": "the group's short name"})
    what = fields.String(required=True, metadata={"description": "the event's entity or the job's task"})
    kind = fields.String(required=True, metadata={"description": "of the error"})
    message = Said(required=True)
    count = fields.Integer(required=True)
    first_at = fields.AwareDateTime(required=True, allow_none=True)
    last_at = fields.AwareDateTime(required=True, allow_none=True)


class GroupsShown(Schema):
    """The largest first."""

    groups = fields.List(fields.Nested(GroupShown), required=True)


class ReplayShown(Schema):
    """How many are tried again."""

    replayed = fields.Integer(required=True)


class Days(Asked):
    """How far back to look."""

    days = fields.Integer(load_default=losses.SHOWN, validate=validate.Range(1, losses.KEPT.days))


class LossShown(Schema):
    """Changed deals: told in time, and found late by ourselves."""

    told = fields.Integer(required=True)
    found_late = fields.Integer(required=True)
    share = fields.Float(required=True, metadata={"description": "of all changes those that the CRM lost, 0 to 1"})


@noun.get("/dead-letters", GroupsShown())
def listed() -> dict[str, Any]:
    """What has stopped."""
    with context().database.transaction() as session:
        return {"groups": dead_letters.groups(session, installation().id)}


@noun.act("/dead-letters/<name:group>/replay", ReplayShown(), right="replay")
def replay(group: str, cause: str) -> dict[str, int]:
    """Try all of a group again."""
    number, told = installation().id, {"count": 0}
    with audit.recorded(context().database, number, act("letters.replay", f"cause:{group}"), told) as session:
        told["count"] = dead_letters.replay(session, number, group)
    return {"replayed": told["count"]}


@noun.get("/losses", LossShown(), query=Days())
def lost(asked: Mapping[str, Any]) -> losses.LossMeter:
    """How many changes of deals the CRM did not tell in time."""
    with context().database.transaction() as session:
        return losses.of(session, asked["days"])
