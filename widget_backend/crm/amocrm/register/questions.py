"""Answers what is asked of an account's records, in as few requests as the API allows (amocrm.md §2.5, §4, §10.2).

Patients are read first, for the ids of their deals; then all deals of all questions at once; then what hangs on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from widget_backend.crm.amocrm.client import Client, Row, embedded, has_next
from widget_backend.crm.amocrm.register import deals, satellites
from widget_backend.crm.amocrm.register.fields import phones_of
from widget_backend.crm.amocrm.register.search import Search, searched
from widget_backend.crm.amocrm.register.shelf import Shelf, numbered
from widget_backend.crm.asking import (
    Activities,
    Contacts,
    Deals,
    DealsOf,
    Found,
    Marked,
    Notes,
    Products,
    Tasks,
    Users,
    Want,
    WithPhone,
)
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Activity, Contact, Deal, Note, Product, Task, User
from widget_backend.errors import Missing
from widget_backend.phones import e164

T = TypeVar("T")

#: notes of a deal that are told
LATEST: Final = 50


class Questions:
    """What one call to ``read`` asks."""

    def __init__(self, client: Client, shelf: Shelf, chart: Chart, wants: Sequence[Want[Any]]) -> None:
        self._client, self._shelf, self._chart = client, shelf, chart
        self._wants = wants
        self._search = Search(client, shelf, chart)
        self._patients: dict[str, Row] = {}
        self._deals: dict[str, Row] = {}
        self._tasks: list[Row] = []

    def answers(self) -> Found:
        """All of them. Raises :class:`VendorError`; safe to repeat."""
        self._read_patients()
        self._read_deals()
        self._read_tasks()
        return Found({want: ANSWERS[type(want)](self, want) for want in self._wants})

    def deals(self, want: Deals) -> tuple[Deal, ...]:
        """See :class:`Deals`."""
        return self._as_deals(want.ids)

    def deals_of(self, want: DealsOf) -> tuple[Deal, ...]:
        """See :class:`DealsOf`."""
        linked = self._linked((want.contact,))
        return self._as_deals(
            number for number in linked if number in self._deals and deals.is_open(self._deals[number])
        )

    def marked(self, want: Marked) -> tuple[Deal, ...]:
        """See :class:`Marked`."""
        rows = [self._deals[number] for number in self._linked(want.near) if number in self._deals]
        return tuple(deals.deal(row, self._chart) for row in self._search.marked(want, rows))

    def contacts(self, want: Contacts) -> tuple[Contact, ...]:
        """See :class:`Contacts`."""
        rows = (self._patients.get(number) for number in want.ids)
        return tuple(deals.contact(row, self._chart) for row in rows if row)

    def with_phone(self, want: WithPhone) -> tuple[Contact, ...]:
        """See :class:`WithPhone`. The search is free text, so each is compared."""
        phone = e164(want.phone)
        for words in searched(phone):
            rows = self._shelf.filtered("contacts", "contacts", {"query": words})
            found = tuple(deals.contact(row, self._chart) for row in rows if phone in phones_of(row))
            if found:
                return found
        return ()

    def tasks(self, want: Tasks) -> tuple[Task, ...]:
        """See :class:`Tasks`."""
        at_deal = (satellites.task(row) for row in self._tasks if str(row.get("entity_type")) == "leads")
        return tuple(task for task in at_deal if task.deal == want.deal and not task.done)

    def notes(self, want: Notes) -> tuple[Note, ...]:
        """See :class:`Notes`; the newest first."""
        rows = self._latest(f"leads/{want.deal}/notes")
        notes = (satellites.note(row, want.deal) for row in rows)
        return tuple(note for note in notes if note.text)

    def products(self, want: Products) -> tuple[Product, ...]:
        """See :class:`Products`."""
        row = self._deals.get(want.deal)
        return deals.products(row) if row else ()

    def activities(self, want: Activities) -> tuple[Activity, ...]:
        """See :class:`Activities`."""
        found = {activity.id: activity for activity in self._activities(want.ids)}
        return tuple(found[number] for number in want.ids if number in found)

    def users(self, want: Users) -> tuple[User, ...]:
        """See :class:`Users`."""
        pages = self._client.pages("users", "users", {"with": "role,group"})
        return tuple(satellites.user(row) for page in pages for row in page)

    def _asked(self, kind: type[T]) -> list[T]:
        return [want for want in self._wants if isinstance(want, kind)]

    def _read_patients(self) -> None:
        whole = [number for want in self._asked(Contacts) for number in want.ids]
        linked = [want.contact for want in self._asked(DealsOf)]
        linked += [number for want in self._asked(Marked) for number in want.near]
        self._patients = self._shelf.rows("contacts", [*whole, *linked], "leads" if linked else "")

    def _read_deals(self) -> None:
        goods = [want.deal for want in self._asked(Products)]
        numbers = [number for want in self._asked(Deals) for number in want.ids] + goods
        numbers += [number for want in self._asked(DealsOf) for number in self._linked((want.contact,))]
        numbers += [number for want in self._asked(Marked) for number in self._linked(want.near)]
        self._deals = self._shelf.rows("leads", numbers, deals.WITH_PRODUCTS if goods else deals.WITH)

    def _read_tasks(self) -> None:
        at = list(dict.fromkeys(want.deal for want in self._asked(Tasks)))
        if at:
            asked = {"filter[entity_type]": "leads", "filter[is_completed]": "0", **numbered("filter[entity_id]", at)}
            self._tasks = [row for page in self._client.pages("tasks", "tasks", asked) for row in page]

    def _linked(self, contacts: Iterable[str]) -> list[str]:
        """The deals of these patients, the newest first."""
        rows = (self._patients.get(number) or {} for number in contacts)
        numbers = {int(deal["id"]) for row in rows for deal in embedded(row, "leads")}
        return [str(number) for number in sorted(numbers, reverse=True)]

    def _as_deals(self, ids: Iterable[str]) -> tuple[Deal, ...]:
        rows = (self._deals.get(number) for number in dict.fromkeys(ids))
        return tuple(deals.deal(row, self._chart) for row in rows if row)

    def _latest(self, path: str) -> list[Row]:
        """The latest notes, newest first. An order that is not known is ignored (§2.5): the oldest come first then, and the
        list is read to its end."""
        order = {"order[id]": "desc"}
        answer = self._client.get(path, {**order, "limit": str(LATEST)})
        rows = embedded(answer, "notes")
        if has_next(answer) and rows[0]["id"] < rows[-1]["id"]:
            rows = [row for page in self._client.pages(path, "notes", order) for row in page]
        return sorted(rows, key=lambda row: int(row["id"]), reverse=True)[:LATEST]

    def _activities(self, ids: Sequence[str]) -> Iterable[Activity]:
        named = [number.partition(":") for number in ids]
        for path in satellites.NOTED:
            numbers = [number for place, _, number in named if place == path]
            rows = self._shelf.notes(path, numbers) if numbers else []
            yield from filter(None, (satellites.communication(row, path) for row in rows))
        for number in (number for place, _, number in named if place == satellites.TALK):
            try:
                row = self._client.get(f"talks/{number}")
            except Missing:
                continue
            if row:
                yield satellites.talk(row)


ANSWERS: Final[dict[type, Callable[[Questions, Any], Any]]] = {
    Deals: Questions.deals,
    DealsOf: Questions.deals_of,
    Marked: Questions.marked,
    Contacts: Questions.contacts,
    WithPhone: Questions.with_phone,
    Tasks: Questions.tasks,
    Notes: Questions.notes,
    Products: Questions.products,
    Activities: Questions.activities,
    Users: Questions.users,
}
