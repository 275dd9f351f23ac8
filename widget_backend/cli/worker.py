"""worker: runs the background jobs and schedules of all installations until it is stopped."""

from __future__ import annotations

import click

from widget_backend import config
from widget_backend.cli.context import Context, command
from widget_backend.storage import open_server
from widget_backend.texts import Text

RUNNING = Text(
    "Задания выполняются. Остановить: Ctrl+C, начатые завершатся.",
    "Jobs are running. Stop: Ctrl+C, those begun will end.",
)
STOPPED = Text("Остановлено, начатые задания завершены.", "Stopped; the jobs begun have ended.")


@command("worker")
@click.option("--threads", type=click.IntRange(1, 32), default=12, show_default=True, help="Jobs at once.")
def worker(context: Context, threads: int) -> int:
    """Run background jobs until stopped. Any number of workers may run, on any number of machines."""
    # other commands do not wait for the engine to be imported
    from widget_backend.jobs.worker import connections, work
    from widget_backend.tasks import tasks

    settings = config.read_server()
    database = open_server(settings, connections(threads))
    try:
        page = tasks(database, settings)
        work(database, page, threads, ready=lambda: context.terminal.say(RUNNING))
        context.terminal.say(STOPPED)
    finally:
        database.close()
    return 0


COMMANDS = (worker,)
