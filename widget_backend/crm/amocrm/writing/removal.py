"""Deletes, one request each (amocrm.md §3.1, §3.3, §4.10, §5.1): what is gone already is as good as deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from widget_backend.crm.amocrm.client import Client
from widget_backend.crm.amocrm.judge import problems_of
from widget_backend.crm.amocrm.words import ENTITIES
from widget_backend.crm.amocrm.writing.arrays import REFUSALS
from widget_backend.crm.amocrm.writing.known import existing, unsupported
from widget_backend.crm.model import Change, Kind, Remote
from widget_backend.crm.port import Outcome
from widget_backend.errors import Missing, VendorError
from widget_backend.texts import Text

_PATHS: Mapping[Kind, Callable[[Remote], str]] = {
    Kind.PIPELINE: lambda r: f"leads/pipelines/{r.id}",
    Kind.STAGE: lambda r: f"leads/pipelines/{r.parent}/statuses/{r.native}",
    Kind.LOSS_REASON: lambda r: f"leads/loss_reasons/{r.id}",
    Kind.SOURCE: lambda r: f"sources/{r.id}",
    Kind.GROUP: lambda r: f"{ENTITIES[r.entity]}/custom_fields/groups/{r.id}",
    Kind.FIELD: lambda r: f"{ENTITIES[r.entity]}/custom_fields/{r.id}",
    Kind.SUBSCRIPTION: lambda r: "webhooks",
}
_STAYS = Text(
    "amoCRM не даёт удалить это через API: оно остаётся и ничему не мешает. При желании удалите вручную в настройках.",
    "amoCRM does not let this be removed through the API: it stays and does no harm. Remove it by hand in the settings if "
    "you like.",
)
_FINAL = Text(
    "Этап успеха и этап отказа есть в каждой воронке amoCRM и не удаляются: он остаётся вместе с воронкой.",
    "The won and the lost stage are part of every pipeline of amoCRM and cannot be removed: it stays with its pipeline.",
)


def apply(client: Client, deletes: Sequence[Change]) -> Iterator[Sequence[Outcome]]:
    """Outcomes after each request; stages go with their pipeline where that goes too."""
    pipelines = {existing(change).id for change in deletes if change.kind is Kind.PIPELINE}
    for change in deletes:
        remote = existing(change)
        if change.kind is Kind.STAGE and remote.parent in pipelines:
            continue
        error = _delete(client, remote)
        yield [Outcome(address, error=error) for address in (change.address, *_stages_of(change, deletes))]


def _stages_of(pipeline: Change, deletes: Sequence[Change]) -> list[str]:
    if pipeline.kind is not Kind.PIPELINE:
        return []
    parent = existing(pipeline).id
    return [c.address for c in deletes if c.kind is Kind.STAGE and existing(c).parent == parent]


def _delete(client: Client, remote: Remote) -> VendorError | None:
    if remote.kind not in _PATHS:
        return unsupported(_STAYS)
    if remote.kind is Kind.STAGE and remote.fixed:
        return unsupported(_FINAL)
    body = {"destination": remote.native} if remote.kind is Kind.SUBSCRIPTION else None
    try:
        client.write("DELETE", _PATHS[remote.kind](remote), body, repeatable=True)
    except Missing:
        return None
    except REFUSALS as refusal:
        # a pipeline that is no more is refused as a wrong choice of «id» (§3.1)
        gone = any(problem.path == "id" for problem in problems_of(refusal))
        return None if gone else refusal
    return None
