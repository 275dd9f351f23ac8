"""A patient's deals as a family: what came of what, both ways, and where a deal goes back to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from deals_in_memory import CHART, DEAL
from records_in_memory import MemoryRecords

from widget_backend.clock import now
from widget_backend.crm import charts
from widget_backend.crm.records import Move
from widget_backend.db import scope
from widget_backend.deals import copying, stage_history
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.copying import lineage
from widget_backend.deals.copying.lineage import Family
from widget_backend.deals.effects import Effects


@pytest.fixture
def family(clinic: Clinic, crm: MemoryRecords) -> dict[str, str]:
    """A visit led to the base and to the coordinators; from the base the patient came to visits again, and that visit led
    to the deal that was in the base already."""
    with scope(clinic.id), clinic.database.transaction() as session:
        charts.save(session, clinic.id, CHART)
    base = copied(clinic, "759", "stage.base.base")
    coord = copied(clinic, "759", "stage.coord.new")
    visit = copied(clinic, base, "stage.visits.new")
    again = copied(clinic, visit, "stage.base.base", once=True)
    assert again == base
    return {"base": base, "coord": coord, "visit": visit}


def copied(clinic: Clinic, source: str, to: str, *, once: bool = False) -> str:
    return copying.copy(clinic, source, to, "t:1", once_per_patient=once, effects=Effects(clinic)).deal


def tree(clinic: Clinic, deal: str) -> Family:
    with scope(clinic.id), clinic.database.transaction() as session:
        return lineage.tree(session, deal)


def origin(clinic: Clinic, deal: str) -> str:
    with scope(clinic.id), clinic.database.transaction() as session:
        return lineage.origin_stage(session, deal)


def test_the_family_is_the_same_from_each_of_its_deals(clinic: Clinic, family: dict[str, str]) -> None:
    deals = {"759", *family.values()}

    assert {frozenset(tree(clinic, deal).deals) for deal in deals} == {frozenset(deals)}


def test_lineage_is_known_both_ways(clinic: Clinic, family: dict[str, str]) -> None:
    found = tree(clinic, family["visit"])

    assert found.children("759") == (family["base"], family["coord"])
    assert found.parents(family["base"]) == ("759", family["visit"])
    assert found.parents(family["visit"]) == (family["base"],)
    assert next((tie.how, tie.from_stage, tie.target) for tie in found.ties) == (
        "copied",
        "stage.visits.came",
        "stage.base.base",
    )
    assert found.ties[-1].how == "found"


def test_a_deal_without_a_family_is_alone(clinic: Clinic, family: dict[str, str]) -> None:
    assert tree(clinic, "1") == Family(("1",), ())


def test_a_deal_goes_back_to_the_pipeline_it_came_from(clinic: Clinic, family: dict[str, str]) -> None:
    assert origin(clinic, family["coord"]) == "stage.visits.new"
    assert origin(clinic, family["visit"]) == "stage.base.base"


def test_a_copy_within_its_pipeline_goes_back_to_where_the_first_one_came_from(
    clinic: Clinic, crm: MemoryRecords, family: dict[str, str]
) -> None:
    within = copied(clinic, family["coord"], "stage.coord.new")

    assert origin(clinic, within) == "stage.visits.new"


def test_a_deal_that_was_moved_goes_back_to_where_it_was_moved_from(
    clinic: Clinic, crm: MemoryRecords, family: dict[str, str]
) -> None:
    base = crm.deals[family["base"]]
    moves = [
        Move(base.id, "21", "20", now(), "1"),
        Move(base.id, "31", "30", now() + timedelta(seconds=5), "2", from_stage="21"),
    ]
    with scope(clinic.id), clinic.database.transaction() as session:
        stage_history.observe(session, clinic.id, replace(base, stage="31", pipeline="30"), moves, chart=CHART)

    assert origin(clinic, family["base"]) == "stage.base.base"


def test_where_nobody_knows_there_is_no_origin(clinic: Clinic, crm: MemoryRecords, family: dict[str, str]) -> None:
    crm.deals["760"] = replace(DEAL, id="760", pipeline="90", stage="91")
    strange = copied(clinic, "760", "stage.base.base")

    assert origin(clinic, "759") == ""
    assert origin(clinic, strange) == ""


def test_clara_sees_nothing(clinic: Clinic, clara: Clinic, family: dict[str, str]) -> None:
    assert tree(clara, "759") == Family(("759",), ())


def test_a_clinic_that_leaves_is_forgotten(clinic: Clinic, family: dict[str, str]) -> None:
    with scope(clinic.id), clinic.database.transaction() as session:
        assert lineage.forget(session) == {"deal_copy": 4}
    assert tree(clinic, "759") == Family(("759",), ())
