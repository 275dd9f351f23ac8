"""Codes our objects bear: short enough, always the same, and read back."""

from __future__ import annotations

import pytest

from widget_backend.crm.bitrix24 import naming

LONG = "a_very_long_key_of_a_field_that_nobody_would_type"


@pytest.mark.parametrize(
    ("entity", "key", "name"),
    [("deal", "branch", "UF_CRM_DEAL_BRANCH"), ("contact", "last_visit", "UF_CRM_CONTACT_LAST_VISIT")],
)
def test_a_field_is_named_by_its_entity_and_key(entity: str, key: str, name: str) -> None:
    assert naming.field_name(entity, key) == name


def test_a_long_key_is_cut_to_the_longest_name_the_portal_takes() -> None:
    name = naming.field_name("deal", LONG)

    assert name.startswith("UF_CRM_DEAL_A_VERY_LONG_KEY_OF_A_FIELD_")
    assert len(name) == 50


def test_two_long_keys_that_begin_alike_are_told_apart() -> None:
    assert naming.field_name("deal", LONG + "_1") != naming.field_name("deal", LONG + "_2")


@pytest.mark.parametrize("key", ["branch", "at_visits_new", LONG])
def test_a_key_is_read_back_from_a_field(key: str) -> None:
    name, mark = naming.field_name("deal", key), naming.field_mark("deal", key)

    assert naming.field_key("deal", name, mark) == key


def test_a_short_key_is_read_back_without_the_mark() -> None:
    assert naming.field_key("deal", "UF_CRM_DEAL_BRANCH", "") == "branch"


def test_the_clinics_own_field_has_no_key_of_ours() -> None:
    assert naming.field_key("deal", "UF_CRM_1713790573", "") == ""


@pytest.mark.parametrize(("key", "code"), [("site", "DENT_SITE"), ("yandex_maps", "DENT_YANDEX_MAPS")])
def test_a_source_is_named_by_its_key(key: str, code: str) -> None:
    assert naming.source_code(key) == code
    assert naming.source_key(code) == key


def test_the_clinics_own_source_has_no_key_of_ours() -> None:
    assert naming.source_key("CALL") == ""


@pytest.mark.parametrize(("pipeline", "code"), [("5", "C5:DENT_CONSENT"), ("0", "DENT_CONSENT")])
def test_a_stage_bears_the_prefix_of_its_pipeline(pipeline: str, code: str) -> None:
    assert naming.stage_code(pipeline, "consent", ()) == code


@pytest.mark.parametrize("pipeline", ["0", "5", "12345"])
def test_a_long_stage_code_fits(pipeline: str) -> None:
    assert len(naming.stage_code(pipeline, LONG, ())) <= 22


def test_a_taken_stage_code_is_not_used_twice() -> None:
    assert naming.stage_code("5", "new", {"C5:DENT_NEW"}) == "C5:DENT_NEW_2"


@pytest.mark.parametrize(("pipeline", "directory"), [("0", "DEAL_STAGE"), ("5", "DEAL_STAGE_5")])
def test_the_default_pipeline_has_a_directory_without_a_number(pipeline: str, directory: str) -> None:
    assert naming.stage_directory(pipeline) == directory
