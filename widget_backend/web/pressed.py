"""Pressed: what a form of a page asks is done once for its number, however often it is sent, with a row of the audit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from widget_backend import answers, audit
from widget_backend.audit import Act
from widget_backend.errors import InvalidInput
from widget_backend.panel.acts import KEY, new_key
from widget_backend.panel.words import OLD_FORM
from widget_backend.tenancy import installations
from widget_backend.texts import Text
from widget_backend.web.auth import installation, visit
from widget_backend.web.context import context


def once(key: str, action: str, what: str, do: Callable[[Any], Text], details: Mapping[str, Any] | None = None) -> Text:
    """Do it in one transaction, with nobody else changing this clinic; what to say. Sent again it is said again.

    ``do`` is given the session. What it raises leaves everything as it was, and the same form may be sent again.
    Raises :class:`InvalidInput` for a form that is none of ours.
    """
    if not KEY.fullmatch(key):
        raise InvalidInput(OLD_FORM)
    number, name = installation().id, _hashed("pressed", key, visit().user_id, action, what, *_sent())
    with context().database.transaction() as session:
        installations.hold(session, number)
        known = answers.begin(session, number, name, name)
        if known.status:
            return Text(*json.loads(known.body))
        said = do(session)
        audit.record(session, number, Act(visit().user_id or "unknown", visit().role, action, what, "office"), details)
        answers.keep(session, name, 200, json.dumps([said.ru, said.en]))
    return said


def key_for(sent: str) -> str:
    """A form that failed keeps its number; any other gets a new one."""
    return sent if KEY.fullmatch(sent) else new_key()


def _sent() -> list[str]:
    """What the form holds: the same number with other answers is another act."""
    return [f"{name}={value}" for name, value in request.form.items(multi=True)]


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
