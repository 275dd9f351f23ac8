"""Whatever a file holds, its reader answers with a preset or with a list of problems, and never with anything else."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from installer import preset as presets
from installer.preset.reading.nodes import read

FOLDER = Path(__file__).parents[3] / "pipeline_presets"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "presets"
EVERY_WORD = (FIXTURES / "every_word.yaml").read_text(encoding="utf-8")
DENTAL = (FOLDER / "dental.yaml").read_text(encoding="utf-8")

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from(
        ["", "stage.sales.new", "pipeline.base", "field.deal.due", "setting.limit", "{patient}", "1d", "won"]
    ),
    st.lists(st.one_of(st.none(), st.integers(0, 2), st.just("any")), max_size=2),
    st.dictionaries(st.sampled_from(["ru", "en", "key", "what", "on"]), st.one_of(st.none(), st.just("a")), max_size=2),
)


def places(data, path=()):
    """Every place in nested data."""
    yield path
    for step, inner in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places(inner, (*path, step))


PLACES = [path for path in places(read(EVERY_WORD).data) if path]


def answer(text):
    """The preset, or what was said of the text."""
    try:
        return presets.loads(text, "trial.yaml")
    except presets.InvalidPreset as invalid:
        assert invalid.problems
        assert all(problem.message.ru and problem.message.en for problem in invalid.problems)
        return None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_value_of_another_shape_anywhere_is_told_or_fits_the_schema_too(draw):
    data = read(EVERY_WORD).data
    *way, last = draw.draw(st.sampled_from(PLACES))
    holder = data
    for step in way:
        holder = holder[step]
    holder[last] = draw.draw(JUNK)

    accepted = answer(json.dumps(data, ensure_ascii=False))

    if accepted:
        jsonschema.Draft202012Validator(presets.json_schema()).validate(data)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, len(DENTAL)), st.integers(1, 400), st.sampled_from(["", "\t", "- ", ": ", "{", "'", "&a ", "\x00"])
)
def test_a_file_with_a_piece_torn_out_is_told(start, length, patch):
    answer(DENTAL[:start] + patch + DENTAL[start + length :])


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_answered(text):
    assert answer(text) is None


@pytest.mark.parametrize("key", ["dental", "dental-ident"])
def test_the_same_file_is_the_same_preset(key):
    assert presets.find(key).digest == presets.find(key).digest
