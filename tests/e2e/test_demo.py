"""The demo as a new user starts it: both CRMs and the application, until it is stopped, and then nothing is left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from urllib.request import urlopen

import pytest

COMMAND = [sys.executable, "-m", "widget_backend.cli", "demo"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the demo keeps what it needs for a while; of a short name, as a socket's path has to be."""
    with tempfile.TemporaryDirectory(prefix="demo-") as made:
        yield Path(made)


def environ(folder: Path) -> dict[str, str]:
    """Settings of a real installation, which the demo must not touch."""
    real = {"DENTAL_CRM_HOME": str(folder / "home"), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}
    return os.environ | real | {"DENTAL_CRM_LANG": "ru", "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}


def children(process: int) -> list[int]:
    """The processes that this one has started, and theirs."""
    found = [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return found + [each for child in found for each in children(child)]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_serves_both_markets_until_it_is_stopped(folder: Path, stop: signal.Signals) -> None:
    with subprocess.Popen(COMMAND, env=environ(folder), stdout=subprocess.PIPE, text=True) as demo:
        said = list(takewhile(lambda line: "Ctrl+C" not in line, demo.stdout or []))
        markets = re.findall(r"http://localhost:\d+/\S+", "".join(said))
        ready = re.findall(r"http://127.0.0.1:\d+/", "".join(said))
        pages = [urlopen(address, timeout=10).read().decode() for address in markets]
        boards = [urlopen(address, timeout=10).read().decode() for address in ready]
        started = children(demo.pid)
        demo.send_signal(stop)
        code = demo.wait(30)

    assert code == 0
    assert [("Установить" in page, "Стоматология" in page) for page in pages] == [(True, True)] * 2
    assert ["Координаторы" in board for board in boards] == [True, True]
    assert len(started) >= 4
    assert [each for each in started if Path(f"/proc/{each}").exists()] == []
    assert list(folder.glob("dental-crm-*")) == []


def test_a_demo_that_runs_once_installs_into_both_and_ends(folder: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--once"], env=environ(folder), capture_output=True, text=True, timeout=90, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Готово и проверено") == 2
    assert "Приложение запущено и отвечает" in done.stdout
    assert list(folder.glob("dental-crm-*")) == []
