"""Deals: copies of them before, when and after they are made, where they are sent, and where they have been."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import Schema, fields, validate

from widget_backend import audit
from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.deals import copying, deal_state, routing, stage_history
from widget_backend.deals.copying import Copied, Preview, Undone, lineage
from widget_backend.deals.effects import Effects
from widget_backend.deals.routing import Routed
from widget_backend.errors import NotFound
from widget_backend.robots import naming, sentences
from widget_backend.robots.reading.blocks import Form
from widget_backend.texts import Text
from widget_backend.web.api.acting import act, clinic
from widget_backend.web.api.bodies import Asked, Said
from widget_backend.web.api.noun import Noun
from widget_backend.web.auth import installation, visit
from widget_backend.web.context import context

#: address of a stage, as presets write it
STAGE: Final = Form(r"^stage\.[a-z0-9_]{1,40}\.[a-z0-9_]{1,40}$", error="an address is like stage.visits.new")

UNSEEN = Text(
    "О сделке №{deal} у нас ничего не записано: её нет в CRM, или с ней ничего не было с подключения. Проверьте номер.",
    "Nothing is known here of deal {deal}: the CRM has none, or nothing happened to it since we were connected. Check the "
    "number.",
)

noun = Noun("deals", "Deals of the CRM: copied, routed, and their history. A deal goes by the CRM's own number.")


class CopyWish(Asked):
    """Where a deal is copied to."""

    to = fields.String(required=True, validate=STAGE, metadata={"description": "address of a stage"})
    once_per_patient = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "an open deal there is as good as a copy"},
    )


class CopyShown(Schema):
    """What came of it: a new deal, or the one that is there instead."""

    deal = fields.String(required=True)
    made = fields.Boolean(required=True, metadata={"description": "whether the deal is a new one"})
    reason = Said(required=True)
    lost = fields.List(Said(), required=True, metadata={"description": "what of the source it does not hold"})
    warning = Said(required=True, allow_none=True, metadata={"description": "the account is nearly full of deals"})


class ValueShown(Schema):
    """A field of the deal that would be made."""

    field = fields.String(required=True, metadata={"description": "its address"})
    name = fields.String(required=True)
    value = Said(required=True)


class DraftShown(Schema):
    """The deal that would be made."""

    title = fields.String(required=True)
    contacts = fields.List(fields.String(), required=True)
    amount = fields.Integer(required=True, allow_none=True, metadata={"description": "in minor units"})
    currency = fields.String(required=True)
    tags = fields.List(fields.String(), required=True)
    fields_ = fields.List(fields.Nested(ValueShown), required=True, data_key="fields")


class PreviewShown(Schema):
    """What a copy would do now."""

    how = fields.String(required=True, validate=validate.OneOf(["copied", "found", "moved"]))
    deal = fields.String(required=True, metadata={"description": "the deal that is there already, empty for a new one"})
    reason = Said(required=True)
    draft = fields.Nested(DraftShown, required=True, allow_none=True)
    products = fields.Integer(required=True)
    tasks = fields.Integer(required=True)
    notes = fields.Integer(required=True)
    lost = fields.List(Said(), required=True)
    warning = Said(required=True, allow_none=True)


class UndoneShown(Schema):
    """How a copy was taken back."""

    deal = fields.String(required=True)
    how = fields.String(required=True, validate=validate.OneOf(["deleted", "closed", "returned"]))
    words = Said(required=True)


class RoutedShown(Schema):
    """Where a deal goes, who takes it and why."""

    deal = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["primary", "repeat", "unsure"]))
    stage = fields.String(required=True, metadata={"description": "address of a stage, empty to stay"})
    responsible = fields.String(required=True, metadata={"description": "the CRM's number of a user"})
    into = fields.String(
        required=True, metadata={"description": "the open deal that takes the enquiry, empty for none"}
    )
    code = fields.String(required=True, metadata={"description": "of the reason"})
    reason = Said(required=True)


class DecisionShown(Schema):
    """A decision of the past. ``refused``: writes that the CRM did not take."""

    routed = fields.Nested(RoutedShown, required=True)
    made_at = fields.AwareDateTime(required=True)
    done_at = fields.AwareDateTime(required=True, allow_none=True)
    refused = fields.List(fields.String(), required=True)


class DecisionsShown(Schema):
    """The newest first."""

    decisions = fields.List(fields.Nested(DecisionShown), required=True)


class StageShown(Schema):
    """A stage of the account."""

    address = fields.String(required=True, metadata={"description": "ours; empty for one of the clinic's own"})
    id = fields.String(required=True)
    name = fields.String(required=True)


class StepShown(Schema):
    """A deal came to a stage."""

    kind = fields.String(required=True, validate=validate.OneOf(["created", "moved"]))
    from_ = fields.Nested(StageShown, required=True, allow_none=True, data_key="from")
    to = fields.Nested(StageShown, required=True)
    at = fields.AwareDateTime(required=True)
    mover = fields.String(
        required=True, metadata={"description": "a user's number, «robot», or empty where nobody knows"}
    )
    ours = fields.Boolean(required=True, metadata={"description": "whether a robot of ours brought it there"})


class HistoryShown(Schema):
    """The oldest first."""

    steps = fields.List(fields.Nested(StepShown), required=True)


class TieShown(Schema):
    """One deal came from another, or led to it."""

    source = fields.String(required=True)
    deal = fields.String(required=True)
    target = fields.String(required=True, metadata={"description": "address of a stage"})
    how = fields.String(required=True, validate=validate.OneOf(["copied", "found", "moved"]))
    state = fields.String(required=True, validate=validate.OneOf(["begun", "made", "done", "undone"]))
    asked_by = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True, allow_none=True)
    lost = fields.List(Said(), required=True)


class FamilyShown(Schema):
    """The deals that hang together by copying."""

    deals = fields.List(fields.String(), required=True)
    ties = fields.List(fields.Nested(TieShown), required=True)
    origin_stage = fields.String(
        required=True, metadata={"description": "where the deal would go back to; empty: unknown"}
    )


@noun.ask("/deals/<deal:deal>/copies/preview", PreviewShown(), right="work_deals", takes=CopyWish())
def preview(wish: Mapping[str, Any], deal: str) -> dict[str, Any]:
    """What a copy would be, and what it would not hold."""
    ours = clinic()
    return _shown(copying.preview(ours, deal, wish["to"], once_per_patient=wish["once_per_patient"]), ours.chart)


@noun.act("/deals/<deal:deal>/copies", CopyShown(), right="work_deals", takes=CopyWish())
def copy(wish: Mapping[str, Any], deal: str, cause: str) -> Copied:
    """Copy a deal to a stage, in the same or another pipeline."""
    ours, once = clinic(), wish["once_per_patient"]
    return copying.copy(ours, deal, wish["to"], cause, once_per_patient=once, effects=Effects(ours), by=visit().user_id)


@noun.act("/deals/<deal:deal>/undo", UndoneShown(), right="work_deals")
def undo(deal: str, cause: str) -> Undone:
    """Take a copy back, within ten minutes and while nobody has worked on it."""
    ours = clinic()
    return copying.undo(ours, deal, effects=Effects(ours), by=visit().user_id)


@noun.act("/deals/<deal:deal>/route", RoutedShown(), right="work_deals")
def route(deal: str, cause: str) -> Routed:
    """Send a patient's deal where it belongs, to whoever takes it."""
    routed = routing.route(clinic(), deal, cause)
    told = {"kind": routed.kind, "stage": routed.stage, "into": routed.into}
    with audit.recorded(context().database, installation().id, act("deal.route", f"deal:{deal}"), told):
        return routed


@noun.get("/deals/<deal:deal>/routes", DecisionsShown())
def routes(deal: str) -> dict[str, Any]:
    """Where a deal was sent, and why."""
    with context().database.transaction() as session:
        return {"decisions": _known(session, deal, routing.decisions(session, deal))}


@noun.get("/deals/<deal:deal>/history", HistoryShown())
def history(deal: str) -> dict[str, Any]:
    """All steps of a deal that are known."""
    with context().database.transaction() as session:
        steps, chart = stage_history.history(session, deal), charts.load(session) or Chart()
        return {"steps": [_step(step, chart) for step in _known(session, deal, steps)]}


@noun.get("/deals/<deal:deal>/lineage", FamilyShown())
def family(deal: str) -> dict[str, Any]:
    """What a deal was copied from, and what came of it."""
    with context().database.transaction() as session:
        found = lineage.tree(session, deal)
        ties = _known(session, deal, found.ties)
        return {"deals": found.deals, "ties": ties, "origin_stage": lineage.origin_stage(session, deal)}


def _known(session: Any, deal: str, found: Sequence[Any]) -> Sequence[Any]:
    """Raises :class:`NotFound` where nothing was ever heard of the deal."""
    if not found and deal_state.load(session, deal) is None:
        raise NotFound(UNSEEN.format(deal=deal))
    return found


def _shown(seen: Preview, chart: Chart) -> dict[str, Any]:
    names = ("how", "deal", "reason", "products", "tasks", "notes", "lost", "warning")
    draft = seen.draft and {
        **{name: getattr(seen.draft, name) for name in ("title", "contacts", "amount", "currency", "tags")},
        "fields_": [
            {"field": address, "name": naming.field(chart, address), "value": sentences.answer(value, address, chart)}
            for address, value in seen.draft.fields.items()
        ],
    }
    return {**{name: getattr(seen, name) for name in names}, "draft": draft}


def _step(step: stage_history.Transition, chart: Chart) -> dict[str, Any]:
    places = {"from_": _stage(step.from_stage, chart), "to": _stage(step.to_stage, chart)}
    return {**places, "kind": step.kind, "at": step.at, "mover": step.mover, "ours": step.hop > 0}


def _stage(remote_id: str, chart: Chart) -> dict[str, str] | None:
    if not remote_id:
        return None
    known = chart.stage_of_id.get(remote_id)
    return {"address": known.address if known else "", "id": remote_id, "name": naming.stage(chart, remote_id)}
