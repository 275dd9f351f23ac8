"""Whatever is wrong: one sentence that says what happened, what was done and what to do; exit code 1; no traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from clinics import Clinic, one_sentence

from widget_backend.sandbox.faults import Fault

#: a request in the middle of an install, by vendor
MIDDLE = {"bitrix24": 4, "amocrm": 10}
NOWHERE = "http://127.0.0.1:9"


def test_a_wrong_preset_names_every_error(clinic: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("schema: 1\nkey: mine\nversion: 1\nnane: oops\n", encoding="utf-8")

    ended = clinic.run("plan", str(file))

    assert ended.code == 1
    assert "mine.yaml" in ended.err
    assert "nane" in ended.err
    assert clinic.sandbox.requests == []


def test_an_unknown_preset_lists_those_there_are(clinic: Clinic) -> None:
    one_sentence(clinic.run("plan", "dentall"), "dentall", "dental, dental-ident")


@pytest.mark.parametrize("target", [("--bitrix24", NOWHERE + "/rest/1/code/"), ("--amocrm", NOWHERE, "--token", "t")])
def test_an_unreachable_crm(boris: Clinic, target: tuple[str, ...]) -> None:
    one_sentence(boris.bare("plan", "dental", *target), "127.0.0.1:9 не отвечает", "повторите")


def test_a_renamed_portal_tells_its_new_name(boris: Clinic) -> None:
    boris.sandbox.plan(Fault(0, "renamed_302"))

    one_sentence(boris.run("plan"), "Портал переехал на localhost:")


@pytest.mark.parametrize("words", ["Сделанное сохранено"])
def test_a_revoked_key(clinic: Clinic, words: str) -> None:
    clinic.sandbox.plan(Fault(0, "auth_401"))

    one_sentence(clinic.run("plan"), words)


def test_a_key_revoked_in_the_middle_says_how_far_it_came(clinic: Clinic, undisturbed: dict[str, object]) -> None:
    clinic.sandbox.plan(*(Fault(at, "auth_401") for at in range(MIDDLE[clinic.sandbox.vendor], 40)))

    ended = clinic.run("apply", "dental", "--yes")
    clinic.sandbox.count_anew()
    resumed = clinic.run("apply", "dental", "--yes")

    one_sentence(ended, "Сделано", "из")
    assert resumed.code == 0
    assert clinic.whole() == undisturbed[clinic.name]


def test_no_plan_file(clinic: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text("[1, 2]", encoding="utf-8")

    one_sentence(clinic.run("apply", "dental", "--plan", str(file)), "не план")
    one_sentence(clinic.run("apply", "dental", "--plan", str(tmp_path / "none.json")), "не читается")
    assert clinic.sandbox.writes == []


def test_a_stale_plan_is_refused_before_anything_is_written(clinic: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    clinic.run("plan", "dental", "--out", str(file))
    clinic.sandbox.hands.add_pipeline("Приемы", "Новая заявка")
    clinic.sandbox.count_anew()

    one_sentence(clinic.run("apply", "dental", "--plan", str(file)), "CRM изменилась", "составьте план заново")
    assert clinic.sandbox.writes == []


def test_a_saved_plan_is_carried_out_as_it_was_shown(clinic: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    shown = clinic.run("plan", "dental", "--out", str(file), "--json")

    done = clinic.run("apply", "dental", "--plan", str(file), "--json")

    assert done.code == 0
    assert done.data["checksum"] == shown.data["checksum"] == json.loads(file.read_text(encoding="utf-8"))["checksum"]


def test_nobody_to_ask_means_nothing_is_done(clinic: Clinic) -> None:
    one_sentence(clinic.run("apply", "dental"), "Нужно подтверждение", "--yes")
    assert clinic.sandbox.writes == []


def test_no_target_and_two_targets(boris: Clinic) -> None:
    one_sentence(boris.bare("plan", "dental"), "Укажите одну CRM")
    one_sentence(boris.run("plan", "dental", "--amocrm", "https://alice.amocrm.ru"), "Укажите одну CRM")


def test_plain_http_is_for_this_machine_only(boris: Clinic) -> None:
    one_sentence(boris.bare("plan", "dental", "--bitrix24", "http://clinic.example/rest/1/code/"), "https://")


def test_errors_come_as_one_json_value_too(clinic: Clinic) -> None:
    ended = clinic.run("plan", "dentall", "--json")

    assert ended.code == 1
    assert ended.data["error"] == "InvalidInput"
    assert "dentall" in ended.data["message"]


def test_a_wrong_setting_of_the_environment_is_named(boris: Clinic) -> None:
    ended = boris.process("presets", "list", DATABASE_URL="mysql://nowhere")

    one_sentence(ended, "DATABASE_URL")


def test_a_database_that_is_not_there(boris: Clinic) -> None:
    ended = boris.process("plan", "dental", *boris.sandbox.target, DATABASE_URL="postgresql://127.0.0.1:9/none")

    one_sentence(ended, "База данных недоступна", "DATABASE_URL")


def test_a_misspelt_option_ends_with_1_and_not_with_2(boris: Clinic) -> None:
    assert boris.process("plan", "dental", "--yess").code == 1
