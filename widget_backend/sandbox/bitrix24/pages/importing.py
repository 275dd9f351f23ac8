"""A solution preset that an administrator imports: an archive with robots and triggers for the portal's own stages.

As the vendor's importer does: an archive without ``SKIP_CLEARING`` wipes the deals first; a stage whose screen of robots was
ever opened keeps its own empty robots, and what was imported there is neither seen nor run. Of the robots only those of
applications run here, at once and without conditions; the portal's own are shown.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.imported import NativeRobot
from widget_backend.sandbox.bitrix24.state import DEAL

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

MANIFEST, CODE = "manifest.json", "vertical_crm"
#: an entity runs where its tag is among those the archive names
TAGS = {"BIZPROC_MAIN": "bizproc_crm", "BIZPROC_CRM_TRIGGER": "bizproc_crm"}
FRAME = ("SequentialWorkflowActivity", "ParallelActivity", "SequenceActivity", "IfElseActivity", "IfElseBranchActivity")
WAIT = "RobotDelayActivity"


@dataclass
class Report:
    """What the portal says at the end."""

    robots: int = 0
    triggers: int = 0
    wiped: int = 0
    hidden: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def take(portal: Portal, content: bytes) -> Report:
    """Import an archive. Raises :class:`RestError` for one the portal does not take."""
    files, report = _files(content), Report()
    manifest = _json(files.get(MANIFEST, b""))
    if manifest.get("CODE") != CODE:
        raise RestError("", "Это не пресет CRM: в архиве нет manifest.json с нужным кодом. Ничего не изменено.")
    if manifest.get("SKIP_CLEARING") != "Y":
        report.wiped = len(portal.items[DEAL])
        portal.items[DEAL].clear()
    for name in sorted(files):
        folder = name.partition("/")[0]
        if TAGS.get(folder) in manifest.get("USES", ()):
            body = _json(files[name])
            taken = _robots(portal, body, report) if folder == "BIZPROC_MAIN" else _trigger(portal, body)
            report.errors += [] if taken else [name]
            report.triggers += taken and folder != "BIZPROC_MAIN"
    return report


def _robots(portal: Portal, body: Mapping[str, Any], report: Report) -> bool:
    stage, template = str(body.get("DOCUMENT_STATUS")), body.get("TEMPLATE_DATA", {}).get("TEMPLATE")
    if stage not in portal.deal_stages() or not template or body.get("AUTO_EXECUTE") != 8:
        return False
    if stage in portal.automated_stages:
        report.hidden.append(stage)
        return True
    portal.automated_stages.add(stage)
    for kind, properties, bound in _walk(template[0], bound=False):
        report.robots += 1
        name = str(properties.get("Title") or kind)
        portal.native_robots.append(NativeRobot(stage, kind, name, properties))
        if not bound:
            _place(portal, kind, stage, properties)
    return True


def _walk(node: Mapping[str, Any], *, bound: bool) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """The robots below a node; ``bound``: by a pause before it, or a condition around it."""
    for child in node.get("Children") or ():
        kind = str(child["Type"])
        if kind == WAIT:
            bound = True
        elif kind in FRAME:
            yield from _walk(child, bound=bound or kind == "IfElseActivity")
        else:
            yield kind, child["Properties"], bound


def _place(portal: Portal, kind: str, stage: str, properties: Mapping[str, Any]) -> None:
    """An application's robot is known by the hash of the application's name and its own."""
    for robot in portal.robots:
        if kind == "rest_" + hashlib.md5(f"{robot.client_id}@{robot.code}".encode(), usedforsecurity=False).hexdigest():
            known = {key: str(properties.get(key, "")) for key in robot.fields.get("PROPERTIES") or {}}
            portal.place_robot(robot.code, stage, robot.client_id, 0, **known)


def _trigger(portal: Portal, body: Mapping[str, Any]) -> bool:
    whole = {"NAME", "CODE", "ENTITY_TYPE_ID", "ENTITY_STATUS"} <= body.keys()
    if not whole or body["ENTITY_STATUS"] not in portal.deal_stages():
        return False
    rules = dict(body.get("APPLY_RULES") or {})
    portal.native_robots.append(NativeRobot(str(body["ENTITY_STATUS"]), str(body["CODE"]), str(body["NAME"]), rules))
    return True


def _files(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            return {name: opened.read(name) for name in opened.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as fault:
        raise RestError("", "Файл не читается: нужен zip-архив. Ничего не изменено.") from fault


def _json(content: bytes) -> dict[str, Any]:
    """Empty for what is no JSON, with a BOM too: such a file is passed over without a word."""
    try:
        read = json.loads(content.decode("utf-8"))
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
