"""A clinic that already works in its CRM: what it has is taken over or left, and never removed."""

from __future__ import annotations

from clinics import OWN, Clinic


def test_the_plan_says_what_is_taken_over_in_an_owners_words(clinic: Clinic) -> None:
    clinic.sandbox.hands.add_pipeline(*OWN)
    clinic.sandbox.hands.add_field("deal", "Услуга")

    shown = clinic.run("plan", "dental", "--all")

    assert "= Приемы — уже есть у вас: возьмём как есть, при откате не тронем" in shown.out
    assert "= Приемы / Новая заявка — уже есть у вас" in shown.out
    assert "+ Приемы / Подбираем время" in shown.out


def test_an_adopted_pipeline_keeps_its_own_stages_and_gains_the_missing_ones(clinic: Clinic) -> None:
    clinic.sandbox.hands.add_pipeline(*OWN)

    done = clinic.run("apply", "dental", "--yes", "--json")

    stages = clinic.sandbox.hands.pipelines()["Приемы"]
    assert done.code == 0, done.err
    assert {"Новая заявка", "Звоним", "Ждём пациента", "Подбираем время", "Прием подтвержден"} <= set(stages)
    assert list(clinic.sandbox.hands.pipelines()).count("Приемы") == 1
    assert clinic.run("verify").code == 0


def test_rollback_leaves_what_was_the_clinics(clinic: Clinic) -> None:
    clinic.sandbox.hands.add_pipeline(*OWN)
    before = clinic.sandbox.hands.pipelines()
    clinic.run("apply", "dental", "--yes")

    done = clinic.run("rollback", "dental", "--yes", "--json")

    assert done.code == 0, done.err
    assert clinic.sandbox.hands.pipelines() == before


def test_no_adopt_creates_beside(clinic: Clinic) -> None:
    clinic.sandbox.hands.add_pipeline(*OWN)

    plan = clinic.run("plan", "dental", "--no-adopt", "--json")

    rows = [(row["action"], row["title"]) for row in plan.data["rows"] if row["kind"] == "pipeline"]
    assert ("create", "Приемы") in rows
    assert "clash" in [check["code"] for check in plan.data["preflight"]]


def test_another_clinic_sees_nothing_of_this_one(clinic: Clinic, clara: Clinic) -> None:
    clinic.run("apply", "dental", "--yes")

    hers = clara.run("plan", "dental", "--json")
    clara.run("rollback", "dental", "--yes")

    assert {row["action"] for row in hers.data["rows"] if row["kind"] == "pipeline"} == {"create"}
    assert clara.sandbox.writes == []
    assert clinic.run("verify").code == 0
