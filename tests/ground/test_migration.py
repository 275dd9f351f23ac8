"""The tables: brought up in one transaction, with what was there before, and taken down again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from databases import empty
from sqlalchemy import Engine, create_engine, inspect, text

from widget_backend import storage, tables
from widget_backend.config import Settings
from widget_backend.storage import open_database
from widget_backend.tenancy import installations

MIGRATIONS = Path(storage.__file__).parent / "migrations"


@pytest.fixture
def engine(server_url: str) -> Iterator[Engine]:
    """A database without any table."""
    made = create_engine(empty(server_url))
    yield made
    made.dispose()


def migrate(engine: Engine, to: str, *, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, to)


def test_what_the_command_line_set_up_before_is_still_known(engine: Engine, tmp_path: Path) -> None:
    migrate(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO installation (vendor, account, host, created_at, seen_at) "
                "VALUES ('amocrm', '31', 'alice.example', now(), now())"
            )
        )

    database = open_database(Settings(tmp_path, engine.url.render_as_string(hide_password=False)))
    with database.transaction() as session:
        known = installations.by_account(session, "amocrm", "31")
    database.close()

    assert known is not None
    assert (known.status, known.language, known.host) == ("active", "ru", "alice.example")


def test_a_migration_that_fails_leaves_nothing_half_done(engine: Engine) -> None:
    migrate(engine, "0001")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE procrastinate_jobs (id int)"))

    with pytest.raises(Exception, match="procrastinate_jobs"):
        migrate(engine, "0002")

    assert not inspect(engine).has_table("token")


def test_down_and_up_again(engine: Engine) -> None:
    migrate(engine, "head")
    migrate(engine, "0001", down=True)
    below = set(inspect(engine).get_table_names())
    migrate(engine, "head")

    assert "token" not in below
    assert "procrastinate_jobs" not in below
    assert inspect(engine).has_table("procrastinate_jobs")


def test_the_tables_are_those_the_code_declares(engine: Engine) -> None:
    migrate(engine, "head")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        differences = compare_metadata(context, tables.metadata)

    assert [found for found in differences if isinstance(found, tuple)] == []


def is_ours(thing: object, name: str | None, kind: str, reflected: bool, compared: object) -> bool:
    """Not the engine's tables, nor the tie of a fault to its job, which is made in the migration."""
    return not str(name).startswith(("procrastinate", "job_fault_job_id"))
