"""Robots that the clinic places on stages itself: the CRM calls, and gets its answer, once."""

from __future__ import annotations

from typing import Any

import pytest
from clinic_of_preset import OPERATOR, PresetClinic

from widget_backend.crm.records import RobotCall
from widget_backend.db import scope
from widget_backend.errors import Unavailable
from widget_backend.robots import calls, own_rules
from widget_backend.texts import Text


def calls_for(boris: PresetClinic, code: str, deal: str, key: str = "k1", **given: str) -> None:
    calls.answer(boris.clinic, RobotCall(code, deal, key, given, reply="token-1"))


def answered(boris: PresetClinic) -> dict[str, str]:
    (answer,) = boris.crm.answers
    assert answer.reply == "token-1"
    return dict(answer.values)


def words(boris: PresetClinic) -> str:
    return boris.crm.answers[-1].words


@pytest.mark.parametrize(("visits", "kind"), [(0, "primary"), (2, "repeat")])
def test_the_router_says_which_kind_of_patient_it_is_and_why(boris: PresetClinic, visits: int, kind: str) -> None:
    deal = boris.enquiry("stage.visits.new", boris.patient(visit_count=visits))

    calls_for(boris, "route_patient", deal)

    assert answered(boris)["visit_type"] == kind
    assert "завершённых визитов" in answered(boris)["reason"]


@pytest.mark.parametrize("stage", ["stage.base.base", "База пациентов / База пациентов"])
def test_the_copier_gives_the_number_of_its_copy(boris: PresetClinic, stage: str) -> None:
    deal = boris.enquiry("stage.visits.new", boris.patient())

    calls_for(boris, "copy_deal", deal, stage=stage)

    assert answered(boris)["deal_id"] == boris.deals_at("stage.base.base")[0].id


def test_a_call_told_twice_is_answered_once(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.visits.new", boris.patient())

    calls_for(boris, "copy_deal", deal, stage="stage.base.base")
    calls_for(boris, "copy_deal", deal, stage="stage.base.base")

    assert (len(boris.deals_at("stage.base.base")), len(boris.crm.answers)) == (1, 1)


def test_a_call_whose_answer_was_lost_makes_no_second_copy(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.visits.new", boris.patient())

    def lost(number: int) -> None:
        if boris.deals_at("stage.base.base"):
            boris.crm.after = lambda number: None
            raise Unavailable(Text("Нет ответа.", "No answer."), applied_unknown=True)

    boris.crm.after = lost
    with pytest.raises(Unavailable):
        calls_for(boris, "copy_deal", deal, stage="stage.base.base")
    calls_for(boris, "copy_deal", deal, stage="stage.base.base")

    assert (len(boris.deals_at("stage.base.base")), len(boris.crm.answers)) == (1, 1)


def test_missing_fields_are_named(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.visits.booked", boris.patient(), doctor="o0")

    calls_for(boris, "check_fields", deal)

    assert answered(boris) == {"complete": "N", "missing": "Филиал, Дата и время записи, Услуга"}


def test_a_stage_that_requires_nothing_is_complete(boris: PresetClinic) -> None:
    calls_for(boris, "check_fields", boris.enquiry("stage.visits.new", boris.patient()))

    assert answered(boris) == {"complete": "Y", "missing": ""}


def test_a_parked_deal_wakes_and_its_responsible_is_told(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.base.base", boris.patient())

    calls_for(boris, "wake_deal", deal, stage="stage.base.attention")

    assert boris.stage(deal) == "stage.base.attention"
    assert [notice.user for notice in boris.crm.notices] == [OPERATOR]


@pytest.mark.parametrize(
    ("code", "given", "complaint"),
    [
        ("copy_deal", {"stage": "Нет такого"}, "не найден"),
        ("wake_deal", {}, "не найден"),
        ("fly_away", {}, "нет"),
    ],
)
def test_a_crm_that_waits_is_told_what_cannot_be_done(
    boris: PresetClinic, code: str, given: dict[str, str], complaint: str
) -> None:
    calls_for(boris, code, boris.enquiry("stage.visits.new", boris.patient()), **given)

    assert answered(boris) == {}
    assert boris.crm.answers[-1].failed
    assert complaint in words(boris)


def test_a_call_for_a_deal_that_is_gone_is_answered(boris: PresetClinic) -> None:
    calls_for(boris, "check_fields", "12345")

    assert "удалили" in words(boris)


OWN: dict[str, Any] = {
    "key": "own_robot",
    "name": {"ru": "Свой робот", "en": "Own robot"},
    "when": {"on": "robot", "robot": "robot.tell_kind"},
    "if": [{"what": "patient.is_primary", "value": True}],
    "do": [
        {
            "action": "call_back",
            "returns": {"kind": "patient.is_primary", "word": "да"},
            "text": {"ru": "Готово", "en": "Done"},
        }
    ],
}


def test_a_rule_of_the_clinics_own_may_answer(boris: PresetClinic) -> None:
    with scope(boris.id), boris.database.transaction() as session:
        own_rules.save(session, boris.id, OWN)

    calls_for(boris, "tell_kind", boris.enquiry("stage.visits.new", boris.patient()))
    boris.works()

    first, *later = boris.crm.answers
    assert (first.values, first.words) == ({"kind": "Y", "word": "да"}, "Готово")
    assert all(answer.values == {} for answer in later)


def test_a_rule_that_does_not_hold_leaves_nobody_waiting(boris: PresetClinic) -> None:
    with scope(boris.id), boris.database.transaction() as session:
        own_rules.save(session, boris.id, OWN)

    calls_for(boris, "tell_kind", boris.enquiry("stage.visits.new", boris.patient(visit_count=3)))
    boris.works()

    assert answered(boris) == {}


def a_bot_asks(boris: PresetClinic, patient: str) -> None:
    """A bot that talks to a patient knows no deal."""
    calls.answer(boris.clinic, RobotCall("check_fields", "", "k1", {}, contact=patient, reply="token-1"))


def test_a_bot_that_talks_to_a_patient_is_answered_about_his_open_deal(boris: PresetClinic) -> None:
    boris.enquiry("stage.visits.new", boris.patient())

    a_bot_asks(boris, "301")

    assert answered(boris) == {"complete": "Y", "missing": ""}


@pytest.mark.parametrize(("deals", "complaint"), [(0, "нет открытой"), (2, "несколько открытых")])
def test_where_it_is_not_known_which_deal_is_meant_nothing_is_done(
    boris: PresetClinic, deals: int, complaint: str
) -> None:
    patient = boris.patient()
    for _ in range(deals):
        boris.enquiry("stage.visits.new", patient)

    a_bot_asks(boris, patient)

    assert answered(boris) == {}
    assert complaint in words(boris)
