"""Firings: each rule answers each cause once, in order; chains end; what breaks is told and can be tried anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from clinic_of_preset import PresetClinic, preset_of
from sqlalchemy import text

from widget_backend.clock import now
from widget_backend.crm.asking import AddNote, CreateDeal, UpdateContact, Write
from widget_backend.db import Database, scope
from widget_backend.deals import own_marks
from widget_backend.errors import AccessLost, Rejected, Unavailable, VendorError
from widget_backend.jobs.worker import drain
from widget_backend.robots import firings, wiping
from widget_backend.robots.firings import HOPS
from widget_backend.robots.rule import Rule
from widget_backend.tenancy import installations
from widget_backend.texts import Text

NO = Text("Нет места.", "No room.")


def raw(database: Database, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with database.engine.begin() as connection:
        result = connection.execute(text(statement), values)
        return [tuple(row) for row in result] if result.returns_rows else []


def visit(clinic: PresetClinic, **fields: Any) -> str:
    """A patient comes for a visit."""
    clinic.patient(**fields)
    deal = clinic.enquiry("stage.visits.confirmed", amount=1500000)
    clinic.works()
    clinic.moves(deal, "stage.visits.came")
    return deal


def refusing(kind: type, error: VendorError) -> Any:
    return lambda write: error if isinstance(write, kind) else None


def test_a_cause_told_again_sets_off_nothing_new(boris: PresetClinic) -> None:
    deal = visit(boris)
    boris.works()
    before = len(boris.runs())

    again = boris.tells(deal)

    assert (again, len(boris.runs())) == (0, before)


def test_firings_of_one_cause_run_in_the_order_of_the_file(boris: PresetClinic) -> None:
    deal = visit(boris)
    boris.works()
    came = [firing for firing in boris.runs(deal=deal) if firing.cause == boris.runs("to_base")[0].cause]

    assert [firing.rule_key for firing in reversed(came)] == [
        *("date_visits_came", "to_coordinators", "to_treatment", "to_base", "visit_counters"),
    ]
    assert sorted(came, key=lambda f: f.done_at or now()) == sorted(came, key=lambda f: f.id)


def test_all_firings_of_a_cause_see_the_same_facts_in_whatever_order_they_run(database: Database) -> None:
    preset = preset_of("dental")
    last = [rule for rule in preset.rules if rule.key == "to_coordinators"]
    boris = PresetClinic(database)
    boris.keeps_rules(replace(preset, rules=(*(rule for rule in preset.rules if rule not in last), *last)))

    visit(boris)
    boris.works()

    assert boris.crm.contacts["301"].fields["field.contact.visit_count"] == 1
    assert boris.states("to_coordinators") == ["done"]


def test_what_a_robot_does_counts_one_hop_more(boris: PresetClinic) -> None:
    visit(boris)
    boris.works()
    (copy,) = boris.deals_at("stage.base.base")

    assert {firing.hop for firing in boris.runs(deal=copy.id)} == {1}


@pytest.mark.parametrize(("hop", "state"), [(HOPS - 1, "done"), (HOPS, "stopped"), (HOPS + 5, "stopped")])
def test_a_chain_ends_at_the_limit_and_says_so(boris: PresetClinic, hop: int, state: str) -> None:
    boris.patient()
    deal = boris.enquiry("stage.visits.confirmed")
    boris.works()
    with scope(boris.id), boris.database.transaction() as session:
        own_marks.leave(session, boris.id, deal, stage=boris.chart.stage["stage.visits.came"].id, hop=hop)

    boris.moves(deal, "stage.visits.came")
    boris.works()

    assert boris.states("to_base") == [state]
    assert any("раз подряд" in note for note in boris.notes(deal)) is (state == "stopped")


def test_no_robot_follows_on_what_a_person_took_back(boris: PresetClinic) -> None:
    boris.patient()
    deal = boris.enquiry("stage.visits.confirmed")
    boris.works()
    with scope(boris.id), boris.database.transaction() as session:
        came = boris.chart.stage["stage.visits.came"].id
        own_marks.leave(session, boris.id, deal, stage=came, hop=own_marks.TAKEN_BACK)

    boris.moves(deal, "stage.visits.came")
    boris.works()

    assert boris.states("to_base") == []


def sends(rule: Rule, key: str, stage: str, to: str) -> Rule:
    """The same rule between other stages."""
    when, step = replace(rule.when, stages=(stage,)), replace(rule.do[0], to=to)
    return replace(rule, key=key, when=when, do=(step,))


def test_rules_that_send_each_other_about_stop_by_themselves(database: Database) -> None:
    """Were such rules ever in force: a preset is not checked as an own rule is."""
    preset = preset_of("dental")
    first = next(rule for rule in preset.rules if rule.key == "base_ready")
    boris = PresetClinic(database)
    boris.patient()
    there = sends(first, "there", "stage.base.taken", "stage.revival.taken")
    back = sends(first, "back", "stage.revival.taken", "stage.base.taken")
    boris.keeps_rules(replace(preset, rules=(there, back)))

    boris.enquiry("stage.base.taken")
    boris.works()

    assert len(boris.crm.deals) == 1 + HOPS
    assert boris.runs()[0].state == "stopped"


def test_a_refusal_leaves_the_steps_after_it_and_is_tried_anew_when_the_letter_is_replayed(boris: PresetClinic) -> None:
    deal = visit(boris)
    boris.crm.refusing = refusing(UpdateContact, Rejected(NO, vendor="bitrix24"))
    drain(boris.database, boris.jobs)
    dead, states = boris.dead(), boris.states("visit_counters")
    boris.crm.refusing = lambda write: None
    with scope(boris.id), boris.database.transaction() as session:
        firings.again(session, boris.id, boris.runs("visit_counters")[0].id)

    drain(boris.database, boris.jobs)

    assert (dead, states) == (["Нет места."], ["failed"])
    assert boris.states("visit_counters") == ["done"]
    assert boris.crm.contacts["301"].fields["field.contact.ltv"] == 1500000
    assert any("не выполнено" in note for note in boris.notes(deal))


def test_the_other_rules_go_on_when_one_is_refused(boris: PresetClinic) -> None:
    visit(boris)
    boris.crm.refusing = refusing(CreateDeal, Rejected(NO, vendor="bitrix24"))

    drain(boris.database, boris.jobs)

    assert (boris.states("to_base"), boris.states("visit_counters")) == (["failed"], ["done"])


def test_a_crm_that_is_away_is_asked_again_and_nothing_is_done_twice(boris: PresetClinic) -> None:
    deal = visit(boris)
    waiting = [
        number for (number,) in raw(boris.database, "SELECT id FROM robot_firing WHERE state = 'due' ORDER BY id")
    ]
    away = Unavailable(NO, applied_unknown=True)
    boris.crm.after = fails_on({len(boris.crm.calls) + 2}, away)

    drain(boris.database, boris.jobs)
    raw(boris.database, "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    boris.works()

    assert waiting != []
    assert boris.states("date_visits_came") == ["done"]
    assert len(boris.deals_at("stage.base.base")) == 1
    assert boris.crm.contacts["301"].fields["field.contact.visit_count"] == 1
    assert boris.stage(deal) == "stage.visits.came"


def fails_on(numbers: set[int], error: Exception) -> Any:
    def after(number: int) -> None:
        if number in numbers:
            raise error

    return after


def test_an_unpaid_account_loses_nothing_and_goes_on_when_it_is_paid(boris: PresetClinic) -> None:
    deal = visit(boris)
    with boris.database.transaction() as session:
        installations.pause(session, boris.id)
    drain(boris.database, boris.jobs)
    held, copies = boris.states("to_base"), boris.deals_at("stage.base.base")
    with boris.database.transaction() as session:
        installations.resume(session, boris.id)

    boris.ticks()

    assert (held, copies, boris.dead()) == (["held"], [], [])
    assert (boris.states("to_base"), len(boris.deals_at("stage.base.base"))) == (["done"], 1)
    assert "Сделка скопирована" in boris.notes(deal)[-1]


def test_a_moment_that_comes_while_access_is_lost_comes_again(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.coord.taken", boris.patient(), since=now() - timedelta(days=12))
    boris.works()
    boris.crm.before = fails_on(set(range(1000)), AccessLost(NO))
    boris.ticks()
    missed = boris.titles(deal)
    boris.crm.before = lambda number: None

    boris.ticks()

    assert "Сделка зависла" not in missed
    assert "Сделка зависла" in boris.titles(deal)


def is_why(write: Write) -> bool:
    return isinstance(write, AddNote) and write.text.startswith("Роботы:")


def test_a_note_that_finds_access_lost_is_written_later(boris: PresetClinic) -> None:
    deal = visit(boris)
    boris.crm.refusing = lambda write: AccessLost(NO) if is_why(write) else None
    drain(boris.database, boris.jobs)
    dead, copies = boris.dead(), len(boris.deals_at("stage.base.base"))
    boris.crm.refusing = lambda write: None

    raw(boris.database, "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    boris.works()

    assert (dead, copies) == ([], 1)
    assert "Сделка скопирована" in boris.notes(deal)[-1]


def test_lost_access_holds_firings_until_it_is_there_again(boris: PresetClinic) -> None:
    visit(boris)
    boris.crm.before = fails_on(set(range(1000)), AccessLost(NO))
    drain(boris.database, boris.jobs)
    held = boris.states("to_base")
    boris.crm.before = lambda number: None

    boris.ticks()

    assert (held, boris.states("to_base")) == (["held"], ["done"])


def test_a_deal_that_was_deleted_is_left_in_peace(boris: PresetClinic) -> None:
    deal = visit(boris)
    del boris.crm.deals[deal]

    drain(boris.database, boris.jobs)

    assert (boris.dead(), boris.states("to_base")) == ([], ["passed"])
    assert "удалили" in boris.said("to_base")


def test_clara_sees_nothing_of_what_boriss_robots_did(boris: PresetClinic, database: Database) -> None:
    clara = PresetClinic(database, name="clara")
    visit(boris)
    boris.works()

    assert clara.runs() == []


def test_no_name_phone_or_date_of_a_visit_lies_in_clear(boris: PresetClinic) -> None:
    visit(boris, last_visit=now().date())
    boris.works()
    rows = raw(boris.database, "SELECT happenings, facts FROM robot_cause")
    outcomes = raw(boris.database, "SELECT outcome FROM robot_firing WHERE outcome IS NOT NULL")

    assert rows != [] and outcomes != []
    assert not any("{" in str(value) for row in (*rows, *outcomes) for value in row)


def test_after_two_weeks_nothing_is_left_and_a_clinic_can_be_forgotten(boris: PresetClinic) -> None:
    visit(boris)
    boris.works()
    raw(boris.database, "UPDATE robot_cause SET made_at = now() - interval '15 days' WHERE cause = 't:1'")
    (prune,) = (job for job in boris.jobs if job.name == "robots.prune")

    prune.run()
    left = {firing.cause for firing in boris.runs()}
    with scope(boris.id), boris.database.transaction() as session:
        gone = wiping.forget(session)

    assert "t:1" not in left and "t:2" in left
    assert gone["robot_cause"] > 0 and boris.runs() == []


def test_the_writes_of_a_firing_can_be_read_by_its_number(boris: PresetClinic) -> None:
    visit(boris)
    boris.works()

    writes: list[type[Write]] = [type(write) for call in boris.crm.calls for write in call]
    assert writes.count(UpdateContact) == 1
    assert writes.count(CreateDeal) == 2
