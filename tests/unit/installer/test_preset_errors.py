"""A wrong file: every mistake at once, each with its line, its path and words in both languages."""

from pathlib import Path

import pytest

from installer import preset as presets
from widget_backend.errors import InvalidInput

FIXTURES = Path(__file__).parents[2] / "fixtures" / "presets"

MANY = [
    (2, "key"),
    (3, "version"),
    (4, "name.en"),
    (6, "surprise"),
    (8, "settings[0].default"),
    (9, "settings[1].default"),
    (15, "pipelines[0].stages"),
    (16, "pipelines[0].stages[0].colour"),
    (17, "pipelines[0].stages[1].key"),
    (17, "pipelines[0].stages[1].task"),
    (19, "pipelines[1].key"),
    (21, "pipelines[1].only_if"),
    (22, "pipelines[1].stages"),
    (28, "fields.deal[0].group"),
    (28, "fields.deal[0].type"),
    (29, "fields.deal[1].type"),
    (30, "fields.deal[2].required_at[0]"),
    (31, "fields.deal[3].key"),
    (33, "fields.contact[0].per_stage"),
    (33, "fields.contact[0].system"),
    (35, "cards[0]"),
    (35, "cards[0].sections[0].fields[0]"),
    (35, "cards[0].sections[0].fields[1]"),
    (39, "rules[0].when.span"),
    (39, "rules[0].when.stages"),
    (40, "rules[0].if[0].value"),
    (40, "rules[0].if[0].what"),
    (41, "rules[0].do[0].to"),
    (41, "rules[0].do[1].task"),
    (41, "rules[0].do[2].action"),
    (43, "rules[1].key"),
    (45, "rules[1].when.span"),
    (46, "rules[1].do[0].who"),
    (47, "rules[1].only_if"),
]


def test_all_mistakes_of_a_file_are_named_at_once():
    with pytest.raises(presets.InvalidPreset) as caught:
        presets.load(FIXTURES / "many_errors.yaml")

    assert [(p.line, p.path) for p in caught.value.problems] == MANY


def test_the_message_lists_them_as_file_line_path():
    with pytest.raises(presets.InvalidPreset) as caught:
        presets.load(FIXTURES / "many_errors.yaml")

    assert "many_errors.yaml:16: pipelines[0].stages[0].colour: допустимо: light_yellow" in caught.value.message.ru
    assert "many_errors.yaml:6: surprise: unknown key" in caught.value.message.en


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("anchors.yaml", 2, "YAML anchors and aliases are not allowed"),
        ("tags.yaml", 2, "YAML tags are not allowed"),
        ("newer.yaml", 1, "the file is newer than the program (schema 2, known 1): update the program"),
    ],
)
def test_a_file_that_is_not_a_plain_preset_is_refused(name, line, words):
    with pytest.raises(presets.InvalidPreset) as caught:
        presets.load(FIXTURES / name)

    assert [(p.line, p.message.en) for p in caught.value.problems] == [(line, words)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty or not pairs of key: value"),
        ("- a", "the file is empty or not pairs of key: value"),
        ("#" * (1024 * 1024 + 1), "the file is over 1 MiB"),
        ("? [a]\n: b", "a key must be a word"),
        ("[" * 40 + "]" * 40, "nested too deeply"),
        ("a: [", "cannot be read as YAML"),
        ("a: \ud800", "cannot be read as YAML"),
    ],
)
def test_unreadable_texts_end_in_one_sentence(text, words):
    with pytest.raises(presets.InvalidPreset) as caught:
        presets.loads(text, "trial")

    assert caught.value.problems[0].message.en.startswith(words)


def test_off_and_on_are_words_and_not_truth_values():
    assert presets.find("dental").rules[0].when.on == "entered"


def test_the_smallest_preset_is_sound():
    assert presets.load(FIXTURES / "sound.yaml").key == "sound"


def test_a_preset_nobody_has_is_answered_with_those_there_are():
    with pytest.raises(InvalidInput) as caught:
        presets.find("dentist")

    assert "dental, dental-ident" in caught.value.message.ru


def test_a_path_is_a_preset_too():
    assert presets.find(str(FIXTURES / "sound.yaml")).key == "sound"


def test_the_presets_of_the_application_are_found_by_key():
    assert [preset.key for preset in presets.available()] == ["dental", "dental-ident"]
