"""Rows of a portal read into our words: text numbers, empty lists for maps, pipeline 0, labels by language."""

from __future__ import annotations

from typing import Any

import pytest
from bitrix24_answers import category, eight, source, status, userfield

from widget_backend.crm.bitrix24 import layouts, reading
from widget_backend.crm.bitrix24.client import number, rows
from widget_backend.crm.model import Kind, Option, Remote, Section


@pytest.mark.parametrize(
    ("about", "language"),
    [
        ({"LANGUAGE_ID": "ru", "LICENSE": "en_std"}, "ru"),
        ({"LANGUAGE_ID": "de"}, "en"),
        ({"LICENSE": "kz_pro100"}, "ru"),
        ({"LICENSE": "de_std"}, "en"),
    ],
)
def test_the_language_is_told_by_the_portal_or_its_region(about: dict[str, str], language: str) -> None:
    assert reading.language(about, []) == language


@pytest.mark.parametrize(("name", "language"), [("Новая", "ru"), ("New", "en")])
def test_a_portal_that_says_nothing_is_known_by_the_names_it_gave(name: str, language: str) -> None:
    assert reading.language({}, [status(1, 0, "NEW", name, 10, "Y")]) == language


def test_the_default_pipeline_is_a_pipeline() -> None:
    assert reading.pipeline(category(0, "Общая", 300)) == Remote(
        Kind.PIPELINE, "0", {"name": "Общая", "position": 300}, fixed=True
    )


def test_deals_speak_of_a_stages_code_and_writes_of_its_number() -> None:
    (stage,) = reading.stages([status(201, 5, "EXECUTING", "Лечение", 40)], ["5"])

    assert stage == Remote(
        Kind.STAGE,
        "C5:EXECUTING",
        {"name": "Лечение", "position": 40, "colour": "#39A8EF", "kind": "open"},
        parent="5",
        native="201",
    )


def test_stages_of_other_objects_and_of_unreadable_pipelines_are_left_out() -> None:
    quote = {**status(7, 0, "DRAFT", "Черновик", 10), "ENTITY_ID": "QUOTE_STATUS"}

    assert [s.id for s in reading.stages([quote, *eight(5), *eight(6)], ["6"])][:2] == ["C6:NEW", "C6:PREPARATION"]


@pytest.mark.parametrize(("semantics", "kind"), [("S", "won"), ("F", "lost"), (None, "open"), ("", "open")])
def test_a_kind_of_stage(semantics: str | None, kind: str) -> None:
    assert reading.stage(status(1, 5, "X", "Этап", 10, semantics=semantics), "5").attributes["kind"] == kind


@pytest.mark.parametrize(("code", "colour"), [("#ffe14d", "yellow"), ("#FFE14D", "yellow"), ("#39A8EF", "#39A8EF")])
def test_a_colour_of_ours_is_known_and_another_stays(code: str, colour: str) -> None:
    assert reading.colour(code) == colour


def test_the_eight_stages_of_a_new_pipeline_are_stock() -> None:
    assert [stage.stock for stage in reading.stages(eight(5), ["5"])] == [True] * 8


def test_a_renamed_stage_is_somebodys_own() -> None:
    assert not reading.stage(status(1, 5, "EXECUTING", "Лечение", 40), "5").stock


def test_a_name_of_ours_on_automatic_codes_of_several_pipelines_is_not_stock() -> None:
    ours = [status(1, 5, "EXECUTING", "Взято в работу", 40), status(2, 6, "EXECUTING", "Взято в работу", 40)]

    assert [stage.stock for stage in reading.stages(ours, ["5", "6"])] == [False, False]


def test_a_source_of_ours_is_marked() -> None:
    found = reading.sources([source(11, "CALL", "Звонок", "Y"), source(12, "DENT_SITE", "Сайт"), *eight(5)])

    assert [(s.id, s.marker, s.native, s.fixed) for s in found] == [
        ("CALL", "", "11", True),
        ("DENT_SITE", "site", "12", False),
    ]


def test_a_field_is_called_as_the_portal_speaks() -> None:
    lists = {"ru": [userfield(301, "UF_CRM_1", "Филиал")], "en": [userfield(301, "UF_CRM_1", "Branch")]}

    assert [field.name for field in reading.fields(lists, "deal", "en")] == ["Branch"]


def test_a_field_without_a_label_in_that_language_is_called_as_in_another() -> None:
    lists = {"ru": [userfield(301, "UF_CRM_1", "Филиал")], "en": [userfield(301, "UF_CRM_1", "")]}

    assert [field.name for field in reading.fields(lists, "deal", "en")] == ["Филиал"]


def test_a_field_without_any_label_is_called_by_its_code() -> None:
    assert [f.name for f in reading.fields({"ru": [userfield(1, "UF_CRM_1", "")]}, "deal", "ru")] == ["UF_CRM_1"]


def test_a_map_of_labels_is_read_too() -> None:
    assert reading.label({"EDIT_FORM_LABEL": {"ru": "Филиал", "en": "Branch"}}, "en") == "Branch"


@pytest.mark.parametrize(
    ("native", "settings", "kind"),
    [
        ("string", {"ROWS": "1"}, "text"),
        ("string", {"ROWS": 5}, "long_text"),
        ("string", [], "text"),
        ("integer", {}, "number"),
        ("double", {}, "number"),
        ("crm_status", {}, "crm_status"),
        ("enumeration", {}, "list"),
    ],
)
def test_a_field_type(native: str, settings: Any, kind: str) -> None:
    field = reading.field(userfield(1, "UF_CRM_1", "Поле", native, SETTINGS=settings), "deal", "Поле")

    assert field.attributes["type"] == kind


@pytest.mark.parametrize(("shown", "filterable"), [("N", False), ("E", True), ("I", True), (None, False)])
def test_a_field_in_the_filter(shown: str | None, filterable: bool) -> None:
    field = reading.field(userfield(1, "UF_CRM_1", "Поле", SHOW_FILTER=shown), "deal", "Поле")

    assert field.attributes["filterable"] is filterable


def test_choices_stand_in_the_order_they_are_shown() -> None:
    listed = [
        {"ID": "46", "SORT": "20", "VALUE": "Повторный", "XML_ID": "repeat"},
        {"ID": "45", "SORT": "10", "VALUE": "Первичный", "XML_ID": None},
    ]

    assert reading.options(listed) == (Option("", "Первичный", "45"), Option("repeat", "Повторный", "46"))


def test_a_layout_is_read_through_its_columns() -> None:
    section = {"name": "main", "title": "О сделке", "type": "section", "elements": [{"name": "TITLE"}]}
    column = {"name": "default_column", "type": "column", "elements": [section]}

    card = layouts.card("deal", "5", layouts.layout([column]))

    assert (card.id, card.parent, card.attributes) == ("deal:5", "5", {"sections": (Section("О сделке", ("TITLE",)),)})


@pytest.mark.parametrize(("value", "read"), [({"0": {"a": 1}, "2": {"b": 2}}, 2), ([], 0), (None, 0), (False, 0)])
def test_lists_arrive_in_many_shapes(value: Any, read: int) -> None:
    assert len(rows(value)) == read


@pytest.mark.parametrize(("value", "read"), [("19.00", 19), (5, 5), ("", 0), (None, 0), ("x", 0)])
def test_numbers_arrive_as_text(value: Any, read: int) -> None:
    assert number(value) == read
