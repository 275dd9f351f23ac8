"""The emulated portal imports a solution preset as the vendor does, the parts that hurt included."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest

from widget_backend.sandbox import bitrix24
from widget_backend.sandbox.bitrix24.pages.importing import take
from widget_backend.sandbox.bitrix24.state import Robot

NEW = "NEW"
MANIFEST = {"CODE": "vertical_crm", "USES": ["bizproc_crm"], "SKIP_CLEARING": "Y"}
OURS = "rest_" + hashlib.md5(b"app.dental@copy_deal", usedforsecurity=False).hexdigest()
NOTE = {
    "Type": "CrmTimelineCommentAdd",
    "Properties": {"Title": "Примечание", "CommentText": "Внимание"},
    "Children": [],
}
COPY = {"Type": OURS, "Properties": {"Title": "Копия", "stage": "stage.coord.new"}, "Children": []}
PAUSE = {"Type": "RobotDelayActivity", "Properties": {}, "Children": []}


def of_stage(*chains: list[dict[str, Any]], stage: str = NEW) -> dict[str, Any]:
    rows = [{"Type": "SequenceActivity", "Properties": {}, "Children": chain} for chain in chains]
    parallel = {"Type": "ParallelActivity", "Properties": {}, "Children": rows}
    root = {"Type": "SequentialWorkflowActivity", "Properties": {}, "Children": [parallel]}
    return {"DOCUMENT_STATUS": stage, "AUTO_EXECUTE": 8, "TEMPLATE_DATA": {"TEMPLATE": [root]}}


def zipped(**files: Any) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as opened:
        for name, body in files.items():
            opened.writestr(name.replace("__", "/") + ".json", json.dumps(body))
    return target.getvalue()


@pytest.fixture
def portal() -> bitrix24.Portal:
    made = bitrix24.Portal.demo()
    made.issue_app("app.dental")
    made.robots.append(
        Robot("app.dental", "copy_deal", {"PROPERTIES": {"stage": {}}, "HANDLER": "https://dent.example/r"})
    )
    return made


def test_robots_come_to_their_stage_and_ours_is_known_by_its_hash(portal: bitrix24.Portal) -> None:
    report = take(portal, zipped(manifest=MANIFEST, BIZPROC_MAIN__0000=of_stage([NOTE], [COPY], [])))

    (placed,) = portal.placed_robots
    assert (report.robots, report.errors, report.wiped) == (2, [], 0)
    assert [row.name for row in portal.native_robots] == ["Примечание", "Копия"]
    assert (placed.code, placed.stage_id, placed.properties) == ("copy_deal", NEW, {"stage": "stage.coord.new"})


def test_what_waits_is_shown_and_does_not_run(portal: bitrix24.Portal) -> None:
    take(portal, zipped(manifest=MANIFEST, BIZPROC_MAIN__0000=of_stage([PAUSE, COPY])))

    assert (len(portal.native_robots), portal.placed_robots) == (1, [])


def test_an_archive_without_the_flag_wipes_the_deals(portal: bitrix24.Portal) -> None:
    http = bitrix24.create_app(portal).test_client()
    http.post(f"{portal.webhook()}crm.deal.add", json={"fields": {"TITLE": "Заявка"}})

    report = take(portal, zipped(manifest={**MANIFEST, "SKIP_CLEARING": "N"}))

    assert (report.wiped, portal.items[2]) == (1, {})


def test_a_stage_whose_robots_were_looked_at_keeps_its_own(portal: bitrix24.Portal) -> None:
    bitrix24.create_app(portal).test_client().get("/crm/deal/automation/0/")

    report = take(portal, zipped(manifest=MANIFEST, BIZPROC_MAIN__0000=of_stage([COPY])))

    assert (report.hidden, portal.native_robots, portal.placed_robots) == ([NEW], [], [])


def test_the_page_takes_an_archive_from_an_administrator_alone(portal: bitrix24.Portal) -> None:
    http, path = bitrix24.create_app(portal).test_client(), "/marketplace/configuration/import_vertical_crm/"
    content = zipped(manifest=MANIFEST, BIZPROC_MAIN__0000=of_stage([NOTE]))

    told = http.post(path, data={"archive": (io.BytesIO(content), "robots.zip")})
    refused = http.post(path, data={"archive": (io.BytesIO(b"no"), "robots.zip")})

    assert "Роботов: 1" in told.text
    assert "нужен zip-архив" in refused.text
    assert http.get(f"{path}?user=7").status_code == 403


@pytest.mark.parametrize(
    ("file", "body"),
    [
        ("BIZPROC_MAIN__0000", of_stage([NOTE], stage="C90001:NEW")),
        ("BIZPROC_MAIN__0000", {}),
        ("BIZPROC_CRM_TRIGGER__0000", {"NAME": "Вебхук", "CODE": "WEBHOOK"}),
    ],
)
def test_what_does_not_fit_is_passed_over_and_listed(portal: bitrix24.Portal, file: str, body: dict[str, Any]) -> None:
    report = take(portal, zipped(manifest=MANIFEST, **{file: body}))

    assert report.errors == [file.replace("__", "/") + ".json"]
