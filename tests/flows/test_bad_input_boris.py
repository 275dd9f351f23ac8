"""What only a Bitrix24 portal can answer wrongly."""

from __future__ import annotations

from clinics import Clinic, one_sentence


def test_a_plan_without_rest(boris: Clinic) -> None:
    boris.sandbox.state.settings.rest_enabled = False

    one_sentence(boris.run("plan"), "нет REST API", "Подключите тариф")


def test_a_webhook_of_a_plain_user_stops_before_the_first_write(boris: Clinic) -> None:
    webhook = boris.sandbox.url + boris.sandbox.state.webhook(7)

    ended = boris.bare("apply", "dental", "--bitrix24", webhook, "--yes")

    one_sentence(ended, "администратор", "Ничего не сделано")
    assert boris.sandbox.writes == []


def test_a_webhook_without_the_crm_scope(boris: Clinic) -> None:
    webhook = boris.sandbox.url + boris.sandbox.state.webhook(1, ["user"])

    one_sentence(boris.bare("plan", "dental", "--bitrix24", webhook), "crm")


def test_a_limit_of_pipelines_is_said_in_the_crms_words_and_the_rest_is_made(boris: Clinic) -> None:
    boris.sandbox.state.settings.pipeline_limit = 3

    ended = boris.run("apply", "dental", "--yes")

    one_sentence(ended, "Сделано", "отказала", "запустите ту же команду снова")
    assert "Филиал" in boris.sandbox.hands.fields("deal")


def test_a_raised_limit_lets_the_next_run_finish(boris: Clinic) -> None:
    boris.sandbox.state.settings.pipeline_limit = 3
    boris.run("apply", "dental", "--yes")
    boris.sandbox.state.settings.pipeline_limit = 0

    assert boris.run("apply", "dental", "--yes").code == 0
    assert boris.run("verify").code == 0


def test_a_deleted_webhook(boris: Clinic) -> None:
    boris.sandbox.state.revoke(boris.sandbox.target[1])

    one_sentence(boris.run("plan"), "не принимает ключ", "Создайте новый входящий вебхук")
    assert boris.sandbox.target[1].split("/")[-2] not in boris.run("plan").err
