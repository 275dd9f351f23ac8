"""What changed and what moved in Alice's account since a moment: in order, once, and never by reading all there is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from amocrm_answers import HOST, TOKEN, listed
from amocrm_rows import AT, BASE, NEW, STAMP, TAKEN, WON, event, lead

from widget_backend.crm.amocrm.client import Client
from widget_backend.crm.amocrm.register.moves import Moves
from widget_backend.crm.amocrm.register.shelf import Shelf
from widget_backend.crm.port import Connection
from widget_backend.crm.records import Move

NEXT = f"{HOST}/api/v4/x?page=2"
MOVED, ADDED = "lead_status_changed", "lead_added"


@pytest.fixture
def moves(door):
    """The moves of the account a minute later; two pages of events are too many for one window."""
    client = Client(Connection(HOST, TOKEN), door)
    return Moves(client, Shelf(client), clock=lambda: AT + timedelta(seconds=60), most=2)


def told(pages):
    return [[one.id for one in page] for page in pages]


# changes


def test_a_quiet_account_is_asked_once(alice, records):
    alice.answers("GET", "leads", status=204)

    assert told(records.changed(AT)) == []
    assert alice.queries("leads") == [
        {
            "filter[updated_at][from]": str(STAMP - 1),
            "order[updated_at]": "asc",
            "with": "contacts,loss_reason,source",
            "page": "1",
            "limit": "250",
        }
    ]


def test_each_page_begins_where_the_last_one_ended_and_nothing_is_told_twice(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(1, updated_at=STAMP), lead(2, updated_at=STAMP + 5)], NEXT))
    alice.answers("GET", "leads", listed("leads", [lead(2, updated_at=STAMP + 5), lead(3, updated_at=STAMP + 9)]))

    assert told(records.changed(AT)) == [["1", "2"], ["3"]]
    assert [query["filter[updated_at][from]"] for query in alice.queries("leads")] == [str(STAMP - 1), str(STAMP + 4)]
    assert [query["page"] for query in alice.queries("leads")] == ["1", "1"]


def test_a_deal_changed_while_it_is_read_is_told_as_it_is_now(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(1, updated_at=STAMP), lead(2, updated_at=STAMP + 5)], NEXT))
    alice.answers(
        "GET", "leads", listed("leads", [lead(2, updated_at=STAMP + 5), lead(1, TAKEN, updated_at=STAMP + 9)])
    )

    assert told(records.changed(AT)) == [["1", "2"], ["1"]]


def test_a_page_of_one_second_is_followed_by_its_next(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(1), lead(2)], NEXT))
    alice.answers("GET", "leads", listed("leads", [lead(3), lead(4)], NEXT))
    alice.answers("GET", "leads", listed("leads", [lead(5)]))

    assert told(records.changed(AT)) == [["1", "2"], ["3", "4"], ["5"]]
    assert [query["page"] for query in alice.queries("leads")] == ["1", "2", "3"]


def test_where_the_order_is_ignored_pages_follow_by_number(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(1, updated_at=STAMP + 9), lead(2, updated_at=STAMP + 5)], NEXT))
    alice.answers("GET", "leads", listed("leads", [lead(3, updated_at=STAMP + 7)]))

    assert told(records.changed(AT)) == [["2", "1"], ["3"]]
    assert [query["page"] for query in alice.queries("leads")] == ["1", "2"]


def test_a_list_that_repeats_itself_ends(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(1), lead(2)], NEXT))

    assert told(records.changed(AT)) == [["1", "2"]]
    assert alice.asked == ["GET leads"] * 2


def test_where_filters_are_off_the_newest_are_read_backwards_and_no_further(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(1, updated_at=100), lead(2, updated_at=200)], NEXT))
    alice.answers("GET", "leads", listed("leads", [lead(9, updated_at=STAMP + 9), lead(8, updated_at=STAMP + 8)], NEXT))
    alice.answers("GET", "leads", listed("leads", [lead(7, updated_at=STAMP), lead(6, updated_at=STAMP - 1)], NEXT))

    assert told(records.changed(AT)) == [["7", "8", "9"]]
    assert [query["order[updated_at]"] for query in alice.queries("leads")] == ["asc", "desc", "desc"]


def test_where_neither_filter_nor_order_works_the_collection_is_left_alone(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(1, updated_at=100), lead(2, updated_at=200)], NEXT))

    assert told(records.changed(AT)) == []
    assert alice.asked == ["GET leads"] * 2


def test_many_read_backwards_come_in_pages(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(1, updated_at=100)], NEXT))
    alice.answers("GET", "leads", listed("leads", [lead(n, updated_at=STAMP + n) for n in range(260, 9, -1)]))

    assert [len(page) for page in records.changed(AT)] == [250, 1]


def test_a_deal_in_the_bin_has_not_changed(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(1, is_deleted=True), lead(2)]))

    assert told(records.changed(AT)) == [["2"]]


# moves


def test_moves_are_told_once_and_the_oldest_first_whatever_order_they_come_in(alice, moves):
    rows = [
        event("01c", 101, MOVED, STAMP + 9, TAKEN, WON, by=501),
        event("01b", 101, MOVED, STAMP + 5, NEW, TAKEN, by=0),
        event("01b", 101, MOVED, STAMP + 5, NEW, TAKEN, by=0),
    ]
    alice.answers("GET", "events", listed("events", rows))

    (page,) = moves.since(AT)

    assert page == (
        Move("101", TAKEN, "9001", AT + timedelta(seconds=5), "01b", NEW, "robot"),
        Move("101", WON, "9001", AT + timedelta(seconds=9), "01c", TAKEN, "501"),
    )
    assert alice.queries("events") == [
        {
            "filter[type][0]": ADDED,
            "filter[type][1]": MOVED,
            "filter[entity][0]": "lead",
            "filter[created_at][from]": str(STAMP - 1),
            "filter[created_at][to]": str(STAMP + 61),
            "page": "1",
            "limit": "100",
        }
    ]


def test_of_one_deal_only_its_own_moves_are_asked_for(alice, records):
    rows = [event("01b", 101, MOVED, STAMP + 5, NEW, TAKEN), event("01c", 102, MOVED, STAMP + 6, NEW, TAKEN)]
    alice.answers("GET", "events", listed("events", rows))

    assert told(records.moves(AT, "101")) == [["01b"]]
    (query,) = alice.queries("events")
    assert (query["filter[entity][0]"], query["filter[entity_id][0]"]) == ("lead", "101")


def test_a_quiet_account_has_no_moves(alice, moves):
    alice.answers("GET", "events", status=204)

    assert list(moves.since(AT)) == []
    assert alice.asked == ["GET events"]


def test_a_new_deal_began_where_its_first_move_left(alice, moves):
    rows = [event("01b", 101, MOVED, STAMP + 1, NEW, TAKEN), event("01c", 101, ADDED, STAMP + 1)]
    alice.answers("GET", "events", listed("events", rows))

    (page,) = moves.since(AT)

    assert [(move.id, move.from_stage, move.stage) for move in page] == [("01c", "", NEW), ("01b", NEW, TAKEN)]
    assert alice.asked == ["GET events"]


def test_new_deals_that_did_not_move_stand_where_they_stand(alice, moves):
    rows = [
        event("01a", 101, ADDED, STAMP + 1, by=0),
        event("01b", 102, ADDED, STAMP + 2),
        event("01c", 103, ADDED, STAMP),
    ]
    alice.answers("GET", "events", listed("events", rows))
    alice.answers("GET", "leads", listed("leads", [lead(101), lead(102, BASE)]))

    (page,) = moves.since(AT)

    assert [(move.deal, move.stage, move.pipeline, move.mover) for move in page] == [
        ("101", NEW, "9001", "robot"),
        ("102", BASE, "9002", "500"),
    ]
    assert alice.asked == ["GET events", "GET leads"]


def test_pages_of_one_window_are_put_together(alice, moves):
    alice.answers("GET", "events", listed("events", [event("01c", 101, MOVED, STAMP + 9, TAKEN, WON)], NEXT))
    alice.answers("GET", "events", listed("events", [event("01b", 101, MOVED, STAMP + 5, NEW, TAKEN)]))

    assert told(moves.since(AT)) == [["01b", "01c"]]
    assert [query["page"] for query in alice.queries("events")] == ["1", "2"]


def test_a_window_with_too_many_is_halved(alice, moves):
    late, early = event("01c", 101, MOVED, STAMP + 50, TAKEN, WON), event("01b", 101, MOVED, STAMP + 5, NEW, TAKEN)
    alice.answers("GET", "events", listed("events", [late], NEXT))
    alice.answers("GET", "events", listed("events", [early], NEXT))
    alice.answers("GET", "events", listed("events", [late], NEXT))
    alice.answers("GET", "events", listed("events", [early]))
    alice.answers("GET", "events", listed("events", [late]))

    assert told(moves.since(AT)) == [["01b"], ["01c"]]
    windows = [
        (query["filter[created_at][from]"], query["filter[created_at][to]"]) for query in alice.queries("events")
    ]
    assert windows[3:] == [(str(STAMP - 1), str(STAMP + 31)), (str(STAMP + 30), str(STAMP + 61))]


def test_where_the_filter_is_off_strangers_are_left_out_and_nothing_is_halved(alice, moves):
    ours = event("01b", 101, MOVED, STAMP + 5, NEW, TAKEN)
    alice.answers("GET", "events", listed("events", [ours, event("00a", 7, MOVED, 100, NEW, TAKEN)], NEXT))
    alice.answers("GET", "events", listed("events", [event("00b", 8, "lead_deleted", STAMP + 6)], NEXT))
    alice.answers("GET", "events", listed("events", [event("00c", 9, MOVED, 200, NEW, TAKEN)], NEXT))

    assert told(moves.since(AT)) == [["01b"]]
    assert alice.asked == ["GET events"] * 3


def test_the_records_of_an_account_tell_its_moves(alice, records):
    alice.answers("GET", "events", listed("events", [event("01b", 101, MOVED, STAMP + 5, NEW, TAKEN)]))

    assert told(records.moves(AT)) == [["01b"]]


def test_an_event_without_a_stage_is_left_out(alice, moves):
    bare = {**event("01b", 101, MOVED, STAMP + 5), "value_after": [], "value_before": None}
    alice.answers("GET", "events", listed("events", [bare]))

    assert list(moves.since(AT)) == []
