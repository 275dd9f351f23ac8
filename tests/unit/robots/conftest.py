"""A database for each test, and Boris's clinic on the dental preset."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import fresh, server
from ground.contest import KEYS

sys.path.insert(0, str(Path(__file__).parent))

from clinic_of_preset import PresetClinic

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
def boris(database: Database) -> PresetClinic:
    """Boris's clinic."""
    return PresetClinic(database)
