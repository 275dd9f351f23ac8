"""Rules that the CRM's own automation carries out: off here for deals that come, and nothing is done twice or lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from clinic_of_preset import PresetClinic
from hypothesis import given
from hypothesis import strategies as st
from pytest import MonkeyPatch

from widget_backend.clock import now
from widget_backend.crm.asking import StartBot
from widget_backend.crm.native import Way
from widget_backend.db import scope
from widget_backend.jobs.worker import drain
from widget_backend.robots import handed, resuming, rules, timers
from widget_backend.robots.handed import Handed, Spells
from widget_backend.robots.rule import Rule, Step, Trigger
from widget_backend.robots.rules import Rulebook
from widget_backend.texts import Text

CONFIRM, TASK = "confirm", "next_step_visits_booked"
SOON = timedelta(hours=23)


HOUR = timedelta(hours=1)


def hands(clinic: PresetClinic, key: str, way: Way = "robots", made: str = "", ago: timedelta = timedelta()) -> None:
    with scope(clinic.id), clinic.database.transaction() as session:
        how = Handed(way, made, handed.digest(rules.load(session).entry[key].rule), "1", now() - ago)
        rules.mark(session, clinic.id, key, how)


def takes_back(clinic: PresetClinic, key: str) -> None:
    with scope(clinic.id), clinic.database.transaction() as session:
        rules.mark(session, clinic.id, key, None)


def book(clinic: PresetClinic) -> Rulebook:
    with scope(clinic.id), clinic.database.transaction() as session:
        return rules.load(session)


def waiting(clinic: PresetClinic, deal: str) -> set[str]:
    """The rules that wait for their moment here."""
    with scope(clinic.id), clinic.database.transaction() as session:
        return {timer.rule for timer in timers.waiting(session, deal=deal)}


def test_a_rule_handed_to_robots_does_not_run_here(boris: PresetClinic) -> None:
    hands(boris, TASK)

    boris.enquiry("stage.visits.booked", boris.patient())
    boris.works()

    assert boris.runs(TASK) == []
    assert boris.states("date_visits_booked") == ["done"]


def test_one_that_has_fired_meanwhile_is_not_carried_out_any_more(boris: PresetClinic) -> None:
    boris.enquiry("stage.visits.booked", boris.patient())
    hands(boris, TASK, ago=HOUR)

    boris.works()

    assert boris.states(TASK) == ["off"]
    assert "передано роботам CRM" in boris.said(TASK)


def test_what_happened_before_is_ours_however_late_we_read_of_it(boris: PresetClinic) -> None:
    boris.enquiry("stage.visits.booked", boris.patient(), since=now() - HOUR)
    hands(boris, TASK)
    boris.enquiry("stage.visits.booked", boris.patient(), since=now() - HOUR)

    boris.works()

    assert boris.states(TASK) == ["done", "done"]


def test_what_happened_meanwhile_is_not_done_again_once_the_rule_is_back(boris: PresetClinic) -> None:
    hands(boris, TASK, ago=2 * HOUR)
    takes_back(boris, TASK)

    boris.enquiry("stage.visits.booked", boris.patient(), since=now() - HOUR)
    boris.works()

    assert boris.runs(TASK) == []
    assert book(boris).entry[TASK].handed is None


def test_taken_back_it_runs_again(boris: PresetClinic) -> None:
    hands(boris, TASK)
    takes_back(boris, TASK)

    boris.enquiry("stage.visits.booked", boris.patient())
    boris.works()

    assert boris.states(TASK) == ["done"]


def test_a_workflow_is_started_when_a_deal_comes_and_waits_in_our_place(boris: PresetClinic) -> None:
    hands(boris, CONFIRM, "flow", "525")

    deal = boris.enquiry("stage.visits.booked", boris.patient(), visit_at=now() + SOON)
    boris.works()
    boris.ticks()

    assert boris.crm.bots == [StartBot("flow:525", deal)]
    assert boris.states(CONFIRM) == ["done"]


def test_a_deal_that_came_before_waits_here_as_it_did(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.visits.booked", boris.patient(), visit_at=now() + SOON)
    hands(boris, CONFIRM, "flow", "525")

    boris.works()
    boris.ticks()

    assert boris.crm.bots == []
    assert boris.states(CONFIRM) == ["done"]
    assert any("Подтвердить" in title for title in boris.titles(deal))


def test_no_workflow_is_started_for_a_deal_that_came_before(boris: PresetClinic) -> None:
    hands(boris, CONFIRM, "flow", "525")

    boris.enquiry("stage.visits.booked", boris.patient(), since=now() - HOUR, visit_at=now() + SOON)
    boris.works()
    boris.ticks()

    assert boris.crm.bots == []
    assert boris.states(CONFIRM) == ["done"]


def test_what_a_workflow_has_done_is_not_done_again_once_the_rule_is_back(boris: PresetClinic) -> None:
    """A day before the visit was an hour ago."""
    hands(boris, CONFIRM, "flow", "525", ago=3 * HOUR)
    takes_back(boris, CONFIRM)

    boris.enquiry("stage.visits.booked", boris.patient(), since=now() - 2 * HOUR, visit_at=now() + SOON)
    boris.works()
    boris.ticks()

    assert boris.runs(CONFIRM) == []


def test_what_a_workflow_has_not_done_yet_waits_here_once_the_rule_is_back(boris: PresetClinic) -> None:
    hands(boris, CONFIRM, "flow", "525", ago=3 * HOUR)
    takes_back(boris, CONFIRM)

    deal = boris.enquiry("stage.visits.booked", boris.patient(), since=now() - 2 * HOUR, visit_at=now() + 2 * SOON)

    assert CONFIRM in waiting(boris, deal)


def test_a_deal_that_comes_after_is_not_waited_for_here(boris: PresetClinic) -> None:
    hands(boris, CONFIRM)

    boris.enquiry("stage.visits.booked", boris.patient(), visit_at=now() + SOON)
    boris.works()
    boris.ticks()

    assert boris.runs(CONFIRM) == []


def test_a_rule_that_changes_or_goes_is_still_the_crms(boris: PresetClinic) -> None:
    hands(boris, TASK)
    before = book(boris).entry[TASK]

    with scope(boris.id), boris.database.transaction() as session:
        rules.replace(session, boris.id, "dental", "9.9.9", (), ())

    after = book(boris)
    assert before.handed == after.over[TASK]
    assert TASK not in after.entry


def test_a_rule_that_changed_hands_twice_remembers_both_times(boris: PresetClinic) -> None:
    hands(boris, TASK, ago=2 * HOUR)
    takes_back(boris, TASK)
    hands(boris, TASK)

    boris.enquiry("stage.visits.booked", boris.patient(), since=now() - HOUR)
    boris.works()

    assert boris.runs(TASK) == []
    assert [one.until is None for one in book(boris).entry[TASK].spells] == [False, True]


def test_a_workflow_that_goes_before_it_was_started_leaves_its_moment_to_us(boris: PresetClinic) -> None:
    hands(boris, CONFIRM, "flow", "525", ago=HOUR)
    deal = boris.enquiry("stage.visits.booked", boris.patient(), visit_at=now() + 2 * SOON)
    takes_back(boris, CONFIRM)

    boris.works()

    assert boris.crm.bots == []
    assert (boris.states(CONFIRM), "ждёт здесь" in boris.said(CONFIRM)) == (["off"], True)
    assert CONFIRM in waiting(boris, deal)


# deals that stand where a rule waits when it comes back


def resumes(clinic: PresetClinic, key: str) -> None:
    """Nothing happens to any deal: the job alone looks at those that stand there."""
    with scope(clinic.id), clinic.database.transaction() as session:
        resuming.begin(session, clinic.id, [key])
    drain(clinic.database, clinic.jobs)


def test_deals_that_stand_there_wait_here_at_once_when_the_rule_is_back(boris: PresetClinic) -> None:
    hands(boris, CONFIRM, "flow", "525", ago=HOUR)
    deals = [boris.enquiry("stage.visits.booked", boris.patient(), visit_at=now() + 2 * SOON) for _ in range(3)]
    closed = boris.enquiry("stage.visits.came", boris.patient(), visit_at=now() + 2 * SOON)
    before = [waiting(boris, deal) for deal in deals]
    takes_back(boris, CONFIRM)

    resumes(boris, CONFIRM)
    resumes(boris, CONFIRM)

    assert [CONFIRM in found for found in before] == [False] * 3
    assert [CONFIRM in waiting(boris, deal) for deal in (*deals, closed)] == [True, True, True, False]
    assert boris.dead() == []


def test_many_deals_are_looked_at_by_one_job_after_the_other(boris: PresetClinic, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "BATCH", 2)
    hands(boris, CONFIRM, ago=HOUR)
    deals = [boris.enquiry("stage.visits.booked", boris.patient(), visit_at=now() + 2 * SOON) for _ in range(5)]
    takes_back(boris, CONFIRM)

    resumes(boris, CONFIRM)

    assert [CONFIRM in waiting(boris, deal) for deal in deals] == [True] * 5


def test_a_moment_that_was_over_is_not_kept_anew(boris: PresetClinic) -> None:
    hands(boris, CONFIRM, "flow", "525", ago=3 * HOUR)
    deal = boris.enquiry("stage.visits.booked", boris.patient(), since=now() - 2 * HOUR, visit_at=now() + SOON)
    takes_back(boris, CONFIRM)

    resumes(boris, CONFIRM)

    assert CONFIRM not in waiting(boris, deal)


def test_a_deal_that_has_moved_meanwhile_is_left_to_who_takes_that_in(boris: PresetClinic) -> None:
    hands(boris, CONFIRM, ago=HOUR)
    deal = boris.enquiry("stage.visits.booked", boris.patient(), visit_at=now() + 2 * SOON)
    takes_back(boris, CONFIRM)
    confirmed = boris.chart.stage["stage.visits.confirmed"].id
    boris.crm.deals[deal] = replace(boris.crm.deals[deal], stage=confirmed)

    resumes(boris, CONFIRM)

    assert CONFIRM not in waiting(boris, deal)


# whose a moment is, whatever the history

START = datetime(2026, 11, 1, tzinfo=UTC)
RULE = Rule("wait", Text("Ждать", "Wait"), Trigger("entered", ("stage.visits.new",)), (Step("notify"),))
CHANGES = st.lists(st.tuples(st.integers(1, 50), st.sampled_from(["robots", "flow", "back"])), max_size=12)


def histories(changes: list[tuple[int, str]]) -> list[tuple[int, Spells]]:
    """Minute -> what was known of the rule from then on."""
    minute, spells, found = 0, (), [(-1, ())]
    for later, change in changes:
        minute += later
        at = START + timedelta(minutes=minute)
        how = None if change == "back" else Handed(change, str(minute), "d", "1", at)  # type: ignore[arg-type]
        spells = handed.changed(spells, how, at)
        found.append((minute, spells))
    return found


@given(CHANGES, st.integers(0, 700))
def test_what_robots_held_is_theirs_and_all_else_is_ours_however_late_it_is_read(
    changes: list[tuple[int, str]], minute: int
) -> None:
    told = histories(changes)
    at, last = START + timedelta(minutes=minute), told[-1][1]
    then = [spells for since, spells in told if since <= minute][-1]
    holder = handed.current(then)

    for known in [spells for since, spells in told if since >= minute] or [last]:
        is_flow_there = holder is not None and holder.way == "flow" and holder in known
        expected = 0 if holder is not None and holder.way == "robots" else 1
        works = handed.works(RULE, known, at)
        assert len(works) == expected
        assert [one.do[0].action for one in works] == (["start_bot"] if is_flow_there else ["notify"] * expected)
        assert (handed.left(RULE, known, "entered", at),) == (works or (None,))


@given(CHANGES, st.integers(0, 700), st.integers(-300, 700))
def test_a_moment_is_kept_by_exactly_one(changes: list[tuple[int, str]], entered: int, span: int) -> None:
    """``span``: from the deal's coming to its moment, which may be over by then already."""
    told = histories(changes)
    entered_at, due = START + timedelta(minutes=entered), entered + span
    then = [spells for since, spells in told if since <= max(entered, due)][-1]
    last = told[-1][1]

    ours = handed.waits_here(then, entered_at)
    later = handed.was_theirs(last, entered_at, START + timedelta(minutes=due))

    assert not (ours and later)
    assert ours or handed.current(then) is not None


@given(CHANGES)
def test_spells_follow_each_other_and_are_read_as_they_were_kept(changes: list[tuple[int, str]]) -> None:
    spells = histories(changes)[-1][1]

    assert handed.read(handed.kept(spells)) == spells
    assert all(one.until is not None and one.until <= two.at for one, two in pairwise(spells))


def test_what_was_kept_before_all_spells_were_is_read_too() -> None:
    (spell,) = histories([(1, "flow"), (5, "back")])[-1][1]
    (kept,) = handed.kept((spell,))

    assert handed.read(kept) == (spell,)


def test_clara_has_handed_nothing_over(boris: PresetClinic) -> None:
    clara = PresetClinic(boris.database, name="clara")
    hands(boris, TASK)

    clara.enquiry("stage.visits.booked", clara.patient())
    clara.works()

    assert book(clara).over == {}
    assert clara.states(TASK) == ["done"]
