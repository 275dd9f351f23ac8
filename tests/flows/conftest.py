"""One embedded database server for the whole session, and the two clinics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clinics import OWN, Clinic
from databases import fresh, server
from sandboxes import CLINICS, VENDORS


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
def other_database_url(server_url: str) -> str:
    """Another fresh, migrated database: the first one is lost."""
    return fresh(server_url)


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
    return {name: _installed(name, fresh(server_url), tmp_path_factory.mktemp(name)) for name in CLINICS}


@pytest.fixture(scope="session")
def adopted(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, ...]]:
    """The same for a clinic that has a pipeline «Приемы» of its own."""
    return {name: _installed(name, fresh(server_url), tmp_path_factory.mktemp(name), OWN) for name in CLINICS}


def _installed(name: str, database_url: str, home: Path, *own: tuple[str, ...]) -> tuple[Any, ...]:
    with CLINICS[name]() as sandbox:
        clinic = Clinic(sandbox, database_url, home)
        for pipeline in own:
            sandbox.hands.add_pipeline(*pipeline)
        clinic.run("apply", "dental", "--yes")
        return clinic.whole()


@pytest.fixture
def clara(clinic: Clinic, database_url: str, tmp_path: Path) -> Iterator[Clinic]:
    """Clara's clinic: another account of the same CRM in the same database, who must see nothing of the others'."""
    with VENDORS[clinic.sandbox.vendor]() as sandbox:
        yield Clinic(sandbox, database_url, tmp_path)
