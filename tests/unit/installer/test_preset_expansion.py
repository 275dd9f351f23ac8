"""What a preset becomes in two CRMs: one like Bitrix24, one like amoCRM."""

from collections import Counter

import pytest

from installer import preset as presets
from widget_backend.crm.model import Capabilities, Kind, Option, Ref, Section
from widget_backend.crm.vocabulary import FIELD_TYPES, SYSTEM_FIELDS
from widget_backend.texts import Text

BITRIX24 = Capabilities(
    vendor="bitrix24",
    title=Text("Битрикс24", "Bitrix24"),
    application=True,
    writes=frozenset(Kind),
    attributes={},
    system_fields={name: name for name in SYSTEM_FIELDS if name != "deal.loss_reason"},
    field_types=frozenset(FIELD_TYPES),
)
AMOCRM = Capabilities(
    vendor="amocrm",
    title=Text("amoCRM", "amoCRM"),
    application=False,
    writes=frozenset(Kind),
    attributes={},
    system_fields={
        name: name
        for name in (
            "deal.title",
            "deal.amount",
            "deal.client",
            "deal.responsible",
            "deal.utm",
            "deal.loss_reason",
            "contact.last_name",
            "contact.first_name",
            "contact.phone",
            "contact.email",
            "contact.responsible",
        )
    },
    field_types=frozenset(FIELD_TYPES) - {"money"},
)


@pytest.fixture(scope="module")
def dental():
    return presets.find("dental")


@pytest.fixture(scope="module")
def bitrix24(dental):
    return {r.address: r for r in presets.desired(dental, BITRIX24, "ru")}


@pytest.fixture(scope="module")
def amocrm(dental):
    return {r.address: r for r in presets.desired(dental, AMOCRM, "ru")}


def test_bitrix24_gets_this_much(bitrix24):
    assert Counter(r.kind.value for r in bitrix24.values()) == {
        "pipeline": 4,
        "stage": 27,
        "loss_reason": 9,
        "source": 13,
        "task_type": 4,
        "group": 3,
        "field": 6 + 27 + 4,
        "card": 5,
        "subscription": 2,
        "placement": 4,
        "robot": 4,
        "trigger": 3,
    }


def test_amocrm_gets_more_fields_and_no_parts_of_an_application(amocrm):
    assert Counter(r.kind.value for r in amocrm.values()) == {
        "pipeline": 4,
        "stage": 27,
        "loss_reason": 9,
        "source": 13,
        "task_type": 4,
        "group": 3,
        "field": 9 + 27 + 7,
        "card": 5,
    }


@pytest.mark.parametrize(("key", "capabilities"), [("dental", BITRIX24), ("dental-ident", AMOCRM)])
def test_resources_come_in_the_order_they_are_provisioned_in(key, capabilities):
    kinds = [r.kind for r in presets.desired(presets.find(key), capabilities, "ru")]

    assert kinds == sorted(kinds, key=list(Kind).index)


def test_a_built_in_field_is_not_doubled(bitrix24):
    assert "field.deal.comment" not in bitrix24


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("field.deal.comment", "long_text"),
        ("field.deal.source", "list"),
        ("field.deal.source_details", "text"),
        ("field.contact.second_name", "text"),
        ("field.contact.birth_date", "date"),
        ("field.contact.comment", "long_text"),
        ("field.contact.ltv", "number"),
    ],
)
def test_amocrm_gets_a_field_of_its_own_for_what_it_lacks(amocrm, address, kind):
    assert amocrm[address].attributes["type"] == kind


def test_a_field_without_type_is_not_made_where_it_is_not_built_in(dental):
    bare = presets.desired(
        dental, Capabilities("x", Text("", ""), False, frozenset(), {}, {}, frozenset({"text"})), "ru"
    )

    assert "field.deal.client" not in {r.address for r in bare}


def test_refusal_reasons_become_a_list_in_bitrix24(bitrix24):
    field = bitrix24["field.deal.loss_reason"]

    assert field.attributes["options"][:2] == (Option("time", "Неудобное время"), Option("changed_mind", "Передумал"))
    assert field.attributes["required_at"] == (Ref("stage.visits.missed"),)


def test_a_stage_is_said_in_the_words_of_the_vocabulary(bitrix24):
    stage = bitrix24["stage.visits.taken"]

    assert (stage.kind, stage.parent) == (Kind.STAGE, "pipeline.visits")
    assert stage.attributes == {"name": "Взято в работу", "position": 2, "kind": "open", "colour": "yellow"}


def test_a_field_is_said_in_the_words_of_the_vocabulary(amocrm):
    assert amocrm["field.deal.doctor"].entity == "deal"
    assert amocrm["field.deal.doctor"].attributes == {
        "name": "Лечащий врач",
        "type": "list",
        "options": (Option("option_d3eed4de", "Дежурный врач"),),
        "multiple": False,
        "filterable": True,
        "group": Ref("group.deal.visit"),
        "required_at": (Ref("stage.visits.booked"),),
    }


def test_each_stage_has_its_date_field(amocrm):
    field = amocrm["field.deal.at_visits_new"]

    assert field.attributes["name"] == "Дата: Приемы / Новая заявка"
    assert (field.attributes["type"], field.attributes["filterable"]) == ("date", True)


def test_a_card_shows_built_in_fields_and_the_dates_of_its_own_pipeline(bitrix24):
    sections = bitrix24["card.deal.revival"].attributes["sections"]

    assert bitrix24["card.deal.revival"].parent == "pipeline.revival"
    assert sections[0].fields[0] == Ref("field.deal.title")
    assert sections[-1] == Section(
        "Даты этапов",
        (
            Ref("field.deal.at_revival_never"),
            Ref("field.deal.at_revival_returned"),
            Ref("field.deal.at_revival_active"),
            Ref("field.deal.at_revival_taken"),
            Ref("field.deal.at_revival_ready"),
            Ref("field.deal.at_revival_refused"),
        ),
    )


def test_names_follow_the_language_of_the_tenant(dental):
    named = {r.address: r.name for r in presets.desired(dental, AMOCRM, "en")}

    assert named["stage.visits.came"] == "Patient arrived (won)"
    assert named["field.deal.at_visits_new"] == "Date: Appointments / New enquiry"


def test_only_fields_in_mode_crm_reach_the_crm():
    found = {r.address for r in presets.desired(presets.find("dental-ident"), AMOCRM, "ru")}

    assert "field.contact.age" in found
    assert found.isdisjoint({"field.contact.snils", "field.contact.visits_total", "field.deal.visit_at"})


def test_a_card_leaves_out_what_does_not_reach_the_crm():
    found = {r.address: r for r in presets.desired(presets.find("dental-ident"), AMOCRM, "ru")}
    titles = [section.title for section in found["card.contact"].attributes["sections"]]

    assert titles == ["Пациент", "Пациент в IDENT", "Визиты"]


def test_a_pipeline_is_known_by_its_aliases():
    found = {r.address: r.aliases for r in presets.desired(presets.find("dental-ident"), AMOCRM, "ru")}

    assert found["pipeline.sales"] == ("Продажа комплексного лечения",)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("field.deal.title", "deal.title"),
        ("field.contact.second_name", "contact.second_name"),
        ("field.deal.doctor", None),
        ("field.contact.ltv", None),
    ],
)
def test_the_preset_knows_which_addresses_are_built_in(dental, address, name):
    assert dental.system(address) == name


def test_a_card_may_name_a_built_in_field_without_declaring_it():
    assert presets.find("dental-ident").system("field.deal.title") == "deal.title"


@pytest.mark.parametrize("key", ["dental", "dental-ident"])
@pytest.mark.parametrize("capabilities", [BITRIX24, AMOCRM], ids=lambda c: c.vendor)
def test_nothing_points_at_what_is_not_there(key, capabilities):
    preset = presets.find(key)
    resources = presets.desired(preset, capabilities, "ru")
    there = {r.address for r in resources} | {f"field.{name}" for name in capabilities.system_fields}
    built_in = {s.address for s in preset.fields if s.system in capabilities.system_fields}
    pointed = {r.parent for r in resources} | {
        ref.address
        for r in resources
        for value in r.attributes.values()
        for part in (value if isinstance(value, tuple) else (value,))
        for ref in (part.fields if isinstance(part, Section) else (part,))
        if isinstance(ref, Ref)
    }

    assert pointed - there - built_in == {""}


@pytest.mark.parametrize("key", ["dental", "dental-ident"])
def test_codes_of_fields_and_stages_fit_both_crms(key):
    resources = presets.desired(presets.find(key), AMOCRM, "ru")

    assert [r.address for r in resources if r.kind is Kind.FIELD and len(r.key) > 38] == []
    assert [r.address for r in resources if r.kind is Kind.STAGE and len(r.key) > 14] == []


def test_a_clinics_own_options_are_in_its_language_and_keep_their_codes(dental):
    russian, english = (
        {r.address: r for r in presets.desired(dental, AMOCRM, language)}["field.deal.service"].attributes["options"]
        for language in ("ru", "en")
    )

    assert [option.label for option in english][:2] == ["Consultation", "Appointment"]
    assert [option.key for option in english] == [option.key for option in russian]
