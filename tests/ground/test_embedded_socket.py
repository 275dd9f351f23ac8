"""The embedded database where every usual folder has a name too long for a socket (107 bytes on Linux)."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from widget_backend.config import Settings
from widget_backend.storage import open_database


def test_a_home_and_a_folder_for_temporary_files_of_long_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, temporary = (tmp_path / (letter * 110) for letter in "ht")
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    database = open_database(Settings(home))

    assert database.answers()
    database.close()
    assert list(temporary.iterdir()) == []
