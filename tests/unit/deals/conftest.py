"""A database for each test, and a clinic whose CRM is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import fresh, server
from deals_in_memory import BOOK, clinic_of
from records_in_memory import MemoryRecords

from widget_backend import sealed
from widget_backend.config import Settings
from widget_backend.db import Database
from widget_backend.deals.clinic import Clinic
from widget_backend.storage import open_database

KEYS = ("Zmlyc3QgbWFkZS11cCBrZXkgb2YgdGhlc2UgdGVzdHM=",)


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
def crm() -> MemoryRecords:
    """The clinic's CRM, with one deal of a patient in it."""
    return BOOK.crm()


@pytest.fixture
def clinic(database: Database, crm: MemoryRecords) -> Clinic:
    """Boris's clinic."""
    return clinic_of(database, crm, "boris")


@pytest.fixture
def clara(database: Database) -> Clinic:
    """Clara's clinic, who must see nothing."""
    return clinic_of(database, BOOK.crm(), "clara")
