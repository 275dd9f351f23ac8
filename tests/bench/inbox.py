"""``python -m tests.bench.inbox``: how many events a second are taken, against a bare Flask endpoint that does one INSERT under
the same server, and how long an event takes at 150 a second.

All run in turn under gunicorn with 2 processes of 8 threads on one fresh embedded database, several times: the shares of each
round are told. The bare endpoint is raced as one writes it (``engine.begin()``), and as fast as it gets (one round trip). The
processor time of the servers per event is told too, as it does not depend on what else runs on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import multiprocessing
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from sqlalchemy import text

from widget_backend import sealed
from widget_backend.clock import now
from widget_backend.config import ServerSettings, read_server
from widget_backend.storage import open_server
from widget_backend.tenancy import installations
from widget_backend.tenancy.grants import Grant

KEY = "bWFkZS11cC1rZXktb2YtdGhlLXRlc3RzLW5vLW9uZSE="
TOKEN = "made-up-application-token"
DEALS = 400
CLIENTS = 16
GUNICORN = (
    "-k",
    "gthread",
    "-w",
    "2",
    "--threads",
    "8",
    "--keep-alive",
    "5",
    "--log-level",
    "warning",
    "--no-control-socket",
)

BARE = """
import os
from flask import Flask, request
from sqlalchemy import create_engine, text
app = Flask("bare")
plain = create_engine(os.environ["BARE_URL"], pool_size=8)
fast = create_engine(os.environ["BARE_URL"], pool_size=8, isolation_level="AUTOCOMMIT")
INSERT = text("INSERT INTO bare (body, at) VALUES (:body, now())")
@app.post("/plain")
def bare():
    with plain.begin() as connection:
        connection.execute(INSERT, {"body": request.get_data().decode()})
    return "", 200
@app.post("/fast")
def faster():
    with fast.connect() as connection:
        connection.execute(INSERT, {"body": request.get_data().decode()})
    return "", 200
"""


def body(number: int) -> bytes:
    told = {
        "event": "ONCRMDEALUPDATE",
        "event_handler_id": "185",
        "data[FIELDS][ID]": str(7000 + number % DEALS),
        "ts": str(int(time.time())),
        "auth[access_token]": "a" * 70,
        "auth[expires_in]": "3600",
        "auth[scope]": "crm,placement,bizproc",
        "auth[domain]": "bench.bitrix24.example",
        "auth[server_endpoint]": "https://oauth.bitrix.info/rest/",
        "auth[client_endpoint]": "https://bench.bitrix24.example/rest/",
        "auth[member_id]": "bench",
        "auth[application_token]": TOKEN,
    }
    return urlencode(told).encode()


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=int, default=60)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--race", type=float, default=6.0)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="dental-crm-bench-") as home, _prepared(Path(home)) as environ:
        with _served("widget_backend.app:create_app()", environ) as ours, _served("bare:app", environ) as bare:
            _race(ours, bare, options.rounds, options.race)
        with _served("widget_backend.app:create_app()", environ) as ours:
            _rate(ours, "/webhooks/bitrix24", 2.0)  # warm
            _steady("events", ours, "/webhooks/bitrix24", options.seconds)
        with _served("bare:app", environ) as bare:
            _rate(bare, "/plain", 2.0)
            _steady("the bare INSERT", bare, "/plain", options.seconds)


@contextmanager
def _prepared(home: Path) -> Iterator[dict[str, str]]:
    """A fresh database with one clinic that is connected, and the surroundings of a server on it."""
    environ = {
        **os.environ,
        "DENTAL_CRM_HOME": str(home),
        "DENTAL_CRM_PUBLIC_URL": "https://bench.example",
        "DENTAL_CRM_KEYS": KEY,
        "BITRIX24_CLIENT_ID": "app.bench",
        "BITRIX24_CLIENT_SECRET": "made-up-secret",
        "PYTHONPATH": f"{home}:{Path(__file__).parents[2]}",
    }
    settings: ServerSettings = read_server({k: v for k, v in environ.items() if k != "DATABASE_URL"})
    database = open_server(settings)
    sealed.use(settings.keys)
    try:
        grant = Grant(
            "bitrix24",
            "bench",
            "bench.example",
            "https://bench.example/rest/",
            "a",
            "r",
            now(),
            application_token=TOKEN,
        )
        with database.transaction() as session:
            number = installations.connect(session, grant)
            installations.activate(session, number)
            session.execute(
                text("CREATE TABLE bare (id bigserial PRIMARY KEY, body text NOT NULL, at timestamptz NOT NULL)")
            )
        (home / "bare.py").write_text(BARE)
        url = database.engine.url.render_as_string(hide_password=False)
        yield {**environ, "DATABASE_URL": url, "BARE_URL": url}
    finally:
        database.close()


@contextmanager
def _served(target: str, environ: dict[str, str]) -> Iterator[int]:
    """Gunicorn in front of it; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as figures:
        command = [sys.executable, "-m", "gunicorn", *GUNICORN, "--bind", f"127.0.0.1:{port}", target]
        process = subprocess.Popen(command, env={**environ, "PROMETHEUS_MULTIPROC_DIR": figures})
        try:
            _wait(port, process)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until both processes behind the port have begun to work: the port is open before."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        ready = [child for child in psutil.Process(process.pid).children() if child.num_threads() > 1]
        if len(ready) == 2:
            return
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/")
            connection.getresponse().read()
            connection.close()
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


def _race(ours: int, bare: int, rounds: int, seconds: float) -> None:
    runners = {"ours": (ours, "/webhooks/bitrix24"), "plain": (bare, "/plain"), "fast": (bare, "/fast")}
    for port, path in runners.values():
        _rate(port, path, 2.0)  # warm
    rates: dict[str, list[float]] = {name: [] for name in runners}
    spent: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, (port, path) in runners.items():
            before = _spent()
            rate = _rate(port, path, seconds)
            rates[name].append(rate)
            spent[name].append((_spent() - before) / (rate * seconds) * 1e6)
    for name, (rated, cost) in {n: (rates[n], spent[n]) for n in runners}.items():
        middle, least = statistics.median(rated), statistics.median(cost)
        print(
            f"{name:>6}: {middle:5.0f}/s, {least:4.0f} us of processor time of server and database for each", flush=True
        )
    for other, words in (("plain", "a bare INSERT"), ("fast", "the fastest bare INSERT")):
        shares = [one / two for one, two in zip(rates["ours"], rates[other], strict=True)]
        told = ", ".join(f"{share:.0%}" for share in shares)
        print(f"events are taken at {statistics.median(shares):.0%} of {words} ({told}); the bar is 80 %", flush=True)


def _spent() -> float:
    """Seconds of processor time that all servers of the machine's web and database have used; only one works at a time."""
    total = 0.0
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if "--no-control-socket" in line or line.startswith("postgres: postgres postgres [local]"):
            with suppress(psutil.Error):
                used = process.cpu_times()
                total += used.user + used.system
    return total


def _rate(port: int, path: str, seconds: float) -> float:
    """Answers a second to so many clients that never pause, from processes of their own."""
    context = multiprocessing.get_context("fork")
    counts = context.Queue()
    clients = [context.Process(target=_hammer, args=(port, path, seconds, counts, n)) for n in range(2)]
    for client in clients:
        client.start()
    done = sum(counts.get() for _ in clients)
    for client in clients:
        client.join()
    return done / seconds


def _hammer(port: int, path: str, seconds: float, counts: multiprocessing.Queue[int], start: int) -> None:
    ends = time.monotonic() + seconds
    done = [0] * (CLIENTS // 2)

    def client(which: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        number = start * 100_000 + which * 1_000
        while time.monotonic() < ends:
            number += 1
            status = _post(connection, path, number)
            assert status == 200, status
            done[which] += 1

    threads = [threading.Thread(target=client, args=(which,)) for which in range(len(done))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts.put(sum(done))


def _post(connection: http.client.HTTPConnection, path: str, number: int) -> int:
    connection.request("POST", path, body(number), {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _steady(what: str, port: int, path: str, seconds: int) -> None:
    """150 a second, each sent when its time has come, whether the one before was answered or not."""
    times, errors = asyncio.run(_paced(port, path, 150, seconds))
    ordered = sorted(times)
    p50, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.99))
    print(
        f"{what} at 150/s for {seconds} s: {len(times)} answered, {errors} errors; p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
        f"the longest {ordered[-1] * 1000:.0f} ms; the bar is p99 under 50 ms and no error",
        flush=True,
    )


async def _paced(port: int, path: str, rate: int, seconds: int) -> tuple[list[float], int]:
    times: list[float] = []
    errors = 0
    free: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def one(number: int, due: float) -> None:
        nonlocal errors
        try:
            _, reader, writer = free.pop() if free else (0.0, *await asyncio.open_connection("127.0.0.1", port))
            data = body(number)
            head = (
                f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(data)}\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
            )
            writer.write(head.encode() + data)
            answer = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in answer.split(b"\r\n", 1)[0]:
                errors += 1
            times.append(time.monotonic() - due)
            free.append((time.monotonic(), reader, writer))
            # kept for less long than the server keeps it
            while time.monotonic() - free[0][0] > 2:
                free.pop(0)[2].close()
        except (OSError, asyncio.IncompleteReadError):
            errors += 1

    started = time.monotonic() + 0.2
    waiting = set()
    for number in range(rate * seconds):
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        task = asyncio.create_task(one(number, due))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    await asyncio.gather(*waiting)
    for _, _, writer in free:
        writer.close()
    return times, errors


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
