"""What is told of deals is worked on: each step once, in order, whatever the order of the telling."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from inbox_desk import Desk
from sqlalchemy import text

from widget_backend.clock import now
from widget_backend.crm.records import Activity, Contact, Move, RobotCall, Touched
from widget_backend.db import scope
from widget_backend.deals import deal_state
from widget_backend.errors import AccessLost, RateLimited, Rejected, Unavailable
from widget_backend.inbox import loudness, receiving, wiping
from widget_backend.tenancy import installations
from widget_backend.texts import Text

QUEUES = "SELECT queue_name, count(*) FROM procrastinate_jobs WHERE status = 'todo' GROUP BY queue_name"
AWAY = Text("CRM не отвечает.", "The CRM does not answer.")


def test_a_new_deal_is_seen_where_it_was_made(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")

    boris.works()

    (step,) = boris.history(deal)
    assert (step.kind, step.to_stage, step.at, step.hop) == ("created", "new", boris.crm.at, 0)
    assert boris.answered() == ["new"]
    assert boris.crm.reads == ["Deals", "moves"]


def test_a_move_is_one_step_however_often_it_is_told(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")

    for _ in range(3):
        boris.hears("deal", deal)
        boris.works()

    assert boris.path(deal) == ["new", "work"]
    assert boris.answered() == ["new", "work"]


def test_ten_events_while_one_job_waits_are_one_job(boris: Desk) -> None:
    deal = boris.crm.adds("new")

    for _ in range(10):
        boris.hears("deal", deal)
    waiting = boris.jobs()
    boris.works()

    assert waiting == 1
    assert boris.crm.reads.count("Deals") == 1
    assert boris.states() == ["done"] * 10


def test_what_is_told_while_a_job_runs_is_another_job(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")

    def moved() -> None:
        boris.crm.meanwhile.append(lambda: None)
        boris.crm.passes()
        boris.hears("deal", deal)

    boris.crm.meanwhile = [moved]
    boris.works()

    assert boris.states() == ["done", "done"]
    assert boris.crm.reads.count("Deals") == 2


def test_what_is_told_while_a_job_fails_is_not_in_its_way(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.crm.meanwhile = [lambda: boris.hears("deal", deal)]
    boris.raises = [Unavailable(AWAY)]

    boris.works()
    boris.hurries()

    assert boris.states() == ["done", "done"]
    assert boris.answered() == ["new"]
    assert boris.dead() == []


def test_all_stages_between_two_looks_are_told_in_order(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    for stage in ("work", "visit", "won"):
        boris.crm.passes()
        boris.crm.moves_to(deal, stage)

    boris.hears("deal", deal)
    boris.works()

    assert boris.answered() == ["new", "work", "visit", "won"]
    assert [step.from_stage for step in boris.history(deal)] == ["", "new", "work", "visit"]


def test_a_deal_that_moves_while_it_is_looked_at_is_seen_where_it_came_to(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")
    boris.hears("deal", deal)

    def moves_on() -> None:
        boris.crm.passes()
        boris.crm.moves_to(deal, "visit")

    boris.crm.meanwhile = [lambda: boris.crm.meanwhile.append(moves_on)]
    boris.works()

    assert boris.path(deal) == ["new", "work", "visit"]


def test_a_deal_made_and_moved_before_it_was_looked_at_has_both_steps(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.crm.passes()
    boris.crm.moves_to(deal, "won")

    boris.hears("deal", deal, "added")
    boris.works()

    assert [(step.kind, step.to_stage) for step in boris.history(deal)] == [("created", "new"), ("moved", "won")]


def test_a_deal_older_than_the_set_up_is_followed_from_now_on(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    old = boris.crm.at - timedelta(days=30)
    boris.crm.deals[deal] = replace(boris.crm.deals[deal], created_at=old, updated_at=old, moved_at=old)
    boris.crm.remembered.clear()
    boris.hears("deal", deal)
    boris.works()
    first = list(boris.answered())
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")

    boris.hears("deal", deal)
    boris.works()

    assert first == []
    assert [(step.kind, step.from_stage, step.to_stage) for step in boris.history(deal)] == [("moved", "new", "work")]


def test_a_deal_that_is_gone_leaves_its_history_and_comes_back_without_a_step(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    deleted = boris.crm.deletes(deal)
    boris.hears("deal", deal, "deleted")
    boris.works()
    gone = state(boris, deal).gone

    boris.crm.restores(deleted)
    boris.hears("deal", deal)
    boris.works()

    assert (gone, state(boris, deal).gone) == (True, False)
    assert boris.answered() == ["new"]


@pytest.mark.parametrize("number", ["999", "0", "x" * 64])
def test_a_deal_that_is_not_shown_to_us_is_no_fault(boris: Desk, number: str) -> None:
    boris.hears("deal", number)

    boris.works()

    assert (boris.states(), boris.dead(), boris.answered()) == (["done"], [], [])


def state(desk: Desk, deal: str) -> deal_state.DealState:
    with scope(desk.id), desk.database.transaction() as session:
        found = deal_state.load(session, deal)
    assert found is not None
    return found


# our own echoes


def test_our_own_move_knows_the_robot_it_came_from(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    boris.marks(deal, stage="work", hop=2, firing=31)
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")
    boris.hears("deal", deal)
    boris.works()

    boris.crm.passes()
    boris.crm.moves_to(deal, "new")
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")
    boris.hears("deal", deal)
    boris.works()

    assert [(step.hop, step.firing) for step in boris.history(deal)] == [(0, None), (2, 31), (0, None), (0, None)]


def test_a_deal_we_made_knows_the_robot_it_came_from(boris: Desk) -> None:
    boris.marks("", marker="copy:12", hop=1, firing=12)
    deal = boris.crm.adds("new", marker="copy:12")

    boris.hears("deal", deal, "added")
    boris.works()

    assert [(step.hop, step.firing) for step in boris.history(deal)] == [(1, 12)]


@pytest.mark.parametrize("hours", [-3, 3])
def test_our_own_echo_is_known_whatever_the_crms_clock_says(boris: Desk, hours: int) -> None:
    boris.sql("UPDATE installation SET activated_at = activated_at - interval '1 day'")
    boris.crm.at += timedelta(hours=hours)
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    boris.crm.passes()
    boris.marks(deal, stage="work", hop=1, firing=7)
    boris.crm.moves_to(deal, "work")

    boris.hears("deal", deal)
    boris.works()

    assert [step.firing for step in boris.history(deal) if step.to_stage == "work"] == [7]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ((), ("field.deal.branch",)),
        (("field.deal.branch",), ()),
        ({"field.deal.branch": "north"}, ()),
        ({"field.deal.branch": "south"}, ("field.deal.branch",)),
    ],
)
def test_what_others_change_is_told_and_what_we_wrote_is_not(
    boris: Desk, fields: object, told: tuple[str, ...]
) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    boris.marks(deal, fields=fields)
    boris.crm.passes()
    boris.crm.sets(deal, "north")

    boris.hears("deal", deal)
    boris.works()

    assert [seen.observed.changed for seen in boris.seen] == [(), told]


def test_the_same_field_changed_once_more_is_told(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    boris.marks(deal, fields={"field.deal.branch": "north"})
    for value in ("north", "south"):
        boris.crm.passes()
        boris.crm.sets(deal, value)
        boris.hears("deal", deal)
        boris.works()

    assert [seen.observed.changed for seen in boris.seen] == [(), (), ("field.deal.branch",)]
    assert len({seen.observed.stamp for seen in boris.seen}) == 3


# patients, their calls and messages


def patient(desk: Desk, number: str = "17", **fields: object) -> None:
    desk.crm.contacts[number] = Contact(number, "Анна Примерова", ("+79000000000",), fields=fields)  # type: ignore[arg-type]


def test_what_changed_of_a_patient_is_told_to_his_open_deals(boris: Desk) -> None:
    patient(boris, **{"field.contact.vip": False})
    open_one, won = boris.crm.adds("new", contact="17"), boris.crm.adds("won", contact="17")
    boris.hears("contact", "17", "added")
    boris.works()
    patient(boris, **{"field.contact.vip": True})

    boris.hears("contact", "17")
    boris.hears("contact", "17")
    boris.works()

    told = [(seen.deal.id, change.fields) for seen in boris.seen for change in seen.changes]
    assert told == [(open_one, ("field.contact.vip",))]
    assert won not in [seen.deal.id for seen in boris.seen]


def test_what_we_wrote_to_a_patient_is_not_told(boris: Desk) -> None:
    patient(boris, **{"field.contact.vip": False})
    boris.crm.adds("new", contact="17")
    boris.hears("contact", "17", "added")
    boris.works()
    boris.marks("contact:17", fields={"field.contact.vip": True})
    patient(boris, **{"field.contact.vip": True})

    boris.hears("contact", "17")
    boris.works()

    assert boris.seen == []


def test_a_call_is_told_once_to_the_deal_it_is_about(boris: Desk) -> None:
    about, other = boris.crm.adds("new", contact="17"), boris.crm.adds("work", contact="17")
    boris.crm.activities["41"] = Activity("41", "call", True, boris.crm.at, (about,), ("17",))

    for verb in ("added", "updated", "updated"):
        boris.hears("activity", "41", verb)
        boris.works()

    assert [(seen.deal.id, [one.channel for one in seen.touches]) for seen in boris.seen] == [(about, ["call"])]
    assert other not in [seen.deal.id for seen in boris.seen]


def test_a_message_of_a_patient_is_told_to_his_open_deals(boris: Desk) -> None:
    deals = [boris.crm.adds(stage, contact="17") for stage in ("new", "visit", "lost")]
    told = Activity("", "message", True, boris.crm.at, (), ("17",))

    boris.hears("activity", "talk-9", "added", told)
    boris.works()

    assert sorted(seen.deal.id for seen in boris.seen if seen.touches) == deals[:2]
    assert "Activities" not in boris.crm.reads


def test_what_the_clinic_itself_sent_is_told_to_nobody(boris: Desk) -> None:
    deal = boris.crm.adds("new", contact="17")
    boris.crm.activities["41"] = Activity("41", "email", False, boris.crm.at, (deal,), ("17",))

    boris.hears("activity", "41", "added")
    boris.works()

    assert boris.seen == []


def test_a_robots_call_is_carried_out_once(boris: Desk) -> None:
    call = RobotCall("route_patient", "759", "token-1", {"slot": "10:30"}, reply="made-up-token", at=boris.crm.at)

    for _ in range(3):
        boris.accepts([receiving.slip_of(call)])
        boris.works()

    assert boris.told == [call]


def test_the_answer_token_of_a_call_never_lies_in_clear(boris: Desk) -> None:
    call = RobotCall("route_patient", "759", "token-1", reply="made-up-token", contact="Анна")

    boris.accepts([receiving.slip_of(call)], "auth=made-up-token&name=Анна".encode())

    whole = repr(boris.sql("SELECT * FROM inbox_message")) + repr(boris.sql("SELECT * FROM procrastinate_jobs"))
    assert "made-up-token" not in whole
    assert "Анна" not in whole


# when the account is away or shut


def test_a_crm_that_is_away_for_an_hour_loses_nothing_and_leaves_no_dead_letter(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.crm.fault = Unavailable(AWAY)
    boris.hears("deal", deal, "added")
    boris.works()
    for _ in range(8):
        boris.hurries()
    boris.reconciles()
    meanwhile = (boris.states(), boris.dead())

    boris.crm.fault = None
    boris.hurries()
    boris.reconciles()

    assert meanwhile == (["new"], [])
    assert boris.answered() == ["new"]
    assert len(boris.crm.reads) < 15


def test_a_rate_limit_is_waited_for_and_counts_as_no_try(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.crm.fault = RateLimited(AWAY, wait=100)
    boris.hears("deal", deal, "added")
    boris.works()
    for _ in range(8):
        boris.hurries()
    boris.crm.fault = None

    boris.hurries()

    assert boris.answered() == ["new"]


@pytest.mark.parametrize("turn", [installations.pause, installations.need_reconnect])
def test_an_account_that_is_shut_is_caught_up_with_when_it_opens(boris: Desk, turn: object) -> None:
    deal = boris.crm.adds("new")
    with boris.database.transaction() as session:
        turn(session, boris.id)  # type: ignore[operator]
    boris.hears("deal", deal, "added")
    boris.works()
    shut = (boris.states(), list(boris.crm.reads), boris.jobs())

    boris.sql("UPDATE installation SET status = 'active'")
    boris.reconciles()

    assert shut == (["new"], [], 0)
    assert boris.answered() == ["new"]


def test_access_that_is_lost_on_the_way_leaves_the_events_waiting(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.crm.fault = AccessLost(AWAY)
    boris.hears("deal", deal, "added")

    boris.works()

    assert (boris.states(), boris.dead()) == (["new"], [])


def test_a_clinic_that_is_not_set_up_yet_keeps_its_events(boris: Desk) -> None:
    boris.sql("DELETE FROM chart")
    boris.hears("deal", boris.crm.adds("new"), "added")

    boris.works()

    assert (boris.states(), boris.dead()) == (["new"], [])


def test_a_poisoned_message_is_a_dead_letter_and_the_deal_goes_on(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.raises = [ZeroDivisionError("Анна Примерова")]
    boris.hears("deal", deal, "added")
    boris.works()
    dead = boris.dead()
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")

    boris.hears("deal", deal)
    boris.works()

    assert dead == [("ZeroDivisionError", 1)]
    assert boris.states() == ["dead", "done"]
    assert boris.answered() == ["new", "work"]


def test_dead_letters_of_one_cause_are_one_group_and_are_replayed_together(boris: Desk) -> None:
    refusal = Rejected(Text("CRM отказала.", "The CRM refused."))
    deals = [boris.crm.adds("new") for _ in range(3)]
    boris.raises = [refusal, refusal, refusal]
    for deal in deals:
        boris.hears("deal", deal, "added")
    boris.works()
    groups = boris.dead()

    boris.replays()
    boris.works()

    assert groups == [("Rejected", 3)]
    assert boris.dead() == []
    assert boris.answered() == ["new"] * 3


@pytest.mark.parametrize(("count", "queues"), [(2, [("default", 2)]), (3, [("loud", 1)])])
def test_many_dead_letters_of_one_account_wait_for_nobody_elses(
    boris: Desk, monkeypatch: pytest.MonkeyPatch, count: int, queues: list[tuple[str, int]]
) -> None:
    monkeypatch.setattr(loudness, "BURST", 2)
    boris.raises = [Rejected(Text("CRM отказала.", "The CRM refused.")) for _ in range(count)]
    for _ in range(count):
        boris.hears("deal", boris.crm.adds("new"), "added")
    boris.works()

    boris.replays()

    assert boris.sql(QUEUES) == queues


# whose they are


def test_clara_sees_nothing_of_boris(boris: Desk, clara: Desk) -> None:
    deal = boris.crm.adds("new", id="759")
    clara.crm.adds("work", id="759")
    boris.hears("deal", deal, "added")

    boris.works()

    assert (clara.history("759"), clara.dead(), clara.loss().told) == ([], [], 0)
    assert boris.path("759") == ["new"]


def test_when_boris_leaves_all_of_his_is_wiped_and_nothing_of_claras(boris: Desk, clara: Desk) -> None:
    for desk in (boris, clara):
        patient(desk, **{"field.contact.vip": True})
        deal = desk.crm.adds("new", contact="17")
        desk.hears("deal", deal, "added")
        desk.hears("contact", "17", "added")
        desk.marks(deal, stage="work")
    boris.works()
    clara.works()

    with scope(boris.id), boris.database.transaction() as session:
        counted = wiping.forget(session)

    tables = [table for table in counted if table not in ("inbox_reconcile", "inbox_loss")]
    left = {table: boris.sql(f"SELECT installation_id FROM {table}") for table in tables}
    assert all(counted[table] > 0 for table in tables)
    assert {row[0] for rows in left.values() for row in rows} == {clara.id}


def test_a_move_of_another_deal_is_not_taken_for_this_ones(boris: Desk) -> None:
    one, other = boris.crm.adds("new"), boris.crm.adds("new")
    boris.crm.passes()
    boris.crm.moves_to(one, "work")
    boris.crm.moves_to(other, "won")

    boris.hears("deal", one)
    boris.works()

    assert boris.path(one) == ["new", "work"]
    assert isinstance(boris.crm.remembered[0], Move)


@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(days=2)])
def test_a_clock_of_ours_that_was_set_back_hides_nothing(
    boris: Desk, monkeypatch: pytest.MonkeyPatch, back: timedelta
) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    boris.crm.passes()
    boris.crm.sets(deal, "north")
    boris.crm.moves_to(deal, "work")
    monkeypatch.setattr("widget_backend.inbox.deals.now", lambda: now() - back)

    boris.hears("deal", deal)
    boris.works()

    assert boris.answered() == ["new", "work"]
    assert boris.seen[-1].observed.changed == ("field.deal.branch",)


#: of two that wait for each other, the one that looks first gives way: the event, after a second
LAST_TO_LOOK = text("SET LOCAL deadlock_timeout = '60s'")
HOLD = text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :name FOR UPDATE")


def test_an_event_that_meets_its_jobs_held_in_another_order_is_stored(boris: Desk) -> None:
    one, two = boris.crm.adds("new"), boris.crm.adds("new")
    slips = receiving.slips([Touched("deal", number, "updated") for number in (one, two)])
    boris.accepts(slips)
    first, second = sorted(f"{boris.id}:deal:{number}" for number in (one, two))
    event = threading.Thread(target=boris.accepts, args=(slips,))

    with boris.database.engine.begin() as connection:
        connection.execute(LAST_TO_LOOK)
        connection.execute(HOLD, {"name": second})
        event.start()
        event.join(0.3)  # it holds the first and waits for the second
        connection.execute(HOLD, {"name": first})
    event.join()

    assert (boris.states(), boris.jobs()) == (["new"] * 4, 2)
