"""The commands of the ground floor as an operator meets them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ground.clinic_rows import Row, raw
from ground.contest import KEYS

from widget_backend.cli import cli
from widget_backend.db import Database

START = [sys.executable, "-m", "widget_backend.cli"]


@pytest.fixture
def environ(database_url: str, tmp_path: Path) -> dict[str, str]:
    """Where the database is, and what a server needs."""
    return {
        "DENTAL_CRM_HOME": str(tmp_path),
        "DATABASE_URL": database_url,
        "DENTAL_CRM_LANG": "en",
        "DENTAL_CRM_KEYS": ",".join(KEYS),
        "DENTAL_CRM_PUBLIC_URL": "https://crm.boris.example",
        "BITRIX24_CLIENT_ID": "app.boris",
        "BITRIX24_CLIENT_SECRET": "boris-secret",
    }


def run(environ: dict[str, str], *command: str) -> Result:
    return CliRunner().invoke(cli, command, env=environ)


def test_a_whole_audit(environ: dict[str, str], boris: Row) -> None:
    boris.acts("login")

    told = run(environ, "audit", "verify")

    assert (told.exit_code, told.output) == (0, "The audit is whole: 1 rows.\n")


def test_a_broken_audit_names_the_row(environ: dict[str, str], database: Database, boris: Row) -> None:
    boris.acts("login")
    raw(database, "ALTER TABLE audit_row DISABLE TRIGGER USER; UPDATE audit_row SET actor = 'nobody'")

    told = run(environ, "audit", "verify")
    data = run(environ, "audit", "verify", "--json")

    assert told.exit_code == data.exit_code == 1
    assert told.output == f"The audit is broken: installation {boris.id}, row 1: the row was changed.\n"
    assert json.loads(data.stdout)["broken"] == [{"installation": boris.id, "row": 1, "reason": "the row was changed"}]


def test_a_worker_starts_and_stops(environ: dict[str, str]) -> None:
    started = subprocess.Popen([*START, "worker"], env=os.environ | environ, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None

    first = started.stdout.readline()
    started.send_signal(signal.SIGTERM)
    rest, _ = started.communicate(timeout=60)

    assert (first, rest) == (
        "Jobs are running. Stop: Ctrl+C, those begun will end.\n",
        "Stopped; the jobs begun have ended.\n",
    )
    assert started.returncode == 0


def test_a_worker_without_settings_names_them_all(environ: dict[str, str]) -> None:
    told = run(
        {
            "DENTAL_CRM_LANG": "en",
            "DATABASE_URL": environ["DATABASE_URL"],
            "DENTAL_CRM_HOME": environ["DENTAL_CRM_HOME"],
        },
        "worker",
    )

    assert told.exit_code == 1
    for name in ("DENTAL_CRM_PUBLIC_URL", "DENTAL_CRM_KEYS", "BITRIX24_CLIENT_ID", "AMOCRM_CLIENT_ID"):
        assert name in told.output


@pytest.mark.parametrize("command", ["web", "worker"])
def test_a_server_with_settings_that_every_command_needs_wrong_too_names_them_all(tmp_path: Path, command: str) -> None:
    wrong = {
        "DENTAL_CRM_LANG": "en",
        "DATABASE_URL": "postgresql://db.example:port/crm",
        "DENTAL_CRM_HOME": str(tmp_path),
    }
    wrong |= {"BITRIX24_OAUTH_HOSTS": "http://oauth.example"}

    told = subprocess.run([*START, command], env=os.environ | wrong, capture_output=True, text=True, check=False)

    assert told.returncode == 1
    for name in (
        "DATABASE_URL",
        "DENTAL_CRM_PUBLIC_URL",
        "DENTAL_CRM_KEYS",
        "BITRIX24_OAUTH_HOSTS",
        "AMOCRM_CLIENT_ID",
    ):
        assert name in told.stderr


def test_a_server_that_cannot_listen_says_so(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        started = [*START, "web", "--bind", address]
        told = subprocess.run(started, env=os.environ | environ, capture_output=True, text=True, check=False)

    assert told.returncode == 1
    assert f"The server could not answer at {address}" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_command_that_needs_no_jobs_does_not_wait_for_their_engine() -> None:
    asked = "import sys, widget_backend.cli, widget_backend.storage; sys.exit('procrastinate' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
