"""The web process and the worker as children of a command: started with settings of their own, ended with the block."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from widget_backend.errors import AppError
from widget_backend.texts import Text

#: how long the web process may take to answer that it is ready, and a child to end what it has begun
READY_SECONDS, ENDS_SECONDS = 60.0, 20.0

#: what of the caller's environment a child may see: none of its settings
OURS = ("DENTAL_CRM_", "DATABASE_URL", "BITRIX24_", "AMOCRM_")

READY = "/healthz/ready"

NOT_STARTED = Text(
    "Приложение не запустилось ({name}). Ничего не сделано. Последнее, что оно сказало: {words}",
    "The application did not start ({name}). Nothing was done. Its last words: {words}",
)


@contextmanager
def served(port: int, settings: Mapping[str, str], home: Path) -> Iterator[None]:
    """``dental-crm web`` on this port of 127.0.0.1, ready, and ``dental-crm worker``. Raises :class:`AppError`."""
    with ExitStack() as stack:
        web = stack.enter_context(child("web", settings, home, "--bind", f"127.0.0.1:{port}"))
        _wait(web, port, home / "web.txt")
        stack.enter_context(child("worker", settings, home))
        yield


@contextmanager
def child(name: str, settings: Mapping[str, str], home: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """One command of ours in a process of its own; what it says goes to a file in ``home``."""
    own = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
    with (home / f"{name}.txt").open("wb") as said:
        # a session of its own: Ctrl+C reaches the parent, which ends its children in order
        process = subprocess.Popen(  # noqa: S603  # our own program, no shell
            [sys.executable, "-m", "widget_backend.cli", name, *words],
            env=own | dict(settings),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process)


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl+C does, so that everything in it is closed."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, said: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while not _is_ready(port):
        if process.poll() is not None or time.monotonic() > until:
            words = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            raise AppError(NOT_STARTED.format(name="web", words=" ".join(words) or "—"))
        time.sleep(0.1)


def _is_ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", READY)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDS_SECONDS)
    except subprocess.TimeoutExpired:
        # nobody of its group outlives it
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
