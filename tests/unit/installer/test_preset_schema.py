"""The JSON Schema for editors: the exported file, and that it agrees with the loader."""

import json
from pathlib import Path

import pytest

from installer import preset as presets
from installer.preset.reading.nodes import read

FOLDER = Path(__file__).parents[3] / "pipeline_presets"


def test_the_exported_file_is_what_the_function_says():
    assert json.loads((FOLDER / "schema.json").read_text()) == presets.json_schema()


def test_it_is_a_valid_schema_of_the_named_draft():
    jsonschema = pytest.importorskip("jsonschema")

    assert presets.json_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(presets.json_schema())


@pytest.mark.parametrize("name", ["sound", "every_word"])
def test_what_the_loader_takes_fits_the_schema(name):
    jsonschema = pytest.importorskip("jsonschema")
    data = read((FOLDER.parent / "tests" / "fixtures" / "presets" / f"{name}.yaml").read_text(encoding="utf-8")).data

    jsonschema.Draft202012Validator(presets.json_schema()).validate(data)


@pytest.mark.parametrize("key", ["dental", "dental-ident"])
def test_the_presets_fit_the_schema(key):
    jsonschema = pytest.importorskip("jsonschema")
    data = read((FOLDER / f"{key}.yaml").read_text()).data

    jsonschema.Draft202012Validator(presets.json_schema()).validate(data)


def test_the_schema_refuses_what_the_loader_refuses():
    jsonschema = pytest.importorskip("jsonschema")
    wrong = {"schema": 1, "key": "trial", "surprise": True}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(presets.json_schema()).validate(wrong)


@pytest.mark.parametrize("key", ["dental", "dental-ident"])
def test_each_file_tells_editors_where_its_schema_is(key):
    assert (FOLDER / f"{key}.yaml").read_text().startswith("# yaml-language-server: $schema=./schema.json\n")
