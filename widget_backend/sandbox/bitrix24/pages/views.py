"""The pages of one portal, by address; each is served a second time below ``/_sandbox/look``, where a page's script looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request

from widget_backend.sandbox.bitrix24 import frames
from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.methods.notices import notices_of
from widget_backend.sandbox.bitrix24.pages import (
    TEMPLATES,
    automation,
    board,
    card,
    deeds,
    editing,
    importing,
    sent,
    timeline,
    wording,
)
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from widget_backend.sandbox.bitrix24.portal import Portal

#: requests below it are not counted by ``Faults``
LOOK = "/_sandbox/look"

#: so many deals or contacts are listed
LISTED = 100

ASSETS = {"page.css": "text/css", "page.js": "text/javascript", "frame.js": "text/javascript"}


def routes(portal: Portal, prefix: str = "") -> Blueprint:
    """Pages and deeds of one portal."""
    blueprint = Blueprint("looked" if prefix else "page", __name__, url_prefix=prefix or None)
    _boards(portal, blueprint)
    _cards(portal, blueprint)
    _lists(portal, blueprint)
    deeds.routes(portal, blueprint, deeds.DEEDS | automation.DEEDS | sent.DEEDS)
    return blueprint


def assets(portal: Portal) -> Blueprint:
    """The pages' style and script, and the count of changes that the script watches."""
    blueprint = Blueprint("assets", __name__, url_prefix="/_sandbox")

    @blueprint.get("/<any('page.css','page.js','frame.js'):name>")
    def asset(name: str) -> Response:
        text = (TEMPLATES / "sandbox" / f"bitrix24_{name}").read_text("utf-8")
        return Response(text, mimetype=ASSETS[name], headers={"Cache-Control": "no-cache"})

    @blueprint.get("/pulse")
    def pulse() -> Response:
        return jsonify({"changes": portal.changes})

    return blueprint


def _boards(portal: Portal, blueprint: Blueprint) -> None:
    @blueprint.get("/")
    def index() -> str:
        return kanban(0)

    @blueprint.get("/crm/deal/")
    @blueprint.get("/crm/deal/kanban/")
    def deals() -> BaseResponse:
        return redirect("/crm/deal/kanban/category/0/")

    @blueprint.get("/crm/deal/kanban/category/<int:category_id>/")
    def kanban(category_id: int) -> str:
        with portal.lock:
            if category_id not in portal.categories:
                abort(404)
            return _page(portal, "", "deals", board.view(portal, category_id))

    @blueprint.get("/crm/deal/automation/<int:category_id>/")
    def designer(category_id: int) -> str:
        with portal.lock:
            if category_id not in portal.categories:
                abort(404)
            return _page(portal, "_automation", "automation", automation.view(portal, category_id))

    @blueprint.get("/crm/deal/automation/<int:category_id>/setting/")
    def setting(category_id: int) -> str:
        with portal.lock:
            if category_id not in portal.categories or not frames.acting(portal).admin:
                abort(404)
            asked = request.args
            whose = asked.get("client_id", ""), asked.get("code", ""), asked.get("placed", 0, int)
            return _page(portal, "_robot", "automation", automation.dialog(portal, category_id, *whose))

    @blueprint.route("/marketplace/configuration/import_vertical_crm/", methods=["GET", "POST"])
    def import_preset() -> str:
        with portal.lock:
            if not frames.acting(portal).admin:
                abort(403, "Пресеты импортирует администратор.")
            return _page(portal, "_import", "market", {"current": portal.categories[0], **_imported(portal)})


def _imported(portal: Portal) -> dict[str, Any]:
    """What came of the archive that was sent, if one was."""
    file = request.files.get("archive")
    if file is None:
        return {"report": None, "refused": ""}
    try:
        return {"report": importing.take(portal, file.read()), "refused": ""}
    except RestError as error:
        return {"report": None, "refused": error.description}


def _cards(portal: Portal, blueprint: Blueprint) -> None:
    @blueprint.get("/crm/deal/details/<int:number>/")
    def deal(number: int) -> str:
        with portal.lock:
            item = portal.items[DEAL].get(number) or abort(404)
            category = item["categoryId"]
            own = {"current": portal.categories[category], "columns": board.columns(portal, category)}
            own["contacts"] = card.contacts_of(portal, item)
            own["waiting"] = [row.code for row in portal.waiting_robots.values() if row.deal == number]
            return _page(portal, "_deal", "deals", own | _card(portal, item) | _opened(portal, item))

    @blueprint.get("/crm/contact/details/<int:number>/")
    def contact(number: int) -> str:
        with portal.lock:
            item = portal.items[CONTACT].get(number) or abort(404)
            names = {code: stage.name for code, stage in portal.deal_stages().items()}
            own = {"deals": card.deals_of(portal, number), "stage_names": names, "name": wording.person(item)}
            return _page(portal, "_contact", "contacts", own | _card(portal, item) | _opened(portal, item))

    @blueprint.get("/crm/<any(deal,contact):name>/details/<int:number>/edit/")
    def form(name: str, number: int) -> str:
        with portal.lock:
            entity_type = DEAL if name == "deal" else CONTACT
            item = portal.items[entity_type].get(number) or abort(404)
            title = item["title"] if entity_type == DEAL else wording.person(item)
            shown = {"item": item, "name": name, "title": title, "inputs": editing.inputs(portal, item)}
            return _page(portal, "_edit", f"{name}s", shown)


def _lists(portal: Portal, blueprint: Blueprint) -> None:
    @blueprint.get("/crm/deal/list/")
    def listed() -> str:
        with portal.lock:
            items = portal.items[DEAL]
            rows = [_deal_row(portal, item) for item in list(reversed(items.values()))[:LISTED]]
            menu = frames.shown(portal, frames.LIST_MENU, frames.acting(portal).id)
            return _page(portal, "_deals", "deals", {"rows": rows, "count": len(items), "menu": menu})

    @blueprint.get("/crm/contact/list/")
    def contacts() -> str:
        with portal.lock:
            wanted = request.args.get("q", "").strip().casefold()
            rows = [_contact_row(portal, item) for item in reversed(portal.items[CONTACT].values())]
            rows = [row for row in rows if wanted in row["text"].casefold()]
            return _page(portal, "_contacts", "contacts", {"rows": rows[:LISTED], "count": len(rows), "wanted": wanted})

    @blueprint.get("/crm/activity/")
    def duties() -> str:
        with portal.lock:
            mine = request.args.get("whose") != "all"
            user = frames.acting(portal)
            rows = [row for row in timeline.duties(portal) if not mine or row.user_id == user.id]
            titles = {row.key: _owner(portal, row.place) for row in rows[:LISTED]}
            return _page(portal, "_duties", "duties", {"rows": rows[:LISTED], "owners": titles, "mine": mine})

    @blueprint.get("/notices/")
    def notices() -> str:
        with portal.lock:
            return _page(portal, "_notices", "notices", {"rows": notices_of(portal.notices, frames.acting(portal))})

    @blueprint.get("/sent/")
    def events() -> str:
        with portal.lock:
            return _page(portal, "_sent", "sent", sent.view(portal))


def _card(portal: Portal, item: dict[str, Any]) -> dict[str, Any]:
    entity_type, place = item["entityTypeId"], (item["entityTypeId"], item["id"])
    user = frames.acting(portal)
    return {
        "item": item,
        "kind": NAMES[entity_type][1],
        "sections": card.sections(portal, entity_type, item.get("categoryId") or 0),
        "labels": wording.labels(portal, entity_type),
        "values": card.values(portal, item),
        "others_rows": card.others(portal, item),
        "entries": timeline.entries(portal, place),
        "duties": timeline.duties(portal, place),
        "tabs": frames.shown(portal, frames.TABS[entity_type], user.id),
        "toolbar": frames.shown(portal, frames.TOOLBARS[entity_type], user.id),
    }


def _opened(portal: Portal, item: dict[str, Any]) -> dict[str, Any]:
    """The application's tab that the address asks for; a page that only looks keeps the frame it has."""
    number = request.args.get("tab", 0, int)
    if not number:
        return {"opened": 0}
    row, name = frames.bound(portal, number), NAMES[item["entityTypeId"]][1]
    if row is None or row.placement != frames.TABS[item["entityTypeId"]]:
        abort(404)
    if request.path.startswith(LOOK):
        return {"opened": number}
    options = frames.of_item(name, item["id"])
    return {"opened": number, "opening": frames.open_widget(portal, row, frames.acting(portal).id, options)}


def _deal_row(portal: Portal, item: dict[str, Any]) -> dict[str, Any]:
    stage = portal.deal_stages().get(item["stageId"])
    row = {"id": item["id"], "title": item["title"], "stage": stage.name if stage else item["stageId"]}
    return row | {"who": wording.user_name(portal, item["assignedById"])}


def _contact_row(portal: Portal, item: dict[str, Any]) -> dict[str, Any]:
    reach = ", ".join(row["value"] for row in item["fm"])
    row = {
        "id": item["id"],
        "name": wording.person(item),
        "reach": reach,
        "deals": len(card.deals_of(portal, item["id"])),
    }
    return row | {"text": f"{row['name']} {reach}"}


def _owner(portal: Portal, place: tuple[int, int]) -> tuple[str, str]:
    """Address and title of what a to-do is about."""
    item = portal.items[place[0]].get(place[1])
    if item is None or place[0] not in (DEAL, CONTACT):
        return "", ""
    title = item["title"] if place[0] == DEAL else wording.person(item)
    return f"/crm/{NAMES[place[0]][1]}/details/{place[1]}/", title


def _page(portal: Portal, name: str, section: str, shown: dict[str, Any]) -> str:
    user = frames.acting(portal)
    common = {"users": portal.users.values(), "user": user, "section": section, "changes": portal.changes}
    common |= {"pipelines": board.pipelines(portal), "ways": board.ways(portal), "host": request.host}
    common |= {"unread": sum(row["read"] == "N" for row in notices_of(portal.notices, user)), "w": wording}
    common |= {"signs": timeline.SIGNS, "now": portal.clock()}
    common |= {"left_menu": frames.shown(portal, frames.LEFT_MENU, user.id)}
    return render_template(f"sandbox/bitrix24{name}.html", **common, **shown)
