"""Faults that are an answer of the portal itself: what is refused, and which request or command of a batch it meets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from widget_backend.sandbox.bitrix24.envelope import (
    RestError,
    expired_token,
    method_not_found,
    operation_time_limit,
    query_limit,
    without_rest,
)

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.faults import Fault

LIMIT_TEXT = {
    "ru": "Превышено количество воронок, доступное на вашем тарифе.",
    "en": "The number of pipelines available on your plan has been exceeded.",
}

#: the token expires and stays so; in a batch from its ``command`` on
EXPIRING = "auth_401"

#: the answer of ``command`` cannot be referred to by path: every reference yields the whole of it
NULL_REF = "null_ref"

#: method that a kind is about, unless the fault names another
ABOUT = {"pipeline_cap": "crm.category.add"}

#: another name for the token that expires within a batch
ALIASES = {"batch_401": EXPIRING}


def pipeline_cap(portal: Portal) -> RestError:
    """The plan's pipelines are used up; the text is in the portal's language."""
    return RestError("0", LIMIT_TEXT.get(portal.settings.lang, LIMIT_TEXT["en"]))


#: kind -> the refusal
REFUSALS: dict[str, Callable[[Portal], RestError]] = {
    EXPIRING: lambda _: expired_token(),
    "limit_503": lambda _: query_limit(),
    "operating_429": lambda _: operation_time_limit(),
    "hidden_404": lambda _: method_not_found(),
    "no_rest_403": lambda _: without_rest(),
    "pipeline_cap": pipeline_cap,
}


def of_request(portal: Portal, fault: Fault | None, name: str, access: str) -> RestError | None:
    """The refusal that meets a whole request to the method ``name``."""
    if fault is None or (name == "batch" and (fault.command or _about(fault) or fault.kind in ALIASES)):
        return None
    return _refused(portal, fault, access) if _about(fault) in ("", name) else None


def of_command(portal: Portal, fault: Fault | None, name: str, number: int, access: str) -> RestError | None:
    """The refusal that meets command ``number`` of a batch; whole requests have been refused before."""
    if fault is None:
        return None
    if ALIASES.get(fault.kind, fault.kind) == EXPIRING:
        return _refused(portal, fault, access) if number >= fault.command else None
    meets = fault.command in (0, number) and _about(fault) in ("", name)
    return _refused(portal, fault, access) if meets else None


def _about(fault: Fault) -> str:
    return fault.method.lower() or ABOUT.get(fault.kind, "")


def _refused(portal: Portal, fault: Fault, access: str) -> RestError | None:
    kind = ALIASES.get(fault.kind, fault.kind)
    if kind == EXPIRING:
        portal.expire(access)
    return REFUSALS[kind](portal) if kind in REFUSALS else None
