"""What a portal tells of its records: events, and calls of our robots on its stages (bitrix24.md §2.2, §2.3, §4.11).

Pure; nothing in it is believed as such.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from widget_backend.crm.bitrix24 import webhook
from widget_backend.crm.forms import Tree, branch, leaf, read_form
from widget_backend.crm.records import Entity, RobotCall, Touched, Verb
from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

#: events -> what they say. A move inside a pipeline is an update; a to-do is an activity
EVENTS: Mapping[str, tuple[Entity, Verb]] = {
    "ONCRMDEALADD": ("deal", "added"),
    "ONCRMDEALUPDATE": ("deal", "updated"),
    "ONCRMDEALMOVETOCATEGORY": ("deal", "moved"),
    "ONCRMDEALDELETE": ("deal", "deleted"),
    "ONCRMCONTACTADD": ("contact", "added"),
    "ONCRMCONTACTUPDATE": ("contact", "updated"),
    "ONCRMCONTACTDELETE": ("contact", "deleted"),
    "ONCRMACTIVITYADD": ("activity", "added"),
    "ONCRMACTIVITYUPDATE": ("activity", "updated"),
    "ONCRMACTIVITYDELETE": ("activity", "deleted"),
}

_ID = re.compile(r"[1-9][0-9]{0,17}")
_DOCUMENT = re.compile(r"DEAL_([1-9][0-9]{0,17})")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_NO_CALL = Text(
    "Вызов робота не прочитан: в нём нет робота или сделки. Ничего не сделано; проверьте робота на этапе.",
    "The robot's call could not be read: it names no robot or no deal. Nothing was done; check the robot on its stage.",
)


def touched(event: webhook.Event) -> tuple[Touched, ...]:
    """The records an event is about; none for an event of another kind, or without an id."""
    known, record = EVENTS.get(event.name), leaf(branch(event.data, "FIELDS"), "ID")
    if known is None or not _ID.fullmatch(record):
        return ()
    entity, verb = known
    return (Touched(entity, record, verb, event.at),)


def robot_call(body: bytes) -> tuple[webhook.Offer, RobotCall]:
    """Who calls, as far as he says, and for what. Raises :class:`InvalidInput` for a call of no robot or on no deal."""
    tree = read_form(body)
    auth = {name: value for name, value in branch(tree, "auth").items() if isinstance(value, str)}
    offer = webhook.read_offer(auth)
    code, document = leaf(tree, "code"), _DOCUMENT.fullmatch(leaf(branch(tree, "document_id"), "2"))
    if document is None or not _CODE.fullmatch(code):
        raise InvalidInput(_NO_CALL)
    token, stamp = leaf(tree, "event_token"), leaf(tree, "ts")
    given = {name: _given(value) for name, value in branch(tree, "properties").items()}
    waits = leaf(tree, "use_subscription") == "Y"
    at = datetime.fromtimestamp(int(stamp), UTC) if stamp.isdecimal() and len(stamp) <= 10 else None
    key = _key(token or f"{leaf(tree, 'workflow_id')}:{code}:{document[1]}:{stamp}")
    return offer, RobotCall(code, document[1], key, given, reply=token if waits else "", at=at)


def _given(value: str | Tree) -> str:
    """What was filled in; several values with commas between them."""
    return value if isinstance(value, str) else ", ".join(_given(one) for one in value.values())


def _key(text: str) -> str:
    """The token itself opens the portal's process: only its print is kept."""
    return hashlib.sha256(text.encode()).hexdigest()[:40]
