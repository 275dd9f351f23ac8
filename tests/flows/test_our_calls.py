"""Every call we send to Bitrix24 is one that the vendor's own schemas know, name by name and type by type."""

from __future__ import annotations

from bitrix24_schemas import check
from clinics import Clinic

OWN = ("Приемы", "Новая заявка", "Звоним")


def wrong(clinic: Clinic) -> list[str]:
    return [problem for call in clinic.sandbox.state.calls for problem in check(call.method, call.params)]


def methods(clinic: Clinic) -> set[str]:
    return {call.method for call in clinic.sandbox.state.calls}


def test_an_install_and_its_way_back(boris: Clinic) -> None:
    boris.run("apply", "dental", "--yes")
    boris.run("rollback", "dental", "--yes")

    assert wrong(boris) == []
    assert {"crm.category.add", "crm.status.update", "crm.deal.userfield.add", "crm.category.delete"} <= methods(boris)


def test_an_adoption_an_upgrade_and_its_way_back(boris: Clinic) -> None:
    boris.sandbox.hands.add_pipeline(*OWN)
    boris.sandbox.hands.add_field("deal", "Услуга")
    boris.sandbox.state.calls.clear()

    boris.run("apply", "dental", "--yes", "--set", "branches=Центр; Север")
    boris.run("apply", "dental", "--yes", "--set", "branches=Центр; Север; Юг")
    boris.run("rollback", "dental", "--yes")

    assert wrong(boris) == []
    assert {"crm.status.add", "crm.deal.userfield.update", "crm.item.list"} <= methods(boris)


def test_an_install_as_an_application(boris: Clinic) -> None:
    portal = boris.sandbox.state
    portal.issue_app()
    target = ("--bitrix24", boris.sandbox.url, "--token", portal.tokens(1).access)
    environ = {"DENTAL_CRM_PUBLIC_URL": "https://app.example"}

    done = boris.process("apply", "dental", *target, "--yes", **environ)
    boris.process("rollback", "dental", *target, "--yes", **environ)

    assert done.code == 0, done.err
    assert wrong(boris) == []
    assert {"event.bind", "placement.bind", "bizproc.robot.add", "crm.automation.trigger.add"} <= methods(boris)
