"""What the CRM never told is found: late, once, in order, and counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from inbox_desk import Desk

from widget_backend.db import scope
from widget_backend.errors import Rejected, Unavailable
from widget_backend.inbox import loudness, marks, reconcile
from widget_backend.texts import Text

REFUSED = Text("CRM отказала в истории.", "The CRM refused its history.")


def test_a_move_nobody_told_of_is_found_with_all_before_it(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    for stage in ("work", "visit"):
        boris.crm.passes()
        boris.crm.moves_to(deal, stage)

    boris.reconciles()

    assert boris.answered() == ["new", "work", "visit"]
    assert boris.loss().found_late == 1


def test_a_deal_nobody_told_of_is_found(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")

    boris.reconciles()

    assert [(step.kind, step.to_stage) for step in boris.history(deal)] == [("created", "new"), ("moved", "work")]


def test_a_changed_field_nobody_told_of_is_found(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    boris.crm.passes()
    boris.crm.sets(deal, "north")

    boris.reconciles()

    assert [seen.observed.changed for seen in boris.seen] == [(), ("field.deal.branch",)]


def test_an_import_nobody_told_of_is_loud_from_some_point_on(boris: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loudness, "BURST", 2)
    for _ in range(5):
        boris.crm.adds("new")

    boris.reconciles_by_hand()

    assert dict(boris.sql("SELECT queue_name, count(*) FROM procrastinate_jobs GROUP BY queue_name")) == {
        "default": 2,
        "loud": 1,
    }


def test_what_was_told_is_not_found_again(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")
    boris.hears("deal", deal)
    boris.works()

    for _ in range(3):
        boris.reconciles()

    assert boris.answered() == ["new", "work"]
    assert (boris.loss().told, boris.loss().found_late) == (1, 0)
    assert boris.states() == ["done", "done"]


def test_what_was_found_is_not_found_again_and_counts_once(boris: Desk) -> None:
    boris.crm.adds("new")

    for _ in range(3):
        boris.reconciles()

    assert boris.answered() == ["new"]
    assert (boris.loss().told, boris.loss().found_late, boris.loss().share) == (0, 1, 1.0)


def test_what_is_told_and_waits_is_not_counted_as_lost(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")

    reconcile.reconcile_all(boris.database)
    boris.works()

    assert boris.loss().found_late == 0
    assert boris.answered() == ["new", "work"]


def test_told_and_found_at_once_is_one(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")

    boris.reconciles()
    boris.hears("deal", deal)
    boris.works()

    assert boris.answered() == ["new", "work"]


def test_a_step_that_the_crm_remembers_later_is_confirmed_and_not_doubled(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    boris.crm.lag = timedelta(hours=1)
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")
    boris.hears("deal", deal)
    boris.works()
    boris.crm.lag = timedelta(0)

    boris.reconciles()

    assert boris.answered() == ["new", "work"]
    assert boris.sql("SELECT count(*) FROM stage_transition WHERE memory IS NULL") == [(0,)]


def test_an_event_of_a_deal_not_shown_to_us_is_not_looked_for_for_ever(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.crm.deletes(deal)

    for _ in range(4):
        boris.reconciles()

    assert boris.states() == ["done"]


def test_a_deal_deleted_without_a_word_is_found_gone_when_it_is_read(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.works()
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")
    boris.crm.deletes(deal)

    boris.reconciles()

    assert boris.sql("SELECT count(*) FROM deal_state WHERE gone_at IS NULL") == [(0,)]


def test_a_crm_that_is_away_is_looked_through_when_it_is_back(boris: Desk) -> None:
    boris.crm.adds("new")
    boris.crm.fault = Unavailable(REFUSED)
    boris.reconciles()
    away = boris.answered()
    boris.crm.fault = None

    boris.reconciles()
    boris.hurries()

    assert (away, boris.answered()) == ([], ["new"])


def test_a_crm_that_refuses_to_tell_is_said_and_the_rest_goes_on(boris: Desk) -> None:
    deal = boris.crm.adds("new")
    boris.hears("deal", deal, "added")
    boris.sql("DELETE FROM procrastinate_jobs")
    boris.crm.fault = Rejected(REFUSED)
    boris.reconciles()
    with scope(boris.id), boris.database.transaction() as session:
        said = marks.refusal(session)

    boris.crm.fault = None
    boris.replays()
    boris.reconciles()

    assert said is not None
    assert said[1] == REFUSED
    with scope(boris.id), boris.database.transaction() as session:
        assert marks.refusal(session) is None
    assert boris.answered() == ["new"]


def test_only_accounts_that_are_open_are_looked_through(boris: Desk, clara: Desk) -> None:
    boris.sql("UPDATE installation SET status = 'paused' WHERE id = :id")

    reconcile.reconcile_all(boris.database)

    assert boris.sql("SELECT args ->> 'installation_id' FROM procrastinate_jobs") == [(str(clara.id),)]


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_wrong_clock_of_the_crm_hides_nothing(boris: Desk, hours: int) -> None:
    boris.sql("UPDATE installation SET activated_at = activated_at - interval '1 day'")
    boris.crm.at += timedelta(hours=hours)
    deal = boris.crm.adds("new")
    boris.reconciles()
    boris.crm.passes()
    boris.crm.moves_to(deal, "work")

    boris.reconciles()

    assert boris.answered() == ["new", "work"]
