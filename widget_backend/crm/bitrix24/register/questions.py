"""What can be asked of a portal, each as a talk (bitrix24.md §4.3, §4.4, §4.8, §4.9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from widget_backend.crm import asking
from widget_backend.crm.bitrix24 import words
from widget_backend.crm.bitrix24.client import Inner, as_map
from widget_backend.crm.bitrix24.register import deals, people, timeline
from widget_backend.crm.bitrix24.register.talks import PAGE, UNCOUNTED, Reply, Talk, paged, together
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Activity, Contact, Deal, Note, Product, Task, User

#: names of the clinic's fields as they were made, and not in another spelling
SPELLED: Mapping[str, Any] = {"useOriginalUfNames": "Y"}

#: what an id looks like; anything else is of no record, and is not asked for
_ID = re.compile(r"[1-9][0-9]{0,17}")
_ACTIVITY = (
    *("ID", "OWNER_ID", "OWNER_TYPE_ID", "TYPE_ID", "PROVIDER_ID", "DIRECTION", "IS_INCOMING_CHANNEL"),
    *("CREATED", "LAST_UPDATED", "START_TIME", "BINDINGS", "COMMUNICATIONS"),
)
_TODO = ("ID", "SUBJECT", "DESCRIPTION", "RESPONSIBLE_ID", "DEADLINE", "COMPLETED")
_USER = ("ID", "NAME", "LAST_NAME", "EMAIL", "ACTIVE", "UF_DEPARTMENT", "WORK_POSITION")


def begin(want: asking.Want[Any], chart: Chart) -> Talk[Any]:
    """The talk that answers a want."""
    return _TALKS[type(want)](want, chart)


def items(entity: int, condition: Mapping[str, Any], order: Mapping[str, str], start: int = UNCOUNTED) -> Inner:
    """Items with all they hold. ``*`` brings phones too, which cannot be named (§4.3)."""
    params = {"entityTypeId": entity, "select": ["*"], "filter": condition, "order": order, "start": start, **SPELLED}
    return Inner("crm.item.list", params)


def _deals(want: asking.Deals, chart: Chart) -> Talk[tuple[Deal, ...]]:
    found = yield from _each(words.DEAL, want.ids)
    return tuple(deals.deal(item, chart) for item in found)


def _deals_of(want: asking.DealsOf, chart: Chart) -> Talk[tuple[Deal, ...]]:
    """By the main contact, and by any: a portal that cannot search by any refuses that question only."""
    if not _is_id(want.contact):
        return ()
    main = _deals_where({"=contactId": want.contact, "=stageSemanticId": "P"}, chart)
    any_of = _forgiven(_deals_where({"@contactIds": [want.contact], "=stageSemanticId": "P"}, chart))
    listed = yield from together([main, any_of])
    found = {deal.id: deal for part in listed for deal in part if want.contact in deal.contacts}
    return tuple(found.values())


def _marked(want: asking.Marked, chart: Chart) -> Talk[tuple[Deal, ...]]:
    found = yield from _deals_where({"=originatorId": deals.ORIGINATOR, "=originId": want.marker}, chart)
    return tuple(deal for deal in found if deal.marker == want.marker)


def _contacts(want: asking.Contacts, chart: Chart) -> Talk[tuple[Contact, ...]]:
    found = yield from _each(words.CONTACT, want.ids)
    return tuple(people.contact(item, chart) for item in found)


def _with_phone(want: asking.WithPhone, chart: Chart) -> Talk[tuple[Contact, ...]]:
    """The ids are joined here and not by reference: where nobody has the phone, a reference would name all (§3.4)."""
    asked = {"type": "PHONE", "values": [want.phone], "entity_type": "CONTACT"}
    (reply,) = yield [Inner("crm.duplicate.findbycomm", asked)]
    ids = as_map(reply.value()).get("CONTACT")
    listed = ids.values() if isinstance(ids, dict) else ids or ()
    found = yield from _each(words.CONTACT, [str(one) for one in listed])
    return tuple(one for item in found if people.has_phone(one := people.contact(item, chart), want.phone))


def _tasks(want: asking.Tasks, chart: Chart) -> Talk[tuple[Task, ...]]:
    if not _is_id(want.deal):
        return ()
    whose = {"OWNER_TYPE_ID": words.DEAL, "OWNER_ID": want.deal, "PROVIDER_ID": timeline.TODO, "COMPLETED": "N"}

    def page(last: str) -> Inner:
        condition = whose | ({">ID": last} if last else {})
        return _listed("crm.activity.list", select=list(_TODO), filter=condition, order={"ID": "ASC"})

    found = yield from paged(page, "", "ID")
    return tuple(timeline.task(row, want.deal) for row in found)


def _notes(want: asking.Notes, chart: Chart) -> Talk[tuple[Note, ...]]:
    """One page: the latest fifty."""
    if not _is_id(want.deal):
        return ()
    whose = {"ENTITY_ID": want.deal, "ENTITY_TYPE": "deal"}
    (reply,) = yield [_listed("crm.timeline.comment.list", start=0, filter=whose, order={"ID": "DESC"})]
    return tuple(timeline.note(row, want.deal) for row in reply.listed()[:PAGE])


def _products(want: asking.Products, chart: Chart) -> Talk[tuple[Product, ...]]:
    if not _is_id(want.deal):
        return ()
    whose = {"=ownerType": "D", "=ownerId": want.deal}

    def page(last: str) -> Inner:
        condition = whose | ({">id": last} if last else {})
        return _listed("crm.item.productrow.list", filter=condition, order={"id": "asc"})

    found = yield from paged(page, "productRows", "id")
    return tuple(deals.product(row) for row in found)


def _activities(want: asking.Activities, chart: Chart) -> Talk[tuple[Activity, ...]]:
    """What each is bound to is asked beside it; a portal that cannot tell that still tells whose it is."""
    ids = _known(want.ids)
    pages = [ids[start : start + PAGE] for start in range(0, len(ids), PAGE)]
    asked = [
        _listed("crm.activity.list", select=list(_ACTIVITY), filter={"@ID": page}, order={"ID": "ASC"})
        for page in pages
    ]
    bindings = [Inner("crm.activity.binding.list", {"activityId": one}) for one in ids]
    replies = yield [*asked, *bindings]
    bound = dict(zip(ids, (_or_nothing(reply) for reply in replies[len(pages) :]), strict=True))
    found = [row for reply in replies[: len(pages)] for row in reply.listed() if str(row.get("ID")) in bound]
    read = (timeline.activity(row, bound[str(row["ID"])]) for row in found)
    return tuple(one for one in read if one is not None)


def _users(want: asking.Users, chart: Chart) -> Talk[tuple[User, ...]]:
    """Employees, also those dismissed. The structure of the company is another scope: without it nobody has a head."""

    def staff(last: str) -> Inner:
        condition = {"USER_TYPE": "employee"} | ({">ID": last} if last else {})
        return _listed("user.get", FILTER=condition, sort="ID", order="ASC", select=list(_USER))

    listed, departments = yield from together([paged(staff, "", "ID"), _forgiven(_departments())])
    return tuple(people.users(listed, departments))


def _departments() -> Talk[Sequence[Mapping[str, Any]]]:
    found: dict[str, Mapping[str, Any]] = {}
    while True:
        asked = {"sort": "ID", "order": "ASC", "START": len(found)}
        (reply,) = yield [Inner("department.get", asked)]
        listed = {str(row.get("ID")): row for row in reply.listed()}
        fresh = listed.keys() - found.keys()
        found |= listed
        if len(listed) < PAGE or not fresh:
            return list(found.values())


def _deals_where(condition: Mapping[str, Any], chart: Chart) -> Talk[tuple[Deal, ...]]:
    def page(last: str) -> Inner:
        return items(words.DEAL, {**condition, **({">id": last} if last else {})}, {"id": "ASC"})

    found = yield from paged(page, "items", "id")
    return tuple(deals.deal(item, chart) for item in found)


def _each(entity: int, ids: Sequence[str]) -> Talk[list[Mapping[str, Any]]]:
    """Items one by one; those that are gone are left out."""
    replies = yield [Inner("crm.item.get", {"entityTypeId": entity, "id": one, **SPELLED}) for one in _known(ids)]
    found = (as_map(as_map(reply.value()).get("item")) for reply in replies if not reply.is_gone)
    return [item for item in found if item.get("id")]


def _forgiven(talk: Talk[Any]) -> Talk[Any]:
    """The same talk; nothing found where the portal refuses it."""
    try:
        wanted = next(talk)
        while True:
            replies = yield wanted
            if any(reply.error for reply in replies):
                return ()
            wanted = talk.send(replies)
    except StopIteration as end:
        return end.value


def _or_nothing(reply: Reply) -> object:
    return None if reply.error else reply.answer


def _listed(method: str, *, start: int = UNCOUNTED, **params: Any) -> Inner:
    return Inner(method, {**params, "start": start})


def _known(ids: Sequence[str]) -> list[str]:
    return [one for one in dict.fromkeys(ids) if _is_id(one)]


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


_TALKS: Mapping[type, Callable[[Any, Chart], Talk[Any]]] = {
    asking.Deals: _deals,
    asking.DealsOf: _deals_of,
    asking.Marked: _marked,
    asking.Contacts: _contacts,
    asking.WithPhone: _with_phone,
    asking.Tasks: _tasks,
    asking.Notes: _notes,
    asking.Products: _products,
    asking.Activities: _activities,
    asking.Users: _users,
}
