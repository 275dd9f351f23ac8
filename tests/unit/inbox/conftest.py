"""The desks of three clinics, on a fresh database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import fresh, server
from ground.contest import KEYS

sys.path.insert(0, str(Path(__file__).parent))

from inbox_desk import Desk

from widget_backend import sealed
from widget_backend.config import Settings
from widget_backend.db import Database
from widget_backend.storage import open_database


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One embedded PostgreSQL for this process of the session; ``{name}`` stands for a database."""
    with server(tmp_path_factory.mktemp("postgres"), tmp_path_factory.mktemp("home")) as url:
        yield url


@pytest.fixture
def database(server_url: str, tmp_path: Path) -> Iterator[Database]:
    """A fresh, migrated database, opened with the keys."""
    sealed.use(KEYS)
    opened = open_database(Settings(tmp_path, fresh(server_url)))
    yield opened
    opened.close()


@pytest.fixture
def boris(database: Database) -> Desk:
    """Boris's clinic."""
    return Desk(database, "boris")


@pytest.fixture
def clara(database: Database) -> Desk:
    """Clara's clinic, which must see nothing of Boris's."""
    return Desk(database, "clara")
