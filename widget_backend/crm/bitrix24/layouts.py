"""Cards: the common layout of a pipeline's deals and of contacts, read and written (bitrix24.md §4.7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from widget_backend.crm.bitrix24 import words
from widget_backend.crm.bitrix24.client import Inner, rows
from widget_backend.crm.model import Kind, Remote, Section, Value

Layout = Sequence[Mapping[str, Any]]

_METHOD = "crm.item.details.configuration"
#: the layout for everybody; any other word means a personal one
_COMMON = "C"
#: shown even while it is empty
_ALWAYS = 1


def card_id(entity: str, pipeline_id: str = "") -> str:
    """The id of a card: of a pipeline's deals, or of contacts."""
    return f"{entity}:{pipeline_id}" if entity == "deal" else entity


def get(entity: str, pipeline_id: str = "") -> Inner:
    """Read one layout."""
    return Inner(f"{_METHOD}.get", {**_whose(entity, pipeline_id), "scope": _COMMON})


def put(entity: str, pipeline_id: str, sections: Value, now: Layout = ()) -> Inner:
    """Write one layout. ``now``: what is there; what we do not speak of (flags, options, names of sections) stays so."""
    wanted = [s for s in sections if isinstance(s, Section)] if isinstance(sections, tuple) else []
    data = _data(wanted, now)
    return Inner(f"{_METHOD}.set", {**_whose(entity, pipeline_id), "scope": _COMMON, "data": data})


def enforce(entity: str, pipeline_id: str) -> Inner:
    """Let everybody see the common layout, those with a personal one too."""
    return Inner(f"{_METHOD}.forceCommonScopeForAll", _whose(entity, pipeline_id))


def reset(entity: str, pipeline_id: str) -> Inner:
    """Back to the vendor's layout."""
    return Inner(f"{_METHOD}.reset", {**_whose(entity, pipeline_id), "scope": _COMMON})


def layout(answer: object) -> Layout:
    """The sections of an answer; newer portals wrap them in columns. Empty where nobody has set any."""
    found: list[Mapping[str, Any]] = []
    for row in rows(answer):
        found += layout(row.get("elements")) if row.get("type") == "column" else [row]
    return found


def card(entity: str, pipeline_id: str, shown: Layout) -> Remote:
    """One card as it is."""
    sections = tuple(
        Section(str(row.get("title") or ""), tuple(str(e.get("name")) for e in rows(row.get("elements"))))
        for row in shown
    )
    return Remote(Kind.CARD, card_id(entity, pipeline_id), {"sections": sections}, parent=pipeline_id, entity=entity)


def _whose(entity: str, pipeline_id: str) -> dict[str, Any]:
    whose: dict[str, Any] = {"entityTypeId": words.ENTITY_TYPES[entity]}
    return whose | ({"extras": {"dealCategoryId": pipeline_id}} if entity == "deal" else {})


def _data(sections: Iterable[Section], now: Layout) -> list[dict[str, Any]]:
    left = list(now)
    elements = {str(e.get("name")): e for row in now for e in rows(row.get("elements"))}
    names = {str(row.get("name")) for row in now}
    data = []
    for ordinal, section in enumerate(sections, 1):
        before = next((row for row in left if row.get("title") == section.title), None)
        if before is not None:
            left.remove(before)
        name = str(before["name"]) if before and before.get("name") else _free_name(ordinal, names)
        placed = [_element(str(field), elements.get(str(field))) for field in section.fields]
        data.append({"name": name, "title": section.title, "type": "section", "elements": placed})
    return data


def _free_name(ordinal: int, names: set[str]) -> str:
    while (name := f"dent_{ordinal}") in names:
        ordinal += 1
    names.add(name)
    return name


def _element(name: str, before: Mapping[str, Any] | None) -> dict[str, Any]:
    if before is None:
        return {"name": name, "optionFlags": _ALWAYS}
    options = before.get("options")
    element = {"name": name, "optionFlags": before.get("optionFlags", 0)}
    return element | ({"options": options} if isinstance(options, dict) and options else {})
