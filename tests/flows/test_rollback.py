"""The way back: what we made goes if it is empty, what holds deals or values stays and is listed."""

from __future__ import annotations

from clinics import Clinic


def test_rollback_of_an_untouched_install_leaves_the_crm_as_it_was(clinic: Clinic) -> None:
    pipelines = clinic.sandbox.hands.pipelines()
    fields = (clinic.sandbox.hands.fields("deal"), clinic.sandbox.hands.fields("contact"))
    clinic.run("apply", "dental", "--yes")

    done = clinic.run("rollback", "dental", "--yes", "--json")

    assert done.code == 0, done.err
    assert clinic.sandbox.hands.pipelines() == pipelines
    assert (clinic.sandbox.hands.fields("deal"), clinic.sandbox.hands.fields("contact")) == fields


def test_a_pipeline_with_deals_stays_and_is_listed(clinic: Clinic) -> None:
    clinic.run("apply", "dental", "--yes")
    clinic.sandbox.hands.add_deal("Приемы", "Взято в работу")

    done = clinic.run("rollback", "dental", "--yes")

    assert done.code == 0, done.err
    assert "Приемы — не удаляем: есть сделки (1)" in done.out
    assert "Приемы" in clinic.sandbox.hands.pipelines()
    assert "Реанимация" not in clinic.sandbox.hands.pipelines()


def test_a_field_with_values_stays_and_is_listed(clinic: Clinic) -> None:
    clinic.run("apply", "dental", "--yes")
    clinic.sandbox.hands.fill("Количество визитов", "3")

    done = clinic.run("rollback", "dental", "--yes")

    assert done.code == 0, done.err
    assert "Количество визитов" in clinic.sandbox.hands.fields("contact")
    assert "не удаляем: заполнено в карточках" in done.out
    assert "На лечении" not in clinic.sandbox.hands.fields("contact")


def test_an_install_after_a_rollback_is_whole_again(clinic: Clinic) -> None:
    clinic.run("apply", "dental", "--yes")
    clinic.run("rollback", "dental", "--yes")

    done = clinic.run("apply", "dental", "--yes", "--json")

    assert (done.code, done.data["left"]) == (0, None)
    assert clinic.run("verify").code == 0


def test_rollback_of_what_was_never_installed_does_nothing(clinic: Clinic) -> None:
    done = clinic.run("rollback", "dental", "--yes")

    assert done.code == 0
    assert clinic.sandbox.writes == []
