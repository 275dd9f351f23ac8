"""A database for each test, its keys, and the vendors' token endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import fresh, server
from ground.clinic_rows import Row, install
from ground.contest import KEYS
from ground.loopback_oauth import TokenServer

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
def database_url(server_url: str) -> str:
    """A fresh, migrated database."""
    return fresh(server_url)


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """The same, opened with the keys."""
    sealed.use(KEYS)
    opened = open_database(Settings(tmp_path, database_url))
    yield opened
    opened.close()


@pytest.fixture(params=["amocrm", "bitrix24"])
def vendor(request: pytest.FixtureRequest) -> Iterator[TokenServer]:
    """Each vendor's token endpoint in turn: amoCRM's refresh tokens work once, Bitrix24's may work again."""
    with TokenServer(request.param, single_use=request.param == "amocrm") as running:
        yield running


@pytest.fixture
def boris(database: Database) -> Row:
    """Boris's clinic, on Bitrix24."""
    return install(database, "bitrix24", "boris")


@pytest.fixture
def alice(database: Database) -> Row:
    """Alice's clinic, on amoCRM."""
    return install(database, "amocrm", "alice")


@pytest.fixture
def clara(database: Database) -> Row:
    """Clara's clinic, on Bitrix24, who must see nothing of the others."""
    return install(database, "bitrix24", "clara")
