"""What only an installed application has: webhooks to our address, and sources of its own."""

from __future__ import annotations

import pytest
from amocrm_answers import ACCOUNT, FORBIDDEN, create, delete, listed, update

from widget_backend.crm.amocrm import reading
from widget_backend.crm.model import Kind
from widget_backend.errors import Rejected, Unavailable

RECORDS = "https://crm.example.ru/webhooks/amocrm/hush/records"
TALKS = "https://crm.example.ru/webhooks/amocrm/hush/talks"


def hook(number, address, settings):
    return {"id": number, "destination": address, "settings": settings, "sort": 10, "disabled": False}


def test_each_subscription_has_an_address_of_its_own(alice, application, carry):
    alice.answers("POST", "webhooks", hook(61, RECORDS, ["add_lead", "status_lead"]), 201)
    alice.answers("POST", "webhooks", hook(62, TALKS, ["note_lead", "note_contact"]), 201)

    outcomes = carry(
        create(Kind.SUBSCRIPTION, "subscription.records", events=("deal_added", "deal_moved")),
        create(Kind.SUBSCRIPTION, "subscription.talks", events=("activity_added",)),
        over=application,
    )

    assert alice.sent("POST webhooks") == [
        {"destination": RECORDS, "settings": ["add_lead", "status_lead"], "sort": 10},
        {"destination": TALKS, "settings": ["note_lead", "note_contact"], "sort": 10},
    ]
    assert {a: (o.remote.id, o.remote.marker) for a, o in outcomes.items()} == {
        "subscription.records": ("61", "records"),
        "subscription.talks": ("62", "talks"),
    }


def test_a_second_post_to_the_same_address_changes_the_webhook(alice, application, carry):
    there = reading.subscription(hook(61, "https://crm.example.ru/webhooks/amocrm/old/records", ["add_lead"]))
    alice.answers("POST", "webhooks", hook(61, there.native, ["add_lead", "delete_lead"]), 201)

    outcomes = carry(update("subscription.records", there, events=("deal_added", "deal_deleted")), over=application)

    assert alice.sent("POST webhooks") == [
        {"destination": there.native, "settings": ["add_lead", "delete_lead"], "sort": 10}
    ]
    assert outcomes["subscription.records"].remote.attributes["events"] == ("deal_added", "deal_deleted")


def test_a_webhook_may_be_posted_twice(alice, application, carry):
    alice.answers("POST", "webhooks", "<html>", 502)
    alice.answers("POST", "webhooks", hook(61, RECORDS, ["add_lead"]), 201)

    outcomes = carry(create(Kind.SUBSCRIPTION, "subscription.records", events=("deal_added",)), over=application)

    assert outcomes["subscription.records"].error is None


def test_a_tariff_without_webhooks_refuses_them_alone(alice, application, carry):
    alice.answers("POST", "webhooks", FORBIDDEN, 403)

    outcomes = carry(create(Kind.SUBSCRIPTION, "subscription.records", events=("deal_added",)), over=application)

    assert isinstance(outcomes["subscription.records"].error, Rejected)


def test_a_webhook_without_a_number_is_of_unknown_outcome(alice, application, carry):
    alice.answers("POST", "webhooks", {}, 201)

    with pytest.raises(Unavailable):
        carry(create(Kind.SUBSCRIPTION, "subscription.records", events=("deal_added",)), over=application)


@pytest.mark.parametrize("settings", [["add_lead", "add_talk"], {"add_lead": 1, "add_talk": 1, "status_lead": 0}])
def test_our_webhooks_are_known_by_their_address(alice, application, settings):
    alice.answers("GET", "account", ACCOUNT)
    strange = hook(63, "https://elsewhere.example.ru/hook", ["add_lead"])
    alice.answers("GET", "webhooks", listed("webhooks", [hook(61, RECORDS, settings), strange]))

    [ours] = application.snapshot([Kind.SUBSCRIPTION], {}).remotes

    assert (ours.id, ours.native, ours.marker) == ("61", RECORDS, "records")
    assert ours.attributes == {"events": ("deal_added",)}


def test_a_webhook_is_removed_by_its_address(alice, application, carry):
    alice.answers("DELETE", "webhooks", status=204)

    carry(delete("subscription.records", reading.subscription(hook(61, RECORDS, ["add_lead"]))), over=application)

    assert alice.sent("DELETE webhooks") == [{"destination": RECORDS}]


def test_sources_carry_our_key_and_are_renamed_in_an_array(alice, application, carry):
    alice.creates("sources", "sources")
    alice.answers("PATCH", "sources", listed("sources", [{"id": 11}]))
    site = reading.source({"id": 11, "name": "Сайт", "external_id": "site"})

    outcomes = carry(
        create(Kind.SOURCE, "source.gis", name="2ГИС"), update("source.site", site, name="Наш сайт"), over=application
    )

    assert alice.sent("POST sources") == [[{"name": "2ГИС", "external_id": "gis", "request_id": "source.gis"}]]
    assert alice.sent("PATCH sources") == [[{"id": 11, "name": "Наш сайт"}]]
    assert outcomes["source.gis"].remote.marker == "gis"


def test_without_an_application_neither_is_read(alice, crm):
    alice.answers("GET", "account", ACCOUNT)

    assert crm.snapshot([Kind.SUBSCRIPTION, Kind.SOURCE], {}).remotes == ()
    assert alice.asked == ["GET account"]
