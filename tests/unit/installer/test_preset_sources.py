"""Every requirement that a preset can carry is named in it; those that live elsewhere are listed with the reason."""

from pathlib import Path

import pytest

from installer import preset as presets
from installer.preset.reading.nodes import read

FOLDER = Path(__file__).parents[3] / "pipeline_presets"

APPLICATION = [*[f"S1-{n:02}" for n in range(13, 56)], *[f"S1-F{n:02}" for n in range(1, 28)]]
INTEGRATION = [
    *[f"S0-{n:02}" for n in range(33, 76)],
    *[f"S0-P{n:02}" for n in range(1, 27)],
    *[f"S0-R{n:02}" for n in range(1, 21)],
]

#: not in the YAML, and why
ELSEWHERE = {
    "S0-65": "rights of employees belong to the CRM's own roles, which neither vendor lets an integration write",
}

#: the points left open by the sources and who decides them: a setting of that default, or the file itself
DECISIONS = [
    ("dental", "Q-04", "refusal_target", "stage.revival.returned"),
    ("dental", "Q-04", "warmup", False),
    ("dental", "Q-05", "treatment_mark", True),
    ("dental", "Q-16", "repeat_enquiry", "base"),
    ("dental", "Q-17", "no_show_copy", True),
    ("dental-ident", "Q-08", "reschedule", "new_deal"),
]


def named(data):
    """All ids under ``source`` in a file's data."""
    if isinstance(data, dict):
        found = set(data["source"]) if isinstance(data.get("source"), list) else set()
        return found.union(*(named(value) for value in data.values()))
    return set().union(*(named(item) for item in data)) if isinstance(data, list) else set()


def ids(key):
    return named(read((FOLDER / f"{key}.yaml").read_text(encoding="utf-8")).data)


@pytest.mark.parametrize(("key", "required"), [("dental", APPLICATION), ("dental-ident", INTEGRATION)])
def test_every_requirement_is_named_in_the_preset_or_has_its_reason(key, required):
    assert sorted(set(required) - ids(key)) == sorted(set(required) & ELSEWHERE.keys())


@pytest.mark.parametrize("key", ["dental", "dental-ident"])
def test_what_lives_elsewhere_is_not_claimed(key):
    assert ids(key) & ELSEWHERE.keys() == set()


@pytest.mark.parametrize("key", ["dental", "dental-ident"])
@pytest.mark.parametrize("part", ["settings", "pipelines", "fields", "cards", "task_templates", "rules"])
def test_every_part_says_which_requirement_it_answers(key, part):
    assert [item for item in getattr(presets.find(key), part) if not item.source] == []


@pytest.mark.parametrize(("key", "question", "setting", "value"), DECISIONS)
def test_an_open_question_is_a_setting_with_the_decided_default(key, question, setting, value):
    (found,) = [item for item in presets.find(key).settings if item.key == setting]

    assert (question in found.source, found.value) == (True, value)


def test_ids_of_both_sources_are_of_the_known_form():
    known = ("S0-", "S1-", "Q-", "L-", "T-")

    assert [name for key in ("dental", "dental-ident") for name in ids(key) if not name.startswith(known)] == []
