"""One request tells everything a plan needs; what the key may not see is left out, what cannot be missed is said."""

from __future__ import annotations

import pytest
from bitrix24_answers import HOST, Counted, Refused, category, eight, source, userfield

from widget_backend.crm.model import Access, Account, Kind, Section
from widget_backend.errors import AccessLost, RateLimited
from widget_backend.texts import Text

KINDS = (Kind.PIPELINE, Kind.STAGE, Kind.SOURCE, Kind.FIELD, Kind.CARD)
APPLICATION = (*KINDS, Kind.SUBSCRIPTION, Kind.PLACEMENT, Kind.ROBOT, Kind.TRIGGER)
BOUND = {"pipeline.visits": "5", "card.deal.visits": "deal:5"}
UNBOUND = {"pipeline.visits": "", "card.deal.visits": ""}
LAYOUT = [{"name": "main", "title": "О сделке", "type": "section", "elements": [{"name": "TITLE"}]}]


@pytest.fixture(autouse=True)
def portal(boris):
    boris.answers("app.info", {"SCOPE": ["crm"], "LICENSE": "ru_std"})
    boris.answers("profile", {"ID": "1", "ADMIN": True})
    boris.answers("scope", ["crm"])
    boris.answers("method.get", {"isExisting": True, "isAvailable": True})
    boris.answers("crm.category.list", {"categories": [category(0, "Общая"), category(5, "Приемы")]})
    boris.answers("crm.status.list", [*eight(0, 1), *eight(5), source(11, "CALL", "Звонок", "Y")])
    boris.answers("crm.item.details.configuration.get", None)


def test_a_bound_portal_is_read_in_one_request(boris, crm):
    snapshot = crm.snapshot(KINDS, BOUND)

    assert len(boris.batches) == 1
    assert snapshot.account == Account(HOST, HOST, "ru", f"https://{HOST}")
    assert sorted({remote.kind for remote in snapshot.remotes}) == [Kind.PIPELINE, Kind.SOURCE, Kind.STAGE]
    assert [r.id for r in snapshot.remotes if r.kind is Kind.PIPELINE] == ["0", "5"]


def test_the_cards_of_the_default_pipeline_of_bound_ones_and_of_contacts_are_asked_with_the_rest(boris, crm):
    crm.snapshot(KINDS, BOUND)

    asked = boris.sent("crm.item.details.configuration.get")
    assert [(p["entityTypeId"], p.get("extras[dealCategoryId]"), p["scope"]) for p in asked] == [
        ("3", None, "C"),
        ("2", "0", "C"),
        ("2", "5", "C"),
    ]


def test_labels_are_asked_in_both_languages(boris, crm):
    crm.snapshot(KINDS, BOUND)

    assert [p["filter[LANG]"] for p in boris.sent("crm.deal.userfield.list")] == ["ru", "en"]


def test_a_card_of_a_pipeline_that_may_be_taken_over_costs_one_more_request(boris, crm):
    boris.answers("crm.item.details.configuration.get", None, None, LAYOUT)

    snapshot = crm.snapshot(KINDS, UNBOUND)

    assert boris.methods[1:] == [["crm.item.details.configuration.get"]]
    assert [r.attributes for r in snapshot.remotes if r.kind is Kind.CARD] == [
        {"sections": (Section("О сделке", ("TITLE",)),)}
    ]


def test_an_empty_portal_is_read_in_one_request_though_nothing_is_bound(boris, crm):
    boris.answers("crm.category.list", {"categories": [category(0, "Общая")]})

    crm.snapshot(KINDS, UNBOUND)

    assert len(boris.batches) == 1


def test_what_is_not_wanted_is_not_asked(boris, crm):
    crm.snapshot((Kind.SOURCE,), {})

    assert boris.methods == [["app.info", "profile", "scope", "method.get", "crm.currency.base.get", "crm.status.list"]]


def test_a_webhook_does_not_ask_what_only_an_application_may(boris, crm):
    crm.snapshot(APPLICATION, BOUND)

    assert not {"event.get", "placement.get", "bizproc.robot.list"} & set(boris.methods[0])


def test_an_application_reads_its_own_things_with_the_rest(boris, application):
    boris.answers("bizproc.robot.list", ["route_patient"])
    boris.answers("crm.automation.trigger.list", [{"NAME": "Пациент пришёл", "CODE": "patient_came"}])
    boris.answers(
        "placement.get",
        [
            {
                "placement": "LEFT_MENU",
                "handler": "https://dent.example/widget/bitrix24/settings",
                "title": "Стоматология",
            },
            {"placement": "LEFT_MENU", "handler": "https://another.example/app", "title": "Чужое"},
        ],
    )

    snapshot = application.snapshot(APPLICATION, BOUND)

    assert len(boris.batches) == 1
    assert {(r.kind, r.id, r.marker) for r in snapshot.remotes if r.marker} == {
        (Kind.ROBOT, "route_patient", "route_patient"),
        (Kind.TRIGGER, "patient_came", "patient_came"),
        (Kind.PLACEMENT, "settings", "settings"),
    }


def test_a_plan_without_robots_breaks_nothing_and_is_told(boris, application):
    boris.answers("bizproc.robot.list", Refused("ERROR_METHOD_NOT_FOUND"))
    boris.answers("method.get", {"isExisting": False, "isAvailable": False})

    application.snapshot(APPLICATION, BOUND)

    assert Kind.ROBOT in application.capabilities.unsupported
    assert application.access().robots is False


def test_robots_are_not_given_up_before_the_portal_has_told(application):
    assert Kind.ROBOT in application.capabilities.writes
    assert Kind.ROBOT not in application.capabilities.unsupported


def test_what_an_application_has_a_webhook_has_not_and_says_so(crm):
    assert Kind.ROBOT not in crm.capabilities.writes
    assert crm.capabilities.unsupported[Kind.SUBSCRIPTION].ru.startswith("Подписка на события появится при установке")


def test_access_costs_nothing_after_a_survey(boris, crm):
    crm.snapshot(KINDS, BOUND)

    assert crm.access() == Access(admin=True, missing_scopes=(), plan=Text("Стандартный", "Standard"), robots=True)
    assert len(boris.batches) == 1


def test_access_costs_one_request_before(boris, crm):
    assert crm.access().admin is True
    assert len(boris.batches) == 1


def test_an_ordinary_users_key_is_no_administrators(boris, crm):
    boris.answers("profile", {"ID": "7", "ADMIN": False})

    assert crm.access().admin is False


def test_a_portal_that_does_not_tell_is_believed_to_allow(boris, crm):
    boris.answers("profile", Refused("ACCESS_DENIED"))
    boris.answers("scope", Refused("ERROR_METHOD_NOT_FOUND"))
    boris.answers("method.get", Refused("ERROR_METHOD_NOT_FOUND"))

    assert crm.access() == Access(plan=Text("Стандартный", "Standard"))


def test_an_application_needs_more_scopes(application):
    assert application.access().missing_scopes == ("placement", "bizproc")


@pytest.mark.parametrize("method", ["crm.category.list", "crm.status.list", "crm.contact.userfield.list"])
@pytest.mark.parametrize("code", ["insufficient_scope", "ACCESS_DENIED", "expired_token"])
def test_what_a_plan_cannot_do_without_must_be_readable(boris, crm, method, code):
    boris.answers(method, Refused(code))

    with pytest.raises(AccessLost):
        crm.snapshot(KINDS, BOUND)


def test_a_method_whose_time_is_used_up_is_to_be_asked_later(boris, crm):
    boris.answers("crm.status.list", Refused("OPERATION_TIME_LIMIT"))

    with pytest.raises(RateLimited):
        crm.snapshot(KINDS, BOUND)


def test_directories_are_read_one_by_one_where_the_list_of_all_was_cut(boris, crm):
    boris.answers("crm.status.list", Counted(eight(0, 1), 70), [source(11, "CALL", "Звонок")], eight(0, 1), eight(5))

    snapshot = crm.snapshot(KINDS, BOUND)

    assert [p["filter[ENTITY_ID]"] for p in boris.sent("crm.status.list")[1:]] == [
        "SOURCE",
        "DEAL_STAGE",
        "DEAL_STAGE_5",
    ]
    assert sum(r.kind is Kind.STAGE for r in snapshot.remotes) == 16
    assert [r.id for r in snapshot.remotes if r.kind is Kind.SOURCE] == ["CALL"]


def test_fields_of_both_entities_are_found(boris, crm):
    boris.answers("crm.deal.userfield.list", [userfield(1, "UF_CRM_DEAL_DOCTOR", "Врач")])
    boris.answers("crm.contact.userfield.list", [userfield(2, "UF_CRM_CONTACT_LTV", "LTV", "money")])

    snapshot = crm.snapshot(KINDS, BOUND)

    assert [(r.entity, r.marker, r.native) for r in snapshot.remotes if r.kind is Kind.FIELD] == [
        ("deal", "doctor", "1"),
        ("contact", "ltv", "2"),
    ]
