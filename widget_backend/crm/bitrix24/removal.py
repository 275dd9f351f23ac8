"""Deletes as commands, in an order that works: what leans on something else first (bitrix24.md §4, §2.1, §5.1). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from widget_backend.crm.bitrix24 import application, layouts, stages, words
from widget_backend.crm.bitrix24.client import Inner
from widget_backend.crm.bitrix24.known import existing
from widget_backend.crm.model import Change, Kind, Remote
from widget_backend.texts import Text

NO_CALL = Text(
    "Битрикс24 не даёт менять это через API. Остальное не затронуто; измените вручную в настройках CRM.",
    "Bitrix24 does not let this be changed through the API. The rest is not affected; change it by hand in the CRM's settings.",
)
#: words of «no such object»: their codes are mostly empty, so the text is all there is (§10, 8)
_GONE = ("not found", "не найден", "does not exist", "не существует")

_DELETES: Mapping[Kind, Callable[[Remote], list[Inner]]] = {
    Kind.TRIGGER: lambda r: [Inner("crm.automation.trigger.delete", {"CODE": r.id})],
    Kind.ROBOT: lambda r: [Inner("bizproc.robot.delete", {"CODE": r.id})],
    Kind.PLACEMENT: lambda r: [application.unbind_place(r)],
    Kind.SUBSCRIPTION: application.unsubscribe,
    Kind.CARD: lambda r: [layouts.reset(r.entity, r.parent)],
    Kind.FIELD: lambda r: [Inner(f"crm.{r.entity}.userfield.delete", {"id": r.native})],
    Kind.SOURCE: lambda r: [stages.delete(r)],
    Kind.STAGE: lambda r: [stages.delete(r)],
    Kind.PIPELINE: lambda r: [Inner("crm.category.delete", {"entityTypeId": words.DEAL, "id": r.id})],
}


def commands(remote: Remote) -> list[Inner]:
    """What drops one object; nothing where there is no call for it."""
    return _DELETES[remote.kind](remote) if remote.kind in _DELETES else []


def in_order(deletes: Iterable[Change]) -> list[Change]:
    """Each kind before what it leans on; a stage or card whose pipeline goes too is not deleted by itself."""
    rank = {kind: place for place, kind in enumerate(_DELETES)}
    rows = list(deletes)
    going = {existing(change).id for change in rows if change.kind is Kind.PIPELINE}
    left = [c for c in rows if c.kind is not Kind.STAGE or existing(c).parent not in going]
    return sorted(left, key=lambda change: rank.get(change.kind, len(rank)))


def goes_with(pipeline: Change, deletes: Iterable[Change]) -> list[str]:
    """The stages that vanish together with a pipeline."""
    if pipeline.kind is not Kind.PIPELINE:
        return []
    parent = existing(pipeline).id
    return [c.address for c in deletes if c.kind is Kind.STAGE and existing(c).parent == parent]


def is_gone(words_: str) -> bool:
    """Whether a refusal says that there is nothing to delete: then it is done."""
    return any(sign in words_.casefold() for sign in _GONE)
