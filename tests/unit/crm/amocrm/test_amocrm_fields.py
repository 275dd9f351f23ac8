"""Fields, tabs, reasons and tags in arrays: what is sent, who is refused, how arrays are divided."""

from __future__ import annotations

import pytest
from amocrm_answers import IMPOSSIBLE, create, field, invalid, listed, update

from widget_backend.crm.amocrm import reading
from widget_backend.crm.model import Kind, Option, Ref
from widget_backend.errors import Rejected, Unavailable, Unsupported

FIELDS = "POST leads/custom_fields"
REASONS = "POST leads/loss_reasons"


def reasons(count):
    return [create(Kind.LOSS_REASON, f"loss_reason.r{n}", name=f"Причина {n}") for n in range(count)]


def sizes(bodies):
    return [len(body) for body in bodies]


def test_the_fields_of_an_entity_are_one_array(alice, carry):
    alice.creates("leads/custom_fields", "custom_fields", 201)
    alice.creates("contacts/custom_fields", "custom_fields", 201)

    carry(
        create(
            Kind.FIELD,
            "field.deal.visit_type",
            entity="deal",
            name="Тип приема",
            type="list",
            multiple=False,
            options=(Option("primary", "Первичный"), Option("repeat", "Повторный")),
            group=Ref("group.deal.visit"),
            required_at=(Ref("stage.visits.booked"), Ref("stage.visits.came")),
        ),
        create(Kind.FIELD, "field.deal.marks", entity="deal", name="Метки", type="list", multiple=True, options=()),
        create(Kind.FIELD, "field.contact.visit_count", entity="contact", name="Визитов", type="number", group=None),
        ids={
            "group.deal.visit": "leads_5",
            "stage.visits.booked": "9001:70004",
            "stage.visits.came": "9001:142",
        },
    )

    assert alice.sent(FIELDS) == [
        [
            {
                "name": "Тип приема",
                "type": "select",
                "code": "DENT_VISIT_TYPE",
                "sort": 10,
                "group_id": "leads_5",
                "required_statuses": [
                    {"pipeline_id": 9001, "status_id": 70004},
                    {"pipeline_id": 9001, "status_id": 142},
                ],
                "enums": [
                    {"value": "Первичный", "sort": 10, "code": "primary"},
                    {"value": "Повторный", "sort": 20, "code": "repeat"},
                ],
                "request_id": "field.deal.visit_type",
            },
            {
                "name": "Метки",
                "type": "multiselect",
                "code": "DENT_MARKS",
                "sort": 20,
                "enums": [],
                "request_id": "field.deal.marks",
            },
        ]
    ]
    assert alice.sent("POST contacts/custom_fields") == [
        [
            {
                "name": "Визитов",
                "type": "numeric",
                "code": "DENT_VISIT_COUNT",
                "sort": 10,
                "request_id": "field.contact.visit_count",
            }
        ]
    ]


@pytest.mark.parametrize(
    ("kind", "native"),
    [
        ("text", "text"),
        ("long_text", "textarea"),
        ("number", "numeric"),
        ("boolean", "checkbox"),
        ("date", "date"),
        ("datetime", "date_time"),
        ("url", "url"),
    ],
)
def test_every_type_is_made_and_read_back_as_itself(alice, carry, kind, native):
    alice.creates("leads/custom_fields", "custom_fields", 201)

    outcomes = carry(create(Kind.FIELD, "field.deal.x", entity="deal", name="Поле", type=kind))

    assert alice.sent(FIELDS)[0][0]["type"] == native
    assert (outcomes["field.deal.x"].remote.attributes["type"], outcomes["field.deal.x"].remote.marker) == (kind, "x")


def test_what_was_just_made_can_be_referred_to(alice, carry):
    alice.creates("leads/custom_fields/groups", "custom_field_groups", 201)
    alice.creates("leads/custom_fields", "custom_fields", 201)

    outcomes = carry(
        create(Kind.FIELD, "field.deal.x", entity="deal", name="Поле", type="text", group=Ref("group.deal.visit")),
        create(Kind.GROUP, "group.deal.visit", entity="deal", name="Приём", position=1),
    )

    assert alice.sent("POST leads/custom_fields/groups") == [
        [{"name": "Приём", "sort": 11, "request_id": "group.deal.visit"}]
    ]
    assert alice.sent(FIELDS)[0][0]["group_id"] == outcomes["group.deal.visit"].remote.id


def test_a_field_whose_tab_was_refused_is_refused_with_it(alice, carry):
    alice.answers("POST", "leads/custom_fields/groups", invalid(("group.deal.visit", "InvalidType", "name")), 400)

    outcomes = carry(
        create(Kind.GROUP, "group.deal.visit", entity="deal", name="Приём", position=1),
        create(Kind.FIELD, "field.deal.x", entity="deal", name="Поле", type="text", group=Ref("group.deal.visit")),
    )

    assert (outcomes["field.deal.x"].error.code, outcomes["field.deal.x"].error.words) == (
        "depends",
        "group.deal.visit",
    )
    assert alice.asked == ["POST leads/custom_fields/groups"]


def test_a_changed_list_is_sent_whole_with_the_ids_of_all_choices(alice, carry):
    enums = [
        {"id": 1, "value": "Первичный", "sort": 10, "code": "primary"},
        {"id": 2, "value": "Своё", "sort": 20, "code": None},
    ]
    required = [{"pipeline_id": 9001, "status_id": 142}]
    row = field(31, "Тип", "select", enums=enums, group_id="leads_5", required_statuses=required)
    remote = reading.field(row, "deal")
    alice.answers("PATCH", "leads/custom_fields", listed("custom_fields", [row]), 201)

    outcomes = carry(
        update("field.deal.visit_type", remote, options=(*remote.attributes["options"], Option("repeat", "Повторный")))
    )

    assert alice.sent("PATCH leads/custom_fields") == [
        [
            {
                "id": 31,
                "name": "Тип",
                "group_id": "leads_5",
                "required_statuses": required,
                "enums": [
                    {"value": "Первичный", "sort": 10, "id": 1, "code": "primary"},
                    {"value": "Своё", "sort": 20, "id": 2},
                    {"value": "Повторный", "sort": 30, "code": "repeat"},
                ],
                "request_id": "field.deal.visit_type",
            }
        ]
    ]
    assert outcomes["field.deal.visit_type"].error is None


def test_a_renamed_list_keeps_its_choices(alice, carry):
    remote = reading.field(field(31, "Тип", "select", enums=[{"id": 1, "value": "Первичный", "sort": 10}]), "deal")
    alice.answers("PATCH", "leads/custom_fields", listed("custom_fields", [{"id": 31}]))

    carry(update("field.deal.visit_type", remote, name="Тип приема"))

    [[sent]] = alice.sent("PATCH leads/custom_fields")
    assert (sent["name"], sent["enums"]) == ("Тип приема", [{"value": "Первичный", "sort": 10, "id": 1}])


def test_a_field_goes_back_to_the_main_tab_by_null(alice, carry):
    remote = reading.field(field(31, "Врач", group_id="leads_5"), "deal")
    alice.answers("PATCH", "leads/custom_fields", listed("custom_fields", [{"id": 31}]))

    carry(update("field.deal.doctor", remote, group=None))

    [[sent]] = alice.sent("PATCH leads/custom_fields")
    assert (sent["group_id"], "enums" in sent) == (None, False)


def test_a_changed_field_of_unknown_outcome_is_not_sent_again(alice, carry):
    remote = reading.field(field(31, "Тип", "select", enums=[]), "deal")
    alice.answers("PATCH", "leads/custom_fields", "<html>", 502)

    with pytest.raises(Unavailable):
        carry(update("field.deal.visit_type", remote, options=(Option("repeat", "Повторный"),)))

    assert alice.asked == ["PATCH leads/custom_fields"]


def test_bad_items_are_given_up_and_the_good_are_made_once(alice, carry):
    alice.answers(
        "POST", "leads/loss_reasons", invalid(("loss_reason.r1", "X", "name"), ("loss_reason.r3", "X", "n")), 400
    )
    alice.creates("leads/loss_reasons", "loss_reasons")

    outcomes = carry(*reasons(5))

    assert [address for address, outcome in outcomes.items() if outcome.error] == ["loss_reason.r1", "loss_reason.r3"]
    assert [[item["request_id"][-2:] for item in body] for body in alice.sent(REASONS)] == [
        ["r0", "r1", "r2", "r3", "r4"],
        ["r0", "r2", "r4"],
    ]


def test_bad_items_may_be_named_by_their_ordinal(alice, carry):
    alice.answers("POST", "leads/loss_reasons", invalid(("1", "NotSupportedChoice", "name")), 400)
    alice.creates("leads/loss_reasons", "loss_reasons")

    outcomes = carry(*reasons(3))

    assert [address for address, outcome in outcomes.items() if outcome.error] == ["loss_reason.r1"]


def test_a_refusal_that_names_nobody_is_halved_until_the_bad_one_stands_alone(alice, carry):
    alice.answers("POST", "leads/loss_reasons", IMPOSSIBLE, 422)
    alice.creates("leads/loss_reasons", "loss_reasons")

    outcomes = carry(*reasons(4))

    assert sizes(alice.sent(REASONS)) == [4, 2, 2]
    assert [outcome.error for outcome in outcomes.values()] == [None] * 4


def test_the_one_nobody_named_is_refused_alone(alice, carry):
    alice.answers("POST", "leads/loss_reasons", IMPOSSIBLE, 422)

    outcomes = carry(*reasons(2))

    assert sizes(alice.sent(REASONS)) == [2, 1, 1]
    assert [type(outcome.error) for outcome in outcomes.values()] == [Rejected, Rejected]


def test_more_than_fifty_are_sent_in_parts(alice, carry):
    alice.creates("leads/loss_reasons", "loss_reasons")

    carry(*reasons(60))

    assert sizes(alice.sent(REASONS)) == [50, 10]


def test_an_array_too_heavy_is_halved_by_the_next_plan(alice, carry):
    alice.answers("POST", "leads/loss_reasons", "<html>504</html>", 504)
    alice.creates("leads/loss_reasons", "loss_reasons")

    with pytest.raises(Unavailable) as caught:
        carry(*reasons(9))
    carry(*reasons(9))

    assert caught.value.applied_unknown
    assert sizes(alice.sent(REASONS)) == [9, 4, 4, 1]


def test_an_answer_without_request_ids_is_told_by_names(alice, carry):
    rows = [{"id": 2, "name": "Причина 1"}, {"id": 1, "name": "Причина 0"}]
    alice.answers("POST", "leads/loss_reasons", listed("loss_reasons", rows))

    outcomes = carry(*reasons(2))

    assert {address: outcome.remote.id for address, outcome in outcomes.items()} == {
        "loss_reason.r0": "1",
        "loss_reason.r1": "2",
    }


def test_two_of_one_name_are_never_told_by_it(alice, carry):
    alice.answers("POST", "leads/loss_reasons", listed("loss_reasons", [{"id": 1, "name": "Отказ"}]))

    with pytest.raises(Unavailable):
        carry(*(create(Kind.LOSS_REASON, f"loss_reason.{key}", name="Отказ") for key in "ab"))


def test_a_reason_is_renamed_by_itself(alice, carry):
    alice.answers("PATCH", "leads/loss_reasons/5001", {})

    carry(update("loss_reason.price", reading.loss_reason({"id": 5001, "name": "Дорого"}), name="Слишком дорого"))

    assert alice.sent("PATCH leads/loss_reasons/5001") == [{"name": "Слишком дорого"}]


def test_a_renamed_tab_says_its_place_again(alice, carry):
    alice.answers("PATCH", "leads/custom_fields/groups/leads_5", {})

    carry(
        update("group.deal.visit", reading.group({"id": "leads_5", "name": "Приём", "sort": 11}, "deal"), name="Визит")
    )

    assert alice.sent("PATCH leads/custom_fields/groups/leads_5") == [{"name": "Визит", "sort": 11}]


def test_tags_are_made_for_their_entity_and_never_renamed(alice, carry):
    alice.creates("contacts/tags", "tags")

    outcomes = carry(
        create(Kind.TAG, "tag.contact.vip", entity="contact", name="VIP"),
        update("tag.contact.old", reading.tag({"id": 7, "name": "Старый"}, "contact"), name="Новый"),
    )

    assert outcomes["tag.contact.vip"].remote.name == "VIP"
    assert isinstance(outcomes["tag.contact.old"].error, Unsupported)
    assert alice.asked == ["POST contacts/tags"]


def test_what_has_no_call_is_refused_without_asking(alice, carry):
    outcomes = carry(create(Kind.TASK_TYPE, "task_type.confirm", name="Подтвердить визит"))

    assert isinstance(outcomes["task_type.confirm"].error, Unsupported)
    assert alice.asked == []
