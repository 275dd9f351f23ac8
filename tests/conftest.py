"""Shared by all tests: the network is loopback only, and what is dear to set up is set up in one process of the tests."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

sys.path.insert(0, str(Path(__file__).parent))

# a law holds on a busy machine too: no example is timed
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

#: beginnings of the names of tests that go to one process together: there is one browser, and one house that they share
TOGETHER = (
    ("tests/e2e/",),
    ("tests/web/test_api_", "tests/web/test_office_", "tests/web/test_panel"),
    ("tests/live/test_live_attacked.py",),
    ("tests/live/test_live_remembered.py",),
    ("tests/live/test_live_robots_ident.py",),
)
#: a test here costs less than to hand it out alone: a file goes as it is
BY_FILE = ("tests/contract/", "tests/house/", "tests/unit/")


class Turns(LoadScopeScheduling):
    """What a process of the tests takes at a time. The groups of pytest-xdist 3.8 are unknown under pytest 9.2: it renames
    tests where pytest does not look any more."""

    def _split_scope(self, nodeid: str) -> str:
        for beginnings in TOGETHER:
            if nodeid.startswith(beginnings):
                return beginnings[0]
        return nodeid.split("::", maxsplit=1)[0] if nodeid.startswith(BY_FILE) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Turns:
    """Tests in several processes are handed out by ``Turns``."""
    return Turns(config, log)


_connect = socket.socket.connect


def _guarded(self: socket.socket, address: object) -> None:
    if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise AssertionError(f"a test reaches outside loopback: {address!r}")
    return _connect(self, address)  # type: ignore[arg-type]


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _guarded)
    yield
    patch.undo()
