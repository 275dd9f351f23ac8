"""Cards of a Bitrix24 portal on the way back: our fields go, what the clinic put there stays."""

from __future__ import annotations

from typing import Any

from clinics import Clinic

OWN = {"name": "own", "title": "Наше", "type": "section", "elements": [{"name": "TYPE_ID"}]}
WHERE = {"entityTypeId": 3, "scope": "C"}


def card(clinic: Clinic) -> list[dict[str, Any]]:
    return clinic.sandbox.hands.call("crm.item.details.configuration.get", **WHERE) or []  # type: ignore[attr-defined]


def lay_out(clinic: Clinic, *sections: dict[str, Any]) -> None:
    clinic.sandbox.hands.call("crm.item.details.configuration.set", **WHERE, data=list(sections))  # type: ignore[attr-defined]


def shown(clinic: Clinic) -> dict[str, list[str]]:
    return {section["title"]: [e["name"] for e in section["elements"]] for section in card(clinic)}


def test_a_card_of_ours_that_nobody_touched_goes(boris: Clinic) -> None:
    boris.run("apply", "dental", "--yes")

    boris.run("rollback", "dental", "--yes")

    assert card(boris) == []


def test_a_card_of_ours_that_the_clinic_worked_on_keeps_its_work(boris: Clinic) -> None:
    boris.run("apply", "dental", "--yes")
    lay_out(boris, *card(boris), OWN)

    done = boris.run("rollback", "dental", "--yes")

    assert done.code == 0, done.err
    assert shown(boris)["Наше"] == ["TYPE_ID"]
    assert [name for names in shown(boris).values() for name in names if name.startswith("UF_")] == []


def test_a_card_of_the_clinics_loses_ours_only(boris: Clinic) -> None:
    lay_out(boris, OWN)
    boris.run("apply", "dental", "--yes")
    sections = card(boris)
    sections[0]["elements"].append({"name": "SOURCE_ID"})
    lay_out(boris, *sections)

    done = boris.run("rollback", "dental", "--yes")

    assert done.code == 0, done.err
    assert shown(boris) == {"Наше": ["TYPE_ID", "SOURCE_ID"]}
