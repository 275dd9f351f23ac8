"""The commands ``presets …`` as an integrator meets them: words for a person, one JSON value for a program, exit codes."""

import json
import os
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from installer import preset as presets
from widget_backend.cli import cli
from widget_backend.cli.context import Context
from widget_backend.cli.presets import group
from widget_backend.cli.terminal import Terminal
from widget_backend.config import Settings

FIXTURES = Path(__file__).parents[2] / "fixtures" / "presets"


@pytest.fixture
def command(tmp_path):
    """Runs ``presets`` with these words."""
    context = Context(Settings(home=tmp_path), "ru", Terminal("ru", False))

    def run(*words):
        ended = CliRunner().invoke(group, words, obj=context)
        assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exc_info
        return ended

    return run


def test_a_sound_file_is_said_to_be_sound(command):
    ended = command("validate", str(FIXTURES / "sound.yaml"))

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout == f"{FIXTURES / 'sound.yaml'}: ошибок нет.\n"


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [
        ("ru", ":2: key: ключ — строчные латинские буквы, 0-9, -, первая — буква", "Ошибок: 34. Ничего не сделано"),
        (
            "en",
            ":2: key: a key is small latin letters, 0-9, -, and begins with a letter",
            "Errors: 34. Nothing was done",
        ),
    ],
)
def test_every_mistake_is_a_line_with_file_line_and_path(command, language, first, last):
    ended = command("validate", str(FIXTURES / "many_errors.yaml"), "--lang", language)
    lines = ended.stderr.splitlines()

    assert (ended.exit_code, ended.stdout, len(lines)) == (1, "", 35)
    assert lines[0] == f"{FIXTURES / 'many_errors.yaml'}{first}"
    assert lines[-1].startswith(last)


def test_mistakes_as_one_json_value(command):
    ended = command("validate", str(FIXTURES / "many_errors.yaml"), "--json", "--lang", "en")
    told = json.loads(ended.stdout)

    assert (ended.exit_code, told["valid"], len(told["problems"]), told["warnings"]) == (1, False, 34, [])
    assert told["problems"][1] == {"line": 3, "path": "version", "message": "a version is like 1.0.0"}


def test_a_sound_file_as_one_json_value(command):
    file = str(FIXTURES / "sound.yaml")

    assert json.loads(command("validate", file, "--json").stdout) == {
        "valid": True,
        "file": file,
        "problems": [],
        "warnings": [],
    }


@pytest.mark.parametrize("name", ["missing.yaml", "", "binary.yaml", "empty.yaml", "huge.yaml", "tabs.yaml"])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_whatever_is_given_ends_in_one_problem_and_no_traceback(command, tmp_path, name, options):
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    (tmp_path / "empty.yaml").touch()
    (tmp_path / "huge.yaml").touch()
    os.truncate(tmp_path / "huge.yaml", 1 << 30)
    (tmp_path / "tabs.yaml").write_text("a:\n\tb: c\n")

    ended = command("validate", str(tmp_path / name), *options)

    assert ended.exit_code == 1
    assert len((ended.stderr or "\n".join(json.loads(ended.stdout or "{}"))).splitlines()) in (2, 4)
    assert "Traceback" not in ended.output


def test_a_name_that_speaks_of_health_is_a_warning(command, tmp_path):
    file = tmp_path / "clinic.yaml"
    file.write_text((FIXTURES / "sound.yaml").read_text().replace("Новая", "Анализ массы тела"))

    ended = command("validate", str(file))

    assert ended.exit_code == 0
    assert ended.stderr.startswith(f"предупреждение: {file}:12: pipelines[0].stages[0].name.ru: «Анализ массы тела»")


@pytest.mark.parametrize("key", ["dental", "dental-ident"])
def test_the_presets_are_listed_with_what_they_hold(command, key):
    found = {row["key"]: row for row in json.loads(command("list", "--json").stdout)}

    assert key in command("list").stdout
    assert found[key]["counts"]["pipelines"] in (4, 8)


def test_a_clinic_owner_reads_a_preset(command):
    shown = command("show", "dental").stdout

    assert "Воронка «Приемы» · Колл-центр, администраторы" in shown
    assert "  6. ✓ Пациент пришёл (успех)\n" in shown
    assert "Задача: Взять заявку в работу. Зависла, если дольше: 1 рабочий час." in shown
    assert "Филиал — список (Основной филиал); обязательно на этапе «Приемы / Запись сформирована»" in shown
    assert "Первичного — координатору. Когда сделка переходит на: «Пациент пришёл (успех)» (Приемы)" in shown
    assert max(len(line) for line in shown.splitlines()) <= 100


def test_the_same_in_english(command):
    shown = command("show", "dental", "--lang", "en").stdout

    assert "Pipeline “Appointments” · Call centre, receptionists" in shown
    assert "Task: Take the enquiry. Stuck when longer than 1 working hour." in shown


@pytest.mark.parametrize("key", ["dental", "dental-ident"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_preset_as_one_json_value(command, key, language):
    shown = json.loads(command("show", key, "--json", "--lang", language).stdout)
    preset = presets.find(key)

    assert [pipeline["key"] for pipeline in shown["pipelines"]] == [p.key for p in preset.active_pipelines()]
    assert shown["counts"]["deal_fields"] == len(shown["fields"]["deal"])
    assert {rule["key"] for rule in shown["rules"]} <= {rule.key for rule in preset.rules}


def test_an_unknown_preset_is_answered_with_those_there_are(command):
    ended = command("show", "dentist")

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr.startswith("Нет пресета «dentist». Есть: dental, dental-ident")


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_the_schema_is_printed_as_json(command, options):
    schema = json.loads(command("schema", *options).stdout)

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema == presets.json_schema()


def test_the_group_is_part_of_the_command_line():
    assert cli.commands["presets"] is group
