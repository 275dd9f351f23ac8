"""The embedded database: any home, joined by many, stopped by the last one out whatever became of the others."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from clinics import Clinic, one_sentence

from widget_backend.config import Settings
from widget_backend.storage import open_database

AWKWARD = f"Клиника 'Улыбка' \"{'Чистые зубы ' * 6}\" $HOME, `x` \\"
NOTE = "postgres-18/postmaster.pid"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a database that has been used before."""
    home = tmp_path_factory.mktemp("home")
    open_database(Settings(home)).close()
    return home


@pytest.fixture
def embedded(boris: Clinic, home: Path) -> Clinic:
    """Boris's clinic with this home."""
    return Clinic(boris.sandbox, "", home)


@pytest.fixture
def asking(embedded: Clinic) -> Iterator[subprocess.Popen[str]]:
    """A command that has its database and waits for a CRM which does not answer."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.settimeout(60)
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/rest/1/code/"
        process = embedded.waiting("plan", "dental", "--bitrix24", url)
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
        with deaf.accept()[0], process:
            yield process
            process.kill()


def test_a_home_of_any_letters(tmp_path: Path) -> None:
    home = tmp_path / AWKWARD

    database = open_database(Settings(home))

    assert len(str(home)) > 120
    assert database.answers()
    database.close()
    assert not (home / NOTE).exists()


def test_two_who_use_it_and_the_last_one_stops_it(home: Path) -> None:
    one, other = open_database(Settings(home)), open_database(Settings(home))

    one.close()
    assert other.answers()
    other.close()

    assert not (home / NOTE).exists()


def test_sigterm_stops_it_as_a_normal_end_does(home: Path, asking: subprocess.Popen[str]) -> None:
    assert (home / NOTE).exists()

    asking.terminate()
    asking.communicate(timeout=60)

    assert asking.returncode == 1
    assert not (home / NOTE).exists()


def test_the_next_command_stops_what_a_killed_one_left(home: Path, asking: subprocess.Popen[str]) -> None:
    asking.kill()
    asking.communicate(timeout=60)
    assert (home / NOTE).exists()

    open_database(Settings(home)).close()

    assert not (home / NOTE).exists()


def test_a_note_of_a_machine_started_anew_is_no_server(home: Path, asking: subprocess.Popen[str]) -> None:
    """The number in it belongs to another program by now: the first one of the machine."""
    left = (home / NOTE).read_text(encoding="utf-8").splitlines()
    asking.terminate()
    asking.communicate(timeout=60)
    (home / NOTE).write_text("\n".join(["1", *left[1:]]) + "\n", encoding="utf-8")

    database = open_database(Settings(home))

    assert database.answers()
    database.close()


def test_one_that_still_recovers_is_waited_for_and_left_alone(
    home: Path, embedded: Clinic, asking: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from widget_backend import embedded as server

    ready = (home / NOTE).read_text(encoding="utf-8")
    (home / NOTE).write_text(ready.replace("ready   ", "starting"), encoding="utf-8")
    monkeypatch.setattr(server, "READY_SECONDS", 0.2)

    ended = embedded.run("plan")

    (home / NOTE).write_text(ready, encoding="utf-8")
    one_sentence(ended, "ещё восстанавливается", "через минуту")
    assert "DATABASE_URL" not in ended.err
    assert asking.poll() is None
    asking.terminate()
    asking.communicate(timeout=60)
