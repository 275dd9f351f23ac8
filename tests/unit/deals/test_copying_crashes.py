"""The process dies at any place of a copy: the next call ends it, and there is one copy, one note each, one audit row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from records_in_memory import Killed, MemoryRecords, cut
from sqlalchemy import text

from widget_backend.deals import copying
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.copying import Copied
from widget_backend.deals.effects import Effects

#: read, create, then links, tasks and notes: each before and after the CRM has acted
CALLS = [(where, number) for where in ("before", "after") for number in (1, 2, 3)]
#: a copy has ten: the last ones must not be reached
TRANSACTIONS = [(where, number) for where in ("commit", "committed") for number in range(1, 13)]
ALL = {"copying": {"with": ["tasks", "notes"]}}


def copy(clinic: Clinic, **more: Any) -> Copied:
    clinic = replace(clinic, settings=ALL)
    return copying.copy(clinic, "759", "stage.base.base", "t:1", effects=Effects(clinic), **more)


def whole(clinic: Clinic, crm: MemoryRecords) -> tuple[object, ...]:
    with clinic.database.engine.connect() as connection:
        audited = connection.execute(text("SELECT count(*) FROM audit_row")).scalar()
        rows = connection.execute(text("SELECT state, how, deal FROM deal_copy")).all()
        left = connection.execute(text("SELECT count(*) FROM effect WHERE NOT done")).scalar()
    notes = sorted((note.deal, note.text.split("\n")[0]) for note in crm.notes.values())
    tasks = sorted(task.deal for task in crm.tasks.values())
    return sorted(crm.deals), notes, tasks, audited, rows, left


UNDISTURBED = (
    ["1001", "759"],
    [
        ("1001", "Из сделки №759: Просила утром"),
        ("1001", "Это копия сделки №759 из воронки «Приемы»."),
        ("759", "Просила утром"),
        ("759", "Создана копия: сделка №1001 в воронке «База пациентов»."),
    ],
    ["1001", "759"],
    1,
    [("done", "copied", "1001")],
    0,
)


def test_nothing_goes_wrong(clinic: Clinic, crm: MemoryRecords) -> None:
    copy(clinic)

    assert whole(clinic, crm) == UNDISTURBED


@pytest.mark.parametrize(("where", "number"), CALLS)
def test_killed_at_a_call(clinic: Clinic, crm: MemoryRecords, where: str, number: int) -> None:
    with pytest.raises(Killed), cut(crm, where, number):
        copy(clinic)

    copied = copy(clinic)

    assert (copied.deal, copied.made) == ("1001", True)
    assert len(copied.lost) == 1
    assert whole(clinic, crm) == UNDISTURBED


@pytest.mark.parametrize(("where", "number"), [*CALLS, ("before", 4), ("after", 4)])
def test_killed_at_a_call_of_a_copy_that_a_patient_may_have_once(
    clinic: Clinic, crm: MemoryRecords, where: str, number: int
) -> None:
    with pytest.raises(Killed), cut(crm, where, number):
        copy(clinic, once_per_patient=True)

    copied = copy(clinic, once_per_patient=True)

    assert (copied.deal, copied.made) == ("1001", True)
    assert len(copied.lost) == 1
    assert whole(clinic, crm) == UNDISTURBED


@pytest.mark.parametrize(("where", "number"), TRANSACTIONS)
def test_killed_at_a_transaction(clinic: Clinic, crm: MemoryRecords, where: str, number: int) -> None:
    killed = until_killed(clinic, crm, where, number)

    copied = copy(clinic, once_per_patient=True)

    assert killed is (number <= 10)
    assert (copied.deal, copied.made) == ("1001", True)
    assert len(copied.lost) == 1
    assert whole(clinic, crm) == UNDISTURBED


@pytest.mark.parametrize("second", range(1, 6))
@pytest.mark.parametrize("first", [2, 3])
def test_killed_again_on_the_way_back(clinic: Clinic, crm: MemoryRecords, first: int, second: int) -> None:
    until_killed(clinic, crm, "after", first)
    until_killed(clinic, crm, "after", second)

    copied = copy(clinic, once_per_patient=True)

    assert (copied.deal, copied.made) == ("1001", True)
    assert whole(clinic, crm) == UNDISTURBED


def until_killed(clinic: Clinic, crm: MemoryRecords, where: str, number: int) -> bool:
    try:
        with cut(crm, where, number):
            copy(clinic, once_per_patient=True)
    except Killed:
        return True
    return False


def test_a_source_that_vanishes_after_its_copy_was_made(clinic: Clinic, crm: MemoryRecords) -> None:
    until_killed(clinic, crm, "after", 3)
    gone = crm.deals.pop("759")

    copied = copy(clinic)

    assert gone.id == "759"
    assert (copied.deal, copied.made) == ("1001", True)
