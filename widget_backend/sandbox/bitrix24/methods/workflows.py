"""``bizproc.workflow.*``: templates that applications bring as ``.bpt`` files, and their runs.

A run stands until somebody ends it: what a workflow does is the portal's own business and is not emulated.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import Any

from widget_backend.sandbox.bitrix24.crm import bpt
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import Page, RestError
from widget_backend.sandbox.bitrix24.imported import WorkflowRun, WorkflowTemplate
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import DEAL

VALIDATION, NOT_FOUND = "ERROR_TEMPLATE_VALIDATION_FAILURE", "ERROR_TEMPLATE_NOT_FOUND"
DEALS = ["crm", "CCrmDocumentDeal", "DEAL"]
#: with other kinds of start the portal runs it by itself, 8 is for robots and never taken
STARTS = ("0", "1", "2", "3")
PAGE = 50


@method("bizproc.workflow.template.add", "bizproc", app=True, admin=True, write=True)
def add(call: Call) -> Any:
    """The number of the template, bound to the application."""
    if list(call.array("DOCUMENT_TYPE").values()) != DEALS:
        raise RestError(VALIDATION, "Incorrect field DOCUMENT_TYPE!")
    name = str(call.any_case("NAME") or "")
    if not name:
        raise RestError(VALIDATION, "Empty template name!")
    starts = _starts(call.any_case("AUTO_EXECUTE", "0"))
    tree = _tree(call.any_case("TEMPLATE_DATA"))
    number = call.portal.number("workflow template", 11)
    description = str(call.any_case("DESCRIPTION") or "")
    row = WorkflowTemplate(number, call.app.client_id, name, description, starts, tree)
    call.portal.workflow_templates[number] = row
    return number


@method("bizproc.workflow.template.update", "bizproc", app=True, admin=True, write=True)
def update(call: Call) -> Any:
    row, fields = _mine(call, "update"), call.mapping("FIELDS")
    if not fields:
        raise RestError(VALIDATION, "No fields to update.")
    if "TEMPLATE_DATA" in fields:
        row.tree = _tree(fields["TEMPLATE_DATA"])
    if "AUTO_EXECUTE" in fields:
        row.auto_execute = _starts(fields["AUTO_EXECUTE"])
    row.name, row.description = str(fields.get("NAME", row.name)), str(fields.get("DESCRIPTION", row.description))
    return row.id


@method("bizproc.workflow.template.delete", "bizproc", app=True, admin=True, write=True)
def delete(call: Call) -> Any:
    """Not while one runs. Answers nothing."""
    row = _mine(call, "delete")
    if any(run.template == row.id for run in call.portal.workflow_runs.values()):
        raise RestError("", "Нельзя удалить шаблон, по которому запущены бизнес-процессы.")
    del call.portal.workflow_templates[row.id]


@method("bizproc.workflow.template.list", "bizproc", admin=True)
def list_(call: Call) -> Any:
    rows = [
        {
            "ID": str(row.id),
            "MODULE_ID": "crm",
            "ENTITY": DEALS[1],
            "NAME": row.name,
            "DESCRIPTION": row.description,
            "AUTO_EXECUTE": row.auto_execute,
            "SYSTEM_CODE": f"rest_app_{call.portal.apps[row.client_id].id}"
            if row.client_id in call.portal.apps
            else "",
        }
        for row in call.portal.workflow_templates.values()
    ]
    return _paged(call, rows, ["ID"])


@method("bizproc.workflow.start", "bizproc", admin=True, write=True)
def start(call: Call) -> Any:
    """The id of the run."""
    number = to_int(call.any_case("TEMPLATE_ID"))
    if number not in call.portal.workflow_templates:
        raise RestError(NOT_FOUND, "Workflow template not found.")
    document = list(call.array("DOCUMENT_ID").values())
    match = re.fullmatch(r"DEAL_(\d+)", str(document[2])) if document[:2] == DEALS[:2] and len(document) == 3 else None
    deal = int(match[1]) if match else 0
    if deal not in call.portal.items[DEAL]:
        raise RestError("ERROR_DOCUMENT_NOT_FOUND", "Document not found.")
    run = WorkflowRun(f"{secrets.token_hex(7)}.{secrets.randbelow(10**8):08}", number, deal)
    call.portal.workflow_runs[run.id] = run
    return run.id


@method("bizproc.workflow.instances", "bizproc", admin=True)
def instances(call: Call) -> Any:
    rows = [
        {"ID": run.id, "TEMPLATE_ID": str(run.template), "DOCUMENT_ID": f"DEAL_{run.deal}"}
        for run in call.portal.workflow_runs.values()
    ]
    return _paged(call, rows, ["ID"])


@method("bizproc.workflow.kill", "bizproc", admin=True, write=True)
def kill(call: Call) -> Any:
    """Ends a run and drops all it knew."""
    run = str(call.any_case("ID") or "")
    if not run:
        raise RestError("ERROR_WRONG_WORKFLOW_ID", "Empty workflow instance ID")
    if call.portal.workflow_runs.pop(run, None) is None:
        raise RestError("", "Бизнес-процесс не найден.")
    return True


def _mine(call: Call, verb: str) -> WorkflowTemplate:
    row = call.portal.workflow_templates.get(to_int(call.any_case("ID")))
    if row is None:
        raise RestError(NOT_FOUND, "Workflow template not found.")
    if row.client_id != call.app.client_id:
        raise RestError("", f"You can {verb} ONLY templates created by current application")
    return row


def _starts(given: Any) -> str:
    """As text only: a number fails the portal's check."""
    if given not in STARTS:
        raise RestError(VALIDATION, "Incorrect field AUTO_EXECUTE!")
    return str(given)


def _tree(given: Any) -> dict[str, Any]:
    """A file: its name and its content in base64."""
    rows = list(given.values()) if isinstance(given, dict) else given
    try:
        return bpt.read(base64.b64decode(rows[1], validate=True))
    except (TypeError, ValueError, IndexError, KeyError, binascii.Error) as fault:
        raise RestError(VALIDATION, "Incorrect field TEMPLATE_DATA!") from fault


def _paged(call: Call, rows: list[dict[str, Any]], usual: list[str]) -> Page:
    wanted = [
        row for row in rows if all(str(row.get(key)) == str(value) for key, value in call.mapping("FILTER").items())
    ]
    select = [str(name) for name in call.mapping("SELECT").values()] or usual
    begin = to_int(call.any_case("start"))
    shown = [{name: row[name] for name in select if name in row} for row in wanted[begin : begin + PAGE]]
    following = begin + PAGE if begin + PAGE < len(wanted) else None
    return Page(shown, total=len(wanted), next=following)
