"""The wizard's pages: fragments for htmx, asked for with the session of the page around them. Parse, call, render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from installer.routes import showing, streaming
from installer.routes.showing import View
from installer.wizard import choices, desk, path, progress, screens
from installer.wizard.draft import Step
from installer.wizard.plans import Purpose
from widget_backend.db import scope
from widget_backend.errors import Forbidden
from widget_backend.security import tickets
from widget_backend.tenancy import roles, standing
from widget_backend.web.auth import installation, require, visit
from widget_backend.web.context import context

#: what a ticket for the plan's file is good for, and nothing else
FILE: Final = "plan.json"
PURPOSES: Final[Mapping[str, Purpose]] = {"apply": "apply", "rollback": "rollback"}

blueprint = Blueprint("wizard", __name__, url_prefix="/wizard")
blueprint.record_once(lambda state: showing.furnish(state.app))


@blueprint.get("")
def current() -> Response:
    """The screen where the clinic has got to."""
    held = standing.SCREENS.get(installation().status)
    if held is not None:
        return showing.page("held", lambda session: {"heading": held[0], "reason": held[1]})
    with context().database.transaction() as session:
        step = path.current(session)
    return SHOWN[step]()


@blueprint.get("/access")
def access() -> Response:
    """Step 1: may we, and can it be done."""
    showing.remember("access")
    with context().database.transaction() as session:
        if not screens.plan(session).saved.asked and showing.may_change():
            desk.check(session, visit())
    return showing.page(
        "access", lambda session: {"screen": screens.access(session, installation(), context().settings)}
    )


@blueprint.post("/check")
@require("set_up")
def check() -> Response:
    """Read the CRM again, for the access check or for a plan."""
    back = PURPOSES.get(request.form.get("purpose", ""), "apply")
    return showing.done(partial(desk.check, visit=visit(), purpose=back), _back(access))


@blueprint.get("/choices")
def choose() -> Response:
    """Step 2: the questions."""
    showing.remember("choices")
    preset, language = request.args.get("preset", ""), visit().language
    return showing.page("choices", lambda session: {"form": screens.questions(session, language, preset)})


@blueprint.post("/choices")
@require("set_up")
def chosen() -> Response:
    """Take in the answers; the plan follows, or the form with what is wrong."""
    sent = request.form.to_dict(flat=False)
    with context().database.transaction() as session:
        draft, wrong = desk.choose(session, visit(), sent)
    if wrong:
        return showing.page("choices", lambda session: {"form": choices.form(draft, visit().language, wrong)}, 422)
    return plan()


@blueprint.get("/plan")
def plan() -> Response:
    """Step 3: what would change."""
    showing.remember("plan")
    return showing.page("plan", lambda session: {"screen": screens.plan(session)})


@blueprint.post("/decide")
@require("set_up")
def decide() -> Response:
    """Whose value stays: of one row, or of all."""
    choice, address = request.form.get("choice", ""), request.form.get("address", "")
    return showing.done(lambda session: desk.decide(session, visit(), choice, address), plan)


@blueprint.post("/apply")
@require("set_up")
def apply() -> Response:
    """Begin the run of the plan with this checksum."""
    purpose = PURPOSES.get(request.form.get("purpose", ""), "apply")
    checksum, accepted = request.form.get("checksum", ""), request.form.getlist("accept")
    back = plan if purpose == "apply" else rollback
    return showing.done(lambda session: desk.start(session, visit(), purpose, checksum, accepted), running, back)


@blueprint.get("/running")
def running() -> Response:
    """Step 4: the run under way; its result once it has ended."""
    with context().database.transaction() as session:
        step = path.current(session)
    if step != "apply":
        return SHOWN[step]()
    return showing.page("apply", lambda session: {"progress": progress.read(session), "stream": True})


@blueprint.get("/progress")
def polled() -> Response:
    """The progress once more, for pages without a stream."""
    with context().database.transaction() as session:
        now = progress.read(session)
    if now is None:
        return current()
    return showing.fragment("progress", progress=now, stream=False)


@blueprint.get("/events")
def events() -> Response:
    """The progress as a stream; as a polling page where enough streams are open."""
    page = partial(render_template, "wizard/progress.html", stream=True, **showing.circumstances())
    streamed = streaming.stream(
        context().database, visit().installation_id, page, request.headers.get("Last-Event-ID", "")
    )
    return streamed or polled()


@blueprint.post("/pause")
@require("set_up")
def pause() -> Response:
    """Stop before the next request."""
    return showing.done(lambda session: desk.pause(session, visit()), running)


@blueprint.post("/resume")
@require("set_up")
def resume() -> Response:
    """Go on."""
    return showing.done(lambda session: desk.resume(session, visit()), running)


@blueprint.post("/retry/<int:step>")
@require("set_up")
def retry(step: int) -> Response:
    """Try one refused row again."""
    return showing.done(lambda session: desk.retry(session, visit(), step), running, running)


@blueprint.post("/give-up")
@require("set_up")
def give_up() -> Response:
    """End the run where it stands."""
    return showing.done(lambda session: desk.give_up(session, visit()), result, running)


@blueprint.get("/result")
def result(*, finish: bool = False) -> Response:
    """Step 5: what became of it. ``finish``: a person has said that it is enough."""
    showing.remember("result")
    return showing.page("result", lambda session: {"screen": screens.result(session, installation()), "finish": finish})


@blueprint.post("/verify")
@require("set_up")
def verify() -> Response:
    """Look whether the steps by hand are done."""
    return showing.done(lambda session: desk.check(session, visit()), result)


@blueprint.post("/finish")
@require("set_up")
def finish() -> Response:
    """Take it as it is."""
    return showing.done(lambda session: desk.finish(session, visit()), partial(result, finish=True), result)


@blueprint.get("/rollback")
def rollback() -> Response:
    """The way back, as a plan of its own."""
    return showing.page("rollback", lambda session: {"screen": screens.plan(session, "rollback")})


@blueprint.post("/rollback")
@require("set_up")
def plan_rollback() -> Response:
    """Have the way back planned."""
    return showing.done(lambda session: desk.prepare_rollback(session, visit()), rollback)


@blueprint.get("/remove")
def remove() -> Response:
    """Leaving: the rollback is offered before the application is removed in the CRM."""
    return showing.page("remove", lambda session: {"screen": screens.result(session, installation())})


@blueprint.post("/download")
@require("export")
def download() -> Response:
    """An address that gives the plan's file once."""
    purpose = PURPOSES.get(request.form.get("purpose", ""), "apply")
    with context().database.transaction() as session:
        ticket = tickets.issue(session, replace(visit(), placement=FILE, entity=purpose))
    address = url_for("wizard.plan_file", t=ticket)
    return showing.fragment("download", address=address)


@blueprint.get("/plan.json")
def plan_file() -> Response:
    """The plan as a file, for whoever shows a ticket made for it. Open: the ticket says who asks."""
    with context().database.transaction() as session:
        caller = tickets.redeem(session, request.args.get("t", ""))
    if caller.placement != FILE or not roles.can(caller.role, "export"):
        raise Forbidden(roles.NOT_YOURS["export"])
    purpose = PURPOSES[caller.entity]
    with scope(caller.installation_id), context().database.transaction() as session:
        content = desk.take_file(session, caller, purpose)
    response = jsonify(content)
    response.headers["Content-Disposition"] = f'attachment; filename="dental-crm-{purpose}.json"'
    return response


SHOWN: Final[Mapping[Step, View]] = {
    "access": access,
    "choices": choose,
    "plan": plan,
    "apply": running,
    "result": result,
    "rollback": rollback,
}


def _back(usual: View) -> View:
    """Where a reading was asked from."""
    return {"plan": plan, "rollback": rollback}.get(request.form.get("from", ""), usual)
