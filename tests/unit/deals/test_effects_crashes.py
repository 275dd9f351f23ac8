"""The process dies at any place of an effect: the next one ends in the same state, and nothing is doubled."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from deals_in_memory import VISITS
from records_in_memory import Killed, MemoryRecords, cut

from widget_backend.crm.asking import AddNote, AddTask, CreateDeal, Draft, Notify, UpdateDeal, Write, Written
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.effects import Effects

WRITES = (
    CreateDeal(Draft("Иванова", "21", "20", "", contacts=("301",))),
    UpdateDeal("759", "12", VISITS),
    AddNote("759", "Перезвонить"),
    AddTask("759", "Звонок", "Позвонить", datetime(2026, 11, 26, 9, tzinfo=UTC), "5"),
    Notify("5", "759", "Зайдите"),
)
#: the calls of the CRM, before and after it has acted; the transactions, before and after they are committed
PLACES = [("before", 1), ("after", 1), ("commit", 1), ("committed", 1), ("commit", 2), ("committed", 2)]


def state(crm: MemoryRecords) -> tuple[object, ...]:
    deals = [(d.title, d.stage) for d in crm.deals.values()]
    notes = [n.text.split("\n")[0] for n in crm.notes.values()]
    tasks = [t.text.split("\n")[0] for t in crm.tasks.values()]
    return deals, notes, tasks, [n.text for n in crm.notices]


WHOLE = (
    [("Приём: Иванова", "12"), ("Иванова", "21")],
    ["Просила утром", "Перезвонить"],
    ["Перезвонить", "Звонок"],
    ["Зайдите"],
)


@pytest.mark.parametrize(("where", "number"), PLACES)
def test_killed_once(clinic: Clinic, crm: MemoryRecords, where: str, number: int) -> None:
    with pytest.raises(Killed), cut(crm, where, number):
        Effects(clinic).carry_out("f:12:0", WRITES)

    made = Effects(clinic).carry_out("f:12:0", WRITES)

    assert [written.error for written in made] == [None] * 5
    assert state(crm) == WHOLE


@pytest.mark.parametrize(("again", "times"), [("before", 1), ("after", 1), ("before", 2), ("after", 2), ("commit", 2)])
@pytest.mark.parametrize(("where", "number"), [("before", 1), ("after", 1)])
def test_killed_while_it_comes_back(
    clinic: Clinic, crm: MemoryRecords, where: str, number: int, again: str, times: int
) -> None:
    with pytest.raises(Killed), cut(crm, where, number):
        Effects(clinic).carry_out("f:12:0", WRITES)
    with pytest.raises(Killed), cut(crm, again, times):
        Effects(clinic).carry_out("f:12:0", WRITES)

    Effects(clinic).carry_out("f:12:0", WRITES)

    assert state(crm) == WHOLE


def test_two_at_once_carry_it_out_once(clinic: Clinic, crm: MemoryRecords) -> None:
    inside, go_on = threading.Event(), threading.Event()
    answers: list[Sequence[Written]] = []

    def slowly(number: int) -> None:
        inside.set()
        go_on.wait(20)

    crm.before = slowly
    first = threading.Thread(target=run, args=(clinic, WRITES, answers))
    second = threading.Thread(target=run, args=(clinic, (), answers))
    first.start()
    inside.wait(20)
    second.start()
    go_on.set()
    first.join(20)
    second.join(20)

    assert state(crm) == WHOLE
    assert answers[0] == answers[1]
    assert len(answers[0]) == 5


def run(clinic: Clinic, writes: Sequence[Write], answers: list[Sequence[Written]]) -> None:
    answers.append(Effects(clinic).carry_out("f:12:0", writes))
