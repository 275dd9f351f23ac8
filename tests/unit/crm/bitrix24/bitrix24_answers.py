"""What a portal answers, in the shapes of the contract sheet, and the changes a plan asks for. Invented data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from widget_backend.crm.bitrix24.client import as_map
from widget_backend.crm.model import Action, Change, Kind, Remote, Resource

WEBHOOK = "https://boris.bitrix24.example/rest/1/abc0secret0code/"
HOST = "boris.bitrix24.example"
PAGE = "<!DOCTYPE html><html><body><h1>Portal is being updated</h1></body></html>"


@dataclass(frozen=True)
class Refused:
    """The refusal of one command."""

    code: str
    words: str = "words of the portal"


@dataclass(frozen=True)
class Counted:
    """An answer with its total."""

    value: Any
    total: int


class Silent:
    """No answer to one command: neither a value nor an error, nor a time."""


#: the eight stages of a new pipeline: code, name, place, system, semantics
EIGHT = (
    ("NEW", "Новая", 10, "Y", None),
    ("PREPARATION", "Подготовка документов", 20, "N", None),
    ("PREPAYMENT_INVOICE", "Cчет на предоплату", 30, "N", None),
    ("EXECUTING", "В работе", 40, "N", None),
    ("FINAL_INVOICE", "Финальный счет", 50, "N", None),
    ("WON", "Сделка успешна", 60, "Y", "S"),
    ("LOSE", "Сделка провалена", 70, "Y", "F"),
    ("APOLOGY", "Анализ причины провала", 80, "N", "F"),
)


def status(
    number: int, pipeline: int, code: str, name: str, sort: int, system: str = "N", semantics: Any = None
) -> Any:
    """A row of a pipeline's stages; numbers are text."""
    prefix, directory = (f"C{pipeline}:", f"DEAL_STAGE_{pipeline}") if pipeline else ("", "DEAL_STAGE")
    return {
        "ID": str(number),
        "ENTITY_ID": directory,
        "STATUS_ID": prefix + code,
        "NAME": name,
        "NAME_INIT": name if system == "Y" else "",
        "SORT": str(sort),
        "SYSTEM": system,
        "CATEGORY_ID": str(pipeline),
        "COLOR": "#39A8EF",
        "SEMANTICS": semantics,
    }


def eight(pipeline: int, first: int = 0) -> list[Any]:
    """The stages a new pipeline comes with; their numbers are 101, 102 … of each pipeline."""
    start = first or pipeline * 100 + 1
    return [status(start + place, pipeline, *row) for place, row in enumerate(EIGHT)]


def category(number: int, name: str, sort: int = 500) -> Any:
    """A pipeline."""
    return {
        "id": number,
        "name": name,
        "sort": sort,
        "entityTypeId": 2,
        "isDefault": "N" if number else "Y",
        "originId": "",
        "originatorId": "",
    }


def source(number: int, code: str, name: str, system: str = "N") -> Any:
    """A row of the directory of sources."""
    return {"ID": str(number), "ENTITY_ID": "SOURCE", "STATUS_ID": code, "NAME": name, "SORT": "10", "SYSTEM": system}


def userfield(number: int, name: str, label: str, kind: str = "string", **more: Any) -> Any:
    """A user field as its list tells it."""
    return {
        "ID": str(number),
        "ENTITY_ID": "CRM_DEAL",
        "FIELD_NAME": name,
        "USER_TYPE_ID": kind,
        "XML_ID": None,
        "SORT": "100",
        "MULTIPLE": "N",
        "MANDATORY": "N",
        "SHOW_FILTER": "N",
        "SETTINGS": {},
        "EDIT_FORM_LABEL": label,
        "LIST_COLUMN_LABEL": label,
        "LIST_FILTER_LABEL": label,
    } | more


def create(of: Kind, address: str, parent: str = "", entity: str = "", /, **after: Any) -> Change:
    """A wish to be made."""
    resource = Resource(of, address, after, parent, entity)
    return Change(Action.CREATE, of, address, str(after.get("name", address)), resource, after=after)


def update(remote: Remote, address: str = "", /, **after: Any) -> Change:
    """A difference to be written."""
    given = address or f"{remote.kind}.{remote.id}"
    before = {name: as_map(remote.attributes).get(name) for name in after}
    resource = Resource(remote.kind, given, after, remote.parent, remote.entity)
    return Change(Action.UPDATE, remote.kind, given, remote.name, resource, remote, before, after)


def restore(remote: Remote, /, **after: Any) -> Change:
    """What stood there before the preset."""
    return Change(Action.UPDATE, remote.kind, f"{remote.kind}.{remote.id}", remote.name, None, remote, after=after)


def delete(remote: Remote) -> Change:
    """Something to be removed."""
    return Change(Action.DELETE, remote.kind, f"{remote.kind}.{remote.id}", remote.name, None, remote)
