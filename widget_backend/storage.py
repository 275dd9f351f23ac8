"""Opens the database for a process: starts the embedded server if there is none to use, and brings the tables up to date."""

from __future__ import annotations

import warnings
from pathlib import Path

from sqlalchemy import URL, inspect, text
from sqlalchemy.exc import OperationalError

from widget_backend import disk, sealed
from widget_backend.config import ServerSettings, Settings
from widget_backend.db import CONNECTIONS, Database
from widget_backend.errors import AppError
from widget_backend.texts import Text

#: the newest migration; a house test holds it equal to what Alembic says
HEAD = "0013"

AWAY = Text(
    "База данных недоступна. В CRM ничего не менялось: проверьте DATABASE_URL и запустите снова.",
    "The database cannot be reached. Nothing was changed in the CRM: check DATABASE_URL and start again.",
)
EMBEDDED_AWAY = Text(
    "Встроенная база данных не отвечает. В CRM ничего не менялось: запустите команду снова через минуту.",
    "The embedded database does not answer. Nothing was changed in the CRM: run the command again in a minute.",
)


def open_database(settings: Settings, connections: int = CONNECTIONS) -> Database:
    """Connect and migrate. ``connections``: at once, at most. Raises :class:`AppError` where no database can be had."""
    if settings.database_url:
        database = Database(settings.database_url, connections=connections)
    else:
        database = _embedded(settings.home, connections)
    try:
        _migrate(database)
    except OperationalError as fault:
        database.close()
        raise AppError(AWAY if settings.database_url else EMBEDDED_AWAY) from fault
    return database


def open_server(settings: ServerSettings, connections: int = CONNECTIONS) -> Database:
    """``open_database`` for a process that reads and writes sealed values."""
    sealed.use(settings.keys)
    return open_database(settings, connections)


def _embedded(home: Path, connections: int) -> Database:
    """Start the embedded PostgreSQL below ``home``, or join the one that runs there; the last process out stops it."""
    disk.make_home(home)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs tells about XDG_RUNTIME_DIR, which is no concern of the user
        from widget_backend import embedded

        server = embedded.join(home)
    url = URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": server.socket_dir})
    return Database(url.render_as_string(), server.leave, connections)


def _migrate(database: Database) -> None:
    with database.engine.begin() as connection:
        if inspect(connection).has_table("alembic_version"):
            if connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD:
                return
        # two processes may start at once: one migrates, the other waits and finds it done
        connection.execute(text("SELECT pg_advisory_xact_lock(726001)"))
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
