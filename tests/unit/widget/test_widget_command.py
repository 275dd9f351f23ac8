"""``dental-crm widget``: builds what lint finds nothing in, and lints anybody's archive."""

from __future__ import annotations

import json
from pathlib import Path

from archives import IMPRINT, does, ours
from click.testing import CliRunner, Result

from widget_backend.cli import cli
from widget_backend.widget import build
from widget_backend.widget.archive import pack

OPTIONS = ("--support", IMPRINT.support, "--privacy", IMPRINT.privacy)


def run(home: Path, *words: str) -> Result:
    environ = {"DENTAL_CRM_HOME": str(home), "DENTAL_CRM_PUBLIC_URL": IMPRINT.service, "DATABASE_URL": ""}
    return CliRunner().invoke(cli, ["widget", *words], env=environ)


def test_the_archive_is_written_for_the_address_of_the_application(tmp_path: Path) -> None:
    target = tmp_path / "widget.zip"

    told = run(tmp_path, "build", *OPTIONS, "--out", str(target))

    assert told.exit_code == 0, told.output
    assert "Замечаний нет" in told.stdout
    assert target.read_bytes() == build(IMPRINT)


def test_what_is_missing_is_asked_for_and_nothing_is_written(tmp_path: Path) -> None:
    target = tmp_path / "widget.zip"

    told = run(tmp_path, "build", "--out", str(target))

    assert told.exit_code == 1
    assert "--support" in told.stderr
    assert not target.exists()


def test_our_own_sources_are_linted_where_no_archive_is_named(tmp_path: Path) -> None:
    told = run(tmp_path, "lint")

    assert (told.exit_code, told.stdout) == (0, "widget.zip: замечаний нет.\n")


def test_every_objection_is_a_line(tmp_path: Path) -> None:
    archive = tmp_path / "widget.zip"
    files = ours()
    does("alert(told);\neval(told);")(files)
    archive.write_bytes(pack(files))

    told = run(tmp_path, "lint", str(archive), "--lang", "en")

    assert told.exit_code == 1
    assert [line.split(": ")[1] for line in told.stdout.splitlines()[:2]] == ["dialog", "eval"]
    assert told.stdout.splitlines()[2] == "Objections: 2."


def test_a_program_gets_the_objections_as_values(tmp_path: Path) -> None:
    archive = tmp_path / "mine.zip"
    archive.write_bytes(build(IMPRINT))

    told = run(tmp_path, "lint", str(archive), "--json")

    assert told.exit_code == 1
    assert json.loads(told.stdout) == [
        {
            "rule": "archive-name",
            "file": "mine.zip",
            "line": None,
            "message": "Архив должен называться widget.zip.",
        }
    ]


def test_an_archive_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    told = run(tmp_path, "lint", str(tmp_path / "nowhere.zip"))

    assert told.exit_code == 1
    assert "Файла" in told.stderr
