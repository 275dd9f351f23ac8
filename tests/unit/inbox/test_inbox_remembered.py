"""Patients who got in touch, contacts that changed and deals that were deleted are found where nobody told us of it."""

from __future__ import annotations

import pytest
from inbox_desk import Desk

from widget_backend.crm.records import Activity, Contact, Touched
from widget_backend.errors import Unavailable
from widget_backend.texts import Text

AWAY = Text("CRM не отвечает.", "The CRM does not answer.")


def patient(desk: Desk, *, vip: bool, number: str = "17") -> None:
    """Somebody fills in the patient's card."""
    desk.crm.contacts[number] = Contact(
        number, "Анна Примерова", updated_at=desk.crm.at, fields={"field.contact.vip": vip}
    )


def known(desk: Desk) -> str:
    """An open deal of a patient, both told of."""
    patient(desk, vip=False)
    deal = desk.crm.adds("new", contact="17")
    desk.hears("contact", "17", "added")
    desk.hears("deal", deal, "added")
    desk.works()
    desk.crm.passes()
    return deal


def calls(desk: Desk, deal: str, number: str = "41") -> None:
    desk.crm.activities[number] = Activity(number, "call", True, desk.crm.at, (deal,), ("17",))


def touches(desk: Desk) -> list[tuple[str, str]]:
    """Of which deals it was told that their patients got in touch, and how."""
    return [(seen.deal.id, one.channel) for seen in desk.seen for one in seen.touches]


def changes(desk: Desk) -> list[tuple[str, ...]]:
    return [change.fields for seen in desk.seen for change in seen.changes]


def is_gone(desk: Desk, deal: str) -> bool:
    [row] = desk.sql("SELECT gone_at IS NOT NULL FROM deal_state WHERE deal = :deal", deal=deal)
    return bool(row[0])


def unread(desk: Desk) -> None:
    """Nobody has read any deal for two days."""
    desk.sql("UPDATE deal_state SET read_at = read_at - interval '2 days'")


def test_a_call_nobody_told_of_is_found_once(boris: Desk) -> None:
    deal = known(boris)
    calls(boris, deal)

    for _ in range(3):
        boris.reconciles()

    assert touches(boris) == [(deal, "call")]


def test_a_call_that_was_told_is_not_found_again(boris: Desk) -> None:
    deal = known(boris)
    calls(boris, deal)
    boris.hears("activity", "41", "added")
    boris.works()
    asked = boris.crm.reads.count("Activities")

    boris.reconciles_by_hand()
    boris.works()

    assert touches(boris) == [(deal, "call")]
    assert boris.crm.reads.count("Activities") == asked


@pytest.mark.parametrize(("later", "told"), [(20, 1), (600, 2)])
def test_a_message_told_by_another_name_is_the_same_if_it_was_then(boris: Desk, later: int, told: int) -> None:
    deal = known(boris)
    boris.hears("activity", "talk:9", "added", Activity("", "message", True, boris.crm.at, (), ("17",)))
    boris.works()
    boris.crm.passes(later)
    boris.crm.activities["message:1"] = Activity("message:1", "message", True, boris.crm.at, (deal,))

    boris.reconciles_by_hand()
    boris.works()

    assert touches(boris) == [(deal, "message")] * told


def test_what_changed_of_a_patient_is_found(boris: Desk) -> None:
    known(boris)
    boris.crm.passes(60)
    patient(boris, vip=True)

    for _ in range(3):
        boris.reconciles()

    assert changes(boris) == [("field.contact.vip",)]


def test_what_was_told_of_a_patient_is_not_read_again(boris: Desk) -> None:
    known(boris)
    patient(boris, vip=True)
    boris.crm.at = boris.crm.contacts["17"].updated_at or boris.crm.at
    boris.sql("UPDATE contact_state SET read_at = read_at + interval '1 hour'")
    asked = boris.crm.reads.count("Contacts DealsOf")

    boris.reconciles()

    assert boris.crm.reads.count("Contacts DealsOf") == asked


def test_a_deal_that_the_crm_lists_as_deleted_is_gone(boris: Desk) -> None:
    deal = known(boris)
    boris.crm.deletes(deal)
    boris.crm.deletions.append(Touched("deal", deal, "deleted", boris.crm.at))

    boris.reconciles()

    assert is_gone(boris, deal)


def test_a_deal_that_no_crm_lists_as_deleted_is_gone_within_a_day(boris: Desk) -> None:
    deal, kept = known(boris), boris.crm.adds("new")
    boris.hears("deal", kept, "added")
    boris.works()
    boris.crm.deletes(deal)
    boris.reconciles()
    before = is_gone(boris, deal)
    unread(boris)

    boris.reconciles()

    assert (before, is_gone(boris, deal), is_gone(boris, kept)) == (False, True, False)


def test_deals_that_are_as_they_were_are_read_together_and_once_a_day(boris: Desk) -> None:
    for _ in range(5):
        boris.hears("deal", boris.crm.adds("new"), "added")
    boris.works()
    unread(boris)
    asked = boris.crm.reads.count("Deals")

    for _ in range(3):
        boris.reconciles()

    assert boris.crm.reads.count("Deals") == asked + 1


def test_a_crm_that_breaks_off_is_looked_through_from_where_it_did(boris: Desk) -> None:
    deal = known(boris)
    boris.reconciles()
    calls(boris, deal)
    boris.crm.fault = Unavailable(AWAY)
    boris.reconciles()
    boris.crm.fault = None
    boris.crm.passes(3600)

    boris.reconciles()
    boris.hurries()

    assert touches(boris) == [(deal, "call")]


def test_clara_hears_nothing_of_it(boris: Desk, clara: Desk) -> None:
    calls(boris, known(boris))

    boris.reconciles_by_hand()
    clara.reconciles_by_hand()
    clara.works()

    assert (touches(clara), clara.states()) == ([], [])
