"""Wherever the process dies, a firing's effects are there once when it is carried out again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from clinic_of_preset import PresetClinic
from databases import fresh
from ground.contest import KEYS
from records_in_memory import Killed, cut

from widget_backend import sealed
from widget_backend.config import Settings
from widget_backend.crm.records import Contact
from widget_backend.db import scope
from widget_backend.robots import firing_log, running, why
from widget_backend.robots.firing_log import Firing
from widget_backend.storage import open_database


def came(boris: PresetClinic) -> str:
    """A patient has come, and no robot has answered yet."""
    boris.patient(visit_count=3, ltv=100000, in_treatment=None)
    deal = boris.enquiry("stage.visits.confirmed", amount=500000)
    boris.works()
    boris.moves(deal, "stage.visits.came")
    return deal


def waiting(boris: PresetClinic) -> list[Firing]:
    return sorted((one for one in boris.runs() if one.state == "due"), key=lambda one: one.id)


def carries_out(boris: PresetClinic) -> None:
    """As the worker does it, firing by firing, and the note at the end."""
    due = waiting(boris)
    for one in due:
        running.run(boris.clinic, one.id)
    for cause in dict.fromkeys(one.cause_id for one in due):
        why.tell(boris.clinic, cause)


def left(boris: PresetClinic) -> dict[str, Any]:
    patient: Contact = boris.crm.contacts["301"]
    return {
        "counters": {name: value for name, value in patient.fields.items() if name != "field.contact.last_visit"},
        "base": len(boris.deals_at("stage.base.base")),
        "notes": sorted(note.split("\n")[0] for note in boris.notes("701")),
        "states": {one.rule_key: one.state for one in boris.runs()},
    }


@pytest.fixture(scope="module")
def undisturbed(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is left when nothing goes wrong."""
    sealed.use(KEYS)
    database = open_database(Settings(tmp_path_factory.mktemp("calm"), fresh(server_url)))
    boris = PresetClinic(database)
    came(boris)
    carries_out(boris)
    found = left(boris)
    database.close()
    return found


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("where", ["before", "after"])
def test_a_death_at_any_request_changes_nothing_in_the_end(
    boris: PresetClinic, undisturbed: dict[str, Any], where: str, number: int
) -> None:
    came(boris)

    with pytest.raises(Killed), cut(boris.crm, where, number):
        carries_out(boris)
    carries_out(boris)
    tells_all(boris)

    assert left(boris) == undisturbed


@pytest.mark.parametrize("number", [1, 3, 5, 8, 11, 14, 17, 20, 23])
@pytest.mark.parametrize("where", ["commit", "committed"])
def test_a_death_at_a_commit_changes_nothing_in_the_end(
    boris: PresetClinic, undisturbed: dict[str, Any], where: str, number: int
) -> None:
    came(boris)

    with pytest.raises(Killed), cut(boris.crm, where, number):
        carries_out(boris)
    carries_out(boris)
    tells_all(boris)

    assert left(boris) == undisturbed


def tells_all(boris: PresetClinic) -> None:
    """The job of the note runs again too."""
    for cause in dict.fromkeys(one.cause_id for one in boris.runs()):
        why.tell(boris.clinic, cause)


def test_a_sum_that_may_be_on_its_way_goes_before_the_next_is_counted(boris: PresetClinic) -> None:
    came(boris)
    other = boris.enquiry("stage.visits.confirmed", amount=500000)
    boris.moves(other, "stage.visits.came")
    sums = [one for one in waiting(boris) if one.rule_key == "visit_counters"]
    # facts and the patient are read before the sum is written
    with pytest.raises(Killed), cut(boris.crm, "after", 3):
        running.run(boris.clinic, sums[0].id)

    running.run(boris.clinic, sums[1].id)
    running.run(boris.clinic, sums[0].id)

    fields = boris.crm.contacts["301"].fields
    assert (fields["field.contact.visit_count"], fields["field.contact.ltv"]) == (5, 1100000)


def test_two_sums_of_one_patient_at_once_are_both_counted(boris: PresetClinic) -> None:
    came(boris)
    for _ in range(3):
        boris.moves(boris.enquiry("stage.visits.confirmed", amount=100000), "stage.visits.came")
    sums = [one.id for one in waiting(boris) if one.rule_key == "visit_counters"]

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: running.run(boris.clinic, number), sums))

    fields = boris.crm.contacts["301"].fields
    assert (len(sums), fields["field.contact.visit_count"], fields["field.contact.ltv"]) == (4, 7, 900000)
    with scope(boris.id), boris.database.transaction() as session:
        assert {firing_log.get(session, number).state for number in sums} == {"done"}
