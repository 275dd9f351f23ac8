"""Workflows of ours in a portal: put there, found again, taken away; never another's (``bizproc.workflow.template.*``)."""

from __future__ import annotations

import base64
from typing import Any, Final

from widget_backend.crm.bitrix24 import removal
from widget_backend.crm.bitrix24.client import BATCH, Client, Inner, rows
from widget_backend.crm.bitrix24.native import shapes
from widget_backend.crm.native import Flow

_DOCUMENT: Final = (shapes.MODULE, shapes.DOCUMENT, shapes.KIND)
#: started by us and by nobody else; the portal takes it as text only (preset-archive.md §5)
_BY_HAND: Final = "0"
_FILE: Final = "dental-crm.bpt"
#: batches of runs that are ended before a template is deleted; with more the portal refuses to delete it
_ROUNDS: Final = 200


def install(client: Client, flow: Flow) -> str:
    """Put it there; its id. An answer that never came may have left one: that is taken over."""
    found = _find(client, flow.description)
    data = [_FILE, base64.b64encode(flow.content).decode()]
    if found:
        fields = {"NAME": flow.name, "TEMPLATE_DATA": data}
        _sent(client, Inner("bizproc.workflow.template.update", {"ID": found, "FIELDS": fields}))
        return found
    body = {"DOCUMENT_TYPE": list(_DOCUMENT), "NAME": flow.name, "DESCRIPTION": flow.description}
    add = Inner("bizproc.workflow.template.add", {**body, "AUTO_EXECUTE": _BY_HAND, "TEMPLATE_DATA": data})
    made = _sent(client, add)
    if not made:
        raise client.unclear([add])
    return str(made)


def remove(client: Client, made: str) -> None:
    """Take it away, with the runs that wait in it. The portal itself refuses a template that is not ours."""
    for _ in range(_ROUNDS):
        waiting = _runs(client, made)
        if not waiting:
            break
        ends = {f"end{n}": Inner("bizproc.workflow.kill", {"ID": run}) for n, run in enumerate(waiting)}
        errors = client.batch(ends).errors.values()
        if fault := next((error for error in errors if not removal.is_gone(error.words)), None):
            raise fault
    key, delete = "gone", Inner("bizproc.workflow.template.delete", {"ID": made})
    replies = client.batch({key: delete})
    error = replies.errors.get(key)
    if error is not None and not removal.is_gone(error.words):
        raise error
    if error is None and key not in replies.values:
        raise client.unclear([delete])


def _runs(client: Client, made: str) -> list[str]:
    listed = {"SELECT": ["ID"], "FILTER": {"TEMPLATE_ID": made}}
    found = rows(_sent(client, Inner("bizproc.workflow.instances", listed)))
    return [str(row["ID"]) for row in found if row.get("ID")][:BATCH]


def _find(client: Client, description: str) -> str:
    listed = {"SELECT": ["ID", "DESCRIPTION"], "FILTER": {"DESCRIPTION": description, "AUTO_EXECUTE": _BY_HAND}}
    found = rows(_sent(client, Inner("bizproc.workflow.template.list", listed)))
    return next((str(row["ID"]) for row in found if row.get("DESCRIPTION") == description), "")


def _sent(client: Client, inner: Inner) -> Any:
    return client.batch({"it": inner}, vital=("it",)).values["it"]
