"""Records of Boris's portal as it tells them, and the chart of its set-up. Invented people only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from bitrix24_schemas import SPECS, check

from widget_backend.crm.chart import Chart, ChartField, ChartPipeline, ChartStage
from widget_backend.crm.model import Option

BRANCH = (Option("north", "Север", "45"), Option("south", "Юг", "46"))
SOURCES = (Option("site", "Сайт", "DENT_SITE"),)

#: methods whose schemas are not among the derived ones: the names their pages tell
NAMES = {
    "im.notify.system.add": {"USER_ID", "MESSAGE", "MESSAGE_OUT", "TAG", "SUB_TAG", "ATTACH", "CLIENT_ID"},
    "crm.activity.binding.list": {"activityId"},
}


def field(address: str, id: str, type: str, **more: Any) -> ChartField:
    return ChartField(address, id, type, address.rpartition(".")[2], **more)


CHART = Chart(
    "ru",
    (
        ChartStage("stage.primary.new", "C5:NEW", "pipeline.primary", "5", "open", "Новая заявка"),
        ChartStage("stage.primary.won", "C5:WON", "pipeline.primary", "5", "won", "Пациент пришёл"),
        ChartStage("", "C7:NEW", "", "7", "open", "Своя"),
    ),
    (ChartPipeline("pipeline.primary", "5", "Первичные"), ChartPipeline("", "7", "Своя")),
    (
        field("field.deal.branch", "UF_CRM_DEAL_BRANCH", "list", options=BRANCH),
        field("field.deal.needs", "UF_CRM_DEAL_NEEDS", "list", multiple=True, options=BRANCH),
        field("field.deal.plan", "UF_CRM_DEAL_PLAN", "money"),
        field("field.deal.urgent", "UF_CRM_DEAL_URGENT", "boolean"),
        field("field.deal.visit", "UF_CRM_DEAL_VISIT", "datetime"),
        field("field.deal.recall", "UF_CRM_DEAL_RECALL", "date"),
        field("field.deal.teeth", "UF_CRM_DEAL_TEETH", "number"),
        field("field.deal.doctor", "UF_CRM_DEAL_DOCTOR", "text"),
        field("field.deal.comment", "COMMENTS", "text", system=True),
        field("field.deal.source", "SOURCE_ID", "list", system=True, options=SOURCES),
        field("field.deal.source_details", "SOURCE_DESCRIPTION", "text", system=True),
        field("field.deal.utm", "UTM", "text", system=True),
        field("field.deal.budget", "OPPORTUNITY_WITH_CURRENCY", "money", system=True),
        field("field.deal.people", "CLIENT", "text", system=True),
        field("field.contact.visit_count", "UF_CRM_CONTACT_VISIT_COUNT", "number"),
        field("field.contact.birth_date", "BIRTHDATE", "date", system=True),
    ),
    currency="RUB",
)


def deal(number: int, **more: Any) -> dict[str, Any]:
    """A deal as ``crm.item.get`` has it, inside ``item``."""
    return {
        "id": number,
        "title": "Заявка с сайта",
        "categoryId": 5,
        "stageId": "C5:NEW",
        "stageSemanticId": "P",
        "contactId": 4,
        "contactIds": [9, 4],
        "companyId": 0,
        "assignedById": 7,
        "opportunity": 12000,
        "currencyId": "RUB",
        "observers": [2, 3],
        "originatorId": None,
        "originId": None,
        "createdTime": "2026-08-01T09:00:00+03:00",
        "updatedTime": "2026-08-02T10:30:00+03:00",
        "movedTime": "2026-08-01T09:00:00+03:00",
        "movedBy": 7,
    } | more


def contact(number: int, **more: Any) -> dict[str, Any]:
    """A contact, inside ``item``."""
    return {
        "id": number,
        "name": "Анна",
        "lastName": "Примерова",
        "secondName": "",
        "assignedById": 7,
        "updatedTime": "2026-08-02T10:30:00+03:00",
        "fm": [
            {"id": 101, "typeId": "PHONE", "valueType": "MOBILE", "value": "8 (900) 000-00-01"},
            {"id": 102, "typeId": "EMAIL", "valueType": "WORK", "value": "anna@clinic.example"},
        ],
    } | more


def found(item: dict[str, Any]) -> dict[str, Any]:
    return {"item": item}


def nested(flat: dict[str, str]) -> dict[str, Any]:
    """Parameters as the portal unfolds them: lists are maps by number."""
    tree: dict[str, Any] = {}
    for name, value in flat.items():
        head, *rest = name.replace("]", "").split("[")
        place = tree
        for step in [head, *rest][:-1]:
            place = place.setdefault(step, {})
        # a reference stands for the id it will be
        place[[head, *rest][-1]] = "1" if value.startswith("$result[") else value
    return {name: _listed(value) for name, value in tree.items()}


class Command(Protocol):
    """One command as it was sent."""

    @property
    def method(self) -> str: ...
    @property
    def params(self) -> Mapping[str, str]: ...


def wrong(batches: Iterable[Iterable[Command]]) -> list[str]:
    """What the vendor's schemas say against calls."""
    return [problem for batch in batches for sent in batch for problem in _problems(sent)]


def _problems(sent: Command) -> list[str]:
    params = nested(dict(sent.params))
    if sent.method not in SPECS and sent.method in NAMES:
        return [f"{sent.method}: {name} is unknown" for name in params.keys() - NAMES[sent.method]]
    return check(sent.method, params)


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    below = {name: _listed(one) for name, one in value.items()}
    return list(below.values()) if list(below) == [str(place) for place in range(len(below))] else below
