"""``dental-crm market kit``: the same bytes each time, whole in both languages, and nothing written where something lacks."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from publishers import ANNA

from widget_backend.cli import cli
from widget_backend.errors import InvalidInput
from widget_backend.market import Publisher, kit, pictures
from widget_backend.market.kit import SUMS
from widget_backend.widget import unpack

OPTIONS = ("--support", ANNA.support, "--publisher", ANNA.name)
#: a picture of 1280 by 720, as far as its head goes
SCREEN = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 1280, 720, 8, 2, 0, 0, 0)


def run(home: Path, *words: str) -> Result:
    environ = {"DENTAL_CRM_HOME": str(home), "DENTAL_CRM_PUBLIC_URL": ANNA.service, "DATABASE_URL": ""}
    return CliRunner().invoke(cli, ["market", "kit", *words], env=environ)


@pytest.fixture
def screens(tmp_path: Path) -> Path:
    """A folder as the browser tests leave it."""
    for vendor, names in pictures.SCREENS.items():
        for language in ("ru", "en"):
            (tmp_path / "screens" / language).mkdir(parents=True, exist_ok=True)
            for name in names:
                (tmp_path / "screens" / language / f"{vendor}-{name}.png").write_bytes(SCREEN)
    return tmp_path / "screens"


def test_two_builds_are_the_same_bytes(screens: Path) -> None:
    assert kit(ANNA, screens) == kit(ANNA, screens)


def test_both_languages_have_the_same_files(screens: Path) -> None:
    names = set(kit(ANNA, screens))

    assert {n.replace("/ru/", "/en/").replace(".ru.", ".en.") for n in names} == {
        n for n in names if "ru" not in n.split("/") and ".ru." not in n
    }


def test_the_sums_are_those_of_every_other_file() -> None:
    files = kit(ANNA)

    lines = files.pop(SUMS).decode().splitlines()

    assert lines == [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in sorted(files.items())]


def test_the_folder_is_written_and_says_what_to_begin_with(tmp_path: Path, screens: Path) -> None:
    told = run(tmp_path, *OPTIONS, "--out", str(tmp_path / "kit"), "--screenshots", str(screens))

    assert told.exit_code == 0, told.output
    assert "checklist.md" in told.stdout
    written = {f.relative_to(tmp_path / "kit").as_posix(): f.read_bytes() for f in (tmp_path / "kit").rglob("*.*")}
    assert written == {name: content for name, content in kit(ANNA, screens).items() if name != SUMS}
    assert "ООО «Пример Дент»" in written["documents/licence.ru.md"].decode()


def test_without_pictures_it_says_where_they_come_from(tmp_path: Path) -> None:
    told = run(tmp_path, *OPTIONS, "--out", str(tmp_path / "kit"))

    assert told.exit_code == 0, told.output
    assert "--screenshots" in told.stdout


@pytest.mark.parametrize(
    ("options", "wanted"),
    [(OPTIONS[:2], "--publisher"), (OPTIONS[2:], "--support"), ((*OPTIONS, "--privacy", "x"), "https")],
)
def test_what_is_missing_is_asked_for_and_nothing_is_written(
    tmp_path: Path, options: tuple[str, ...], wanted: str
) -> None:
    told = run(tmp_path, *options, "--out", str(tmp_path / "kit"))

    assert told.exit_code == 1
    assert wanted in told.stderr
    assert not (tmp_path / "kit").exists()


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "kit").write_text("in the way")

    told = run(tmp_path, *OPTIONS, "--out", str(tmp_path / "kit" / "deeper"))

    assert told.exit_code == 1
    assert "на месте папки стоит файл" in told.stderr


def test_a_picture_of_another_size_is_refused(screens: Path) -> None:
    (screens / "ru" / "bitrix24-panel.png").write_bytes(SCREEN.replace(struct.pack(">I", 720), struct.pack(">I", 721)))

    with pytest.raises(InvalidInput, match=r"bitrix24-panel\.png: a PNG of 1280×720"):
        kit(ANNA, screens)


def test_a_picture_that_is_not_there_is_named(screens: Path) -> None:
    (screens / "en" / "amocrm-result.png").unlink()

    with pytest.raises(InvalidInput, match=r"missing: en/amocrm-result\.png"):
        kit(ANNA, screens)


def test_the_icon_is_square_opaque_and_of_the_size_demanded() -> None:
    icon = pictures.icons()["bitrix24/icon.png"]
    size = pictures.size_of(icon)
    least, most = pictures.SIDES

    assert size is not None
    assert size[0] == size[1]
    assert least <= size[0] <= most
    assert icon[25] == 2  # colours without transparency


def test_a_service_without_a_secure_address_has_no_kit() -> None:
    with pytest.raises(InvalidInput, match="DENTAL_CRM_PUBLIC_URL"):
        kit(Publisher(ANNA.name, "http://app.dental.example", ANNA.support, ANNA.privacy))


def test_the_widget_asks_for_consent_with_our_own_policy_where_no_other_is_named(tmp_path: Path) -> None:
    environ = {"DENTAL_CRM_HOME": str(tmp_path), "DENTAL_CRM_PUBLIC_URL": ANNA.service, "DATABASE_URL": ""}
    words = ["widget", "build", "--support", ANNA.support, "--out", str(tmp_path / "widget.zip")]

    told = CliRunner().invoke(cli, words, env=environ)

    assert told.exit_code == 0, told.output
    files = unpack((tmp_path / "widget.zip").read_bytes())
    assert json.loads(files["i18n/ru.json"])["settings"]["privacy_page"] == f"{ANNA.service}/privacy"
