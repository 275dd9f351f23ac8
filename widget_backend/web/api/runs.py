"""Runs: what robots did, and by the short code of a note in a deal: the event, the facts, the rules and what was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from marshmallow import Schema, fields, validate

from widget_backend.deals.effect_log import Effect
from widget_backend.robots import firing_log, why
from widget_backend.robots.firing_log import State
from widget_backend.robots.reading.blocks import Form
from widget_backend.robots.why import Explanation, Run
from widget_backend.web.api.bodies import Asked, Said
from widget_backend.web.api.noun import Noun
from widget_backend.web.api.places import Deal, Name
from widget_backend.web.context import context

#: runs of one answer
MOST: Final = 100
LARGEST: Final = 2**63 - 1

noun = Noun("runs", "What robots did in the last two weeks, and why.")


def _exact(place: type[Deal | Name]) -> validate.Regexp:
    return Form(f"^{place.regex}$", error="String does not match expected pattern.")


class Filter(Asked):
    """Which runs."""

    rule = fields.String(validate=_exact(Name), metadata={"description": "key of a rule"})
    deal = fields.String(validate=_exact(Deal))
    before = fields.Integer(validate=validate.Range(1, LARGEST), metadata={"description": "``next`` of a page"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST))


class RunShown(Schema):
    """One rule's answer to something that happened."""

    id = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "of the note in the deal"})
    rule = fields.String(required=True, attribute="rule_key")
    deal = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(get_args(State)))
    said = fields.List(Said(), required=True)
    made_at = fields.AwareDateTime(required=True)
    done_at = fields.AwareDateTime(required=True, allow_none=True)


class RunsShown(Schema):
    """The newest first. ``next``: for the older ones."""

    runs = fields.List(fields.Nested(RunShown), required=True)
    next = fields.Integer(required=True, allow_none=True)


class FactShown(Schema):
    """What was asked, and its answer."""

    asked = Said(required=True)
    answer = Said(required=True)


class CallShown(Schema):
    """What was written to the CRM."""

    kind = fields.String(required=True)
    made = fields.String(required=True, metadata={"description": "the CRM's number of what came of it"})
    refused = Said(required=True, allow_none=True)
    begun_at = fields.AwareDateTime(required=True)
    done_at = fields.AwareDateTime(required=True, allow_none=True)


class DoneShown(Schema):
    """What one rule did."""

    id = fields.Integer(required=True, attribute="firing")
    rule = fields.String(required=True, attribute="rule.key")
    name = Said(required=True, attribute="rule.name")
    version = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(get_args(State)))
    said = fields.List(Said(), required=True)
    calls = fields.List(fields.Nested(CallShown), required=True)


class ExplanationShown(Schema):
    """From the event to what was written."""

    code = fields.String(required=True)
    deal = fields.String(required=True)
    happened = Said(required=True)
    at = fields.AwareDateTime(required=True)
    facts = fields.List(fields.Nested(FactShown), required=True)
    runs = fields.List(fields.Nested(DoneShown), required=True)


@noun.get("/runs", RunsShown(), query=Filter())
def listed(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What robots did: by a rule, in a deal, or all."""
    with context().database.transaction() as session:
        found = firing_log.runs(session, **asked)
    names = ("id", "rule_key", "deal", "state", "said", "made_at", "done_at")
    rows = [{**{name: getattr(one, name) for name in names}, "code": why.code_of(one.cause_id)} for one in found]
    return {"runs": rows, "next": found[-1].id if len(found) == asked["limit"] else None}


@noun.get("/runs/<name:code>", ExplanationShown(), right="work_deals")
def explained(code: str) -> dict[str, Any]:
    """Why robots did what a note in a deal tells."""
    with context().database.transaction() as session:
        return _shown(why.explain(session, code))


def _shown(found: Explanation) -> dict[str, Any]:
    facts = [{"asked": asked, "answer": answer} for asked, answer in found.facts]
    named = {name: getattr(found, name) for name in ("code", "deal", "happened", "at")}
    return {**named, "facts": facts, "runs": [_run(run) for run in found.runs]}


def _run(run: Run) -> dict[str, Any]:
    named = {name: getattr(run, name) for name in ("firing", "rule", "version", "state", "said")}
    return {**named, "calls": [_call(call) for call in run.calls]}


def _call(call: Effect) -> dict[str, Any]:
    error = call.written.error if call.written else None
    made = call.written.id if call.written else ""
    refused = error.message if error else None
    return {"kind": call.kind, "made": made, "refused": refused, "begun_at": call.begun_at, "done_at": call.done_at}
