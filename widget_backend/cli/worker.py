"""worker: runs the background jobs and schedules of all installations until it is stopped."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from widget_backend import config
from widget_backend.budget import DatabaseBudget
from widget_backend.cli.context import Context, command
from widget_backend.config import ServerSettings
from widget_backend.crm.registry import VENDORS
from widget_backend.db import Database, in_transaction
from widget_backend.requestlog import DatabaseLog
from widget_backend.storage import open_server
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.tenancy.tokens import Refresher
from widget_backend.texts import Text
from widget_backend.transport import Door

if TYPE_CHECKING:
    from widget_backend.tasks import OAuths

RUNNING = Text(
    "Задания выполняются. Остановить: Ctrl+C, начатые завершатся.",
    "Jobs are running. Stop: Ctrl+C, those begun will end.",
)
STOPPED = Text("Остановлено, начатые задания завершены.", "Stopped; the jobs begun have ended.")


@command("worker")
@click.option("--threads", type=click.IntRange(1, 32), default=6, show_default=True, help="Jobs at once.")
def worker(context: Context, threads: int) -> int:
    """Run background jobs until stopped. Any number of workers may run, on any number of machines."""
    # other commands do not wait for the engine to be imported
    from widget_backend.jobs.worker import work
    from widget_backend.tasks import tasks

    settings = config.read_server()
    database = open_server(settings)
    try:
        page = tasks(database, _oauths(settings, database))
        work(database, page, threads, ready=lambda: context.terminal.say(RUNNING))
        context.terminal.say(STOPPED)
    finally:
        database.close()
    return 0


def _oauths(settings: ServerSettings, database: Database) -> OAuths:
    """The vendors whose application is ours to speak for."""
    return {
        key: partial(_oauth, settings, database, vendor)
        for key, vendor in VENDORS.items()
        if getattr(settings, key) is not None and hasattr(vendor, "oauth")
    }


def _oauth(settings: ServerSettings, database: Database, vendor: Any, info: InstallationInfo) -> Refresher:
    account = f"{info.vendor}:{info.host}"
    budget = DatabaseBudget(database.engine, account, vendor.rate, vendor.burst)
    door = Door(info.vendor, budget, DatabaseLog(database.engine, account), in_transaction=in_transaction)
    refresher: Refresher = vendor.oauth(settings, door)
    return refresher


COMMANDS = (worker,)
