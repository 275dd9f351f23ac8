"""The commands ``web`` and ``worker`` as processes of their own, to be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psutil
import requests
from houses import AMOCRM, BITRIX24, KEYS, PUBLIC, House

WAIT = 60.0


def environment(house: House) -> dict[str, str]:
    return {
        **os.environ,
        "DENTAL_CRM_HOME": str(house.settings.home),
        "DATABASE_URL": house.database.engine.url.render_as_string(hide_password=False),
        "DENTAL_CRM_PUBLIC_URL": PUBLIC,
        "DENTAL_CRM_KEYS": ",".join(KEYS),
        "BITRIX24_CLIENT_ID": BITRIX24.client_id,
        "BITRIX24_CLIENT_SECRET": BITRIX24.secret,
        "BITRIX24_OAUTH_HOSTS": " ".join(house.settings.bitrix24_oauth_hosts),
        "AMOCRM_CLIENT_ID": AMOCRM.client_id,
        "AMOCRM_CLIENT_SECRET": AMOCRM.secret,
        "AMOCRM_HOSTS": " ".join(house.settings.amocrm_hosts),
        **{
            f"{name.upper()}_RATE": f"{rate.per_second:.0f}/{rate.burst}" for name, rate in house.settings.rates.items()
        },
        "AMOCRM_OAUTH_PAGE": house.settings.amocrm_oauth_page,
    }


@contextmanager
def worker(house: House) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that works."""
    with _running(house, "worker") as process:
        assert process.stdout
        process.stdout.readline()
        yield process


@contextmanager
def web(house: House) -> Iterator[tuple[str, int]]:
    """The web server with one process behind its master: its address, and the number of that process."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    with _running(house, "web", "--bind", bind, "--processes", "1") as process:
        yield f"http://{bind}", serving(f"http://{bind}", process)


def serving(url: str, process: subprocess.Popen[bytes], but: int = 0) -> int:
    """Wait until a process other than ``but`` answers; its number."""
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server has ended"
        children = [child.pid for child in psutil.Process(process.pid).children() if child.pid != but]
        if children and _answers(url):
            return children[0]
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz/ready", timeout=5).ok
    except requests.RequestException:
        return False


@contextmanager
def _running(house: House, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "widget_backend.cli", *arguments]
    process = subprocess.Popen(command, env=environment(house), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(WAIT)
        assert process.stdout
        process.stdout.close()
