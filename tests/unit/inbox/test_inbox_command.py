"""``dental-crm inbox``: what has stopped, grouped by cause, and its replay; what the CRMs never told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from inbox_desk import Desk

from widget_backend.cli import cli
from widget_backend.errors import Rejected
from widget_backend.texts import Text

REFUSED = Text("CRM отказала.", "The CRM refused.")


@pytest.fixture
def stopped(boris: Desk) -> Desk:
    """Three events of Boris's have stopped for one cause."""
    boris.raises = [Rejected(REFUSED)] * 3
    for _ in range(3):
        boris.hears("deal", boris.crm.adds("new"), "added")
    boris.works()
    return boris


def run(desk: Desk, home: Path, *words: str) -> Result:
    environ = {
        "DENTAL_CRM_HOME": str(home),
        "DATABASE_URL": desk.database.engine.url.render_as_string(hide_password=False),
    }
    return CliRunner().invoke(cli, ["inbox", *words], env=environ)


def cause_of(desk: Desk, home: Path) -> str:
    (group,) = json.loads(run(desk, home, "list", "--json").stdout)
    return str(group["cause"])


def test_nothing_has_stopped(boris: Desk, tmp_path: Path) -> None:
    told = run(boris, tmp_path, "list")

    assert told.exit_code == 0
    assert "Остановленных событий и заданий нет" in told.stdout


def test_what_has_stopped_is_one_line_for_a_cause(stopped: Desk, tmp_path: Path) -> None:
    told = run(stopped, tmp_path, "list")

    assert told.exit_code == 1
    assert f"установка {stopped.id}: deal (Rejected), штук 3. CRM отказала." in told.stdout
    assert "dental-crm inbox replay" in told.stdout


def test_a_group_is_repeated(stopped: Desk, tmp_path: Path) -> None:
    told = run(stopped, tmp_path, "replay", cause_of(stopped, tmp_path))
    stopped.works()

    assert (told.exit_code, "Возвращено в работу: 3" in told.stdout) == (0, True)
    assert stopped.answered() == ["new"] * 3
    assert run(stopped, tmp_path, "list").exit_code == 0


def test_a_group_of_another_installation_is_left_alone(stopped: Desk, tmp_path: Path) -> None:
    cause = cause_of(stopped, tmp_path)

    told = run(stopped, tmp_path, "replay", cause, "--installation", "999")

    assert told.exit_code == 1
    assert stopped.dead() == [("Rejected", 3)]


def test_a_cause_that_is_none_is_said_in_one_sentence(boris: Desk, tmp_path: Path) -> None:
    told = run(boris, tmp_path, "replay", "made-up")

    assert (told.exit_code, told.stderr.count("\n")) == (1, 1)
    assert "обновите список" in told.stderr


def test_what_was_lost_is_counted(boris: Desk, tmp_path: Path) -> None:
    boris.crm.adds("new")
    boris.reconciles()

    told = run(boris, tmp_path, "losses", "--json")

    assert json.loads(told.stdout) == [{"installation": boris.id, "told": 0, "found_late": 1, "share": 1.0}]
