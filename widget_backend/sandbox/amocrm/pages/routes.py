"""The addresses of the pages for people: what they show, and what their forms do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, redirect, request

from widget_backend.sandbox.amocrm.acting import by_hand
from widget_backend.sandbox.amocrm.hooks.telling import flush
from widget_backend.sandbox.amocrm.pages import board, card, doing, journal, stages
from widget_backend.sandbox.amocrm.pages.viewer import page, viewer
from widget_backend.sandbox.amocrm.state import CONTACTS, LEADS, Record
from widget_backend.sandbox.amocrm.wire.problems import Problem

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.wire.registry import Call

TEMPLATES = Path(__file__).parents[4] / "templates"

#: what a page's script sends along: it wants a word, not another page
SCRIPT = "X-Sandbox-Script"

REFUSED = {403: "Недостаточно прав: выберите другого пользователя.", 404: "Этого больше нет."}


def routes(account: Account) -> Blueprint:
    """The pages of one account."""
    blueprint = Blueprint("page", __name__)
    _look(account, blueprint)
    _do(account, blueprint)

    @blueprint.before_request
    def note_address() -> None:
        account.base_url = request.host_url.rstrip("/")

    @blueprint.errorhandler(Problem)
    def refuse(problem: Problem) -> tuple[Response, int]:
        said = REFUSED.get(problem.status, problem.detail)
        return jsonify({"said": said}), problem.status

    return blueprint


def render(account: Account, pipeline_id: int, lead: Record | None = None) -> str:
    """One page: a pipeline with the dictionaries below it, or a lead."""
    with account.lock:
        if pipeline_id not in account.pipelines:
            abort(404)
        about = board.view(account, account.pipelines[pipeline_id])
        if lead is None:
            return page(account, "sandbox/amocrm.html", area="leads-pipeline", **about)
        about |= {"card": card.view(account, lead), "types": account.task_types}
        return page(account, "sandbox/amocrm_card.html", area="lcard", lead=lead, **about)


def _look(account: Account, blueprint: Blueprint) -> None:
    @blueprint.get("/")
    def index() -> str:
        return render(account, account.main_pipeline.id)

    @blueprint.get("/leads/")
    @blueprint.get("/leads/pipeline/")
    def leads() -> BaseResponse:
        return redirect("/")

    @blueprint.get("/leads/pipeline/<int:pipeline_id>/")
    def pipeline(pipeline_id: int) -> str:
        return render(account, pipeline_id)

    @blueprint.get("/leads/detail/<int:lead_id>")
    def detail(lead_id: int) -> str:
        lead = account.records[LEADS].get(lead_id)
        if lead is None or lead.is_deleted:
            abort(404)
        return render(account, lead.own["pipeline_id"], lead)

    @blueprint.get("/leads/trash/")
    def trash() -> str:
        with account.lock:
            gone = [each for each in account.records[LEADS].values() if each.is_deleted]
            rows = [each for each in gone if (LEADS, each.id) not in account.merged]
        return page(account, "sandbox/amocrm_trash.html", rows=rows[::-1])

    @blueprint.get("/settings/hooks/")
    def hooks() -> str:
        return page(account, "sandbox/amocrm_hooks.html", **journal.view(account))

    @blueprint.get("/settings/stages/")
    def automation() -> str:
        return page(account, "sandbox/amocrm_stages.html", **stages.view(account))

    @blueprint.get("/_sandbox/pulse")
    def pulse() -> tuple[str, int] | Response:
        """Nothing while nothing has changed since the version that the page was made from."""
        same = request.args.get("since") == str(account.version)
        return ("", 204) if same else jsonify({"version": account.version})


def _do(account: Account, blueprint: Blueprint) -> None:
    @blueprint.post("/leads/add")
    def add() -> BaseResponse:
        return _acted(account, lambda call: doing.add(call, request.form))

    @blueprint.post("/leads/detail/<int:number>/<what>")
    def of_lead(number: int, what: str) -> BaseResponse:
        return _of_record(account, LEADS, number, doing.OF_LEAD.get(what), what == "restore")

    @blueprint.post("/contacts/detail/<int:number>/<what>")
    def of_contact(number: int, what: str) -> BaseResponse:
        return _of_record(account, CONTACTS, number, doing.OF_CONTACT.get(what))

    @blueprint.post("/settings/stages/<what>")
    def of_stages(what: str) -> BaseResponse:
        deed = stages.DEEDS.get(what) or abort(404)
        return _acted(account, lambda call: deed(call, request.form))


def _of_record(
    account: Account,
    entity: str,
    number: int,
    deed: Callable[[Call, Record, Any], str | None] | None,
    deleted: bool = False,
) -> BaseResponse:
    record = account.records[entity].get(number)
    if deed is None or record is None or record.is_deleted != deleted:
        raise Problem(404, "Not found")
    return _acted(account, lambda call: deed(call, record, request.form))


def _acted(account: Account, deed: Callable[[Call], str | None]) -> BaseResponse:
    """Do something as who looks; a script is told where to go on or what to know, a plain form is led back."""
    with account.lock:
        try:
            told = deed(by_hand(account, viewer(account).id))
            account.version += 1
            flush(account)
        except (KeyError, ValueError) as fault:
            raise Problem(400, "Форма заполнена не вся.") from fault
        finally:
            account.changes.clear()
    go = told if told and told.startswith("/") else ""
    if SCRIPT in request.headers:
        return jsonify({"go": go, "said": "" if go else told})
    return redirect(go or request.referrer or "/", 303)
