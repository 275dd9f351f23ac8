"""A copy can be taken back for ten minutes, unless somebody has worked on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from deals_in_memory import DEAL
from records_in_memory import Killed, MemoryRecords, cut
from sqlalchemy import text

from widget_backend.clock import now
from widget_backend.crm.asking import AddTask, Found, UpdateDeal, Want, Write, Written
from widget_backend.crm.records import Note, Task
from widget_backend.deals import copying
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.copying import Copied, Undone
from widget_backend.deals.effects import Effects
from widget_backend.errors import Conflict, NotFound


def copy(clinic: Clinic, **more: Any) -> Copied:
    return copying.copy(clinic, "759", "stage.base.base", "t:1", effects=Effects(clinic), **more)


def undo(clinic: Clinic, deal: str) -> Undone:
    return copying.undo(clinic, deal, effects=Effects(clinic), by="7")


def notes_at(crm: MemoryRecords, deal: str) -> list[str]:
    return [note.text.split("\n")[0] for note in crm.notes.values() if note.deal == deal]


def test_where_the_crm_allows_it_the_copy_is_deleted(clinic: Clinic, crm: MemoryRecords) -> None:
    deal = copy(clinic).deal

    undone = undo(clinic, deal)

    assert (undone.how, undone.words.ru) == ("deleted", f"Копия №{deal} удалена.")
    assert list(crm.deals) == ["759"]
    assert notes_at(crm, "759")[-1] == f"Копия №{deal} отменена."


def test_where_it_does_not_the_copy_is_closed_as_lost_with_a_note(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.deletes = False
    deal = copy(clinic).deal

    undone = undo(clinic, deal)

    assert undone.how == "closed"
    assert (crm.deals[deal].stage, crm.deals[deal].pipeline) == ("23", "20")
    assert notes_at(crm, deal)[-1] == "Копия создана по ошибке и отменена."


def test_what_was_moved_instead_is_moved_back(clinic: Clinic, crm: MemoryRecords) -> None:
    sparing = replace(clinic, settings={"copying": {"link": "always"}})
    copy(sparing)

    undone = undo(sparing, "759")

    assert undone.how == "returned"
    assert (crm.deals["759"].stage, crm.deals["759"].pipeline) == ("13", "10")


def test_it_is_undone_once_and_not_made_again(clinic: Clinic, crm: MemoryRecords) -> None:
    deal = copy(clinic).deal

    assert undo(clinic, deal) == undo(clinic, deal)
    again = copy(clinic)

    assert (again.made, again.reason.ru[:25]) == (False, "Эту копию уже отменили: с")
    assert list(crm.deals) == ["759"]
    with clinic.database.engine.connect() as connection:
        acts = connection.execute(text("SELECT actor, action FROM audit_row ORDER BY id")).all()
    assert acts == [("system", "deal.copied"), ("7", "deal.copy_undone")]


def test_after_ten_minutes_it_is_too_late(clinic: Clinic, crm: MemoryRecords) -> None:
    deal = copy(clinic).deal
    with clinic.database.engine.begin() as connection:
        connection.execute(text("UPDATE deal_copy SET made_at = now() - interval '11 minutes'"))

    with pytest.raises(Conflict, match="10 minutes"):
        undo(clinic, deal)

    assert deal in crm.deals


WORK: dict[str, Callable[[MemoryRecords, str], None]] = {
    "другой этап": lambda crm, deal: change(crm, deal, stage="22"),
    "изменены поля": lambda crm, deal: change(crm, deal, fields={"field.deal.doctor": "Сидоров"}),
    "есть примечания": lambda crm, deal: crm.notes.update(x=Note("x", deal, "Дозвонилась", datetime.now(UTC))),
    "есть задачи": lambda crm, deal: crm.tasks.update(x=Task("x", deal, "Подготовить план")),
}


def change(crm: MemoryRecords, deal: str, **values: Any) -> None:
    crm.deals[deal] = replace(crm.deals[deal], **values)


@pytest.mark.parametrize("what", WORK)
def test_a_copy_that_people_have_worked_on_stays(clinic: Clinic, crm: MemoryRecords, what: str) -> None:
    deal = copy(clinic).deal
    WORK[what](crm, deal)

    with pytest.raises(Conflict) as refused:
        undo(clinic, deal)

    assert what in refused.value.message.ru
    assert deal in crm.deals


def test_what_our_robots_did_with_it_is_no_work_of_people(clinic: Clinic, crm: MemoryRecords) -> None:
    deal = copy(clinic).deal
    robots = [
        AddTask(deal, "Пригласить", "На осмотр", now(), "5"),
        UpdateDeal(deal, "22", "20", title="Готова", fields={"field.deal.doctor": "Сидоров"}),
    ]
    Effects(clinic).carry_out("f:12:0", robots)

    assert undo(clinic, deal).how == "deleted"
    assert [task.deal for task in crm.tasks.values() if not task.done] == ["759"]


class Meanwhile(MemoryRecords):
    """A robot writes right after the deal was read."""

    def __init__(self, crm: MemoryRecords, robot: Callable[[], object]) -> None:
        self._crm, self._robot = crm, robot

    def read(self, *wants: Want[Any]) -> Found:
        found = self._crm.read(*wants)
        self._robot()
        return found

    def write(self, writes: Sequence[Write]) -> Sequence[Written]:
        return self._crm.write(writes)


def test_what_a_robot_writes_while_the_copy_is_read_is_no_work_of_people(clinic: Clinic, crm: MemoryRecords) -> None:
    deal = copy(clinic).deal
    robots = [UpdateDeal(deal, fields={"field.deal.doctor": "Сидоров"})]
    hurried = Meanwhile(crm, lambda: Effects(clinic).carry_out("f:12:0", robots))

    assert undo(replace(clinic, records=hurried), deal).how == "deleted"


def test_a_deal_that_is_no_copy_is_left_alone(clinic: Clinic, crm: MemoryRecords) -> None:
    with pytest.raises(NotFound, match="759"):
        undo(clinic, "759")

    assert crm.deals["759"] == DEAL


def test_clara_undoes_nothing_of_boriss(clinic: Clinic, clara: Clinic, crm: MemoryRecords) -> None:
    deal = copy(clinic).deal

    with pytest.raises(NotFound):
        undo(clara, deal)

    assert deal in crm.deals


def test_a_copy_somebody_deleted_is_undone_already(clinic: Clinic, crm: MemoryRecords) -> None:
    deal = copy(clinic).deal
    del crm.deals[deal]

    assert undo(clinic, deal).how == "deleted"


@pytest.mark.parametrize("deletes", [True, False])
@pytest.mark.parametrize("where", ["before", "after", "commit", "committed"])
@pytest.mark.parametrize("number", range(1, 5))
def test_killed_on_the_way_it_is_finished_by_the_next(
    clinic: Clinic, crm: MemoryRecords, where: str, number: int, deletes: bool
) -> None:
    crm.deletes = deletes
    deal = copy(clinic).deal

    try:
        with cut(crm, where, number):
            undo(clinic, deal)
    except Killed:
        pass
    undone = undo(clinic, deal)

    assert undone.how == ("deleted" if deletes else "closed")
    assert notes_at(crm, "759").count(f"Копия №{deal} отменена.") == 1
    assert notes_at(crm, deal).count("Копия создана по ошибке и отменена.") == (0 if deletes else 1)
