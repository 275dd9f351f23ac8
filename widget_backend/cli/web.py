"""web: serves the pages and the CRMs' addresses until it is stopped."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from widget_backend import config
from widget_backend.cli.context import Context, command
from widget_backend.config import ServerSettings
from widget_backend.errors import AppError
from widget_backend.storage import open_server
from widget_backend.texts import Text

SERVING = Text(
    "Сервер отвечает на {address}. Остановить: Ctrl+C, начатые ответы завершатся.",
    "Serving at {address}. Stop: Ctrl+C, answers begun will end.",
)
STOPPED = Text("Остановлено.", "Stopped.")
NOT_SERVED = Text(
    "Сервер не смог отвечать на {address}: адрес занят или неверен. Ничего не потеряно: освободите его или назовите другой в "
    "--bind и запустите снова.",
    "The server could not answer at {address}: the address is taken or wrong. Nothing is lost: free it or name another one in "
    "--bind, and start again.",
)

#: threads live longer than one answer, and a live stream holds one (ui.md §3.3)
GUNICORN: Mapping[str, Any] = {
    "worker_class": "gthread",
    "timeout": 30,
    "graceful_timeout": 20,
    "keepalive": 5,
    "preload_app": False,
    "loglevel": "warning",
    "control_socket_disable": True,
}


@command("web")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address to listen at.")
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--threads", type=click.IntRange(2, 64), default=8, show_default=True, help="Of each process.")
def web(context: Context, bind: str, processes: int, threads: int) -> int:
    """Serve pages and the CRMs' addresses until stopped; put a proxy with TLS in front."""
    settings = config.read_server()
    # a wrong setting or a missing database is said once and here, not by each process; an embedded server is this one's
    database = open_server(settings)
    settings = replace(settings, database_url=database.engine.url.render_as_string(hide_password=False))
    database.engine.dispose()
    try:
        with tempfile.TemporaryDirectory(prefix="dental-crm-") as figures:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures
            _serve(settings, context, {"bind": bind, "workers": processes, "threads": threads})
    finally:
        database.close()
    context.terminal.say(STOPPED)
    return 0


def _serve(settings: ServerSettings, context: Context, options: Mapping[str, Any]) -> None:
    # other commands do not wait for the server to be imported
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

    class Application(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in {**GUNICORN, **options, "when_ready": ready, "child_exit": _forget_figures}.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from widget_backend.app import create_app

            return create_app(settings)

    def ready(server: Any) -> None:
        context.terminal.say(SERVING.format(address=f"http://{options['bind']}"))

    master = os.getpid()
    try:
        Application().run()
    except SystemExit as end:  # the way to end, of the master and of each process it has forked
        if os.getpid() != master:
            logging.shutdown()
            os._exit(int(end.code or 0))  # what is to be cleared away is the master's
        if end.code:
            raise AppError(NOT_SERVED.format(address=options["bind"])) from end


def _forget_figures(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


COMMANDS = (web,)
