"""Items as the two APIs write them: numbers and lists in ``crm.item.*``, text in ``crm.deal.*`` and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm.entities import MULTI, STANDARD, WITH_MULTI, uf_entity
from widget_backend.sandbox.bitrix24.crm.names import shown_names
from widget_backend.sandbox.bitrix24.crm.values import number_text, uf_item, uf_legacy

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

#: fields that the older API does not write
NOT_LEGACY = frozenset({"contactIds", "companyIds", "observers", "previousStageId", "webformId"})


def item_shown(portal: Portal, item: dict[str, Any], original: Any, select: list[str] | None = None) -> dict[str, Any]:
    """An item of ``crm.item.*``; multi-fields only when everything is asked for."""
    entity_type = item["entityTypeId"]
    row = {name: item.get(name) for name in STANDARD[entity_type]}
    fields = {field.name: field for field in portal.fields_of(uf_entity(entity_type))}
    for name, shown in shown_names(fields, original).items():
        row[shown] = uf_item(fields[name], item.get(name))
    if entity_type in WITH_MULTI:
        row["fm"] = [dict(each) for each in item["fm"]]
    row["entityTypeId"] = entity_type
    if select is None or "*" in select:
        return row
    return {name: row[name] for name in select if name in row and name != "fm"}


def legacy_shown(portal: Portal, item: dict[str, Any], select: list[str] | None = None) -> dict[str, Any]:
    """A row of the older API; user fields and multi-fields of a list only when asked for."""
    entity_type = item["entityTypeId"]
    standard = {
        field.legacy: _text(item.get(name), field.type)
        for name, field in STANDARD[entity_type].items()
        if name not in NOT_LEGACY
    }
    own = {field.name: uf_legacy(field, item.get(field.name)) for field in portal.fields_of(uf_entity(entity_type))}
    multi = _multi(item) if entity_type in WITH_MULTI else {}
    if select is None:
        return standard | own | multi
    wanted = select or ["*"]
    row = standard if "*" in wanted else {name: standard[name] for name in ("ID", *wanted) if name in standard}
    row |= {name: value for name, value in own.items() if name in wanted or "UF_*" in wanted}
    return row | {name: value for name, value in multi.items() if name in wanted}


def _text(value: Any, kind: str) -> Any:
    if value is None or isinstance(value, str):
        return value
    if kind == "double":
        return f"{value:.2f}"
    return number_text(value)


def _multi(item: dict[str, Any]) -> dict[str, Any]:
    """Multi-fields by kind; a kind without values is left out."""
    kinds: dict[str, list[dict[str, str]]] = {kind: [] for kind in MULTI}
    for row in item["fm"]:
        kinds.setdefault(row["typeId"], []).append(
            {"ID": str(row["id"]), "VALUE_TYPE": row["valueType"], "VALUE": row["value"], "TYPE_ID": row["typeId"]}
        )
    return {kind: rows for kind, rows in kinds.items() if rows}
