"""What Boris's portal tells: which record was touched, and which robot of ours is called for which deal."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from widget_backend.crm.bitrix24.hooks import robot_call, touched
from widget_backend.crm.bitrix24.webhook import read_event
from widget_backend.crm.records import Touched
from widget_backend.errors import InvalidInput

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
AUTH = {"auth[member_id]": "5f0c2b7a", "auth[application_token]": "9c51", "auth[domain]": "boris.bitrix24.example"}
CALL = {
    "workflow_id": "68a0b1c2d3e4f5.12345678",
    "code": "route_patient",
    "ts": "1790000000",
    "document_id[0]": "crm",
    "document_id[1]": "CCrmDocumentDeal",
    "document_id[2]": "DEAL_15",
    "document_type[0]": "crm",
    "document_type[1]": "CCrmDocumentDeal",
    "document_type[2]": "DEAL",
    "event_token": "68a0b1|A1_2_3|Rnd32.hexsig",
    "use_subscription": "Y",
    "timeout_duration": "0",
    "properties[to]": "stage.aftercare.new",
    "properties[note]": "",
    **AUTH,
}


def event(name, **data):
    told = {f"data[FIELDS][{key}]": value for key, value in data.items()}
    return read_event(urlencode({"event": name, "ts": "1790000000", **told, **AUTH}).encode())


def call(**changed):
    return urlencode({name: value for name, value in (CALL | changed).items() if value is not None}).encode()


@pytest.mark.parametrize(
    ("name", "entity", "verb"),
    [
        ("ONCRMDEALADD", "deal", "added"),
        ("ONCRMDEALUPDATE", "deal", "updated"),
        ("OnCrmDealMoveToCategory", "deal", "moved"),
        ("ONCRMDEALDELETE", "deal", "deleted"),
        ("ONCRMCONTACTADD", "contact", "added"),
        ("ONCRMCONTACTUPDATE", "contact", "updated"),
        ("ONCRMCONTACTDELETE", "contact", "deleted"),
        ("ONCRMACTIVITYADD", "activity", "added"),
        ("ONCRMACTIVITYUPDATE", "activity", "updated"),
        ("ONCRMACTIVITYDELETE", "activity", "deleted"),
    ],
)
def test_a_record_was_touched(name, entity, verb):
    assert touched(event(name, ID="759")) == (Touched(entity, "759", verb, AT),)


def test_what_an_event_tells_besides_is_not_believed():
    assert touched(event("ONCRMDEALMOVETOCATEGORY", ID="759", STAGE_ID="C7:WON", CATEGORY_ID="7")) == (
        Touched("deal", "759", "moved", AT),
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("ONCRMDEALUPDATE", {}),
        ("ONCRMDEALUPDATE", {"ID": ""}),
        ("ONCRMDEALUPDATE", {"ID": "0"}),
        ("ONCRMDEALUPDATE", {"ID": "15 OR 1=1"}),
        ("ONCRMDEALUPDATE", {"ID": "9" * 19}),
        ("ONCRMDEALUPDATE", {"ID][deep": "15"}),
        ("ONCRMTIMELINECOMMENTADD", {"ID": "15"}),
        ("ONTASKADD", {"ID": "15"}),
        ("ONAPPUNINSTALL", {"ID": "15"}),
    ],
)
def test_nothing_of_ours_was_touched(name, data):
    assert touched(event(name, **data)) == ()


def test_a_robot_calls():
    offer, told = robot_call(call())

    assert (offer.member_id, offer.application_token) == ("5f0c2b7a", "9c51")
    assert (told.code, told.deal, told.contact, told.at) == ("route_patient", "15", "", AT)
    assert told.given == {"to": "stage.aftercare.new", "note": ""}
    assert told.reply == "68a0b1|A1_2_3|Rnd32.hexsig"


def test_nobody_waits_for_a_robot_without_a_subscription():
    assert robot_call(call(use_subscription="N"))[1].reply == ""


def test_the_same_call_has_the_same_key_and_the_key_is_no_secret():
    _, first = robot_call(call())
    _, again = robot_call(call(ts="1790000009"))
    _, other = robot_call(call(event_token="68a0b1|A1_2_4|Rnd32.hexsig"))

    assert first.key == again.key != other.key
    assert "hexsig" not in repr(first)


def test_without_a_token_workflow_and_time_tell_calls_apart():
    _, first = robot_call(call(event_token=None))
    _, again = robot_call(call(event_token=""))
    _, later = robot_call(call(event_token=None, ts="1790000009"))

    assert first.key == again.key != later.key


def test_several_values_of_one_property():
    _, told = robot_call(call(**{"properties[who][0]": "user_7", "properties[who][1]": "user_8"}))

    assert told.given["who"] == "user_7, user_8"


@pytest.mark.parametrize("ts", [None, "", "soon", "9" * 30])
def test_a_time_nobody_can_read_is_none(ts):
    assert robot_call(call(ts=ts))[1].at is None


@pytest.mark.parametrize(
    "changed",
    [
        {"code": None},
        {"code": "<script>"},
        {"document_id[2]": None},
        {"document_id[2]": "CONTACT_4"},
        {"document_id[2]": "DEAL_0"},
        {"auth[member_id]": None},
    ],
)
def test_a_call_of_no_robot_or_on_no_deal(changed):
    with pytest.raises(InvalidInput):
        robot_call(call(**changed))


def test_no_call_at_all():
    with pytest.raises(InvalidInput):
        robot_call(b"\xff\x00[[[")
