"""A person at the portal's pages: who it is, and REST methods called on his behalf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24 import frames
from widget_backend.sandbox.bitrix24.envelope import Page
from widget_backend.sandbox.bitrix24.registry import METHODS, Call, Caller
from widget_backend.sandbox.bitrix24.state import ALL_SCOPES

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

PAGES = "pages"


def person(portal: Portal) -> Caller:
    """The chosen user, who may do what his rights let him, within this one request."""
    return Caller(frames.acting(portal), None, ALL_SCOPES, PAGES)


def call(portal: Portal, caller: Caller, method: str, **params: Any) -> Any:
    """What a method answers to this person; no limit and no log of calls, for those are an application's."""
    answer = METHODS[method.lower()].body(Call(portal, caller, params))
    return answer.result if isinstance(answer, Page) else answer
