"""The archive: the same bytes whenever it is built, whole, and of one publisher."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace

import pytest
from archives import IMPRINT, ours

from widget_backend.errors import InvalidInput
from widget_backend.robots.calls import ROBOTS
from widget_backend.widget import archive
from widget_backend.widget.archive import build, pack, sources, unpack
from widget_backend.widget.moderation.package import leaves


def test_two_builds_are_the_same_bytes() -> None:
    files = sources()
    backwards = {name: files[name] for name in sorted(files, reverse=True)}

    assert build(IMPRINT) == build(IMPRINT, backwards)


def test_the_archive_names_its_files_in_order_at_the_root_and_of_one_moment() -> None:
    with zipfile.ZipFile(io.BytesIO(build(IMPRINT))) as opened:
        entries = opened.infolist()

    names = [entry.filename for entry in entries]
    assert names == sorted(sources())
    assert {"manifest.json", "script.js", "style.css", "i18n/ru.json", "i18n/en.json"} < set(names)
    assert {(entry.date_time, entry.external_attr, entry.compress_type) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), 0o644 << 16, zipfile.ZIP_STORED)
    }


def test_the_archive_is_of_its_publisher() -> None:
    files = ours()

    manifest = json.loads(files["manifest.json"])
    assert manifest["widget"]["support"] == {"email": "help@dental.example"}
    assert manifest["dp"]["webhook_url"] == "https://app.dental.example/webhooks/amocrm/dp"
    assert 'var SERVICE = "https://app.dental.example";' in files["script.js"].decode()
    assert json.loads(files["i18n/ru.json"])["settings"]["privacy_page"] == "https://dental.example/privacy"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"service": ""}, archive.NO_SERVICE),
        ({"service": "http://app.dental.example"}, archive.NO_SERVICE),
        ({"service": "https://app.dental.example/path"}, archive.NO_SERVICE),
        ({"service": 'https://app.dental.example";alert(1);"'}, archive.NO_SERVICE),
        ({"support": "nobody"}, archive.NO_SUPPORT),
        ({"support": 'a"@dental.example'}, archive.NO_SUPPORT),
        ({"privacy": ""}, archive.NO_PRIVACY),
        ({"privacy": "javascript:alert(1)"}, archive.NO_PRIVACY),
    ],
)
def test_no_archive_is_built_for_a_wrong_publisher(wrong: dict[str, str], message: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        build(replace(IMPRINT, **wrong))

    assert refused.value.message == message


def test_a_trial_on_this_machine_needs_no_certificate() -> None:
    files = unpack(build(replace(IMPRINT, service="http://127.0.0.1:8000")))

    assert 'var SERVICE = "http://127.0.0.1:8000";' in files["script.js"].decode()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"<html></html>"])
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="zip"):
        unpack(content)


def test_an_archive_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 100)

    with pytest.raises(InvalidInput):
        unpack(pack({"a": b"\0" * 101}))


def test_every_text_that_the_script_and_the_templates_say_is_there_and_no_other() -> None:
    files = ours()
    script = files["script.js"].decode()
    asked = set(re.findall(r'say\("(\w+)", "(\w+)"\)', script))
    given = {(section, key) for section in json.loads(files["i18n/ru.json"]) for key in _section(files, section)}
    used_in_templates = {
        (section, key)
        for name, section in TEMPLATES.items()
        for key in re.findall(r"words\.(\w+)", files[f"templates/{name}.twig"].decode())
    }
    in_manifest = {
        tuple(value.split(".")) for value in leaves(json.loads(files["manifest.json"])).values() if _is_key(value)
    }
    by_name = {("robots", robot) for robot in ROBOTS} | {("bot", exit) for exit in EXITS}

    assert asked | used_in_templates | in_manifest | by_name == given


def test_the_actions_of_a_stage_are_the_robots_there_are() -> None:
    script = ours()["script.js"].decode()

    named = json.loads(re.search(r"var ROBOTS = (\[.*?\]);", script)[1])  # type: ignore[index]
    assert sorted(named) == sorted(ROBOTS)


def test_the_steps_of_a_bot_are_robots_there_are() -> None:
    handlers = json.loads(ours()["manifest.json"])["salesbot_designer"].keys() - {"logo"}

    assert handlers == {"route_patient", "copy_deal"}
    assert handlers < ROBOTS.keys()


#: template -> section of the texts it is given
TEMPLATES = {
    "notice": "errors",
    "consent": "settings",
    "copies": "copies",
    "prospects": "copies",
    "outcomes": "copies",
}
EXITS = ("success", "primary", "repeat", "unsure", "fail")


def _section(files: dict[str, bytes], name: str) -> dict[str, str]:
    return dict(json.loads(files["i18n/ru.json"])[name])


def _is_key(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z]+\.[a-z_]+", value) is not None
