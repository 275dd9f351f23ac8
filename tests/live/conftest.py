"""Clinics at work: our application is set up in them by the wizard, and the CRM tells it what happens."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import fresh, server

sys.path.insert(0, str(Path(__file__).parents[1] / "web"))
sys.path.insert(0, str(Path(__file__).parent))

from houses import House
from houses import house as build
from wizards import Person, arrived


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One embedded PostgreSQL for this process of the session; ``{name}`` stands for a database."""
    with server(tmp_path_factory.mktemp("postgres"), tmp_path_factory.mktemp("home")) as url:
        yield url


@pytest.fixture
def house(server_url: str, tmp_path: Path) -> Iterator[House]:
    """The application before Boris's, Alice's and Clara's CRMs."""
    with build(fresh(server_url), tmp_path) as running:
        yield running


@pytest.fixture(params=["boris", "alice"])
def clinic(request: pytest.FixtureRequest, house: House) -> Person:
    """The administrator of each clinic in turn, whose CRM is set up."""
    person = arrived(house, getattr(house, request.param))
    person.sets_up()
    return person
