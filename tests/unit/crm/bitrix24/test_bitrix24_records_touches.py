"""Who got in touch on Boris's portal since a moment, and whose cards changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from widget_backend.crm.records import Touched

SINCE = datetime(2026, 8, 1, tzinfo=UTC)
SENT_SINCE = "2026-08-01T00:00:00+00:00"
CALL = {"TYPE_ID": "2", "PROVIDER_ID": "VOXIMPLANT_CALL", "DIRECTION": "1"}


def activity(number, minute=0, **more):
    at = f"2026-08-01T03:{minute:02}:00+03:00"
    return {"ID": str(number), **CALL, "CREATED": at, "LAST_UPDATED": at} | more


def contact(number, minute):
    return {"id": number, "updatedTime": f"2026-08-01T03:{minute:02}:00+03:00"}


def test_both_lists_are_asked_for_in_one_request_and_told_in_order(boris, register):
    boris.answers("crm.item.list", {"items": [contact(17, 2)]})
    boris.answers("crm.activity.list", [activity(42, 3), activity(41, 1)])

    (page,) = register.touched(SINCE)

    assert page == (
        Touched("activity", "41", "added", SINCE + timedelta(minutes=1)),
        Touched("contact", "17", "updated", SINCE + timedelta(minutes=2)),
        Touched("activity", "42", "added", SINCE + timedelta(minutes=3)),
    )
    assert boris.methods == [["crm.item.list", "crm.activity.list"]]
    assert boris.sent("crm.item.list")[0]["filter[>=updatedTime]"] == SENT_SINCE
    assert boris.sent("crm.activity.list")[0]["filter[>=LAST_UPDATED]"] == SENT_SINCE


def test_what_the_clinic_did_itself_is_nobodys_touch(boris, register):
    boris.answers("crm.item.list", {"items": []})
    boris.answers(
        "crm.activity.list",
        [activity(43, DIRECTION="2"), activity(42, PROVIDER_ID="CRM_TODO", TYPE_ID="6"), activity(41)],
    )

    (page,) = register.touched(SINCE)

    assert [one.id for one in page] == ["41"]


def test_a_quiet_portal_has_none(boris, register):
    boris.answers("crm.item.list", {"items": []})
    boris.answers("crm.activity.list", [])

    assert list(register.touched(SINCE)) == []


def test_pages_are_read_until_they_are_older(boris, register):
    boris.answers("crm.item.list", {"items": []})
    boris.answers(
        "crm.activity.list", [activity(n) for n in range(150, 100, -1)], [activity(n) for n in range(100, 90, -1)]
    )

    (page,) = register.touched(SINCE)

    assert len(page) == 60
    assert boris.sent("crm.activity.list")[1]["filter[<ID]"] == "101"


def test_a_portal_that_keeps_to_no_time_is_not_read_to_its_beginning(boris, register):
    old = activity(40, LAST_UPDATED="2020-01-01T00:00:00+03:00")
    boris.answers("crm.item.list", {"items": []})
    boris.answers("crm.activity.list", [activity(41), *[old] * 49])

    (page,) = register.touched(SINCE)

    assert [one.id for one in page] == ["41"]
    assert len(boris.sent("crm.activity.list")) == 1
