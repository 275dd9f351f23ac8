"""A write to the CRM happens once: a key is answered from the log, and what broke is looked for before it is sent again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from deals_in_memory import DEAL, VISITS
from records_in_memory import NO, MemoryRecords
from sqlalchemy import text

from widget_backend.crm.asking import (
    AddNote,
    AddTask,
    CallBack,
    CreateDeal,
    Draft,
    Notify,
    StartBot,
    UpdateDeal,
    Write,
    Written,
)
from widget_backend.db import Database, scope
from widget_backend.deals import effect_log, own_marks
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.effects import Effects
from widget_backend.errors import AccessLost, RateLimited, Rejected, Unavailable

NOTE = AddNote("759", "Перезвонить Ивановой")
CALL = AddTask("759", "Звонок", "Позвонить", datetime(2026, 11, 26, 9, tzinfo=UTC), "5")
NEW = CreateDeal(Draft("Иванова", "21", "20", "", contacts=("301",)))
MOVE = UpdateDeal("759", "12", VISITS, fields={"field.deal.branch": "south"})


def notes(crm: MemoryRecords) -> list[str]:
    return [note.text.split("\n")[0] for note in crm.notes.values() if note.id != "61"]


def test_a_key_is_carried_out_once(clinic: Clinic, crm: MemoryRecords) -> None:
    first = Effects(clinic).carry_out("f:12:0", [NOTE])
    again = Effects(clinic).carry_out("f:12:0", [NOTE])

    assert notes(crm) == ["Перезвонить Ивановой"]
    assert first == again
    assert len(crm.calls) == 1


def test_several_writes_are_one_call_and_answered_in_order(clinic: Clinic, crm: MemoryRecords) -> None:
    made = Effects(clinic).carry_out("f:12:0", [NEW, NOTE, CALL])

    assert [written.id for written in made] == ["1001", "1002", "1003"]
    assert len(crm.calls) == 1


def test_what_a_key_first_meant_stays(clinic: Clinic, crm: MemoryRecords) -> None:
    Effects(clinic).carry_out("f:12:0", [NOTE])

    answers = Effects(clinic).carry_out("f:12:0", [AddNote("759", "Другое"), CALL])

    assert len(answers) == 1
    assert notes(crm) == ["Перезвонить Ивановой"]


def test_nothing_to_write_sends_nothing(clinic: Clinic, crm: MemoryRecords) -> None:
    assert Effects(clinic).carry_out("f:12:0", []) == ()
    assert crm.calls == []


def test_a_lost_answer_is_looked_for(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.after = lambda number: raises(Unavailable(NO, applied_unknown=True))
    with pytest.raises(Unavailable):
        Effects(clinic).carry_out("f:12:0", [NEW, NOTE, CALL])
    crm.after = lambda number: None

    made = Effects(clinic).carry_out("f:12:0", [NEW, NOTE, CALL])

    assert [written.id for written in made] == ["1001", "1002", "1003"]
    assert (len(crm.deals), len(crm.notes), len(crm.tasks)) == (2, 2, 2)


def test_a_request_that_never_arrived_is_sent_again(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.before = lambda number: raises(Unavailable(NO))
    with pytest.raises(Unavailable):
        Effects(clinic).carry_out("f:12:0", [NEW, NOTE, CALL])
    crm.before = lambda number: None

    Effects(clinic).carry_out("f:12:0", [])

    assert (len(crm.deals), len(crm.notes), len(crm.tasks)) == (2, 2, 2)


@pytest.mark.parametrize("error", [RateLimited(NO, wait=2), AccessLost(NO), Unavailable(NO)])
def test_one_write_that_is_put_off_lets_the_others_be_done(
    clinic: Clinic, crm: MemoryRecords, error: RateLimited | AccessLost | Unavailable
) -> None:
    crm.refusing = lambda write: error if isinstance(write, AddTask) else None
    with pytest.raises(type(error)):
        Effects(clinic).carry_out("f:12:0", [NOTE, CALL])
    crm.refusing = lambda write: None

    Effects(clinic).carry_out("f:12:0", [NOTE, CALL])

    assert (len(crm.notes), len(crm.tasks)) == (2, 2)
    assert crm.calls[-1] == (crm.calls[0][1],)


def test_a_refusal_is_an_answer_and_stays_one(clinic: Clinic, crm: MemoryRecords) -> None:
    refusal = Rejected(NO, vendor="bitrix24", operation="note.add", http_status=400, code="E7", words="Нельзя")
    crm.refusing = lambda write: refusal if isinstance(write, AddNote) else None
    Effects(clinic).carry_out("f:12:0", [NOTE, CALL])
    crm.refusing = lambda write: None

    refused, made = Effects(clinic).carry_out("f:12:0", [NOTE, CALL])

    assert made.id == "1001"
    assert isinstance(refused.error, Rejected)
    told = (refused.error.message, refused.error.code, refused.error.words, refused.error.http_status)
    assert told == (NO, "E7", "Нельзя", 400)
    assert notes(crm) == []


@pytest.mark.parametrize("write", [MOVE, CallBack("token-1", {"x": "1"}), Notify("5", "759", "Зайдите")])
def test_what_may_be_repeated_is_repeated(clinic: Clinic, crm: MemoryRecords, write: Write) -> None:
    crm.after = lambda number: raises(Unavailable(NO, applied_unknown=True))
    with pytest.raises(Unavailable):
        Effects(clinic).carry_out("f:12:0", [write])
    crm.after = lambda number: None

    (written,) = Effects(clinic).carry_out("f:12:0", [write])

    assert written.error is None
    assert len(crm.notices) in (0, 1)


def test_a_bot_that_may_have_been_started_is_not_started_again_but_told(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.after = lambda number: raises(Unavailable(NO, applied_unknown=True))
    with pytest.raises(Unavailable):
        Effects(clinic).carry_out("f:12:0", [StartBot("3", "759"), NOTE])
    crm.after = lambda number: None

    bot, note = Effects(clinic).carry_out("f:12:0", [StartBot("3", "759"), NOTE])

    assert len(crm.bots) == 1
    assert isinstance(bot.error, Unavailable)
    assert note.error is None
    assert Effects(clinic).carry_out("f:12:0", [])[0].error is not None


def test_a_bot_that_was_put_off_is_started_later(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.before = lambda number: raises(RateLimited(NO, wait=2))
    with pytest.raises(RateLimited):
        Effects(clinic).carry_out("f:12:0", [StartBot("3", "759")])
    crm.before = lambda number: None

    Effects(clinic).carry_out("f:12:0", [StartBot("3", "759")])

    assert crm.bots == [StartBot("3", "759")]


def test_a_deal_of_another_patient_with_no_such_marker_is_not_taken_for_ours(
    clinic: Clinic, crm: MemoryRecords
) -> None:
    crm.before = lambda number: raises(Unavailable(NO))
    with pytest.raises(Unavailable):
        Effects(clinic).carry_out("f:12:0", [NEW])
    crm.before = lambda number: None
    crm.deals["760"] = replace(DEAL, id="760", contacts=("301",), created_at=datetime.now(UTC), marker="copy:x")

    (made,) = Effects(clinic).carry_out("f:12:0", [NEW])

    assert made.id != "760"


def test_where_the_crm_keeps_no_markers_a_deal_that_another_write_made_is_not_taken_for_ours(
    clinic: Clinic, crm: MemoryRecords
) -> None:
    crm.marks = False
    (other,) = Effects(clinic).carry_out("f:11:0", [NEW])
    crm.before = lambda number: raises(Unavailable(NO))
    with pytest.raises(Unavailable):
        Effects(clinic).carry_out("f:12:0", [NEW])
    crm.before = lambda number: None

    (made,) = Effects(clinic).carry_out("f:12:0", [NEW])

    assert made.id != other.id
    assert len(crm.deals) == 3


def test_where_the_crm_keeps_no_markers_a_lost_answer_is_found_all_the_same(clinic: Clinic, crm: MemoryRecords) -> None:
    crm.marks = False
    crm.after = lambda number: raises(Unavailable(NO, applied_unknown=True))
    with pytest.raises(Unavailable):
        Effects(clinic).carry_out("f:12:0", [NEW, NEW])
    crm.after = lambda number: None

    made = Effects(clinic).carry_out("f:12:0", [])

    assert [written.id for written in made] == ["1001", "1002"]
    assert len(crm.deals) == 3


def late(clinic: Clinic, crm: MemoryRecords, write: Write, **meanwhile: str) -> None:
    """The CRM is away when the write is first sent; what people do with the deal meanwhile; the write is tried again."""
    crm.before = lambda number: raises(Unavailable(NO))
    with pytest.raises(Unavailable):
        Effects(clinic).carry_out("f:12:0", [write])
    crm.before = lambda number: None
    crm.deals["759"] = replace(crm.deals["759"], **meanwhile)  # type: ignore[arg-type]
    Effects(clinic).carry_out("f:12:0", [])


def test_a_move_that_comes_late_is_made(clinic: Clinic, crm: MemoryRecords) -> None:
    late(clinic, crm, replace(MOVE, leaves="13", responsible="9"))

    assert (crm.deals["759"].stage, crm.deals["759"].responsible) == ("12", "9")


def test_a_deal_that_a_person_has_moved_on_is_not_pulled_back(clinic: Clinic, crm: MemoryRecords) -> None:
    fields = {**MOVE.fields, "field.deal.loss_reason": "time"}
    late(clinic, crm, replace(MOVE, leaves="13", responsible="9", fields=fields), stage="11", responsible="7")

    deal = crm.deals["759"]
    assert (deal.stage, deal.responsible) == ("11", "7")
    assert deal.fields["field.deal.branch"] == "south"
    assert "field.deal.loss_reason" not in deal.fields


def test_nothing_is_sent_for_a_mere_move_that_a_person_has_overtaken(clinic: Clinic, crm: MemoryRecords) -> None:
    late(clinic, crm, UpdateDeal("759", "12", VISITS, leaves="13"), stage="11")
    with scope(clinic.id), clinic.database.transaction() as session:
        mark = own_marks.of_move(session, "759", "12", datetime.now(UTC))

    assert crm.deals["759"].stage == "11"
    assert Effects(clinic).carry_out("f:12:0", []) == (Written("759"),)
    # somebody who moves it there later is nobody of ours
    assert mark is None


def test_the_same_key_of_another_clinic_is_another(clinic: Clinic, clara: Clinic, crm: MemoryRecords) -> None:
    Effects(clinic).carry_out("f:12:0", [NOTE])
    Effects(clara).carry_out("f:12:0", [AddNote("759", "Клара")])

    assert notes(crm) == ["Перезвонить Ивановой"]
    with scope(clara.id), clara.database.transaction() as session:
        assert len(effect_log.of_key(session, "f:12:0")) == 1


def test_what_a_firing_wrote_can_be_told(clinic: Clinic, crm: MemoryRecords) -> None:
    Effects(clinic, hop=1, firing=12).carry_out("f:12:0", [NOTE])
    Effects(clinic, hop=1, firing=13).carry_out("f:13:0", [CALL])

    with scope(clinic.id), clinic.database.transaction() as session:
        told = effect_log.of_firing(session, 12)

    assert [(effect.key, effect.kind) for effect in told] == [("f:12:0", "AddNote")]
    assert told[0].written is not None


def test_what_was_written_is_sealed(clinic: Clinic, crm: MemoryRecords, database: Database) -> None:
    crm.refusing = lambda write: Rejected(NO, words="Иванова уже есть") if isinstance(write, AddTask) else None
    Effects(clinic).carry_out("f:12:0", [NOTE, CALL])

    with database.engine.connect() as connection:
        rows = str(connection.execute(text("SELECT * FROM effect")).all())

    assert "Иванов" not in rows
    assert "Перезвонить" not in rows


def test_after_a_month_nobody_can_read_what_was_written_but_the_key_stays_done(
    clinic: Clinic, crm: MemoryRecords, database: Database
) -> None:
    Effects(clinic).carry_out("f:12:0", [NOTE])
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE effect SET begun_at = now() - interval '31 days'"))

    with scope(clinic.id), clinic.database.transaction() as session:
        pruned = effect_log.prune(session)
    Effects(clinic).carry_out("f:12:0", [NOTE])

    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT payload FROM effect")).scalar() is None
    assert pruned == 1
    assert notes(crm) == ["Перезвонить Ивановой"]


def test_a_clinic_that_leaves_is_forgotten_and_the_others_are_not(clinic: Clinic, clara: Clinic) -> None:
    Effects(clinic).carry_out("f:12:0", [NOTE, CALL])
    Effects(clara).carry_out("f:12:0", [NOTE])

    with scope(clinic.id), clinic.database.transaction() as session:
        assert effect_log.forget(session) == {"effect": 2}
    with scope(clara.id), clara.database.transaction() as session:
        assert len(effect_log.of_key(session, "f:12:0")) == 1


def raises(error: Exception) -> None:
    raise error
