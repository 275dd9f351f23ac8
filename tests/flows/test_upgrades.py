"""A new version of a preset meets a CRM the clinic works in: what is new comes, what the clinic did stays, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from clinics import Clinic

PRESET = Path(__file__).parents[1] / "fixtures" / "presets" / "clinic.yaml"
CALL = "      - {key: call, name: {ru: Звонок, en: Call}}\n"
TALK = "      - {key: talk, name: {ru: Беседа, en: Talk}}\n"
OFFER = "      - {key: offer, name: {ru: Предложение, en: Offer}}\n"
MORE = "      - {key: more, name: {ru: Уточнение, en: Details}}\n"
EXAM = "        - {key: exam, name: {ru: Осмотр, en: Examination}}\n"
IMPLANT = "        - {key: implant, name: {ru: Имплант, en: Implant}}\n"
NURSE = "    - {key: nurse, name: {ru: Ассистент, en: Nurse}, type: text, group: group.deal.visit}\n"
GROUPS = "groups:\n  - {entity: deal, key: visit, name: {ru: Приём, en: Visit}}\n"
FIRST = [
    "Новая",
    "Звонок",
    "Беседа",
    "Предложение",
    "Купил",
    "Не купил",
]


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    file = tmp_path / "clinic.yaml"
    file.write_text(PRESET.read_text(encoding="utf-8"), encoding="utf-8")
    return file


def change(preset: Path, was: str, becomes: str) -> None:
    text = preset.read_text(encoding="utf-8")
    assert was in text
    preset.write_text(text.replace(was, becomes), encoding="utf-8")


def settled(clinic: Clinic, preset: Path) -> bool:
    return (clinic.run("verify", str(preset)).code, clinic.run("drift", str(preset)).code) == (0, 0)


def test_new_stages_fields_and_options_come_where_they_belong(clinic: Clinic, preset: Path) -> None:
    clinic.run("apply", str(preset), "--yes")
    change(preset, TALK, TALK + MORE)
    change(preset, EXAM, EXAM + IMPLANT)

    done = clinic.run("apply", str(preset), "--yes")

    assert done.code == 0, done.err
    assert clinic.sandbox.hands.pipelines()["Продажи"] == [*FIRST[:3], "Уточнение", *FIRST[3:]]
    assert clinic.sandbox.hands.options("Услуга") == ["Гигиена", "Осмотр", "Имплант"]
    assert settled(clinic, preset)


def test_a_new_name_comes_where_the_clinic_left_ours(clinic: Clinic, preset: Path) -> None:
    clinic.run("apply", str(preset), "--yes")
    change(preset, "ru: Беседа", "ru: Разговор")

    clinic.run("apply", str(preset), "--yes")

    assert clinic.sandbox.hands.pipelines()["Продажи"][2] == "Разговор"
    assert settled(clinic, preset)


def test_a_name_both_changed_is_a_question(clinic: Clinic, preset: Path) -> None:
    clinic.run("apply", str(preset), "--yes")
    clinic.sandbox.hands.rename_stage("Продажи", "Беседа", "Наша беседа")
    change(preset, "ru: Беседа", "ru: Разговор")

    asked = clinic.run("plan", str(preset), "--json")
    clinic.run("apply", str(preset), "--yes", "--conflicts", "keep")

    assert [row["title"] for row in asked.data["rows"] if row["action"] == "conflict"] == ["Продажи / Разговор"]
    assert clinic.sandbox.hands.pipelines()["Продажи"][2] == "Наша беседа"
    assert clinic.run("verify", str(preset)).code == 0


def test_the_presets_name_is_taken_when_the_clinic_says_so(clinic: Clinic, preset: Path) -> None:
    clinic.run("apply", str(preset), "--yes")
    clinic.sandbox.hands.rename_stage("Продажи", "Беседа", "Наша беседа")
    change(preset, "ru: Беседа", "ru: Разговор")

    clinic.run("apply", str(preset), "--yes", "--conflicts", "replace")

    assert clinic.sandbox.hands.pipelines()["Продажи"][2] == "Разговор"
    assert settled(clinic, preset)


def test_a_stage_the_clinic_removed_does_not_shift_a_new_one(clinic: Clinic, preset: Path) -> None:
    clinic.run("apply", str(preset), "--yes")
    clinic.sandbox.hands.remove_stage("Продажи", "Звонок")
    clinic.run("apply", str(preset), "--yes")
    change(preset, TALK, TALK + MORE)

    done = clinic.run("apply", str(preset), "--yes")

    assert done.code == 0, done.err
    assert clinic.sandbox.hands.pipelines()["Продажи"] == ["Новая", "Беседа", "Уточнение", *FIRST[3:]]
    assert settled(clinic, preset)


def test_a_new_stage_goes_the_way_of_a_pipeline_the_clinic_removed(clinic: Clinic, preset: Path) -> None:
    clinic.run("apply", str(preset), "--yes")
    clinic.sandbox.hands.remove_pipeline("Продажи")
    change(preset, TALK, TALK + MORE)

    done = clinic.run("apply", str(preset), "--yes")

    assert done.code == 0, done.err
    assert "Продажи" not in clinic.sandbox.hands.pipelines()
    assert clinic.run("verify", str(preset)).code == 0


def test_a_removed_pipeline_comes_back_whole_when_the_clinic_says_so(clinic: Clinic, preset: Path) -> None:
    clinic.run("apply", str(preset), "--yes")
    clinic.sandbox.hands.remove_pipeline("Продажи")

    done = clinic.run("apply", str(preset), "--yes", "--conflicts", "replace")

    assert done.code == 0, done.err
    assert clinic.sandbox.hands.pipelines()["Продажи"] == FIRST
    assert settled(clinic, preset)


def test_a_field_of_another_type_is_told_and_not_passed_over(clinic: Clinic, preset: Path) -> None:
    clinic.run("apply", str(preset), "--yes")
    change(preset, "en: Nurse}, type: text", "en: Nurse}, type: number")

    shown = clinic.run("plan", str(preset), "--json")

    rows = [(row["action"], row["title"]) for row in shown.data["rows"] if row["address"] == "field.deal.nurse"]
    assert rows == [("unsupported", "Ассистент")]


def test_a_tab_that_left_the_preset_is_no_conflict(clinic: Clinic, preset: Path) -> None:
    clinic.run("apply", str(preset), "--yes")
    change(preset, GROUPS, "")
    change(preset, ", group: group.deal.visit", "")
    change(preset, "      group: group.deal.visit\n", "")

    shown = clinic.run("plan", str(preset), "--json")

    assert [row for row in shown.data["rows"] if row["action"] == "conflict"] == []
    assert clinic.run("apply", str(preset), "--yes").code == 0
    assert settled(clinic, preset)


def test_what_left_the_preset_goes_with_the_rollback(clinic: Clinic, preset: Path) -> None:
    before = clinic.whole()
    clinic.run("apply", str(preset), "--yes")
    change(preset, CALL, "")
    change(preset, NURSE, "")
    clinic.run("apply", str(preset), "--yes")

    done = clinic.run("rollback", str(preset), "--yes")

    assert done.code == 0, done.err
    assert clinic.whole() == before


def test_rollback_takes_our_options_out_and_leaves_the_clinics(clinic: Clinic, preset: Path) -> None:
    clinic.sandbox.hands.add_list("Услуга", "Лечение")
    clinic.run("apply", str(preset), "--yes")
    clinic.sandbox.hands.add_option("Услуга", "Имплантация")

    done = clinic.run("rollback", str(preset), "--yes")

    assert done.code == 0, done.err
    assert clinic.sandbox.hands.options("Услуга") == ["Лечение", "Имплантация"]


def test_an_adopted_order_of_stages_is_no_drift(clinic: Clinic, preset: Path) -> None:
    clinic.sandbox.hands.add_pipeline("Продажи", "Предложение", "Новая", "Беседа")

    clinic.run("apply", str(preset), "--yes")

    assert settled(clinic, preset)


def test_the_last_of_two_presets_takes_what_they_shared(clinic: Clinic, preset: Path) -> None:
    before = clinic.whole()
    other = preset.with_name("other.yaml")
    other.write_text(preset.read_text(encoding="utf-8").replace("key: clinic", "key: other"), encoding="utf-8")
    clinic.run("apply", str(preset), "--yes")
    clinic.run("apply", str(other), "--yes")

    first = clinic.run("rollback", str(preset), "--yes")
    stays = "Продажи" in clinic.sandbox.hands.pipelines()
    last = clinic.run("rollback", str(other), "--yes")

    assert (first.code, stays, last.code) == (0, True, 0), last.err
    assert clinic.whole() == before
