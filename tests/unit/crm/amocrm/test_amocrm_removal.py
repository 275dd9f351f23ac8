"""The way back: what is deleted and how, what counts as gone, and what is counted beforehand."""

from __future__ import annotations

import pytest
from amocrm_answers import (
    FORBIDDEN,
    IMPOSSIBLE,
    NOT_FOUND,
    UNSORTED,
    WON,
    create,
    delete,
    field,
    invalid,
    listed,
    pipeline,
    status,
)

from widget_backend.crm.amocrm import reading
from widget_backend.crm.model import Kind
from widget_backend.errors import Rejected, Unsupported

VISITS, NEW, CAME = reading.pipelines([pipeline(9001, "Приемы", UNSORTED, status(70002, "Новая", 20), WON)])
DOCTOR = reading.field(field(31, "Врач"), "deal")
BIRTHDAY = reading.field(field(32, "Дата рождения"), "contact")
PRICE = reading.loss_reason({"id": 5001, "name": "Дорого"})
SITE = reading.source({"id": 11, "name": "Сайт", "external_id": "site"})
NEXT = "https://alice.amocrm.ru/api/v4/leads?page=2"


@pytest.mark.parametrize(
    ("remote", "path"),
    [
        (VISITS, "leads/pipelines/9001"),
        (NEW, "leads/pipelines/9001/statuses/70002"),
        (PRICE, "leads/loss_reasons/5001"),
        (DOCTOR, "leads/custom_fields/31"),
        (BIRTHDAY, "contacts/custom_fields/32"),
        (reading.group({"id": "leads_5", "name": "Приём"}, "deal"), "leads/custom_fields/groups/leads_5"),
        (SITE, "sources/11"),
    ],
)
def test_each_thing_is_deleted_at_its_place(alice, carry, remote, path):
    alice.answers("DELETE", path, status=204)

    outcomes = carry(delete("address", remote))

    assert (outcomes["address"].error, outcomes["address"].remote) == (None, None)
    assert alice.asked == [f"DELETE {path}"]


def test_stages_go_with_their_pipeline(alice, carry):
    alice.answers("DELETE", "leads/pipelines/9001", status=204)

    outcomes = carry(
        delete("stage.visits.new", NEW), delete("stage.visits.came", CAME), delete("pipeline.visits", VISITS)
    )

    assert alice.asked == ["DELETE leads/pipelines/9001"]
    assert {address: outcome.error for address, outcome in outcomes.items()} == {
        "pipeline.visits": None,
        "stage.visits.new": None,
        "stage.visits.came": None,
    }


def test_a_pipeline_with_deals_stays_with_its_stages(alice, carry):
    alice.answers("DELETE", "leads/pipelines/9001", IMPOSSIBLE, 422)

    outcomes = carry(delete("stage.visits.new", NEW), delete("pipeline.visits", VISITS))

    assert [type(outcome.error) for outcome in outcomes.values()] == [Rejected, Rejected]
    assert outcomes["pipeline.visits"].error.words == "Pipeline has leads"


def test_what_is_gone_already_is_as_good_as_deleted(alice, carry):
    alice.answers("DELETE", "leads/pipelines/9001", invalid(("0", "NotSupportedChoice", "id")), 400)
    alice.answers("DELETE", "leads/loss_reasons/5001", NOT_FOUND, 404)

    outcomes = carry(delete("loss_reason.price", PRICE), delete("pipeline.visits", VISITS))

    assert [outcome.error for outcome in outcomes.values()] == [None, None]


def test_a_delete_that_got_lost_is_sent_again(alice, carry):
    alice.answers("DELETE", "leads/custom_fields/31", "<html>", 502)
    alice.answers("DELETE", "leads/custom_fields/31", status=204)

    assert carry(delete("field.deal.doctor", DOCTOR))["field.deal.doctor"].error is None


def test_one_refused_delete_leaves_the_others(alice, carry):
    alice.answers("DELETE", "leads/custom_fields/31", FORBIDDEN, 403)
    alice.answers("DELETE", "contacts/custom_fields/32", status=204)

    outcomes = carry(delete("field.deal.doctor", DOCTOR), delete("field.contact.birth_date", BIRTHDAY))

    assert isinstance(outcomes["field.deal.doctor"].error, Rejected)
    assert outcomes["field.contact.birth_date"].error is None


@pytest.mark.parametrize("remote", [CAME, reading.tag({"id": 7, "name": "VIP"}, "deal")])
def test_what_has_no_delete_stays_without_asking(alice, carry, remote):
    outcomes = carry(delete("address", remote))

    assert isinstance(outcomes["address"].error, Unsupported)
    assert alice.asked == []


def test_deletes_come_after_everything_else(alice, carry):
    alice.creates("leads/tags", "tags")
    alice.answers("DELETE", "leads/loss_reasons/5001", status=204)

    carry(delete("loss_reason.price", PRICE), create(Kind.TAG, "tag.deal.vip", entity="deal", name="VIP"))

    assert alice.asked == ["POST leads/tags", "DELETE leads/loss_reasons/5001"]


def lead(number, pipeline_id, status_id, **more):
    return {"id": number, "pipeline_id": pipeline_id, "status_id": status_id, "custom_fields_values": None, **more}


def test_deals_are_counted_stage_by_stage(alice, crm):
    rows = [lead(1, 9001, 70002), lead(2, 9001, 70002), lead(3, 9001, 142)]
    alice.answers("GET", "leads", listed("leads", rows))

    assert crm.count_deals([NEW, CAME]) == {"9001:70002": 2, "9001:142": 1}
    assert alice.queries("leads") == [
        {
            "filter[statuses][0][pipeline_id]": "9001",
            "filter[statuses][0][status_id]": "70002",
            "filter[statuses][1][pipeline_id]": "9001",
            "filter[statuses][1][status_id]": "142",
            "page": "1",
            "limit": "250",
        }
    ]


def test_an_account_without_filters_changes_no_count(alice, crm):
    alice.answers("GET", "leads", listed("leads", [lead(1, 9002, 142), lead(2, 9001, 142)], NEXT))
    alice.answers("GET", "leads", listed("leads", [lead(3, 9001, 70002)]))

    assert crm.count_deals([NEW, CAME]) == {"9001:70002": 1, "9001:142": 1}


def test_no_deals_are_an_answer_without_a_body(alice, crm):
    alice.answers("GET", "leads", status=204)

    assert crm.count_deals([NEW]) == {"9001:70002": 0}


def test_where_there_are_too_many_to_read_a_stage_counts_as_held(alice, crm):
    for number in range(40):
        alice.answers("GET", "leads", listed("leads", [lead(number, 9002, 142)], NEXT))

    assert crm.count_deals([NEW]) == {"9001:70002": 1}
    assert len(alice.asked) == 40


def test_values_are_counted_in_deals_and_contacts(alice, crm):
    filled = {"custom_fields_values": [{"field_id": 31, "values": [{"value": "Иванова"}]}]}
    deals = [lead(1, 9001, 143, loss_reason_id=5001, source_id=11, **filled), lead(2, 9001, 143, loss_reason_id=5001)]
    alice.answers("GET", "leads", listed("leads", deals))
    alice.answers("GET", "contacts", listed("contacts", [{"id": 301, "custom_fields_values": None}]))

    assert crm.count_values([DOCTOR, PRICE, SITE, BIRTHDAY]) == {"31": 1, "5001": 2, "11": 1, "32": 0}


def test_values_are_counted_only_where_they_could_be(alice, crm):
    alice.answers("GET", "contacts", status=204)

    assert crm.count_values([BIRTHDAY]) == {"32": 0}
    assert alice.asked == ["GET contacts"]
