"""Counts before anything is deleted: by the totals of lists, and rather one too many than one too few."""

from __future__ import annotations

import pytest
from bitrix24_answers import Counted, Refused

from widget_backend.crm.model import Kind, Remote
from widget_backend.errors import AccessLost

EMPTY = {"items": []}


def stage(number: int) -> Remote:
    return Remote(Kind.STAGE, f"C5:S{number}", {"name": "Этап"}, parent="5")


def field(kind: str, entity: str = "deal") -> Remote:
    return Remote(Kind.FIELD, f"UF_CRM_{kind.upper()}", {"type": kind}, entity=entity)


def test_fifty_stages_are_counted_in_one_request(boris, crm):
    boris.answers("crm.item.list", Counted(EMPTY, 3))

    counted = crm.count_deals([stage(n) for n in range(60)])

    assert [len(batch) for batch in boris.batches] == [50, 10]
    assert set(counted.values()) == {3}


def test_deals_are_counted_by_the_code_of_their_stage(boris, crm):
    crm.count_deals([stage(1)])

    assert boris.sent("crm.item.list") == [
        {
            "entityTypeId": "2",
            "select[0]": "id",
            "filter[=stageId]": "C5:S1",
            "start": "0",
            "useOriginalUfNames": "Y",
        }
    ]


@pytest.mark.parametrize(
    ("kind", "condition", "value"),
    [
        ("text", "filter[!=UF_CRM_TEXT]", ""),
        ("list", "filter[!=UF_CRM_LIST]", ""),
        ("boolean", "filter[=UF_CRM_BOOLEAN]", "1"),
        ("date", "filter[>UF_CRM_DATE]", "1900-01-01"),
    ],
)
def test_a_filled_field_is_counted_by_its_type(boris, crm, kind, condition, value):
    crm.count_values([field(kind, "contact")])

    (sent,) = boris.sent("crm.item.list")
    assert (sent["entityTypeId"], sent[condition]) == ("3", value)


def test_a_source_is_held_by_deals_contacts_and_leads(boris, crm):
    boris.answers("crm.item.list", Counted(EMPTY, 2), Counted(EMPTY, 1), Refused("ENTITY_TYPE_NOT_SUPPORTED"))

    assert crm.count_values([Remote(Kind.SOURCE, "DENT_SITE", {"name": "Сайт"})]) == {"DENT_SITE": 3}


def test_a_field_that_cannot_be_counted_is_taken_to_be_filled(boris, crm):
    boris.answers("crm.item.list", Refused("INVALID_ARG_VALUE"))

    assert crm.count_values([field("text")]) == {"UF_CRM_TEXT": 1}


def test_rows_are_counted_where_the_total_is_not_told(boris, crm):
    boris.answers("crm.item.list", {"items": [{"id": 1}, {"id": 2}]})

    assert crm.count_values([field("text")]) == {"UF_CRM_TEXT": 2}


def test_a_lost_key_is_no_count(boris, crm):
    boris.answers("crm.item.list", Refused("expired_token"))

    with pytest.raises(AccessLost):
        crm.count_deals([stage(1)])
