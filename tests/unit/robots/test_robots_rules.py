"""The rules of a clinic: its preset's and its own, each with a switch; what an account lacks pauses one and no other."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from clinic_of_preset import PresetClinic, preset_of
from sqlalchemy import text

from installer import preset as presets
from widget_backend.crm import charts
from widget_backend.db import Database, scope
from widget_backend.errors import InvalidInput, NotFound
from widget_backend.robots import own_rules, rules
from widget_backend.robots.rules import Rulebook

NOTE = {"action": "add_note", "text": {"ru": "Готово", "en": "Done"}}
OWN: dict[str, Any] = {
    "key": "own_note",
    "name": {"ru": "Наше примечание", "en": "Our note"},
    "when": {"on": "entered", "stages": ["stage.visits.booked"]},
    "do": [NOTE],
}


def book(clinic: PresetClinic) -> Rulebook:
    with scope(clinic.id), clinic.database.transaction() as session:
        return rules.load(session)


def saves(clinic: PresetClinic, content: dict[str, Any]) -> None:
    with scope(clinic.id), clinic.database.transaction() as session:
        own_rules.save(session, clinic.id, content)


def switches(clinic: PresetClinic, key: str, *, on: bool) -> None:
    with scope(clinic.id), clinic.database.transaction() as session:
        rules.switch(session, clinic.id, key, on=on)


def lacks(clinic: PresetClinic, *gone: str) -> None:
    """These stages and fields are deleted in the CRM, and the chart is read anew."""
    stages = tuple(replace(one, address="") if one.address in gone else one for one in clinic.chart.stages)
    fields = tuple(one for one in clinic.chart.fields if one.address not in gone)
    clinic.chart = replace(clinic.chart, stages=stages, fields=fields)
    with scope(clinic.id), clinic.database.transaction() as session:
        charts.save(session, clinic.id, clinic.chart)


def test_rules_stand_in_the_order_of_the_file(boris: PresetClinic) -> None:
    expected = [rule.key for rule in presets.working_rules(preset_of("dental"))]

    assert [entry.rule.key for entry in book(boris).entries] == expected
    assert book(boris).entry["to_base"].version == f"dental {preset_of('dental').version} / 1"
    assert "task.take" in book(boris).tasks


def test_what_is_unchanged_stays_the_same_version(boris: PresetClinic) -> None:
    before = {entry.rule.key: entry.id for entry in book(boris).entries}

    boris.keeps_rules(preset_of("dental"))

    assert {entry.rule.key: entry.id for entry in book(boris).entries} == before


def test_a_changed_rule_is_a_new_version_and_a_dropped_one_is_gone(boris: PresetClinic) -> None:
    preset = preset_of("dental")
    changed = [replace(rule, conditions=()) if rule.key == "to_base" else rule for rule in preset.rules]
    kept = tuple(rule for rule in changed if rule.key != "signed")

    boris.keeps_rules(replace(preset, version="9.1.0", rules=kept))

    assert book(boris).entry["to_base"].version == "dental 9.1.0 / 2"
    assert book(boris).entry["to_base"].rule.conditions == ()
    assert "signed" not in book(boris).entry


def test_a_switch_outlives_the_next_release_of_the_preset(boris: PresetClinic) -> None:
    switches(boris, "to_base", on=False)

    boris.keeps_rules(replace(preset_of("dental"), version="9.1.0"))

    assert [entry.rule.key for entry in book(boris).entries if entry.off] == ["to_base"]


def test_a_rule_that_is_off_never_fires_and_one_switched_on_again_does(boris: PresetClinic) -> None:
    boris.patient(in_treatment=None)
    switches(boris, "to_base", on=False)
    boris.moves(boris.enquiry("stage.visits.confirmed"), "stage.visits.came")
    boris.works()
    before = boris.deals_at("stage.base.base")
    switches(boris, "to_base", on=True)

    boris.moves(boris.enquiry("stage.visits.confirmed"), "stage.visits.came")
    boris.works()

    assert (before, len(boris.deals_at("stage.base.base")), boris.states("to_base")) == ([], 1, ["done"])


def test_a_rule_switched_off_after_it_was_set_off_does_nothing(boris: PresetClinic) -> None:
    boris.patient()
    boris.moves(boris.enquiry("stage.visits.confirmed"), "stage.visits.came")
    switches(boris, "to_base", on=False)

    boris.works()

    assert (boris.deals_at("stage.base.base"), boris.states("to_base")) == ([], ["off"])


def test_two_who_switch_two_rules_at_once_both_have_their_way(boris: PresetClinic) -> None:
    other = threading.Thread(target=switches, args=(boris, "to_base"), kwargs={"on": False})
    with scope(boris.id), boris.database.transaction() as session:
        rules.switch(session, boris.id, "date_visits_new", on=False)
        other.start()
        other.join(0.3)  # the other one has seen the rules as they were, unless he waits
    other.join()

    assert [entry.rule.key for entry in book(boris).entries if entry.off] == ["date_visits_new", "to_base"]


def test_nobody_switches_a_rule_that_is_not_there(boris: PresetClinic) -> None:
    with pytest.raises(NotFound):
        switches(boris, "no_such_rule", on=False)


def test_a_rule_of_the_clinics_own_works_beside_the_presets(boris: PresetClinic) -> None:
    saves(boris, OWN)

    deal = boris.enquiry("stage.visits.booked", contact=boris.patient())
    boris.works()

    assert any(note.startswith("Готово") for note in boris.notes(deal))
    assert book(boris).entries[-1].origin == "own"


def test_the_clinics_version_of_a_rule_stands_in_the_presets_place_until_it_is_dropped(boris: PresetClinic) -> None:
    place = [entry.rule.key for entry in book(boris).entries].index("take")
    saves(boris, {**OWN, "key": "take", "name": {"ru": "По-нашему", "en": "Our way"}})
    ours = book(boris).entries[place]
    boris.keeps_rules(replace(preset_of("dental"), version="9.1.0"))
    still = book(boris).entries[place]

    with scope(boris.id), boris.database.transaction() as session:
        rules.drop(session, boris.id, "take")

    assert (ours.origin, ours.rule.name.ru, still) == ("own", "По-нашему", ours)
    assert book(boris).entries[place].rule.name.ru == "Ответственный — кто взял в работу"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"when": {"on": "entered", "stages": ["stage.visits.nowhere"]}}, "этапа «stage.visits.nowhere» в CRM нет"),
        ({"when": {"on": "entered"}}, "обязательно для «entered»"),
        ({"when": {"on": "sometimes"}}, "допустимо"),
        ({"do": []}, "список пуст"),
        ({"do": [{"action": "move_deal"}]}, "обязательно для «move_deal»"),
        ({"do": [{"action": "move_deal", "to": "setting.booking_stage"}]}, "бывают только в правилах пресета"),
        ({"do": [{"action": "create_task", "task": "task.nothing"}]}, "задачи «task.nothing» нет"),
        (
            {"do": [{"action": "set_field", "field": "field.deal.nothing", "value": "x"}]},
            "поля «field.deal.nothing» в CRM нет",
        ),
        ({"do": [{"action": "set_field", "field": "field.deal.visit_type", "value": "often"}]}, "нет такого варианта"),
        (
            {"do": [{"action": "increase_field", "field": "field.deal.doctor", "value": 1}]},
            "прибавлять можно только к числу",
        ),
        ({"do": [{**NOTE, "text": {"ru": "{чужое}", "en": "{foreign}"}}]}, "подстановки"),
        ({"if": [{"what": "field.deal.doctor", "is": "more", "value": 3}]}, "только числа"),
        (
            {"if": [{"what": "patient.open_deal_in", "value": "pipeline.nowhere"}]},
            "воронки «pipeline.nowhere» в CRM нет",
        ),
        ({"key": "Ключ"}, "ключ — строчные латинские буквы"),
        ({"colour": "red"}, "такого здесь не бывает"),
    ],
)
def test_a_rule_that_cannot_work_is_not_saved(boris: PresetClinic, change: dict[str, Any], complaint: str) -> None:
    before = book(boris).entries

    with pytest.raises(InvalidInput) as refused:
        saves(boris, {**OWN, **change})

    assert complaint in refused.value.message.ru
    assert "не сохранено, прежние работают" in refused.value.message.ru
    assert book(boris).entries == before


def test_a_rule_that_would_never_end_is_not_saved_and_all_of_the_loop_are_named(boris: PresetClinic) -> None:
    there = {
        **OWN,
        "key": "there",
        "name": {"ru": "Туда", "en": "There"},
        "do": [{"action": "move_deal", "to": "stage.visits.taken"}],
    }
    back = {
        **OWN,
        "key": "back",
        "name": {"ru": "Обратно", "en": "Back"},
        "when": {"on": "entered", "stages": ["stage.visits.taken"]},
        "do": [{"action": "move_deal", "to": "stage.visits.booked"}],
    }
    saves(boris, there)

    with pytest.raises(InvalidInput) as refused:
        saves(boris, back)

    assert "«Туда», «Обратно»" in refused.value.message.ru


def test_a_rule_whose_target_is_gone_pauses_with_a_reason_and_a_notice_and_the_others_go_on(
    boris: PresetClinic,
) -> None:
    boris.patient(in_treatment=None)
    deal = boris.enquiry("stage.visits.confirmed")
    boris.works()
    lacks(boris, "stage.base.base")

    boris.moves(deal, "stage.visits.came")
    boris.works()

    paused = book(boris).entry["to_base"].paused
    assert paused is not None and paused.ru.startswith("Приостановлено, выберите этап")
    assert (boris.states("to_base"), boris.states("visit_counters")) == (["paused"], ["done"])
    assert any("Не на лечении — в базу пациентов" in notice.text for notice in boris.crm.notices if notice.user == "1")
    assert any("Приостановлено" in note for note in boris.notes(deal))


def test_it_goes_on_by_itself_once_the_stage_is_there_again(boris: PresetClinic) -> None:
    boris.patient(in_treatment=None)
    whole = boris.chart
    lacks(boris, "stage.base.base")
    boris.moves(boris.enquiry("stage.visits.confirmed"), "stage.visits.came")
    boris.works()
    boris.chart = whole
    lacks(boris)

    boris.moves(boris.enquiry("stage.visits.confirmed"), "stage.visits.came")
    boris.works()

    assert book(boris).entry["to_base"].paused is None
    assert boris.states("to_base") == ["done", "paused"]


def test_a_field_that_is_gone_pauses_what_asks_for_it_and_is_passed_over_where_it_would_be_written(
    boris: PresetClinic,
) -> None:
    boris.patient(in_treatment=None)
    lacks(boris, "field.contact.in_treatment", "field.contact.last_visit")

    boris.moves(boris.enquiry("stage.visits.confirmed"), "stage.visits.came")
    boris.works()

    assert (boris.states("to_base"), boris.states("visit_counters")) == (["paused"], ["done"])
    assert "пропущено поле «field.contact.last_visit»" in boris.said("visit_counters")


def test_clara_sees_nothing_of_boriss_rules(boris: PresetClinic, database: Database) -> None:
    clara = PresetClinic(database, name="clara")
    saves(boris, OWN)
    switches(boris, "to_base", on=False)

    assert "own_note" not in book(clara).entry
    assert not book(clara).entry["to_base"].off


def test_nothing_is_left_of_a_clinic_that_is_forgotten(boris: PresetClinic) -> None:
    saves(boris, OWN)

    with scope(boris.id), boris.database.transaction() as session:
        gone = rules.forget(session)
        left = session.execute(text("SELECT count(*) FROM robot_rule")).scalar_one()

    assert (gone["robot_book"], left) == (1, 0)
