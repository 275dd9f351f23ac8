"""``/leads/unsorted``: incoming requests, newest first; forms and calls can be added, chats can be tied to a lead."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.crm import incoming, rights, unsorted
from widget_backend.sandbox.amocrm.live import Unsorted
from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS
from widget_backend.sandbox.amocrm.wire.hal import listing, whole
from widget_backend.sandbox.amocrm.wire.problems import Issue, invalid, not_a_choice, not_found, too_long, wrong_type
from widget_backend.sandbox.amocrm.wire.query import numbers, since, values
from widget_backend.sandbox.amocrm.wire.registry import Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import batch, shaped, validated

BASE = "/leads/unsorted"
ONE = BASE + "/<string:uid>"

FILTERS = ("uid", "category", "pipeline_id")
CATEGORIES = ("sip", "mail", "forms", "chats")

SHAPE = {
    "source_uid": "string*",
    "source_name": "string*",
    "metadata": "object*",
    "pipeline_id": "int?",
    "created_at": "int?",
    "_embedded": "object?",
}
LINK = {"entity_id": "int*", "entity_type": "string*"}
#: metadata that the vendor takes and never shows
HIDDEN = frozenset({"is_call_event_needed"})


@route("GET", BASE)
def get_all(call: Call) -> Answer:
    """A page of the requests that wait; an order is not kept."""
    call.expect(FILTERS, ())
    rows = [held for held in reversed(_found(call)) if not held.outcome]
    return listing(call, "unsorted", rows, lambda held: model(call, held))


@route("GET", BASE + "/summary")
def summary(call: Call) -> Answer:
    """The counts of what was sorted and what waits."""
    low, high = since(call.filter.get("created_at"))
    rows = [
        held
        for held in _found(call)
        if (low is None or held.created_at >= low) and (high is None or held.created_at <= high)
    ]
    waiting = [held for held in rows if not held.outcome]
    spent = [held.sorted_at - held.created_at for held in rows if held.outcome]
    body = {
        "total": len(waiting),
        "accepted": sum(held.outcome == "accept" for held in rows),
        "declined": sum(held.outcome == "decline" for held in rows),
        "average_sort_time": sum(spent) // len(spent) if spent else 0,
        "categories": {name: {"total": sum(held.category == name for held in waiting)} for name in CATEGORIES},
    }
    return Answer(body | {"_links": call.href(call.path)})


@route("GET", ONE)
def get(call: Call, uid: str) -> Answer:
    """One request that waits."""
    return Answer(model(call, _waiting(call, uid)))


@route("POST", BASE + "/<any(forms, sip):category>")
def add(call: Call, category: str) -> Answer:
    """Create requests; the same source twice makes two."""
    rights.check(call, "add", LEADS)
    rows = batch(call)
    validated(rows, lambda item: _issues(call, item))
    made = [(row, unsorted.create(call, category, row.item)) for row in rows]
    keys = ("uid", "account_id", "_links", "_embedded")
    models = [{key: model(call, held)[key] for key in keys} | {"request_id": row.request_id} for row, held in made]
    return whole(call, "unsorted", models)


@route("POST", ONE + "/accept")
def accept(call: Call, uid: str) -> Answer:
    """Accept a request, on a stage of its pipeline if one is named."""
    held, body = _waiting(call, uid), _body(call)
    statuses = call.account.pipelines[held.pipeline_id].statuses
    status = body.get("status_id")
    if status and (status not in statuses or statuses[status].type == 1):
        raise invalid([("0", [not_a_choice("status_id")])])
    unsorted.accept(call.account, held, _user(call, body), status or 0)
    return Answer(_outcome(call, held))


@route("DELETE", ONE + "/decline")
def decline(call: Call, uid: str) -> Answer:
    """Decline a request: its lead goes to the trash."""
    held = _waiting(call, uid)
    unsorted.decline(call.account, held, _user(call, _body(call)))
    body = _outcome(call, held)
    return Answer(body | {"_embedded": {key: rows for key, rows in body["_embedded"].items() if key != COMPANIES}})


@route("POST", ONE + "/link")
def attach(call: Call, uid: str) -> Answer:
    """Tie the request of a chat to a lead."""
    held, body = _waiting(call, uid), _body(call)
    goal: dict[str, Any] = body["link"] if isinstance(body.get("link"), dict) else {}
    found = [issue.under("link") for issue in shaped(goal, LINK)]
    lead = call.account.records[LEADS].get(goal.get("entity_id", 0))
    if not found and (goal["entity_type"] != LEADS or lead is None or lead.is_deleted):
        found.append(not_a_choice("link.entity_id"))
    if held.category not in ("chats", "mail"):
        found.append(not_a_choice("category"))
    if found or lead is None:
        raise invalid([("0", found)])
    unsorted.attach(call.account, held, lead, _user(call, body))
    row = {"id": lead.id, "_links": call.href(f"/{LEADS}/{lead.id}")}
    return Answer({"uid": held.uid, "_links": call.href(call.path), "_embedded": {LEADS: [row]}})


def model(call: Call, held: Unsorted) -> dict[str, Any]:
    """A request."""
    return {
        "uid": held.uid,
        "source_uid": held.source_uid,
        "source_name": held.source_name,
        "category": held.category,
        "pipeline_id": held.pipeline_id,
        "created_at": held.created_at,
        "metadata": {key: value for key, value in held.metadata.items() if key not in HIDDEN},
        "account_id": call.account.id,
        "_links": call.href(f"{BASE}/{held.uid}"),
        "_embedded": _embedded(call, held),
    }


def _embedded(call: Call, held: Unsorted) -> dict[str, Any]:
    ids = ((CONTACTS, held.contact_id), (LEADS, held.lead_id), (COMPANIES, held.company_id))
    return {
        entity: [{"id": number, "_links": call.href(f"/{entity}/{number}")}] if number else [] for entity, number in ids
    }


def _outcome(call: Call, held: Unsorted) -> dict[str, Any]:
    about = {"uid": held.uid, "pipeline_id": held.pipeline_id, "category": held.category}
    links = call.href(f"{BASE}/{held.uid}")
    return about | {"created_at": held.created_at, "_links": links, "_embedded": _embedded(call, held)}


def _found(call: Call) -> list[Unsorted]:
    uids, categories = values(call.filter.get("uid")), values(call.filter.get("category"))
    pipelines = numbers(call.filter.get("pipeline_id"))
    return [
        held
        for held in call.account.unsorted.values()
        if (not uids or held.uid in uids)
        and (not categories or held.category in categories)
        and (not pipelines or held.pipeline_id in pipelines)
    ]


def _waiting(call: Call, uid: str) -> Unsorted:
    held = call.account.unsorted.get(uid)
    if held is None or held.outcome:
        raise not_found("Unsorted not found")
    return held


def _body(call: Call) -> dict[str, Any]:
    return call.body if isinstance(call.body, dict) else {}


def _user(call: Call, body: dict[str, Any]) -> int:
    user = body.get("user_id")
    if user is not None and user not in call.account.users and user != 0:
        raise invalid([("0", [not_a_choice("user_id")])])
    return call.caller.user.id if user is None else int(user)


def _issues(call: Call, item: dict[str, Any]) -> list[Issue]:
    found = shaped(item, SHAPE)
    if found:
        return found
    if item.get("pipeline_id") and item["pipeline_id"] not in call.account.pipelines:
        found.append(not_a_choice("pipeline_id"))
    for entity in (LEADS, CONTACTS, COMPANIES):
        given = (item.get("_embedded") or {}).get(entity) or []
        if not isinstance(given, list) or len(given) > 1:
            found.append(too_long(f"_embedded.{entity}", 1))
            continue
        for each in given:
            path = f"_embedded.{entity}.0"
            found += [issue.under(path) for issue in _embedded_issues(call, entity, each)]
    return found


def _embedded_issues(call: Call, entity: str, each: Any) -> list[Issue]:
    if not isinstance(each, dict):
        return [wrong_type("", "object")]
    if entity != LEADS and each.get("id") is not None:
        return [] if each["id"] in call.account.records[entity] else [not_a_choice("id")]
    own = {key: value for key, value in each.items() if key not in ("status_id", "pipeline_id")}
    return incoming.issues(call, entity, own, None)
