"""A portal that imports an archive of robots, and what it does with it: written from the vendor's own importer, as the contract
sheet tells of it, and from nothing of ours.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from typing import Any

#: the portal's own list: an entity runs where its tag is among both
USES = {"app", "crm", "crm_form", "bizproc_crm", "intranet_setting"}
TAG = {"BIZPROC_MAIN": "bizproc_crm", "BIZPROC_CRM_TRIGGER": "bizproc_crm", "CRM_STATUS": "crm", "CRM_FIELDS": "crm"}
#: classes flagged as robots of deals, with the properties their validation wants
ROBOTS = {
    "CrmCopyDealActivity": set(),
    "CrmChangeStatusActivity": {"TargetStatus"},
    "CrmChangeDealCategoryActivity": {"CategoryId"},
    "CrmCreateToDoActivity": set(),
    "CrmControlNotifyActivity": {"MessageText"},
    "SocNetMessageActivity": {"MessageText", "MessageUserTo"},
    "SetFieldActivity": {"FieldValue"},
    "CrmTimelineCommentAdd": set(),
}
OURS = re.compile(r"^rest_[0-9a-f]{32}$")
NAME = re.compile(r"^A\d{5}(_\d{5}){3}$")
OPERATORS = {
    "=",
    "!=",
    ">",
    ">=",
    "<",
    "<=",
    "in",
    "!in",
    "contain",
    "!contain",
    "between",
    "empty",
    "!empty",
    "modified",
}
MOMENT = re.compile(r"^(\{=Document:\w+\}|=(work)?dateadd\(\{=(System:Now|Document:\w+)\},\"-?\d+[ihd]\"\))$")
EXPRESSION = re.compile(r"\{=(Document:\w+|System:Now)\}")


class Wiped(Exception):
    """The portal has deleted all deals."""


@dataclass
class Portal:
    """``automation``: stage -> chains, each a list of (wait, conditions, robot); ``triggers``: stage -> trigger;
    ``errors``: what the import has to say at its end."""

    stages: set[str]
    automation: dict[str, list[list[tuple[str, list[dict[str, Any]], dict[str, Any]]]]] = field(default_factory=dict)
    triggers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def imports(self, archive: bytes) -> Portal:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            assert opened.testzip() is None
            files = {name: opened.read(name) for name in opened.namelist()}
        manifest = _json(files["manifest.json"])
        assert manifest["CODE"] == "vertical_crm"
        if manifest.get("SKIP_CLEARING") != "Y" or "DISABLE_CLEAR_FULL" in manifest:
            raise Wiped
        allowed = USES & set(manifest["USES"])
        for name in sorted(files, key=lambda one: one.encode()):
            folder, _, rest = name.partition("/")
            if not rest or TAG.get(folder) not in allowed:
                continue
            assert re.fullmatch(r"[A-Za-z0-9_-]+\.json", rest), name
            assert not 1444 <= len(files[name]) <= 1460, name
            self._entity(folder, _json(files[name]))
        return self

    def _entity(self, folder: str, body: dict[str, Any]) -> None:
        if folder == "BIZPROC_CRM_TRIGGER":
            assert {"NAME", "CODE", "ENTITY_TYPE_ID", "ENTITY_STATUS"} <= body.keys()
            self.triggers.setdefault(self._stage(body["ENTITY_STATUS"]), []).append(body)
            return
        assert folder == "BIZPROC_MAIN", f"{folder} would make or delete something of the CRM's"
        assert (body["MODULE_ID"], body["ENTITY"], body["DOCUMENT_TYPE"]) == ("crm", "CCrmDocumentDeal", "DEAL")
        assert (body["AUTO_EXECUTE"], body["TEMPLATE_DATA"]["VERSION"]) == (8, 2)
        assert body["TEMPLATE_DATA"]["DOCUMENT_FIELDS"] == []
        stage = self._stage(body["DOCUMENT_STATUS"])
        # one row for each stage is read, and nobody knows which
        assert stage not in self.automation, f"{stage} is shadowed"
        self.automation[stage] = self._robots(body["TEMPLATE_DATA"]["TEMPLATE"])

    def _robots(self, template: list[dict[str, Any]]) -> list[Any]:
        (root,) = template
        assert (root["Type"], root["Name"]) == ("SequentialWorkflowActivity", "Template")
        (parallel,) = root["Children"]
        assert parallel["Type"] == "ParallelActivity"
        assert len(parallel["Children"]) >= 2
        names = [each["Name"] for each in _nodes(root)]
        assert len(names) == len(set(names))
        assert all(NAME.match(name) for name in names[1:])
        assert {each.get("Activated", "Y") for each in _nodes(root)} == {"Y"}
        chains = [self._chain(sequence) for sequence in parallel["Children"]]
        return [chain for chain in chains if chain]

    def _chain(self, sequence: dict[str, Any]) -> list[Any]:
        assert sequence["Type"] == "SequenceActivity"
        chain, wait = [], ""
        for node in sequence["Children"]:
            if node["Type"] == "RobotDelayActivity":
                assert not wait
                wait = node["Properties"]["TimeoutTime"]
                assert MOMENT.match(wait), wait
                continue
            conditions, robot = self._robot(node)
            chain.append((wait, conditions, robot))
            wait = ""
        assert not wait, "a pause before nothing"
        return chain

    def _robot(self, node: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        conditions: list[dict[str, Any]] = []
        if node["Type"] == "IfElseActivity":
            held, other = node["Children"]
            assert (held["Type"], other["Type"]) == ("IfElseBranchActivity", "IfElseBranchActivity")
            assert (other["Properties"]["truecondition"], other["Children"]) == ("1", [])
            conditions, (node,) = held["Properties"]["mixedcondition"], held["Children"]
            assert {one["operator"] for one in conditions} <= OPERATORS
            assert {one["object"] for one in conditions} == {"Document"}
        assert node["Type"] in ROBOTS or OURS.match(node["Type"]), f"{node['Type']}: custom, not editable"
        assert ROBOTS.get(node["Type"], set()) <= {name for name, value in node["Properties"].items() if value}
        self._values(node["Properties"])
        return conditions, {"Type": node["Type"], **node["Properties"]}

    def _values(self, properties: dict[str, Any]) -> None:
        """No number of a user, no stage of another portal, no command but those the portal knows."""
        for name in ("TargetStatus", "StageId"):
            if name in properties:
                self._stage(properties[name])
        for text in _texts(properties):
            assert "user_" not in text
            assert "{" not in EXPRESSION.sub("", text), text
            assert not text.startswith("=") or MOMENT.match(text), text

    def _stage(self, code: str) -> str:
        assert code in self.stages, f"{code} is not of this portal"
        return code


def _json(content: bytes) -> dict[str, Any]:
    assert not content.startswith(b"\xef\xbb\xbf")
    read = json.loads(content.decode("utf-8"))
    assert isinstance(read, dict)
    return read


def _nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(each for child in node["Children"] for each in _nodes(child))]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []
