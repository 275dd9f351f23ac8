"""What an archive or a workflow may hold: robots with their properties, triggers, operators, folders. Tables only
(bitrix24-preset-archive.md §1.2–§1.6, §2). Whatever is not named here never leaves the house.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Shape:
    """The properties an activity must have, and those it may."""

    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()


def _shape(needs: str = "", may: str = "") -> Shape:
    return Shape(frozenset({"Title", *needs.split()}), frozenset(may.split()))


#: robots that a stage may have; the names are the vendor's classes, letter for letter
ROBOTS: Final[Mapping[str, Shape]] = {
    "CrmChangeStatusActivity": _shape("TargetStatus", "ModifiedBy"),
    "CrmChangeDealCategoryActivity": _shape("CategoryId", "StageId"),
    "CrmCreateToDoActivity": _shape("Subject", "Description Deadline Responsible AutoComplete"),
    "CrmControlNotifyActivity": _shape("MessageText ToHead", "ToUsers"),
    "SocNetMessageActivity": _shape("MessageText MessageUserTo", "MessageUserFrom MessageFormat"),
    "SetFieldActivity": _shape("FieldValue", "MergeMultipleFields ModifiedBy"),
    "CrmTimelineCommentAdd": _shape("CommentText", "CommentUser"),
}
#: a robot of an application: its code is hashed with the application's own name
OURS: Final = re.compile(r"rest_[0-9a-f]{32}")
OUR_SHAPE: Final = _shape("UseSubscription", "stage")

#: what holds robots together
FRAME: Final[Mapping[str, Shape]] = {
    "SequentialWorkflowActivity": _shape("", "Permission"),
    "ParallelActivity": _shape(),
    "SequenceActivity": _shape(),
    "RobotDelayActivity": _shape("TimeoutTimeIsLocal", "TimeoutDuration TimeoutDurationType TimeoutTime"),
    "IfElseActivity": _shape(),
    "IfElseBranchActivity": _shape("", "mixedcondition truecondition"),
}

#: our operators -> theirs
OPERATORS: Final[Mapping[str, str]] = {
    "equals": "=",
    "differs": "!=",
    "more": ">",
    "less": "<",
    "filled": "!empty",
    "empty": "empty",
}
#: an operator -> the one that says the opposite
OPPOSITE: Final[Mapping[str, str]] = {"equals": "differs", "differs": "equals", "filled": "empty", "empty": "filled"}

#: triggers -> what their ``APPLY_RULES`` must have
TRIGGERS: Final[Mapping[str, frozenset[str]]] = {"FIELD_CHANGED": frozenset({"fields"})}
TRIGGER_MAY: Final = frozenset({"Condition", "ALLOW_BACKWARDS"})

ROBOTS_FOLDER, TRIGGERS_FOLDER = "BIZPROC_MAIN", "BIZPROC_CRM_TRIGGER"
MANIFEST: Final = "manifest.json"
ENTRY: Final = re.compile(rf"({ROBOTS_FOLDER}|{TRIGGERS_FOLDER})/[0-9]{{4}}\.json")

#: the whole manifest: it may carry nothing else, least of all what clears the CRM
MANIFEST_BODY: Final[Mapping[str, object]] = {
    "CODE": "vertical_crm",
    "VERSION": 2,
    "MANIFEST_VERSION": 1,
    "USES": ["bizproc_crm"],
    "COMPATIBILITY_TAGS": [],
    "METADATA": {},
    "SKIP_CLEARING": "Y",
}
#: sizes of a file in bytes that the vendor's exporter keeps away from, and what it pads with
AWKWARD: Final = range(1444, 1461)
PADDING: Final = "TMP_HASH"

#: deals as the automation's document
MODULE, DOCUMENT, KIND = "crm", "CCrmDocumentDeal", "DEAL"
ON_STAGE: Final = 8

#: fields of the vendor's own, by our name of them
DOCUMENT_FIELDS: Final[Mapping[str, str]] = {
    "title": "TITLE",
    "amount": "OPPORTUNITY",
    "comment": "COMMENTS",
    "source_details": "SOURCE_DESCRIPTION",
}
RESPONSIBLE: Final = "{=Document:ASSIGNED_BY_ID}"
NOW: Final = "{=System:Now}"
