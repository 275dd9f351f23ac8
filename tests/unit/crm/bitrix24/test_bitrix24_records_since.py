"""What happened on Boris's portal since a moment: moves by its own memory, deals by when they last changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from bitrix24_answers import Refused
from bitrix24_items import deal

from widget_backend.crm.records import Move
from widget_backend.errors import AccessLost

SINCE = datetime(2026, 8, 1, tzinfo=UTC)
SENT_SINCE = "2026-08-01T00:00:00+00:00"


def row(number, **more):
    return {
        "ID": number,
        "TYPE_ID": 2,
        "OWNER_ID": 15,
        "CREATED_TIME": "2026-08-01T12:00:00+03:00",
        "CATEGORY_ID": 5,
        "STAGE_SEMANTIC_ID": "P",
        "STAGE_ID": "C5:NEW",
    } | more


def history(*rows):
    return {"items": list(rows)}


def changed(number, second=0):
    return deal(number, updatedTime=f"2026-08-02T10:30:{second:02}+03:00")


def test_moves_in_the_portals_words(boris, register):
    boris.answers("crm.stagehistory.list", history(row(35, TYPE_ID=1), row("36", STAGE_ID="C5:WON", OWNER_ID="16")))

    (page,) = register.moves(SINCE)

    at = datetime(2026, 8, 1, 9, tzinfo=UTC)
    assert page == (Move("15", "C5:NEW", "5", at, "35"), Move("16", "C5:WON", "5", at, "36"))
    (asked,) = boris.sent("crm.stagehistory.list")
    assert asked == {
        "entityTypeId": "2",
        "order[ID]": "ASC",
        "filter[>=CREATED_TIME]": SENT_SINCE,
        "start": "-1",
    }


def test_a_move_in_the_default_pipeline(boris, register):
    boris.answers("crm.stagehistory.list", history(row(35, CATEGORY_ID=0, STAGE_ID="NEW")))

    assert next(register.moves(SINCE))[0].pipeline == "0"


def test_moves_go_on_behind_the_last_one(boris, register):
    boris.answers("crm.stagehistory.list", history(*(row(n) for n in range(1, 51))), history(row(51)))

    pages = list(register.moves(SINCE))

    assert [len(page) for page in pages] == [50, 1]
    assert boris.sent("crm.stagehistory.list")[1]["filter[>ID]"] == "50"


def test_of_one_deal_only_its_own_moves_are_asked_for(boris, register):
    boris.answers("crm.stagehistory.list", history(row(35)))

    assert [[move.deal for move in page] for page in register.moves(SINCE, "15")] == [["15"]]
    (asked,) = boris.sent("crm.stagehistory.list")
    assert (asked["filter[OWNER_ID]"], asked["filter[>=CREATED_TIME]"]) == ("15", SENT_SINCE)


def test_no_moves_are_no_page(boris, register):
    boris.answers("crm.stagehistory.list", history())

    assert list(register.moves(SINCE)) == []


def test_a_page_is_given_out_before_the_next_is_asked_for(boris, register):
    boris.answers("crm.stagehistory.list", history(*(row(n) for n in range(1, 51))))

    next(register.moves(SINCE))

    assert len(boris.batches) == 1


def test_moves_of_a_portal_that_repeats_itself_end(boris, register):
    boris.answers("crm.stagehistory.list", history(*(row(n) for n in range(1, 51))))

    assert len(list(register.moves(SINCE))) == 2


def test_changed_deals_the_longest_unchanged_first(boris, register):
    boris.answers("crm.item.list", {"items": [changed(16), changed(15, 5)]})

    (page,) = register.changed(SINCE)

    assert [deal.id for deal in page] == ["16", "15"]
    (asked,) = boris.sent("crm.item.list")
    assert list(asked.items()) == [
        ("entityTypeId", "2"),
        ("select[0]", "*"),
        ("filter[>=updatedTime]", SENT_SINCE),
        ("order[updatedTime]", "ASC"),
        ("order[id]", "ASC"),
        ("start", "-1"),
        ("useOriginalUfNames", "Y"),
    ]


def test_the_rest_of_a_second_and_what_is_later_come_together(boris, register):
    boris.answers(
        "crm.item.list",
        {"items": [changed(n, 1) for n in range(1, 51)]},
        {"items": [changed(51, 1)]},
        {"items": [changed(7, 2)]},
    )

    pages = list(register.changed(SINCE))

    assert [[deal.id for deal in page] for page in pages[1:]] == [["51", "7"]]
    assert boris.methods == [["crm.item.list"], ["crm.item.list", "crm.item.list"]]
    _, same, later = boris.sent("crm.item.list")
    assert (same["filter[=updatedTime]"], same["filter[>id]"]) == ("2026-08-02T07:30:01+00:00", "50")
    assert later["filter[>updatedTime]"] == "2026-08-02T07:30:01+00:00"


def test_a_whole_import_in_one_second_loses_nobody(boris, register):
    boris.answers(
        "crm.item.list",
        {"items": [changed(n) for n in range(1, 51)]},
        {"items": [changed(n) for n in range(51, 101)]},
        {"items": [changed(900, 9)]},
        {"items": [changed(101)]},
        {"items": [changed(900, 9)]},
    )

    pages = list(register.changed(SINCE))

    assert [deal.id for page in pages for deal in page] == [*(str(n) for n in range(1, 102)), "900"]


def test_changes_of_a_portal_that_repeats_itself_end(boris, register):
    boris.answers("crm.item.list", {"items": [changed(n) for n in range(1, 51)]})

    assert len(list(register.changed(SINCE))) == 1


def test_nothing_changed_is_no_page(boris, register):
    boris.answers("crm.item.list", {"items": []})

    assert list(register.changed(SINCE)) == []


@pytest.mark.parametrize("look", ["moves", "changed"])
def test_a_lost_key_raises(boris, register, look):
    boris.answers("crm.item.list", Refused("expired_token"))
    boris.answers("crm.stagehistory.list", Refused("expired_token"))

    with pytest.raises(AccessLost):
        list(getattr(register, look)(SINCE))
