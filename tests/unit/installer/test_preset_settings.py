"""What a clinic decides: settings, their types, and what follows from them."""

import pytest

from installer import preset as presets
from tests.unit.installer.test_preset_expansion import AMOCRM
from widget_backend.crm.model import Kind
from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

DENTAL = [
    ("branches", (Text("Основной филиал", "Main branch"),)),
    ("doctors", (Text("Дежурный врач", "Dentist on duty"),)),
    (
        "services",
        (
            Text("Консультация", "Consultation"),
            Text("Приём", "Appointment"),
            Text("Гигиена", "Hygiene"),
            Text("Профосмотр", "Check-up"),
            Text("Детский приём", "Children's appointment"),
        ),
    ),
    ("warmup", False),
    ("refusal_target", "stage.revival.returned"),
    ("booking_stage", "stage.visits.picking"),
    ("treatment_mark", True),
    ("repeat_enquiry", "base"),
    ("no_show_copy", True),
    ("working_hours", ("mon-fri 09:00-20:00", "sat 10:00-16:00")),
    ("take_within", "15m"),
    ("confirm_before", "1d"),
    ("confirm_message", False),
    ("inactive_after", "180d"),
]


def dental(**given):
    return presets.configure(presets.find("dental"), given)


def ident(**given):
    return presets.configure(presets.find("dental-ident"), given)


def rule_keys(preset):
    return [rule.key for rule in presets.working_rules(preset)]


def test_defaults():
    assert [(setting.key, setting.value) for setting in dental().settings] == DENTAL


@pytest.mark.parametrize(("setting", "field"), [("branches", "branch"), ("doctors", "doctor"), ("services", "service")])
def test_what_a_clinic_names_becomes_options(setting, field):
    found = {r.address: r for r in presets.desired(dental(**{setting: "Первое, Второе ,Первое"}), AMOCRM, "ru")}

    assert [o.label for o in found[f"field.deal.{field}"].attributes["options"]] == ["Первое", "Второе"]


def test_another_order_of_branches_keeps_their_codes():
    first = {r.address: r for r in presets.desired(dental(branches="Центр,Север"), AMOCRM, "ru")}
    second = {r.address: r for r in presets.desired(dental(branches="Север,Центр"), AMOCRM, "ru")}

    assert set(first["field.deal.branch"].attributes["options"]) == set(
        second["field.deal.branch"].attributes["options"]
    )


def test_warm_up_brings_its_pipeline_stages_and_dates():
    found = {r.address for r in presets.desired(dental(warmup="да"), AMOCRM, "ru")}

    assert found >= {"pipeline.warmup", "stage.warmup.new", "field.deal.at_warmup_ready", "card.deal.warmup"}


def test_without_warm_up_nothing_of_it_is_there():
    assert [r.address for r in presets.desired(dental(), AMOCRM, "ru") if "warmup" in r.address] == []


def test_warm_up_takes_the_refusals_unless_the_clinic_says_otherwise():
    assert dental(warmup="true").setting("refusal_target") == "stage.warmup.new"
    assert dental(warmup=True, refusal_target="stage.revival.never").setting("refusal_target") == "stage.revival.never"


def test_the_target_of_refusals_reaches_the_rule():
    (rule,) = [r for r in presets.working_rules(dental(warmup=True)) if r.key == "base_refused"]

    assert rule.do[0].to == "stage.warmup.new"


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"treatment_mark": "no"}, "signed"),
        ({"treatment_mark": "no"}, "plan_refused"),
        ({"no_show_copy": "no"}, "no_show_new"),
        ({"repeat_enquiry": "new"}, "active_patient"),
    ],
)
def test_a_setting_switches_its_rules_off(given, rule):
    assert rule in rule_keys(dental())
    assert rule not in rule_keys(dental(**given))


def test_a_span_reaches_its_rule():
    (rule,) = [r for r in presets.working_rules(dental(inactive_after="90d")) if r.key == "gone"]

    assert rule.when.span == "90d"


def test_the_digest_follows_what_is_set_and_nothing_else():
    assert dental().digest == dental(branches="Основной филиал").digest
    assert dental().digest != dental(branches="Центр").digest


def test_everything_wrong_is_said_at_once():
    with pytest.raises(InvalidInput) as caught:
        dental(colour="red", warmup="maybe", take_within="soon", booking_stage="stage.visits.gone", branches=" , ")

    assert caught.value.message.en.count("setting") == 5


def test_a_stage_of_a_pipeline_that_is_off_is_no_target():
    with pytest.raises(InvalidInput) as caught:
        dental(refusal_target="stage.warmup.new")

    assert "stage.warmup.new" in caught.value.message.ru


@pytest.mark.parametrize(("way", "key"), [("new_deal", "moved_primary"), ("same_deal", "moved_same")])
def test_a_new_date_makes_a_new_deal_or_changes_the_old_one(way, key):
    moved = [key for key in rule_keys(ident(reschedule=way)) if key.startswith("moved_")]

    assert key in moved


def test_a_field_under_secrecy_needs_a_recorded_basis():
    with pytest.raises(InvalidInput) as caught:
        ident(crm_fields="S0-R03")

    assert "Дата и время приема" in caught.value.message.ru


def test_with_a_basis_it_goes_to_the_crm():
    preset = ident(crm_fields="S0-R03, field.contact.visits_total", basis="Поручение № 7 от 01.02.2026, Иванова")
    found = {r.address for r in presets.desired(preset, AMOCRM, "ru")}

    assert found >= {"field.deal.visit_at", "field.contact.visits_total"}


def test_a_field_may_be_switched_off():
    found = {r.address for r in presets.desired(ident(off_fields="S0-P05"), AMOCRM, "ru")}

    assert "field.contact.sex" not in found


@pytest.mark.parametrize("given", [{"off_fields": "S0-P99"}, {"off_fields": "S0-P05", "widget_fields": "S0-P05"}])
def test_unknown_fields_and_two_modes_are_refused(given):
    with pytest.raises(InvalidInput):
        ident(**given)


@pytest.mark.parametrize("preset", [dental(), dental(warmup=True), ident()], ids=["dental", "warmup", "ident"])
def test_rules_send_deals_only_to_stages_that_are_there(preset):
    there = {r.address for r in presets.desired(preset, AMOCRM, "ru") if r.kind is Kind.STAGE} | {"origin", ""}
    sent = {word for rule in presets.working_rules(preset) for step in rule.do for word in (step.to, *step.out_of)}
    watched = {stage for rule in presets.working_rules(preset) for stage in rule.when.stages}

    assert (sent | watched) - there == set()


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("mon-sun 00:00-24:00", ("mon-sun 00:00-24:00",)),
        ("Пн-Пт  08:30-21:00, сб 10:00-15:00", ("пн-пт 08:30-21:00", "сб 10:00-15:00")),
    ],
)
def test_working_hours_are_told_in_lines(given, value):
    assert dental(working_hours=given).setting("working_hours") == value


@pytest.mark.parametrize("given", ["", "always", "mon 9-18", "mon 25:00-26:00", "mon-fri 09:00-20:00 or so"])
def test_anything_else_is_no_working_hours(given):
    with pytest.raises(InvalidInput) as caught:
        dental(working_hours=given)

    assert "mon-fri 09:00-20:00" in caught.value.message.en


@pytest.mark.parametrize("given", ["15", "0m", "1w", "15m\n", "soon"])
def test_a_span_is_a_number_and_a_unit(given):
    with pytest.raises(InvalidInput):
        dental(take_within=given)
