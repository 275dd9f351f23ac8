"""A wrong file: every mistake at once, each with its line, its path and words in both languages."""

import os
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
    (24, "pipelines[1].stages[1]"),
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

#: the text, the line, what is said
UNREADABLE = [
    ("", 1, "the file is empty"),
    ("# only a comment\n", 1, "the file is empty"),
    ("- a", 1, "a preset is made of pairs of key: value"),
    ("hello", 1, "a preset is made of pairs of key: value"),
    ("#" * (1024 * 1024 + 1), 1, "the file is over 1 MiB"),
    ("schema: 1\n? [a]\n: b", 2, "a key must be one word"),
    ("[" * 40 + "]" * 40, 1, "nested too deeply"),
    ("schema: 1\nkey: [a, b\n", 2, "a bracket { or [ is not closed"),
    ("schema: 1\nname: {ru: Проба, en: Trial\nkey: a\n", 2, "a bracket { or [ is not closed"),
    ('schema: 1\nversion: "1.0.0\nkey: a\n', 2, "a quotation mark is opened and not closed"),
    ("schema: 1\nname: Проба: проба\n", 2, "a colon inside a value"),
    ("schema: 1\npipelines:\n\t- key: a\n", 3, "the indentation is a tab"),
    ("schema: 1\nkey: a\n  name: b\n", 3, "a colon inside a value"),
    ("schema: 1\npipelines:\n  - key: a\n   name: b\n", 4, "the indentation differs"),
    ("schema: 1\nkey: @home\n", 2, "the value begins with a sign YAML keeps for itself"),
    ('schema: 1\nkey: "\\я"\n', 2, "a backslash in double quotation marks"),
    ("%YAML 9.9\n---\na: b\n", 1, "lines that begin with %"),
    ("schema: 1\nkey: a\x00\n", 2, "a control character"),
    ("schema: 1\nkey: \ud800", 2, "a control character"),
]


def test_all_mistakes_of_a_file_are_named_at_once():
    with pytest.raises(presets.InvalidPreset) as caught:
        presets.load(FIXTURES / "many_errors.yaml")

    assert [(p.line, p.path) for p in caught.value.problems] == MANY


def test_the_message_lists_them_as_file_line_path():
    with pytest.raises(presets.InvalidPreset) as caught:
        presets.load(FIXTURES / "many_errors.yaml")

    assert "many_errors.yaml:16: pipelines[0].stages[0].colour: допустимо: light_yellow" in caught.value.message.ru
    assert "many_errors.yaml:6: surprise: unknown key; there may be: application, cards" in caught.value.message.en


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("anchors.yaml", 2, "YAML anchors and aliases (& and *) are not allowed"),
        ("bomb.yaml", 1, "YAML anchors and aliases (& and *) are not allowed"),
        ("tags.yaml", 2, "YAML tags (!) are not allowed"),
        ("newer.yaml", 1, "the file is newer than the program (schema 2, known 1): update the program"),
    ],
)
def test_a_file_that_is_not_a_plain_preset_is_refused(name, line, words):
    with pytest.raises(presets.InvalidPreset) as caught:
        presets.load(FIXTURES / name)

    (problem,) = caught.value.problems
    assert problem.line == line
    assert problem.message.en.startswith(words)


@pytest.mark.parametrize(("text", "line", "words"), UNREADABLE)
def test_unreadable_texts_end_in_one_sentence_at_their_line(text, line, words):
    with pytest.raises(presets.InvalidPreset) as caught:
        presets.loads(text, "trial")

    (problem,) = caught.value.problems
    assert problem.line == line
    assert problem.message.en.startswith(words)


@pytest.mark.parametrize("content", [bytes(range(256)), b"\x89PNG\r\n\x1a\n", "schema: Проба".encode("cp1251")])
def test_a_file_that_is_no_text_is_refused(tmp_path, content):
    file = tmp_path / "binary.yaml"
    file.write_bytes(content)

    with pytest.raises(presets.InvalidPreset) as caught:
        presets.load(file)

    assert caught.value.problems[0].message.en == "the file is not in UTF-8: save it as text in UTF-8"


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(presets.InvalidPreset) as caught:
        presets.load(tmp_path / "missing.yaml")

    assert "missing.yaml: there is no such file" in caught.value.message.en


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(presets.InvalidPreset) as caught:
        presets.load(tmp_path)

    assert "this is a folder" in caught.value.message.en


def test_a_file_without_end_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")

    with pytest.raises(presets.InvalidPreset) as caught:
        presets.load(tmp_path / "pipe.yaml")

    assert "this is not a plain file" in caught.value.message.en


def test_a_huge_file_is_not_read_whole(tmp_path):
    file = tmp_path / "huge.yaml"
    file.touch()
    os.truncate(file, 1 << 40)

    with pytest.raises(presets.InvalidPreset) as caught:
        presets.load(file)

    assert "over 1 MiB" in caught.value.message.en


@pytest.mark.parametrize("change", [("\n", "\r\n"), ("schema", "\ufeffschema")])
def test_line_ends_and_marks_of_another_system_are_no_mistake(tmp_path, change):
    file = tmp_path / "windows.yaml"
    text = (FIXTURES / "sound.yaml").read_text(encoding="utf-8")
    file.write_bytes(text.replace(*change).encode())

    assert presets.load(file).key == "sound"


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
