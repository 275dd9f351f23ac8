"""The whole house on a fresh database, in front of three emulated clinics."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import fresh, server

sys.path.insert(0, str(Path(__file__).parents[1] / "live"))
sys.path.insert(0, str(Path(__file__).parent))

from api_desks import Desk, desk_of, rested
from houses import House
from houses import house as build
from receptions import reception


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
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """Boris and Clara on Bitrix24, Alice on amoCRM, and our application that none of them has installed yet."""
    with build(database_url, tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def clinics(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Desk]]:
    """The same house, in which all three clinics are set up; its tests share it, each with deals of its own."""
    with build(fresh(server_url), tmp_path_factory.mktemp("clinics")) as running:
        crms = {"boris": running.boris, "alice": running.alice, "clara": running.clara}
        yield {name: desk_of(running, crm, reception(running, crm)) for name, crm in crms.items()}


@pytest.fixture(params=["boris", "alice"])
def desk(request: pytest.FixtureRequest, clinics: dict[str, Desk]) -> Iterator[Desk]:
    """Boris's and Alice's clinic in turn."""
    yield from rested(clinics[request.param])


@pytest.fixture
def boris(clinics: dict[str, Desk]) -> Iterator[Desk]:
    """Boris's clinic."""
    yield from rested(clinics["boris"])
