"""The command that writes the archive of a portal's own robots."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from clinics import Clinic


@pytest.fixture
def packed(boris: Clinic, tmp_path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the command tells, and the files of the archive it writes, of a portal that the preset was applied to."""
    boris.run("apply", "dental", "--yes")
    told = boris.run("robots", "pack", "dental", "--json", "--out", str(tmp_path / "robots.zip")).data
    with zipfile.ZipFile(tmp_path / "robots.zip") as opened:
        return told, {name: json.loads(opened.read(name)) for name in opened.namelist()}


def test_the_archive_is_for_the_portals_own_stages_and_clears_nothing(
    boris: Clinic, packed: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path
) -> None:
    told, files = packed
    again = boris.run("robots", "pack", "dental", "--out", str(tmp_path / "again.zip"))

    stages = {row.status_id for row in boris.sandbox.state.deal_stages().values()}
    meant = {body["DOCUMENT_STATUS"] for name, body in files.items() if name.startswith("BIZPROC_MAIN/")}
    assert files["manifest.json"]["SKIP_CLEARING"] == "Y"
    assert meant < stages
    assert len(meant) == told["stages"] > 20
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "robots.zip").read_bytes()
    assert (again.code, "SKIP_CLEARING проверен" in again.out) == (0, True)


def test_what_stays_in_the_application_is_listed_with_its_reason(
    packed: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    (take,) = [row for row in packed[0]["rules"] if row["key"] == "take"]
    (copies,) = [row for row in packed[0]["rules"] if row["key"] == "base_ready"]

    assert take["reasons"] == ["график и очередь сотрудников знает только приложение"]
    assert (copies["packed"], "не установлен" in copies["reasons"][0]) == (False, True)


def test_amocrm_has_no_such_archive(alice: Clinic, tmp_path: Path) -> None:
    ended = alice.run("robots", "pack", "dental", "--out", str(tmp_path / "robots.zip"))

    assert (ended.code, "только для Битрикс24" in ended.err) == (1, True)
    assert not (tmp_path / "robots.zip").exists()
