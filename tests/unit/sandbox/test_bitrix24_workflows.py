"""The emulated portal keeps applications' workflows, and their robots' dialogs, as the vendor does."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import pytest

from widget_backend.sandbox import bitrix24
from widget_backend.sandbox.bitrix24.access import by_token
from widget_backend.sandbox.bitrix24.crm import bpt
from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.methods import load
from widget_backend.sandbox.bitrix24.registry import run

load()

EMPTY = b"a:0:{}"
ROOT = b'a:1:{i:0;a:2:{s:4:"Type";s:26:"SequentialWorkflowActivity";s:4:"Name";s:8:"Template";}}'
FILE = (
    b'a:5:{s:7:"VERSION";i:2;s:8:"TEMPLATE";' + ROOT + b's:10:"PARAMETERS";' + EMPTY + b's:9:"VARIABLES";' + EMPTY
    + b's:9:"CONSTANTS";' + EMPTY + b"}"
)  # fmt: skip
BODY = {"DOCUMENT_TYPE": ["crm", "CCrmDocumentDeal", "DEAL"], "NAME": "Ожидание", "DESCRIPTION": "ours"}
DATA = ["x.bpt", base64.b64encode(zlib.compress(FILE)).decode()]


class Apps:
    """A portal with two applications."""

    def __init__(self) -> None:
        self.portal = bitrix24.Portal.demo()
        for name in ("app.one", "app.two"):
            self.portal.issue_app(name)

    def call(self, method: str, whose: str = "app.one", user: int = 1, **given: Any) -> Any:
        caller = by_token(self.portal, {"auth": self.portal.tokens(user, whose).access}, "")
        return run(self.portal, caller, method, given).page.result

    def deal(self) -> int:
        caller = by_token(self.portal, {"auth": self.portal.tokens(1, "app.one").access}, "")
        return int(run(self.portal, caller, "crm.deal.add", {"fields": {"TITLE": "Заявка"}}).page.result)


@pytest.fixture
def apps() -> Apps:
    return Apps()


def added(apps: Apps, **changed: Any) -> int:
    return int(apps.call("bizproc.workflow.template.add", **{**BODY, "TEMPLATE_DATA": DATA, **changed}))


def test_a_template_is_listed_started_and_deleted(apps: Apps) -> None:
    number, deal = added(apps, AUTO_EXECUTE="0"), apps.deal()

    listed = apps.call("bizproc.workflow.template.list", SELECT=["ID", "NAME"], FILTER={"DESCRIPTION": "ours"})
    started = apps.call(
        "bizproc.workflow.start", TEMPLATE_ID=number, DOCUMENT_ID=["crm", "CCrmDocumentDeal", f"DEAL_{deal}"]
    )
    runs = apps.call("bizproc.workflow.instances", FILTER={"TEMPLATE_ID": number})
    with pytest.raises(RestError):
        apps.call("bizproc.workflow.template.delete", ID=number)
    apps.call("bizproc.workflow.kill", ID=started)
    gone = apps.call("bizproc.workflow.template.delete", ID=number)

    assert (listed, runs, gone) == ([{"ID": str(number), "NAME": "Ожидание"}], [{"ID": started}], None)
    assert apps.portal.workflow_templates == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"AUTO_EXECUTE": 0},
        {"AUTO_EXECUTE": "8"},
        {"NAME": ""},
        {"DOCUMENT_TYPE": ["crm", "CCrmDocumentLead", "LEAD"]},
        {"TEMPLATE_DATA": ["x.bpt", "no base64!"]},
        {"TEMPLATE_DATA": ["x.bpt", base64.b64encode(b"a:0:{}").decode()]},
        {"TEMPLATE_DATA": ["x.bpt", base64.b64encode(FILE[:-3]).decode()]},
        {"TEMPLATE_DATA": []},
    ],
)
def test_a_template_that_is_not_right_is_refused(apps: Apps, changed: dict[str, Any]) -> None:
    with pytest.raises(RestError):
        added(apps, **changed)


def test_a_plain_file_is_read_too() -> None:
    assert bpt.read(FILE) == bpt.read(zlib.compress(FILE))


def test_an_application_keeps_its_templates_from_another(apps: Apps) -> None:
    number = added(apps)

    for verb, more in (("delete", {}), ("update", {"FIELDS": {"NAME": "Моё"}})):
        with pytest.raises(RestError, match="ONLY templates created by current application"):
            apps.call(f"bizproc.workflow.template.{verb}", "app.two", ID=number, **more)
    with pytest.raises(RestError):
        apps.call("bizproc.workflow.template.add", user=7, **BODY, TEMPLATE_DATA=DATA)


def test_a_plan_without_automation_has_no_workflows(apps: Apps) -> None:
    apps.portal.settings.plan = "basic"

    with pytest.raises(RestError):
        added(apps)
