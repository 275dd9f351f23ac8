"""A deal is copied once for its source, target and cause; what came of it is kept, and shown before it is done."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from deals_in_memory import BOOK, DEAL, GOODS, opened
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from records_in_memory import NO, MemoryRecords
from sqlalchemy import text

from widget_backend.crm.asking import CreateDeal, DealsOf
from widget_backend.db import scope
from widget_backend.deals import copying
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.copying import Copied, lineage
from widget_backend.deals.effects import Effects
from widget_backend.errors import Conflict, NotFound, RateLimited, Rejected

BASE, COORD = "stage.base.base", "stage.coord.new"


def copy(clinic: Clinic, to: str = BASE, cause: str = "t:1", **more: Any) -> Copied:
    return copying.copy(clinic, more.pop("source", "759"), to, cause, effects=Effects(clinic), **more)


def with_settings(clinic: Clinic, **settings: Any) -> Clinic:
    return replace(clinic, settings=settings)


def notes_at(crm: MemoryRecords, deal: str) -> list[str]:
    return [note.text.rsplit("\n", 1)[0] for note in crm.notes.values() if note.deal == deal and note.id != "61"]


def test_a_deal_is_copied_in_two_calls(clinic: Clinic, crm: MemoryRecords) -> None:
    copied = copy(with_settings(clinic, copying={"without": ["ties"]}))

    made = crm.deals[copied.deal]
    assert copied.made
    assert copied.reason.ru == "Сделка скопирована на этап «База пациентов» воронки «База пациентов»."
    assert (made.title, made.stage, made.contacts) == ("Приём: Иванова", "21", ("301", "302"))
    assert crm.goods[copied.deal] == GOODS
    assert len(crm.calls) == 2
    assert crm.deals["759"] == DEAL


def test_both_deals_name_each_other_and_what_is_lost(clinic: Clinic, crm: MemoryRecords) -> None:
    copied = copy(clinic)

    assert notes_at(crm, "759") == [f"Создана копия: сделка №{copied.deal} в воронке «База пациентов»."]
    assert notes_at(crm, copied.deal) == [
        "Это копия сделки №759 из воронки «Приемы».\n"
        "Остаётся только в исходной сделке, так задано: «Дата: Приемы / Новая заявка»."
    ]
    assert [text.ru for text in copied.lost] == [
        "Остаётся только в исходной сделке, так задано: «Дата: Приемы / Новая заявка»."
    ]
    assert len(crm.calls) == 3


def test_the_same_cause_twice_gives_one_copy_and_asks_nothing(clinic: Clinic, crm: MemoryRecords) -> None:
    first = copy(clinic)
    calls = len(crm.calls)

    assert copy(clinic) == first
    assert len(crm.calls) == calls
    assert len(crm.deals) == 2


def test_another_cause_or_target_is_another_copy(clinic: Clinic, crm: MemoryRecords) -> None:
    deals = {copy(clinic).deal, copy(clinic, cause="t:2").deal, copy(clinic, to=COORD).deal}

    assert len(deals) == 3
    assert len(crm.deals) == 4


def test_a_deal_that_was_just_read_is_not_read_again(clinic: Clinic, crm: MemoryRecords) -> None:
    copy(with_settings(clinic, copying={"without": ["ties", "products"]}), source=DEAL)

    assert [type(call[0]) for call in crm.calls] == [CreateDeal]


def test_tasks_and_notes_go_along_where_the_clinic_wants_that(clinic: Clinic, crm: MemoryRecords) -> None:
    copied = copy(with_settings(clinic, copying={"with": ["tasks", "notes"], "without": ["ties"]}))

    (task,) = [task for task in crm.tasks.values() if task.deal == copied.deal]
    assert notes_at(crm, copied.deal) == ["Из сделки №759: Просила утром"]
    assert task.text.startswith("Перезвонить\nУзнать о снимке")
    assert (task.responsible, task.deadline) == ("5", datetime(2026, 11, 26, 9, tzinfo=UTC))
    assert len(crm.calls) == 3


def test_what_the_crm_does_not_take_along_is_told(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.refusing = lambda write: None if isinstance(write, CreateDeal) else Rejected(NO)
    chosen = with_settings(clinic, copying={"with": ["tasks", "notes"]})

    copied = copy(chosen)

    assert copied.made
    told = [text.ru for text in copied.lost]
    assert "CRM не приняла: примечания, открытые задачи. Скопируйте вручную." in told
    assert copy(chosen).lost == copied.lost


def test_a_refused_copy_is_tried_anew_by_the_next_call(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.refusing = lambda write: Rejected(NO) if isinstance(write, CreateDeal) else None
    with pytest.raises(Rejected):
        copy(clinic)
    crm.refusing = lambda write: None

    assert copy(clinic).made
    assert len(crm.deals) == 2


def test_a_rate_limit_puts_it_off(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.refusing = lambda write: RateLimited(NO, wait=2) if isinstance(write, CreateDeal) else None
    with pytest.raises(RateLimited):
        copy(clinic)
    crm.refusing = lambda write: None

    assert copy(clinic).made
    assert len(crm.deals) == 2


def test_a_stage_or_a_deal_that_is_gone_is_told_before_anything_is_done(clinic: Clinic, crm: MemoryRecords) -> None:
    with pytest.raises(Conflict, match=r"stage\.base\.gone"):
        copy(clinic, to="stage.base.gone")
    with pytest.raises(NotFound, match="760"):
        copy(clinic, source="760")

    assert len(crm.deals) == 1


def test_the_copy_is_audited(clinic: Clinic, crm: MemoryRecords) -> None:
    copied = copy(clinic, by="7")

    with clinic.database.engine.connect() as connection:
        rows = connection.execute(text("SELECT actor, role, action, object, purpose, details FROM audit_row")).all()
    details = {"source": "759", "target": BASE, "lost": 1}
    assert rows == [("7", "user", "deal.copied", f"deal:{copied.deal}", "t:1", details)]


def test_a_copy_that_waits_says_so(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.refusing = lambda write: Rejected(NO) if isinstance(write, CreateDeal) else None
    with pytest.raises(Rejected):
        copy(clinic)

    with scope(clinic.id), clinic.database.transaction() as session:
        assert [one.cause for one in lineage.waiting(session)] == ["t:1"]


# once per patient


def test_a_patient_with_an_open_deal_there_gets_no_second_one(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.deals["760"] = replace(DEAL, id="760", pipeline="20", stage="21")

    copied = copy(clinic, once_per_patient=True)

    assert (copied.deal, copied.made) == ("760", False)
    assert copied.reason.ru == ("У пациента уже есть открытая сделка №760 в воронке «База пациентов»: вторая не нужна.")
    assert len(crm.deals) == 2
    assert copy(clinic, once_per_patient=True) == copied


@pytest.mark.parametrize(
    "other",
    [
        replace(DEAL, id="760", pipeline="20", stage="22"),  # closed
        replace(DEAL, id="760", pipeline="30", stage="31"),  # in another pipeline
        replace(DEAL, id="760", pipeline="20", stage="21", contacts=("302", "301")),  # of the patient's child
    ],
)
def test_another_deal_is_no_reason_not_to_copy(clinic: Clinic, crm: MemoryRecords, other: Any) -> None:
    crm.deals["760"] = other

    assert copy(clinic, once_per_patient=True).made


def test_a_deal_without_a_patient_is_copied(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.deals["759"] = replace(DEAL, contacts=())

    assert copy(clinic, once_per_patient=True).made


def test_two_deals_of_a_patient_at_once_give_one(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.deals["760"] = replace(DEAL, id="760")
    inside, go_on = threading.Event(), threading.Event()
    answers: list[Copied] = []

    def slowly(number: int) -> None:
        inside.set()
        go_on.wait(20)

    crm.before = slowly
    known = crm.deals["759"], crm.deals["760"]
    first, second = (threading.Thread(target=run, args=(clinic, deal, answers)) for deal in known)
    first.start()
    inside.wait(20)
    second.start()
    go_on.set()
    first.join(20)
    second.join(20)

    assert sorted(answer.made for answer in answers) == [False, True]
    assert len({answer.deal for answer in answers}) == 1
    assert len(crm.deals) == 3


def test_two_at_once_of_one_cause_give_one(clinic: Clinic, crm: MemoryRecords) -> None:
    barrier = threading.Barrier(2)
    answers: list[Copied] = []
    crm.before = lambda number: meet(barrier) if number <= 2 else None
    twins = [threading.Thread(target=run, args=(clinic, "759", answers, False)) for _ in range(2)]

    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join(30)

    assert answers[0] == answers[1]
    assert len(crm.deals) == 2
    with clinic.database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit_row")).scalar() == 1


def meet(barrier: threading.Barrier) -> None:
    barrier.wait(20)


def run(clinic: Clinic, source: Any, answers: list[Copied], once: bool = True) -> None:
    answers.append(copy(clinic, source=source, once_per_patient=once))


# link instead of copy, and the quota


def test_a_clinic_that_wants_no_copies_has_its_deals_moved(clinic: Clinic, crm: MemoryRecords) -> None:
    copied = copy(with_settings(clinic, copying={"link": "always"}))

    assert (copied.deal, copied.made) == ("759", False)
    assert copied.reason.ru.startswith("Сделка переведена на этап «База пациентов»")
    assert (crm.deals["759"].stage, crm.deals["759"].pipeline) == ("21", "20")
    assert len(crm.deals) == 1


def test_or_led_to_the_deal_that_is_there(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.deals["760"] = replace(DEAL, id="760", pipeline="20", stage="21")

    copied = copy(with_settings(clinic, copying={"link": "always"}))

    assert (copied.deal, copied.made) == ("760", False)
    assert crm.deals["759"] == DEAL


@pytest.mark.parametrize(("used", "warned"), [(7999, False), (8000, True), (9999, True)])
def test_a_quota_that_is_nearly_full_is_told(clinic: Clinic, used: int, warned: bool) -> None:
    quota = {"allowed": 10000, "used": used, "at": datetime.now(UTC).isoformat()}

    copied = copy(with_settings(clinic, deal_quota=quota))

    assert copied.made
    assert (copied.warning is not None) is warned


def test_copies_made_since_count_too(clinic: Clinic, crm: MemoryRecords) -> None:
    quota = {"allowed": 10, "used": 7, "at": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    chosen = with_settings(clinic, deal_quota=quota)
    copy(chosen)

    warned = copy(chosen, cause="t:2").warning

    assert warned is not None
    assert "8 из 10" in warned.ru


def test_near_the_quota_a_clinic_may_have_its_deals_moved(clinic: Clinic, crm: MemoryRecords) -> None:
    quota = {"allowed": 10, "used": 9, "at": datetime.now(UTC).isoformat()}

    copied = copy(with_settings(clinic, deal_quota=quota, copying={"link": "near_quota"}))

    assert (copied.deal, copied.made) == ("759", False)


# preview


def test_a_preview_writes_nothing(clinic: Clinic, crm: MemoryRecords) -> None:
    shown = copying.preview(clinic, "759", BASE, once_per_patient=True)

    assert shown.how == "copied"
    assert (shown.products, shown.tasks, shown.notes) == (1, 0, 0)
    assert any(isinstance(want, DealsOf) for call in crm.calls for want in call)
    assert len(crm.deals) == 1
    with clinic.database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM deal_copy")).scalar() == 0


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries(
        {
            "without": st.lists(st.sampled_from(["amount", "tags", "products", "own", "observers"]), unique=True),
            "with": st.lists(st.sampled_from(["tasks", "notes"]), unique=True),
            "link": st.sampled_from(["never", "never", "always"]),
        }
    ),
    st.booleans(),
    st.booleans(),
    st.sampled_from([BASE, COORD, "stage.visits.new"]),
)
def test_a_preview_is_what_the_copy_then_is(
    clinic: Clinic, told: dict[str, Any], once: bool, known_there: bool, to: str
) -> None:
    crm = BOOK.crm()
    crm.deals |= {"760": replace(DEAL, id="760", pipeline="20", stage="21")} if known_there else {}
    morning = opened(clinic.id, clinic.database, crm, {"copying": told})

    shown = copying.preview(morning, "759", to, once_per_patient=once)
    cause = f"t:{datetime.now(UTC).timestamp()}"
    copied = copying.copy(morning, "759", to, cause, once_per_patient=once, effects=Effects(morning))

    created = [write.draft for call in crm.calls for write in call if isinstance(write, CreateDeal)]
    assert copied.made is (shown.how == "copied")
    assert copied.lost == shown.lost
    assert copied.reason.ru == shown.reason.ru
    assert [replace(draft, marker="") for draft in created] == [d for d in [shown.draft] if d is not None]
