"""``/leads/complex``: leads with a contact and a company in one go, and the duplicate control."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.crm import incoming, rights, unsorted, values
from widget_backend.sandbox.amocrm.crm.linking import link, linked
from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS, LOST, WON, Record
from widget_backend.sandbox.amocrm.wire.problems import Issue, not_a_choice, too_long, wrong_type
from widget_backend.sandbox.amocrm.wire.registry import Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import batch, validated

MOST_LEADS = 50
MOST_VALUES = 40

#: more candidates than this and nothing is merged
MOST_DUPLICATES = 3


@route("POST", "/leads/complex")
def add(call: Call) -> Answer:
    """Create leads with what they embed; answers a bare list."""
    rights.check(call, "add", LEADS)
    rows = batch(call, MOST_LEADS)
    validated(rows, lambda item: _issues(call, item))
    before = {entity: set(call.account.records[entity]) for entity in (LEADS, CONTACTS)}
    return Answer([_create(call, row.item, row.request_id, before[CONTACTS]) for row in rows])


def _issues(call: Call, item: dict[str, Any]) -> list[Issue]:
    embedded = item.get("_embedded") or {}
    if not isinstance(embedded, dict):
        return [wrong_type("_embedded", "object")]
    found = incoming.issues(call, LEADS, _alone(item), None) + _too_many(item)
    for entity in (CONTACTS, COMPANIES):
        given = embedded.get(entity) or []
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
    if each.get("id") is not None:
        known = call.account.records[entity].get(each["id"]) if isinstance(each["id"], int) else None
        return [] if known and not known.is_deleted else [not_a_choice("id")]
    return incoming.issues(call, entity, each, None) + _too_many(each)


def _too_many(item: dict[str, Any]) -> list[Issue]:
    given = item.get("custom_fields_values")
    return (
        [too_long("custom_fields_values", MOST_VALUES)] if isinstance(given, list) and len(given) > MOST_VALUES else []
    )


def _alone(item: dict[str, Any]) -> dict[str, Any]:
    """The lead without what it embeds, tags apart; an incoming request's stage is not asked."""
    embedded = item.get("_embedded") or {}
    lead = {key: value for key, value in item.items() if key != "_embedded"}
    if embedded.get("metadata"):
        lead.pop("status_id", None)
    return lead | ({"_embedded": {"tags": embedded["tags"]}} if "tags" in embedded else {})


def _create(call: Call, item: dict[str, Any], request_id: str, stored: set[int]) -> dict[str, Any]:
    account, embedded = call.account, item.get("_embedded") or {}
    given = next(iter(embedded.get(CONTACTS) or []), None)
    twin = _twin(call, given, stored) if given and given.get("id") is None else None
    lead = _open_lead(call, twin) if twin else None
    merged = lead is not None
    if lead is None:
        lead = incoming.create(call, LEADS, _alone(item))
        if embedded.get("metadata"):
            lead.own["status_id"] = account.pipelines[lead.own["pipeline_id"]].ordered[0].id
    else:
        incoming.change(call, lead, _alone({key: value for key, value in item.items() if key not in _PLACE}))
    contact = twin or _embedded(call, CONTACTS, embedded)
    company = _embedded(call, COMPANIES, embedded)
    for one, other in ((lead, contact), (lead, company), (contact, company)):
        if one is not None and other is not None:
            link(account, one, other, lead.created_by)
    if embedded.get("metadata") and not merged:
        about = embedded["metadata"]
        named = {"source_name": about.get("form_name") or about.get("from") or "API", "metadata": about}
        unsorted.put(account, about.get("category", "forms"), lead, named, [contact, company])
    return {
        "id": lead.id,
        "contact_id": contact.id if contact else None,
        "company_id": company.id if company else None,
        "request_id": [request_id],
        "merged": merged,
    }


_PLACE = frozenset({"status_id", "pipeline_id"})


def _embedded(call: Call, entity: str, embedded: dict[str, Any]) -> Record | None:
    given = next(iter(embedded.get(entity) or []), None)
    if given is None:
        return None
    return call.account.records[entity][given["id"]] if given.get("id") else incoming.create(call, entity, given)


def _twin(call: Call, given: dict[str, Any], stored: set[int]) -> Record | None:
    """The contact that was there before this call and has the same phone or e-mail, with the control switched on."""
    if not call.account.settings.duplicate_control:
        return None
    wanted = _marks(call, given.get("custom_fields_values"))
    rows = [call.account.records[CONTACTS][number] for number in stored]
    twins = [row for row in rows if not row.is_deleted and wanted & _kept_marks(call, row)]
    return twins[0] if 0 < len(twins) <= MOST_DUPLICATES else None


def _open_lead(call: Call, contact: Record) -> Record | None:
    """The open lead of which the contact is the main one."""
    for number, about in linked(call.account, contact, LEADS).items():
        lead = call.account.records[LEADS][number]
        if about["main_contact"] and lead.own["status_id"] not in (WON, LOST):
            return lead
    return None


def _marks(call: Call, given: Any) -> set[str]:
    """Phones by their last ten digits and e-mails in lower case."""
    kept, _ = values.read(call.account, CONTACTS, given)
    fields = call.account.fields[CONTACTS]
    return {
        _mark(each["value"]) for number, held in kept.items() if fields[number].type == "multitext" for each in held
    }


def _kept_marks(call: Call, contact: Record) -> set[str]:
    fields = call.account.fields[CONTACTS]
    held = (rows for number, rows in contact.values.items() if number in fields and fields[number].type == "multitext")
    return {_mark(each["value"]) for rows in held for each in rows}


def _mark(text: str) -> str:
    return text.strip().lower() if "@" in text else "".join(letter for letter in text if letter.isdigit())[-10:]
