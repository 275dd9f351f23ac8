"""What a person does at the pages; every deed is a POST that leads back to a page, or answers a script with JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request

from widget_backend.sandbox.bitrix24.crm import incidents, records
from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.crm.timeline import TYPES_BY_NAME
from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.methods.tasks import COMPLETED
from widget_backend.sandbox.bitrix24.pages import editing, enquiries
from widget_backend.sandbox.bitrix24.pages.acting import call, person
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.registry import Caller

#: a page's script names itself so, and wants JSON
SCRIPT = "X-Sandbox-Page"


def enquire(portal: Portal, caller: Caller, form: Mapping[str, str]) -> str:
    enquiries.enter(portal, caller, form)
    return ""


def move(portal: Portal, caller: Caller, form: Mapping[str, str], number: int) -> str:
    """To a stage, or to another pipeline, by people's own mover there."""
    deal = _item(portal, DEAL, number)
    stage = portal.deal_stages().get(form.get("stage", ""))
    category = int(form["category"]) if form.get("category") else deal["categoryId"]
    values: dict[str, Any] = {"categoryId": (stage.category_id or 0) if stage else category}
    values |= {"stageId": stage.status_id} if stage else {}
    if form.get("stage") and stage is None:
        raise RestError("", "Этой стадии больше нет. Обновите страницу и выберите другую.")
    records.update(portal, caller, deal, values, mover=True)
    return ""


def delete_deal(portal: Portal, caller: Caller, form: Mapping[str, str], number: int) -> str:
    deal = _item(portal, DEAL, number)
    call(portal, caller, "crm.item.delete", entityTypeId=DEAL, id=number)
    return f"/crm/deal/kanban/category/{deal['categoryId']}/"


def edit(portal: Portal, caller: Caller, form: Mapping[str, str], name: str, number: int) -> str:
    entity_type = TYPES_BY_NAME[name]
    item = _item(portal, entity_type, number)
    fields = editing.changes(portal, item, request.form)
    if entity_type == CONTACT and (rows := editing.phones(item, form)):
        fields["fm"] = rows
    spelled = {"entityTypeId": entity_type, "id": number, "useOriginalUfNames": "Y"}
    call(portal, caller, "crm.item.update", **spelled, fields=fields)
    return f"/crm/{name}/details/{number}/"


def comment(portal: Portal, caller: Caller, form: Mapping[str, str], name: str, number: int) -> str:
    if not form.get("text", "").strip():
        raise RestError("", "Комментарий пуст: напишите текст.")
    fields = {"ENTITY_ID": number, "ENTITY_TYPE": name, "COMMENT": form["text"]}
    call(portal, caller, "crm.timeline.comment.add", fields=fields)
    return ""


def todo(portal: Portal, caller: Caller, form: Mapping[str, str], name: str, number: int) -> str:
    if not form.get("deadline"):
        raise RestError("", "Укажите срок дела.")
    place = {"ownerTypeId": TYPES_BY_NAME[name], "ownerId": number}
    rest = {"title": form.get("title") or "Связаться с пациентом", "responsibleId": form.get("responsible")}
    call(portal, caller, "crm.activity.todo.add", **place, deadline=form["deadline"], **rest)
    return ""


def finish_todo(portal: Portal, caller: Caller, form: Mapping[str, str], number: int) -> str:
    call(portal, caller, "crm.activity.update", id=number, fields={"COMPLETED": form.get("done", "Y")})
    return ""


def finish_task(portal: Portal, caller: Caller, form: Mapping[str, str], number: int) -> str:
    row = portal.tasks.get(number) or abort(404)
    verb = "renew" if row["status"] == COMPLETED else "complete"
    call(portal, caller, f"tasks.task.{verb}", taskId=number)
    return ""


def incoming(portal: Portal, caller: Caller, form: Mapping[str, str], number: int) -> str:
    """The patient's doing, not the person's."""
    _item(portal, CONTACT, number)
    if form.get("channel") not in incidents.CHANNELS:
        raise RestError("", "Выберите: написал, позвонил или прислал письмо.")
    incidents.arrive(portal, form["channel"], number, form.get("text", "").strip(), int(form.get("deal") or 0))
    return ""


def read_notices(portal: Portal, caller: Caller, form: Mapping[str, str]) -> str:
    call(portal, caller, "im.notify.read", ID=0)
    return ""


#: address -> deed: given what a form says, it answers the address to go on to, empty for where the person came from
DEEDS: dict[str, Any] = {
    "/crm/deal/new": enquire,
    "/crm/deal/details/<int:number>/move": move,
    "/crm/deal/details/<int:number>/delete": delete_deal,
    "/crm/<any(deal,contact):name>/details/<int:number>/edit": edit,
    "/crm/<any(deal,contact):name>/details/<int:number>/comment": comment,
    "/crm/<any(deal,contact):name>/details/<int:number>/todo": todo,
    "/crm/activity/<int:number>/done": finish_todo,
    "/company/tasks/<int:number>/done": finish_task,
    "/crm/contact/details/<int:number>/incoming": incoming,
    "/notices/read": read_notices,
}


def routes(portal: Portal, blueprint: Blueprint, deeds: Mapping[str, Any] = DEEDS) -> None:
    """Put deeds on a blueprint."""
    for address, deed in deeds.items():
        blueprint.add_url_rule(address, f"do_{deed.__name__}", _served(portal, deed), methods=["POST"])


def _served(portal: Portal, deed: Callable[..., str]) -> Callable[..., ResponseReturnValue]:
    def serve(**keys: Any) -> ResponseReturnValue:
        try:
            with portal.lock:
                address = deed(portal, person(portal), request.form, **keys)
                portal.changed()
        except RestError as error:
            return _refused(error.description)
        return jsonify({"go": address}) if _by_script() else redirect(address or request.referrer or "/", 303)

    return serve


def _refused(text: str) -> ResponseReturnValue:
    if _by_script():
        return jsonify({"error": text}), 400
    return render_template("sandbox/bitrix24_refused.html", text=text, back=request.referrer or "/"), 400


def _by_script() -> bool:
    return SCRIPT in request.headers


def _item(portal: Portal, entity_type: int, number: int) -> dict[str, Any]:
    item = portal.items[entity_type].get(number)
    if item is None:
        raise RestError("", f"Этого больше нет: {NAMES[entity_type][1]} № {number}. Вернитесь к списку.")
    return item
