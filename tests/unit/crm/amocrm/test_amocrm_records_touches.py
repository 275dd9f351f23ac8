"""Who got in touch in Alice's account since a moment, whose cards changed, and which deals were deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from amocrm_answers import HOST, TOKEN, listed
from amocrm_rows import AT, STAMP

from widget_backend.crm.amocrm.client import Client
from widget_backend.crm.amocrm.register.touches import Touches
from widget_backend.crm.port import Connection
from widget_backend.crm.records import Activity, Touched

LATER = AT + timedelta(seconds=5)


@pytest.fixture
def touches(door):
    """Those of the account a minute later; nobody changed a contact."""
    return Touches(Client(Connection(HOST, TOKEN), door), clock=lambda: AT + timedelta(seconds=60))


def happened(kind, entity, number, **after):
    """An event as the account lists it."""
    told = [{name: value} for name, value in after.items()]
    about = {"entity_type": entity, "entity_id": number}
    return {"id": f"01{number}", "type": kind, "created_at": STAMP + 5, "value_after": told, **about}


def test_calls_and_texts_go_by_their_notes(alice, touches):
    alice.answers("GET", "contacts", status=204)
    rows = [
        happened("incoming_call", "lead", 101, note={"id": 401}),
        happened("incoming_sms", "contact", 17, note={"id": 402}),
        happened("incoming_call", "company", 5, note={"id": 403}),
    ]
    alice.answers("GET", "events", listed("events", rows))

    (page,) = touches.since(AT)

    assert page == (
        Touched("activity", "contacts:402", "added", LATER),
        Touched("activity", "leads:401", "added", LATER),
    )


@pytest.mark.parametrize(("message", "number"), [({"id": "a1"}, "message:a1"), ({"id": "a1", "talk_id": 9}, "talk:9")])
def test_a_message_is_told_whole_as_it_cannot_be_read(alice, touches, message, number):
    alice.answers("GET", "contacts", status=204)
    row = happened("incoming_chat_message", "lead", 101, message=message) | {"linked_talk_contact_id": 17}
    alice.answers("GET", "events", listed("events", [row]))

    (page,) = touches.since(AT)

    told = Activity("", "message", True, LATER, ("101",), ("17",))
    assert page == (Touched("activity", number, "added", LATER, told),)


def test_a_message_of_somebody_without_a_deal(alice, touches):
    alice.answers("GET", "contacts", status=204)
    row = happened("incoming_chat_message", "contact", 17, message={"id": "a1"})
    alice.answers("GET", "events", listed("events", [row]))

    (page,) = touches.since(AT)

    assert page[0].activity == Activity("", "message", True, LATER, (), ("17",))


def test_a_deleted_deal(alice, touches):
    alice.answers("GET", "contacts", status=204)
    alice.answers("GET", "events", listed("events", [happened("lead_deleted", "lead", 101)]))

    assert list(touches.since(AT)) == [(Touched("deal", "101", "deleted", LATER),)]


def test_changed_contacts_come_by_their_time_of_change(alice, touches):
    alice.answers("GET", "contacts", listed("contacts", [{"id": 17, "updated_at": STAMP + 5}]))
    alice.answers("GET", "events", status=204)

    assert list(touches.since(AT)) == [(Touched("contact", "17", "updated", LATER),)]
    (asked,) = alice.queries("contacts")
    assert (asked["filter[updated_at][from]"], "with" in asked) == (str(STAMP - 1), False)


def test_types_that_nobody_asked_for_are_left_out(alice, touches):
    alice.answers("GET", "contacts", status=204)
    alice.answers("GET", "events", listed("events", [happened("task_added", "lead", 101), {"id": "x", "type": None}]))

    assert list(touches.since(AT)) == []
