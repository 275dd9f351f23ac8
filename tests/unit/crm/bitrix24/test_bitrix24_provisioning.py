"""Plans carried out: in few requests, in an order that works, and each change told apart."""

from __future__ import annotations

import pytest
from bitrix24_answers import Refused, Silent, create, eight, status, update, userfield

from widget_backend.crm.bitrix24 import reading
from widget_backend.crm.model import Kind, Option, Ref, Remote, Section
from widget_backend.errors import AccessLost, RateLimited, Rejected, Unavailable

VISITS = create(Kind.PIPELINE, "pipeline.visits", name="Приемы", position=1)
BASE = create(Kind.PIPELINE, "pipeline.base", name="База", position=2)
NEW = create(Kind.STAGE, "stage.visits.new", "pipeline.visits", name="Новая заявка", position=1, kind="open")
CAME = create(Kind.STAGE, "stage.visits.came", "pipeline.visits", name="Пришёл", position=2, kind="won")
KEPT = create(Kind.STAGE, "stage.base.kept", "pipeline.base", name="На лечении", position=1, kind="open")
SITE = create(Kind.SOURCE, "source.site", name="Сайт")
BRANCH = create(
    Kind.FIELD,
    "field.deal.branch",
    "",
    "deal",
    name="Филиал",
    type="list",
    multiple=False,
    filterable=True,
    options=(Option("north", "Северный"), Option("south", "Южный")),
)
DOCTOR = create(
    Kind.FIELD, "field.deal.doctor", "", "deal", name="Врач", type="text", multiple=False, filterable=False, options=()
)
CARD = create(
    Kind.CARD,
    "card.deal.visits",
    "pipeline.visits",
    "deal",
    sections=(Section("Пациент", ("TITLE", Ref("field.deal.branch"))),),
)
CONTACT = create(Kind.CARD, "card.contact", "", "contact", sections=(Section("Пациент", ("NAME",)),))


def fields(count: int) -> list:
    return [
        create(
            Kind.FIELD, f"field.deal.at_{n}", "", "deal", name=f"Дата {n}", type="date", multiple=False, filterable=True
        )
        for n in range(count)
    ]


@pytest.fixture(autouse=True)
def portal(boris):
    boris.makes_pipelines(5, 6)
    boris.makes_numbered("crm.status.add", "crm.deal.userfield.add", "crm.contact.userfield.add")
    boris.answers("crm.status.update", True)
    boris.answers("crm.status.delete", True)
    boris.answers("crm.item.details.configuration.set", True)
    boris.answers("crm.item.details.configuration.forceCommonScopeForAll", True)


def test_pipelines_stages_sources_fields_and_cards_take_three_requests(boris, steps):
    outcomes = steps(VISITS, BASE, NEW, CAME, KEPT, SITE, BRANCH, CARD)

    assert boris.methods[0] == [
        *("crm.category.add", "crm.status.list", "crm.category.add", "crm.status.list"),
        *("crm.status.add", "crm.deal.userfield.add"),
    ]
    assert set(boris.methods[1]) == {"crm.status.update", "crm.status.delete"}
    assert boris.methods[2] == [
        "crm.item.details.configuration.set",
        "crm.item.details.configuration.forceCommonScopeForAll",
    ]
    assert [[o.address for o in step] for step in outcomes] == [
        ["pipeline.visits", "pipeline.base", "source.site", "field.deal.branch"],
        ["stage.visits.came", "stage.visits.new", "stage.base.kept"],
        ["card.deal.visits"],
    ]


def test_nothing_stops_at_the_first_refusal(boris, steps):
    steps(VISITS)

    assert boris.halts == [0]


def test_the_stages_of_a_new_pipeline_are_listed_by_reference_to_its_number(boris, carry):
    carry(VISITS, NEW)

    assert boris.sent("crm.status.list")[0]["filter[ENTITY_ID]"] == "DEAL_STAGE_$result[c1][category][id]"


def test_a_new_pipeline_stands_after_those_that_are_there(boris, carry):
    carry(VISITS)

    assert boris.sent("crm.category.add") == [{"entityTypeId": "2", "fields[name]": "Приемы", "fields[sort]": "1010"}]


def test_what_was_made_is_told_with_its_ids(carry):
    outcomes = carry(VISITS, NEW, SITE, BRANCH, CONTACT)

    made = {address: outcome.remote for address, outcome in outcomes.items()}
    assert {a: (r.id, r.native) for a, r in made.items() if r} == {
        "pipeline.visits": ("5", ""),
        "stage.visits.new": ("C5:NEW", "501"),
        "source.site": ("DENT_SITE", "9001"),
        "field.deal.branch": ("UF_CRM_DEAL_BRANCH", "9002"),
        "card.contact": ("contact", ""),
    }


def test_a_list_answered_for_another_pipeline_is_not_worked_on(boris, carry):
    boris.answers("crm.status.list", eight(99), eight(5))

    outcomes = carry(VISITS, NEW)

    assert boris.sent("crm.status.list")[1]["filter[ENTITY_ID]"] == "DEAL_STAGE_5"
    assert outcomes["stage.visits.new"].remote.native == "501"


def test_a_list_is_asked_again_where_the_first_was_put_off_but_the_pipeline_is_made_once(boris, carry):
    boris.answers("crm.status.list", Refused("OPERATION_TIME_LIMIT"), eight(5))

    carry(VISITS, NEW)

    assert len(boris.sent("crm.category.add")) == 1
    assert boris.methods[1] == ["crm.status.list"]


def test_a_refused_pipeline_takes_its_stages_and_card_along_and_nothing_else(boris, carry):
    boris.answers("crm.category.add", Refused("0", "Превышено количество воронок"), {"category": {"id": 6}})
    boris.answers("crm.status.list", eight(0), eight(6))

    outcomes = carry(VISITS, BASE, NEW, KEPT, SITE, BRANCH, CARD)

    assert {a for a, o in outcomes.items() if o.error} == {"pipeline.visits", "stage.visits.new", "card.deal.visits"}
    assert "Превышено количество воронок" in outcomes["pipeline.visits"].error.message.ru
    assert "«Приемы»" in outcomes["card.deal.visits"].error.message.ru
    assert not boris.sent("crm.item.details.configuration.set")


def test_a_refused_field_takes_the_card_along_that_shows_it(boris, carry):
    boris.answers("crm.deal.userfield.add", Refused("ERROR_CORE", "name taken"))

    outcomes = carry(BRANCH, CARD, CONTACT, ids={"pipeline.visits": "5"})

    assert {a for a, o in outcomes.items() if o.error} == {"field.deal.branch", "card.deal.visits"}


def test_a_field_nobody_will_make_falls_off_the_card(boris, carry):
    outcomes = carry(CARD, ids={"pipeline.visits": "5"})

    assert outcomes["card.deal.visits"].error is None
    assert [v for k, v in boris.sent("crm.item.details.configuration.set")[0].items() if "elements" in k] == [
        "TITLE",
        "1",
    ]


def test_a_stage_of_a_pipeline_that_is_not_there_is_refused(carry):
    outcomes = carry(NEW)

    assert isinstance(outcomes["stage.visits.new"].error, Rejected)


def test_a_list_field_travels_with_its_choices_and_our_codes(boris, carry):
    carry(BRANCH)

    assert boris.sent("crm.deal.userfield.add") == [
        {
            "fields[FIELD_NAME]": "UF_CRM_DEAL_BRANCH",
            "fields[XML_ID]": "_UF_CRM_DEAL_BRANCH",
            "fields[USER_TYPE_ID]": "enumeration",
            "fields[EDIT_FORM_LABEL]": "Филиал",
            "fields[LIST_COLUMN_LABEL]": "Филиал",
            "fields[LIST_FILTER_LABEL]": "Филиал",
            "fields[MULTIPLE]": "N",
            "fields[MANDATORY]": "N",
            "fields[SHOW_FILTER]": "Y",
            "fields[SORT]": "110",
            "fields[LIST][0][VALUE]": "Северный",
            "fields[LIST][0][SORT]": "10",
            "fields[LIST][0][DEF]": "N",
            "fields[LIST][0][XML_ID]": "north",
            "fields[LIST][1][VALUE]": "Южный",
            "fields[LIST][1][SORT]": "20",
            "fields[LIST][1][DEF]": "N",
            "fields[LIST][1][XML_ID]": "south",
        }
    ]


def test_a_long_text_is_a_text_of_several_lines(boris, carry):
    carry(create(Kind.FIELD, "field.contact.note", "", "contact", name="Заметка", type="long_text"))

    sent = boris.sent("crm.contact.userfield.add")[0]
    assert (sent["fields[USER_TYPE_ID]"], sent["fields[SETTINGS][ROWS]"]) == ("string", "5")


def test_a_changed_list_keeps_ids_adds_what_is_new_and_drops_what_is_left_out(boris, carry):
    boris.answers("crm.deal.userfield.update", True)
    choices = [
        {"ID": "45", "SORT": "10", "VALUE": "Северный", "XML_ID": "north"},
        {"ID": "46", "SORT": "20", "VALUE": "Старый", "XML_ID": "md5"},
    ]
    field = reading.field(userfield(301, "UF_CRM_DEAL_BRANCH", "Филиал", "enumeration", LIST=choices), "deal", "Филиал")

    outcomes = carry(update(field, options=(Option("north", "Север", "45"), Option("south", "Южный"))))

    (sent,) = boris.sent("crm.deal.userfield.update")
    assert {k: v for k, v in sent.items() if "SORT" not in k and "DEF" not in k} == {
        "id": "301",
        "fields[LIST][0][ID]": "45",
        "fields[LIST][0][VALUE]": "Север",
        "fields[LIST][0][XML_ID]": "north",
        "fields[LIST][1][VALUE]": "Южный",
        "fields[LIST][1][XML_ID]": "south",
        "fields[LIST][2][ID]": "46",
        "fields[LIST][2][VALUE]": "Старый",
        "fields[LIST][2][DEL]": "Y",
    }
    assert outcomes["field.UF_CRM_DEAL_BRANCH"].remote.attributes["name"] == "Филиал"


def test_a_name_and_a_colour_of_a_stage_are_written_at_once(boris, carry):
    stage = reading.stage(status(201, 5, "NEW", "Заявка", 10, "Y"), "5")

    carry(update(stage, name="Новая заявка", colour="yellow"))

    assert boris.methods == [["crm.status.update"]]
    assert boris.sent("crm.status.update") == [
        {"id": "201", "fields[NAME]": "Новая заявка", "fields[COLOR]": "#FFE14D"}
    ]


def test_a_stage_for_an_existing_pipeline_is_placed_by_a_fresh_list(boris, carry):
    boris.answers("crm.status.list", eight(5))

    carry(NEW, ids={"pipeline.visits": "5"})

    assert boris.methods == [["crm.status.list"], ["crm.status.add"]]


def test_the_default_pipeline_can_be_renamed(boris, carry):
    boris.answers("crm.category.update", {"category": {"id": 0}})

    carry(update(Remote(Kind.PIPELINE, "0", {"name": "Общая"}, fixed=True), name="Приемы"))

    assert boris.sent("crm.category.update") == [{"entityTypeId": "2", "id": "0", "fields[name]": "Приемы"}]


def test_a_card_of_the_clinic_keeps_what_we_do_not_speak_of(boris, crm, carry):
    shown = [
        {
            "name": "main",
            "title": "О сделке",
            "type": "section",
            "elements": [{"name": "CLIENT", "optionFlags": "0", "options": {"defaultCountry": "RU"}}],
        }
    ]
    boris.answers("crm.category.list", {"categories": [{"id": 5, "name": "Приемы"}]})
    boris.answers("crm.item.details.configuration.get", None, None, shown)
    boris.answers("crm.status.list", [])
    snapshot = crm.snapshot((Kind.PIPELINE, Kind.CARD), {"pipeline.visits": "5"})
    (card,) = [r for r in snapshot.remotes if r.kind is Kind.CARD]

    carry(update(card, sections=(*card.attributes["sections"], Section("Приём", ("UF_CRM_DEAL_DOCTOR",)))))

    (sent,) = boris.sent("crm.item.details.configuration.set")
    assert {k: v for k, v in sent.items() if k.startswith("data")} == {
        "data[0][name]": "main",
        "data[0][title]": "О сделке",
        "data[0][type]": "section",
        "data[0][elements][0][name]": "CLIENT",
        "data[0][elements][0][optionFlags]": "0",
        "data[0][elements][0][options][defaultCountry]": "RU",
        "data[1][name]": "dent_2",
        "data[1][title]": "Приём",
        "data[1][type]": "section",
        "data[1][elements][0][name]": "UF_CRM_DEAL_DOCTOR",
        "data[1][elements][0][optionFlags]": "1",
    }
    assert not boris.sent("crm.item.details.configuration.forceCommonScopeForAll")


def test_the_first_fields_go_in_a_small_batch_and_fast_ones_let_the_next_grow(boris, steps):
    boris.takes("crm.deal.userfield.add", 0.2)

    steps(*fields(70))

    assert [len(batch) for batch in boris.batches] == [10, 50, 10]


def test_slow_fields_go_in_batches_that_fit_into_half_a_minute(boris, steps):
    boris.takes("crm.deal.userfield.add", 7.0)

    steps(*fields(20))

    assert [len(batch) for batch in boris.batches] == [10, 4, 4, 2]


def test_after_a_request_that_came_to_nothing_the_next_are_half_as_long(boris, crm):
    boris.breaks(504, "<html>Gateway Timeout</html>")
    with pytest.raises(Unavailable) as fault:
        list(crm.apply(fields(20), {}))

    next(crm.apply(fields(20), {}))

    assert fault.value.applied_unknown
    assert [len(batch) for batch in boris.batches] == [10, 5]


def test_a_command_that_was_neither_done_nor_refused_is_of_unknown_outcome(boris, crm):
    boris.answers("crm.deal.userfield.add", 301, Silent())

    work = crm.apply([BRANCH, DOCTOR], {})

    assert [o.address for o in next(work)] == ["field.deal.branch"]
    with pytest.raises(Unavailable) as fault:
        next(work)
    assert fault.value.applied_unknown


def test_a_key_revoked_in_the_middle_of_a_batch_stops_after_what_is_done_is_told(boris, crm):
    boris.answers("crm.deal.userfield.add", 301, Refused("expired_token"))

    work = crm.apply([BRANCH, DOCTOR, CONTACT], {})

    assert [o.address for o in next(work)] == ["field.deal.branch"]
    with pytest.raises(AccessLost):
        next(work)
    assert len(boris.batches) == 1


def test_a_command_put_off_is_sent_again_alone(boris, budget, carry):
    boris.answers("crm.deal.userfield.add", 301, Refused("OPERATION_TIME_LIMIT"), 302)

    outcomes = carry(BRANCH, DOCTOR)

    assert boris.methods == [["crm.deal.userfield.add"] * 2, ["crm.deal.userfield.add"]]
    assert [outcome.error for outcome in outcomes.values()] == [None, None]
    assert budget.held == {"crm.deal.userfield.add": 60.0}


def test_what_is_put_off_again_and_again_is_given_up_for_now(boris, crm):
    boris.answers("crm.deal.userfield.add", Refused("OPERATION_TIME_LIMIT"))

    with pytest.raises(RateLimited):
        list(crm.apply([BRANCH], {}))

    assert len(boris.batches) == 3


def test_a_method_is_left_alone_before_the_portal_blocks_it(boris, budget, carry):
    boris.takes("crm.deal.userfield.add", 1.0, operating=400.0, operating_reset_at=4_000_000_000)

    carry(BRANCH)

    assert budget.held["crm.deal.userfield.add"] > 0


def test_only_reads_are_repeated(boris, crm):
    boris.breaks(502, "<html>Bad Gateway</html>")
    boris.breaks(502, "<html>Bad Gateway</html>")

    crm.access()
    with pytest.raises(Unavailable):
        boris.breaks(502, "<html>Bad Gateway</html>")
        list(crm.apply([BRANCH], {}))

    assert [batch[0].method for batch in boris.batches] == ["app.info"] * 3 + ["crm.deal.userfield.add"]
