"""Why: one note for each cause, in plain words; its code leads from the event over the facts to what was written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from clinic_of_preset import PresetClinic, preset_of

from widget_backend.crm.asking import AddNote
from widget_backend.db import Database, scope
from widget_backend.errors import NotFound
from widget_backend.robots import why
from widget_backend.robots.why import Explanation


def whys(clinic: PresetClinic, deal: str) -> list[str]:
    word = {"ru": "Роботы:", "en": "Robots:"}[clinic.language]
    return [note for note in clinic.notes(deal) if note.startswith(word)]


def explained(clinic: PresetClinic, code: str) -> Explanation:
    with scope(clinic.id), clinic.database.transaction() as session:
        return why.explain(session, code)


def came(clinic: PresetClinic) -> str:
    clinic.patient(visit_count=2, in_treatment=None)
    deal = clinic.enquiry("stage.visits.confirmed")
    clinic.works()
    clinic.crm.notes.clear()
    clinic.moves(deal, "stage.visits.came")
    clinic.works()
    return deal


def test_there_is_one_note_for_all_rules_that_answered_one_cause(boris: PresetClinic) -> None:
    (note,) = whys(boris, came(boris))

    assert note.splitlines()[:2] == [
        "Роботы: сделка перешла на этап «Приемы / Пациент пришёл (успех)».",
        "• Не на лечении — в базу пациентов: Сделка скопирована на этап «База пациентов» воронки «База пациентов».",
    ]
    assert len(note.splitlines()[-1]) == 6


def test_it_is_in_the_language_of_the_account(database: Database) -> None:
    boris = PresetClinic(database, language="en")

    (note,) = whys(boris, came(boris))

    assert note.startswith("Robots: the deal came to “Приемы / Пациент пришёл (успех)”.")
    assert "• Other patients go to the patient base: " in note


def test_of_book_keeping_nobody_needs_a_note(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.revival.refused", boris.patient())
    boris.works()

    assert boris.states("date_revival_refused") == ["done"]
    assert whys(boris, deal) == []


def test_the_note_is_written_once_however_often_its_job_runs(boris: PresetClinic) -> None:
    deal = came(boris)
    (cause,) = {firing.cause_id for firing in boris.runs("to_base")}
    before = len(boris.crm.calls)

    why.tell(boris.clinic, cause)

    assert len(whys(boris, deal)) == 1
    assert [call for call in boris.crm.calls[before:] if isinstance(call[0], AddNote)] == []


def test_its_code_leads_to_the_event_the_facts_the_rules_and_the_calls(boris: PresetClinic) -> None:
    deal = came(boris)
    code = whys(boris, deal)[0].splitlines()[-1]

    found = explained(boris, code.lower())

    assert (found.code, found.deal) == (code, deal)
    assert found.happened.ru == "сделка перешла на этап «Приемы / Пациент пришёл (успех)»"
    facts = {asked.ru: answer.ru for asked, answer in found.facts}
    assert facts == {"«На лечении»": "нет", "пациент первичный": "нет"}
    runs = {run.rule.key: run for run in found.runs}
    assert {key: run.state for key, run in runs.items()} == {
        "date_visits_came": "done",
        "to_coordinators": "passed",
        "to_treatment": "passed",
        "to_base": "done",
        "visit_counters": "done",
    }
    assert runs["to_coordinators"].said[0].ru == "условие не выполнено: пациент первичный"
    assert [call.kind for call in runs["to_base"].calls] == ["CreateDeal", "AddNote", "AddNote"]
    assert [call.kind for call in runs["visit_counters"].calls] == ["UpdateContact"]
    assert runs["to_base"].version.startswith("dental ")


def test_the_rule_is_shown_as_it_was_then(boris: PresetClinic) -> None:
    code = whys(boris, came(boris))[0].splitlines()[-1]
    before = explained(boris, code)

    preset = preset_of("dental")
    changed = tuple(replace(rule, conditions=()) if rule.key == "to_base" else rule for rule in preset.rules)
    boris.keeps_rules(replace(preset, version="9.0.0", rules=changed))

    assert [run.rule for run in explained(boris, code).runs] == [run.rule for run in before.runs]


@pytest.mark.parametrize("code", ["", "ABC", "ABCDEF", "0O1I00", "ABCDEFG"])
def test_a_code_nobody_gave_is_not_found(boris: PresetClinic, code: str) -> None:
    with pytest.raises(NotFound):
        explained(boris, code)


def test_clara_cannot_read_boriss_code(boris: PresetClinic, database: Database) -> None:
    code = whys(boris, came(boris))[0].splitlines()[-1]
    clara = PresetClinic(database, name="clara")

    with pytest.raises(NotFound):
        explained(clara, code)
