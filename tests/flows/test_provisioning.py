"""A clinic gets the preset «dental»: plan, apply, verify, drift, roll back; on both CRMs, over real HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from clinics import Clinic
from sandboxes import CLINICS

STAGES = {
    "Приемы": [
        "Новая заявка",
        "Взято в работу",
        "Подбираем время",
        "Запись сформирована",
        "Прием подтвержден",
        "Пациент пришёл (успех)",
        "Пациент не пришёл (отказ)",
    ],
    "База пациентов": [
        "База пациентов на лечении",
        "База пациентов",
        "Требует обработки",
        "Взято в работу",
        "Подбираем время (успех)",
        "Отказ",
    ],
    "Координаторы": [
        "База на проработку",
        "Взято в работу",
        "План составлен",
        "План согласован",
        "План презентован пациенту",
        "Согласие получено",
        "Договор подписан (успех)",
        "Отказ",
    ],
    "Реанимация": [
        "Отказники ни разу не были",
        "Отказники были у нас",
        "Проявил активность",
        "Взято в работу",
        "Подбираем время (успех)",
        "Отказ",
    ],
}
#: the most requests an install and a look may take, by vendor
INSTALL = {"bitrix24": 8, "amocrm": 18}
LOOK = {"bitrix24": 1, "amocrm": 8}


def test_a_fresh_clinic_gets_the_whole_preset(clinic: Clinic) -> None:
    done = clinic.run("apply", "dental", "--yes", "--json")

    assert (done.code, done.data["status"], done.data["left"]) == (0, "done", None)
    assert {name: clinic.sandbox.hands.pipelines()[name] for name in STAGES} == STAGES
    assert {"Филиал", "Услуга", "Лечащий врач"} <= set(clinic.sandbox.hands.fields("deal"))
    assert {"Количество визитов", "На лечении"} <= set(clinic.sandbox.hands.fields("contact"))


def test_an_install_takes_few_requests(clinic: Clinic) -> None:
    clinic.run("apply", "dental", "--yes", "--json")

    assert len(clinic.sandbox.requests) <= INSTALL[clinic.sandbox.vendor]


@pytest.mark.parametrize("name", ["boris", "alice"])
def test_no_request_comes_sooner_than_the_crm_allows(name: str, database_url: str, tmp_path: Path) -> None:
    with CLINICS[name]() as sandbox:
        installed = Clinic(sandbox, database_url, tmp_path, limited=True).run("apply", "dental", "--yes")

    assert installed.code == 0, installed.err
    assert [row.status for row in sandbox.requests if row.status in (429, 503)] == []


def test_the_plan_is_shown_before_anything_is_written(clinic: Clinic) -> None:
    shown = clinic.run("plan")

    assert shown.code == 2
    assert "+ Приемы / Новая заявка" in shown.out
    assert clinic.sandbox.writes == []


def test_a_second_apply_writes_nothing(clinic: Clinic) -> None:
    clinic.run("apply", "dental", "--yes")
    clinic.sandbox.count_anew()

    again = clinic.run("apply", "dental", "--yes", "--json")

    assert (again.code, again.data["done"]) == (0, [])
    assert clinic.sandbox.writes == []
    assert len(clinic.sandbox.requests) <= LOOK[clinic.sandbox.vendor]


def test_verify_proves_the_install_by_reading_only(clinic: Clinic) -> None:
    clinic.run("apply", "dental", "--yes")
    clinic.sandbox.count_anew()

    proof = clinic.run("verify", "dental", "--json")

    assert (proof.code, proof.data["nothing_to_do"]) == (0, True)
    assert clinic.sandbox.writes == []
    assert len(clinic.sandbox.requests) <= LOOK[clinic.sandbox.vendor]


def test_verify_of_a_clinic_without_the_preset_says_there_are_changes(clinic: Clinic) -> None:
    assert clinic.run("verify").code == 2


def test_drift_of_an_untouched_install_is_empty(clinic: Clinic) -> None:
    clinic.run("apply", "dental", "--yes")
    clinic.sandbox.count_anew()

    drift = clinic.run("drift", "dental", "--json")

    assert (drift.code, drift.data) == (0, {"nothing_to_do": True, "rows": []})
    assert clinic.sandbox.writes == []
    assert len(clinic.sandbox.requests) <= LOOK[clinic.sandbox.vendor]


def test_the_clinics_own_edit_is_reported_and_kept(clinic: Clinic) -> None:
    clinic.run("apply", "dental", "--yes")
    clinic.sandbox.hands.rename_stage("Приемы", "Подбираем время", "Ищем окно")

    drift = clinic.run("drift", "dental", "--json")
    clinic.run("apply", "dental", "--yes", "--json")

    assert drift.code == 2
    assert [(row["cause"], row["address"]) for row in drift.data["rows"]] == [("edited", "stage.visits.picking")]
    assert "Ищем окно" in clinic.sandbox.hands.pipelines()["Приемы"]
    assert clinic.run("verify").code == 0


def test_what_the_clinic_removed_is_a_question_and_is_not_made_again_unasked(clinic: Clinic) -> None:
    clinic.run("apply", "dental", "--yes")
    clinic.sandbox.hands.remove_stage("Приемы", "Подбираем время")

    drift = clinic.run("drift", "dental", "--json")
    clinic.run("apply", "dental", "--yes")

    assert [row["cause"] for row in drift.data["rows"]] == ["removed"]
    assert "Подбираем время" not in clinic.sandbox.hands.pipelines()["Приемы"]
    assert clinic.run("verify").code == 0


def test_what_the_clinic_removed_is_made_again_when_it_says_so(clinic: Clinic) -> None:
    clinic.run("apply", "dental", "--yes")
    clinic.sandbox.hands.remove_stage("Приемы", "Подбираем время")

    done = clinic.run("apply", "dental", "--yes", "--conflicts", "replace")

    assert done.code == 0
    assert clinic.sandbox.hands.pipelines()["Приемы"] == STAGES["Приемы"]


def test_a_lost_database_doubles_nothing(clinic: Clinic, other_database_url: str) -> None:
    clinic.run("apply", "dental", "--yes")
    before = (clinic.sandbox.hands.pipelines(), clinic.sandbox.hands.fields("deal"))
    clinic.database_url = other_database_url

    done = clinic.run("apply", "dental", "--yes", "--json")

    assert done.code == 0
    assert (clinic.sandbox.hands.pipelines(), clinic.sandbox.hands.fields("deal")) == before
    assert clinic.run("verify").code == 0


def test_the_second_preset_stands_beside_the_first(clinic: Clinic) -> None:
    clinic.run("apply", "dental", "--yes")

    done = clinic.run("apply", "dental-ident", "--yes", "--json")

    assert done.code == 0
    assert clinic.run("verify", "dental").code == 0
    assert clinic.run("verify", "dental-ident").code == 0
    assert {"Первичные пациенты", "Профосмотры", "NPS"} <= set(clinic.sandbox.hands.pipelines())
