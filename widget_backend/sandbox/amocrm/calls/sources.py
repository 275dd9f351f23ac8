"""``/sources``: where leads come from; an integration sees its own, and needs a widget that may have some."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.state import Source
from widget_backend.sandbox.amocrm.wire.hal import listing, whole
from widget_backend.sandbox.amocrm.wire.problems import (
    Issue,
    forbidden,
    impossible,
    missing,
    not_a_choice,
    not_found,
    too_long,
)
from widget_backend.sandbox.amocrm.wire.query import values
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import batch, is_kind, optional, shaped, validated

BASE = "/sources"
ONE = BASE + "/<int:source_id>"

MOST_SOURCES = 50
MOST_EXTERNAL_ID = 36

SHAPE = {
    "name": "string*",
    "external_id": "string*",
    "pipeline_id": "int?",
    "default": "bool?",
    "origin_code": "string?",
    "services": "array?",
}


@route("GET", BASE, admin=True)
def get_all(call: Call) -> Answer:
    """The sources of the calling integration."""
    call.expect(("external_id",), ())
    wanted = values(call.filter.get("external_id"))
    rows = [source for source in _own(call) if not wanted or source.external_id in wanted]
    return listing(call, "sources", rows, lambda source: model(call, source), total=True)


@route("GET", ONE, admin=True)
def get(call: Call, source_id: int) -> Answer:
    """One source of the calling integration."""
    return Answer(model(call, _source_of(call, source_id)))


@route("POST", BASE, admin=True)
def add(call: Call) -> Answer:
    """Create sources; one deleted before comes back under its old id."""
    rows = batch(call, MOST_SOURCES)
    taken = {source.external_id for source in _own(call)}
    validated(rows, lambda item: _issues(call, item, SHAPE) + _taken(item, taken))
    if len(_own(call)) + len(rows) > MOST_SOURCES:
        raise impossible(f"Limit {MOST_SOURCES} sources per integration")
    made = [(row.request_id, _create(call, row.item)) for row in rows]
    return whole(call, "sources", [model(call, source) | {"request_id": key} for key, source in made])


@route("PATCH", BASE, admin=True)
def change(call: Call) -> Answer:
    """Change sources; the external id stays."""
    rows = batch(call, MOST_SOURCES)
    own = {source.id: source for source in _own(call)}

    def check(item: dict[str, Any]) -> list[Issue]:
        if not is_kind(item.get("id"), "int"):
            return [missing("id")]
        return _issues(call, item, optional(SHAPE)) if item["id"] in own else [not_a_choice("id")]

    validated(rows, check)
    for row in rows:
        _apply(own[row.item["id"]], row.item)
    models = [model(call, own[row.item["id"]]) | {"request_id": row.request_id} for row in rows]
    return whole(call, "sources", models)


@route("DELETE", BASE, admin=True)
def delete_many(call: Call) -> Answer:
    """Delete the sources whose ids the body has."""
    for row in batch(call, MOST_SOURCES):
        _source_of(call, row.item.get("id")).deleted = True
    return NOTHING


@route("DELETE", ONE, admin=True)
def delete(call: Call, source_id: int) -> Answer:
    """Delete one source."""
    _source_of(call, source_id).deleted = True
    return NOTHING


def model(call: Call, source: Source) -> dict[str, Any]:
    """A source."""
    return {
        "id": source.id,
        "name": source.name,
        "pipeline_id": source.pipeline_id,
        "external_id": source.external_id,
        "default": source.default,
        "origin_code": source.origin_code,
        "services": source.services,
        "_links": call.href(f"/sources/{source.id}"),
    }


def _own(call: Call) -> list[Source]:
    """The live sources of the caller; raises a 403 for an integration that may have none."""
    if not (call.caller.integration.lead_sources or call.account.settings.lead_sources):
        raise forbidden("Widget without the lead_sources location")
    client_id = call.caller.integration.client_id
    return [each for each in call.account.sources.values() if each.client_id == client_id and not each.deleted]


def _source_of(call: Call, source_id: Any) -> Source:
    found = next((source for source in _own(call) if source.id == source_id), None)
    if found is None:
        raise not_found("Source not found")
    return found


def _issues(call: Call, item: dict[str, Any], shape: dict[str, str]) -> list[Issue]:
    issues = shaped(item, shape)
    pipeline = item.get("pipeline_id")
    if is_kind(pipeline, "int") and pipeline not in call.account.pipelines:
        issues.append(not_a_choice("pipeline_id"))
    if isinstance(item.get("external_id"), str) and len(item["external_id"]) > MOST_EXTERNAL_ID:
        issues.append(too_long("external_id", MOST_EXTERNAL_ID))
    return issues


def _taken(item: dict[str, Any], taken: set[str]) -> list[Issue]:
    external = item.get("external_id")
    if not isinstance(external, str) or external not in taken:
        taken.add(str(external))
        return []
    return [Issue("SourceAlreadyExists", "external_id", "Source with this external_id already exists.")]


def _create(call: Call, item: dict[str, Any]) -> Source:
    client_id, external = call.caller.integration.client_id, item["external_id"]
    every = call.account.sources.values()
    source = next((each for each in every if (each.client_id, each.external_id) == (client_id, external)), None)
    if source is None:
        main = call.account.main_pipeline.id
        source = Source(call.account.number("source", 12_001, 3), client_id, item["name"], external, main)
        call.account.sources[source.id] = source
    source.deleted = False
    _apply(source, item)
    return source


def _apply(source: Source, item: dict[str, Any]) -> None:
    source.name = item.get("name", source.name)
    source.pipeline_id = item.get("pipeline_id") or source.pipeline_id
    source.default = bool(item.get("default", source.default))
    source.origin_code = item.get("origin_code", source.origin_code)
    source.services = item.get("services") or source.services
