"""What an installed application has besides: events to one address, places, robots, triggers; twice is as good as once."""

from __future__ import annotations

import pytest
from bitrix24_answers import Refused, create, delete, update

from widget_backend.crm.bitrix24 import handlers
from widget_backend.crm.model import Kind, Option, Remote
from widget_backend.crm.port import Application
from widget_backend.crm.vocabulary import EVENTS
from widget_backend.errors import Unsupported

OURS = Application("https://dent.example")
ADDRESS = "https://dent.example/webhooks/bitrix24?for=records.3"
RECORDS = create(Kind.SUBSCRIPTION, "subscription.records", events=("deal_added", "deal_updated"))
TAB = create(Kind.PLACEMENT, "placement.deal_card", name="Пациент", spot="deal_tab")
ROBOT = create(
    Kind.ROBOT,
    "robot.route",
    name="Маршрут",
    description="Определяет пациента",
    properties=(Option("stage", "Этап"),),
    returns=(Option("visit_type", "Тип"),),
)
SILENT_ROBOT = create(Kind.ROBOT, "robot.wake", name="Разбудить", description="", properties=(), returns=())
TRIGGER = create(Kind.TRIGGER, "trigger.patient_came", name="Пациент пришёл")


def test_all_events_of_a_subscription_go_to_one_address(boris, application, carry):
    carry(RECORDS, over=application)

    assert boris.sent("event.bind") == [
        {"event": "ONCRMDEALADD", "handler": ADDRESS},
        {"event": "ONCRMDEALUPDATE", "handler": ADDRESS},
    ]


def test_several_of_our_events_may_be_one_of_the_portals():
    assert handlers.codes(["activity_added", "message_received", "task_added", "task_completed"]) == [
        "ONCRMACTIVITYADD",
        "ONCRMACTIVITYUPDATE",
    ]


@pytest.mark.parametrize(
    "events", [("activity_added",), ("task_added", "task_completed"), EVENTS, ("message_received",)]
)
def test_a_subscription_is_read_back_as_it_was_wanted(events):
    address = handlers.events_address(OURS, "communication", events)
    listed = [{"event": code, "handler": address} for code in handlers.codes(events)]

    (found,) = handlers.subscriptions(listed, OURS)

    assert (found.id, found.marker, set(found.attributes["events"])) == ("communication", "communication", set(events))


def test_an_event_the_portal_has_dropped_is_missed():
    (found,) = handlers.subscriptions([{"event": "ONCRMDEALADD", "handler": ADDRESS}], OURS)

    assert found.attributes["events"] == ("deal_added",)


@pytest.mark.parametrize(
    "address", ["https://another.example/webhooks/bitrix24?for=records.3", "https://dent.example/"]
)
def test_handlers_of_others_are_not_ours(address):
    assert list(handlers.subscriptions([{"event": "ONCRMDEALADD", "handler": address}], OURS)) == []


def test_a_changed_subscription_moves_to_a_new_address_and_leaves_the_old(boris, application, carry):
    now = Remote(Kind.SUBSCRIPTION, "records", {"events": ("deal_added", "deal_updated")}, native=ADDRESS)

    carry(update(now, events=("deal_added",)), over=application)

    new = "https://dent.example/webhooks/bitrix24?for=records.1"
    assert boris.sent("event.bind") == [{"event": "ONCRMDEALADD", "handler": new}]
    assert [sent["handler"] for sent in boris.sent("event.unbind")] == [ADDRESS, ADDRESS]


def test_a_missing_event_is_bound_again_at_the_same_address(boris, application, carry):
    now = Remote(Kind.SUBSCRIPTION, "records", {"events": ("deal_added",)}, native=ADDRESS)

    carry(update(now, events=("deal_added", "deal_updated")), over=application)

    assert not boris.sent("event.unbind")


def test_what_is_bound_already_is_bound(boris, application, carry):
    refusal = Refused("ERROR_CORE", "Unable to set event handler: Handler already binded")
    boris.answers("event.bind", refusal)
    boris.answers("placement.bind", refusal)

    outcomes = carry(RECORDS, TAB, over=application)

    assert [outcome.error for outcome in outcomes.values()] == [None, None]


def test_another_refusal_of_an_event_is_told(boris, application, carry):
    boris.answers("event.bind", True, Refused("ERROR_EVENT_NOT_FOUND", "Event not found"))

    assert "Event not found" in carry(RECORDS, over=application)["subscription.records"].error.message.ru


def test_a_place_is_bound_to_its_own_page(boris, application, carry):
    carry(TAB, over=application)

    assert boris.sent("placement.bind") == [
        {
            "PLACEMENT": "CRM_DEAL_DETAIL_TAB",
            "HANDLER": "https://dent.example/widget/bitrix24/deal_card",
            "TITLE": "Пациент",
        }
    ]


def test_a_place_has_a_title_in_each_language_and_is_read_back_with_them(boris, application, carry):
    titles = (Option("ru", "Пациент"), Option("en", "Patient"))
    listed = [
        {
            "placement": "CRM_DEAL_DETAIL_TAB",
            "handler": "https://dent.example/widget/bitrix24/deal_card",
            "langAll": {"en": {"TITLE": "Patient"}, "ru": {"TITLE": "Пациент"}},
        }
    ]

    carry(
        create(Kind.PLACEMENT, "placement.deal_card", name="Пациент", spot="deal_tab", titles=titles), over=application
    )
    (bound,) = boris.sent("placement.bind")
    (read,) = handlers.placements(listed, OURS, "ru")

    assert (bound["LANG_ALL[ru][TITLE]"], bound["LANG_ALL[en][TITLE]"]) == ("Пациент", "Patient")
    assert (read.name, read.attributes["titles"]) == ("Пациент", titles)


def test_a_renamed_place_is_left_and_bound_anew(boris, application, carry):
    listed = [
        {
            "placement": "LEFT_MENU",
            "handler": "https://dent.example/widget/bitrix24/settings",
            "title": "Dental",
            "langAll": {"ru": {"TITLE": "Клиника"}},
        }
    ]
    (now,) = handlers.placements(listed, OURS, "ru")

    carry(update(now, name="Стоматология"), over=application)

    assert now.name == "Клиника"
    assert boris.methods == [["placement.unbind", "placement.bind"]]
    assert boris.sent("placement.bind")[0]["PLACEMENT"] == "LEFT_MENU"


def test_a_robot_that_tells_something_is_waited_for(boris, application, carry):
    carry(ROBOT, SILENT_ROBOT, over=application)

    waiting, silent = boris.sent("bizproc.robot.add")
    assert (waiting["CODE"], waiting["USE_SUBSCRIPTION"], waiting["RETURN_PROPERTIES[visit_type][Name]"]) == (
        "route",
        "Y",
        "Тип",
    )
    assert (silent["USE_SUBSCRIPTION"], silent["HANDLER"]) == ("N", "https://dent.example/webhooks/bitrix24/robot")


def test_a_robot_that_is_there_already_is_renewed(boris, application, carry):
    boris.answers("bizproc.robot.add", Refused("ERROR_ACTIVITY_ALREADY_INSTALLED"))

    outcomes = carry(ROBOT, over=application)

    assert boris.sent("bizproc.robot.update")[0]["FIELDS[NAME]"] == "Маршрут"
    assert outcomes["robot.route"].error is None


def test_a_robot_on_a_plan_without_robots_is_refused_alone(boris, application, carry):
    boris.answers("bizproc.robot.add", Refused("ERROR_METHOD_NOT_FOUND"))

    outcomes = carry(ROBOT, TRIGGER, over=application)

    assert isinstance(outcomes["robot.route"].error, Unsupported)
    assert outcomes["trigger.patient_came"].error is None


def test_a_trigger_is_named_by_its_code(boris, application, carry):
    carry(TRIGGER, over=application)

    assert boris.sent("crm.automation.trigger.add") == [{"CODE": "patient_came", "NAME": "Пациент пришёл"}]


def test_a_webhook_is_told_that_it_cannot(carry, boris):
    outcomes = carry(RECORDS, TAB, ROBOT, TRIGGER)

    assert {type(outcome.error) for outcome in outcomes.values()} == {Unsupported}
    assert boris.batches == []


def test_the_applications_things_are_removed_in_one_request(boris, application, carry):
    removed = (
        Remote(Kind.SUBSCRIPTION, "records", {"events": ("deal_added",)}, native=ADDRESS),
        Remote(Kind.PLACEMENT, "deal_card", {"name": "Пациент", "spot": "deal_tab"}, native="https://dent.example/w"),
        Remote(Kind.ROBOT, "route", {}),
        Remote(Kind.TRIGGER, "patient_came", {"name": "Пациент пришёл"}),
    )

    carry(*map(delete, removed), over=application)

    assert boris.methods == [
        [
            "crm.automation.trigger.delete",
            "bizproc.robot.delete",
            "placement.unbind",
            "event.unbind",
            "event.unbind",
        ]
    ]
