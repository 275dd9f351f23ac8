"""What a clinic does without: stages, pipelines and fields, and the rules that rest on them."""

from __future__ import annotations

import pytest

from installer import preset as presets
from installer.preset import Preset
from widget_backend.errors import InvalidInput

MARK = "field.contact.in_treatment"


@pytest.fixture(scope="module")
def dental() -> Preset:
    return presets.find("dental")


def stages(preset: Preset) -> set[str]:
    return {pipeline.stage_address(stage) for pipeline, stage in preset.active_stages()}


def off(preset: Preset, *skipped: str) -> set[str]:
    return {rule.key for rule in presets.turned_off(preset, skipped)}


def test_a_skipped_stage_is_not_wanted(dental: Preset) -> None:
    less = presets.without(dental, ["stage.visits.confirmed"])

    assert stages(dental) - stages(less) == {"stage.visits.confirmed"}


def test_a_pipeline_goes_with_all_its_stages(dental: Preset) -> None:
    less = presets.without(dental, ["pipeline.coord"])

    assert [pipeline.key for pipeline in less.active_pipelines()] == ["visits", "base", "revival"]


def test_a_pipeline_without_an_open_stage_goes_too(dental: Preset) -> None:
    open_ = [a for a in presets.skippable(dental) if a.startswith("stage.coord.")]

    assert "coord" not in [pipeline.key for pipeline in presets.without(dental, open_).active_pipelines()]


def test_a_skipped_field_is_not_sent_to_the_crm(dental: Preset) -> None:
    less = presets.without(dental, [MARK])

    assert [field.mode for field in less.fields if field.address == MARK] == ["off"]


def test_rules_that_ask_for_a_skipped_field_are_off(dental: Preset) -> None:
    less = presets.without(dental, [MARK])

    assert {"to_treatment", "to_base"} <= off(dental, MARK)
    assert {rule.key for rule in dental.rules} - {rule.key for rule in less.rules} == off(dental, MARK)


def test_a_rule_that_also_does_something_else_stays_on(dental: Preset) -> None:
    assert "booked" not in off(dental, "field.deal.doctor")


def test_rules_that_send_deals_to_a_skipped_stage_are_off(dental: Preset) -> None:
    assert "confirmed" in off(dental, "stage.visits.confirmed")


def test_rules_that_send_deals_where_a_setting_says_are_off_with_it(dental: Preset) -> None:
    elsewhere = presets.configure(dental, {"booking_stage": "stage.visits.new"})

    assert "revival_ready" in off(dental, "stage.visits.picking")
    assert "revival_ready" not in off(elsewhere, "stage.visits.picking")


def test_a_setting_may_not_lead_to_a_skipped_stage(dental: Preset) -> None:
    with pytest.raises(InvalidInput, match=r"it is skipped or its pipeline is switched off"):
        presets.configure(presets.without(dental, ["stage.visits.picking"]), {})


def test_other_choices_make_another_preset(dental: Preset) -> None:
    assert presets.without(dental, [MARK]).digest != dental.digest
    assert presets.without(dental, []).digest == dental.digest


@pytest.mark.parametrize("address", ["stage.visits.came", "field.contact.phone", "pipeline.nowhere", "task.take"])
def test_what_a_clinic_cannot_do_without_is_refused(dental: Preset, address: str) -> None:
    with pytest.raises(InvalidInput, match=address):
        presets.without(dental, [address])


def test_one_pipeline_at_least_stays(dental: Preset) -> None:
    with pytest.raises(InvalidInput, match="At least one pipeline"):
        presets.without(dental, [a for a in presets.skippable(dental) if a.startswith("pipeline.")])
