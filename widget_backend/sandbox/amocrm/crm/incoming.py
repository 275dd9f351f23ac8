"""Records as they are written: checked first, then created or changed, with what has changed noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm import values
from widget_backend.sandbox.amocrm.crm.linking import link
from widget_backend.sandbox.amocrm.crm.tagging import named
from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.state import CLOSED, COMPANIES, CONTACTS, LEADS, LOST, Pipeline, Record, Source
from widget_backend.sandbox.amocrm.wire.problems import Issue, missing, not_a_choice, wrong_type
from widget_backend.sandbox.amocrm.wire.validation import is_kind, shaped

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.wire.registry import Call

COMMON = {
    "name": "string?",
    "responsible_user_id": "int?",
    "created_by": "int?",
    "updated_by": "int?",
    "created_at": "int?",
    "updated_at": "int?",
    "tags_to_add": "array?",
    "tags_to_delete": "array?",
    "_embedded": "object?",
}
SHAPES = {
    LEADS: COMMON
    | {"price": "int?", "status_id": "int?", "pipeline_id": "int?", "loss_reason_id": "int?", "closed_at": "int?"},
    CONTACTS: COMMON | {"first_name": "string?", "last_name": "string?"},
    COMPANIES: COMMON,
}

STALE = Issue("InvalidValue", "updated_at", "Last modified date is older than in database")

NAMES = {LEADS: "Сделка #{}", CONTACTS: "Без имени", COMPANIES: "Без названия"}


def issues(call: Call, entity: str, item: dict[str, Any], record: Record | None) -> list[Issue]:
    """What is wrong with a record of a body; ``record`` is the one that a change is of."""
    found = shaped(item, SHAPES[entity])
    if found:
        return found
    account = call.account
    found += [not_a_choice(key) for key in ("responsible_user_id",) if item.get(key) and item[key] not in account.users]
    found += [
        not_a_choice(key) for key in ("created_by", "updated_by") if item.get(key) and item[key] not in account.users
    ]
    if record and is_kind(item.get("updated_at"), "int") and item["updated_at"] < record.updated_at:
        found.append(STALE)
    given, wrong = values.read(account, entity, item.get("custom_fields_values"))
    found += wrong
    found += _tag_issues(account, entity, item)
    if entity == LEADS:
        found += _stage_issues(account, item, record)
        if account.settings.enforce_required and not found:
            found += _required_issues(account, item, record, given)
    return found + ([] if record else _embedded_issues(account, entity, item))


def create(call: Call, entity: str, item: dict[str, Any]) -> Record:
    """A new record from a checked body."""
    account, user = call.account, call.caller.user.id
    now = int(account.now())
    number = account.number(entity, {LEADS: 101_001, CONTACTS: 301_001, COMPANIES: 201_001}[entity], 2)
    record = Record(
        number,
        entity,
        {"name": NAMES[entity].format(number)},
        item.get("created_at") or now,
        item.get("updated_at") or now,
        _or(item.get("created_by"), user),
        _or(item.get("updated_by"), user),
        item.get("responsible_user_id") or user,
    )
    if entity == LEADS:
        source = source_of(account, item)
        record.own |= {"price": 0, "loss_reason_id": None, "closed_at": None, "status_id": 0, "pipeline_id": 0}
        record.own |= {"source_id": source.id if source else None, "priced_by_robot": False}
    if entity == CONTACTS:
        record.own |= {"first_name": "", "last_name": ""}
    account.records[entity][number] = record
    _write(account, record, item)
    account.change(Change(entity, "add", number, record.created_by))
    for other, is_main in _embedded_records(account, item):
        link(account, record, other, record.created_by, is_main)
    return record


def change(call: Call, record: Record, item: dict[str, Any]) -> None:
    """Change a record by a checked body: fields that are not named stay."""
    account = call.account
    before = _photograph(record)
    _write(account, record, item)
    record.updated_by = _or(item.get("updated_by"), call.caller.user.id)
    record.updated_at = item.get("updated_at") or int(account.now())
    _note_changes(account, record, before)


def stage(account: Account, item: dict[str, Any], record: Record | None) -> tuple[Pipeline | None, int | None]:
    """The pipeline and the stage that a body puts a lead on; none where there is no such thing."""
    held = record.own["pipeline_id"] if record else _home(account, item)
    pipeline = account.pipelines.get(item.get("pipeline_id") or held)
    if pipeline is None:
        return None, None
    status_id = item.get("status_id")
    if not status_id:
        stays = record is not None and pipeline.id == held
        return pipeline, record.own["status_id"] if stays and record else pipeline.first.id
    status = pipeline.statuses.get(status_id)
    moves = record is None or record.own["status_id"] != status_id
    return pipeline, None if status is None or (status.type == 1 and moves) else status_id


def _home(account: Account, item: dict[str, Any]) -> int:
    """The pipeline of a new lead that names none: its source's, or the main one."""
    source = source_of(account, item)
    return source.pipeline_id if source else account.main_pipeline.id


def source_of(account: Account, item: dict[str, Any]) -> Source | None:
    """The source that a new lead's body names by its external id."""
    given = (item.get("_embedded") or {}).get("source")
    external = given.get("external_id") if isinstance(given, dict) else None
    live = (each for each in account.sources.values() if not each.deleted)
    return next((each for each in live if external and each.external_id == external), None)


def _write(account: Account, record: Record, item: dict[str, Any]) -> None:
    own = record.own
    if item.get("name") is not None:
        own["name"] = item["name"]
    if record.entity == CONTACTS:
        _write_name(own, item)
    if record.entity == LEADS:
        _write_lead(account, record, item)
    record.responsible_user_id = item.get("responsible_user_id") or record.responsible_user_id
    record.created_at = item.get("created_at") or record.created_at
    given, _ = values.read(account, record.entity, item.get("custom_fields_values"))
    record.values = {key: kept for key, kept in (record.values | given).items() if kept}
    _write_tags(account, record, item)


def _write_name(own: dict[str, Any], item: dict[str, Any]) -> None:
    """A contact's full name and its two parts keep in step."""
    if item.get("first_name") is not None or item.get("last_name") is not None:
        own["first_name"] = _or(item.get("first_name"), own["first_name"])
        own["last_name"] = _or(item.get("last_name"), own["last_name"])
        if item.get("name") is None:
            own["name"] = f"{own['first_name']} {own['last_name']}".strip()
    elif item.get("name") is not None:
        own["first_name"], _, own["last_name"] = item["name"].partition(" ")


def _write_lead(account: Account, record: Record, item: dict[str, Any]) -> None:
    own = record.own
    pipeline, status_id = stage(account, item, record if own["pipeline_id"] else None)
    assert pipeline is not None and status_id is not None  # checked before
    was_closed, is_closed = own["status_id"] in CLOSED, status_id in CLOSED
    own["pipeline_id"], own["status_id"] = pipeline.id, status_id
    own["priced_by_robot"] = item.get("updated_by") == 0 if item.get("price") is not None else own["priced_by_robot"]
    own["price"] = _or(item.get("price"), own["price"])
    if is_closed != was_closed:
        own["closed_at"] = int(account.now()) if is_closed else None
    own["closed_at"] = item.get("closed_at") or own["closed_at"]
    if "loss_reason_id" in item:
        own["loss_reason_id"] = item["loss_reason_id"]
    if status_id != LOST:
        own["loss_reason_id"] = None


def _write_tags(account: Account, record: Record, item: dict[str, Any]) -> None:
    embedded = item.get("_embedded") or {}
    if "tags" in embedded:
        record.tags = [_tag(account, record.entity, each) for each in embedded["tags"] or []]
    record.tags += [_tag(account, record.entity, each) for each in item.get("tags_to_add") or []]
    gone = {_tag(account, record.entity, each) for each in item.get("tags_to_delete") or []}
    record.tags = [number for number in dict.fromkeys(record.tags) if number not in gone]


def _tag(account: Account, entity: str, given: dict[str, Any]) -> int:
    return given["id"] if given.get("id") is not None else named(account, entity, given["name"]).id


def _photograph(record: Record) -> dict[str, Any]:
    return {
        "own": dict(record.own),
        "values": dict(record.values),
        "tags": list(record.tags),
        "responsible_user_id": record.responsible_user_id,
    }


def _note_changes(account: Account, record: Record, before: dict[str, Any]) -> None:
    old, by = before["own"], record.updated_by
    changed: dict[str, Any] = {key: old[key] for key in ("name", "price") if key in old and old[key] != record.own[key]}
    numbers = before["values"].keys() | record.values.keys()
    fields = {n: before["values"].get(n, []) for n in numbers if before["values"].get(n) != record.values.get(n)}
    changed |= {"values": fields} if fields else {}
    changed |= {"tags": before["tags"]} if before["tags"] != record.tags else {}
    place = {key: old[key] for key in ("status_id", "pipeline_id") if key in old}
    if any(record.own[key] != value for key, value in place.items()):
        account.change(Change(record.entity, "status", record.id, by, place))
    if before["responsible_user_id"] != record.responsible_user_id:
        owner = {"responsible_user_id": before["responsible_user_id"]}
        account.change(Change(record.entity, "responsible", record.id, by, owner))
    account.change(Change(record.entity, "update", record.id, by, changed))


def _stage_issues(account: Account, item: dict[str, Any], record: Record | None) -> list[Issue]:
    pipeline, status_id = stage(account, item, record)
    if pipeline is None:
        return [not_a_choice("pipeline_id")]
    found = [not_a_choice("status_id")] if status_id is None else []
    if record is None and (item.get("_embedded") or {}).get("source") and source_of(account, item) is None:
        found.append(not_a_choice("_embedded.source.external_id"))
    reason = item.get("loss_reason_id")
    return found + ([not_a_choice("loss_reason_id")] if reason and reason not in account.loss_reasons else [])


def _required_issues(
    account: Account, item: dict[str, Any], record: Record | None, given: dict[int, list[dict[str, Any]]]
) -> list[Issue]:
    pipeline, status_id = stage(account, item, record)
    place = {"pipeline_id": pipeline.id if pipeline else 0, "status_id": status_id}
    filled = (record.values if record else {}) | given
    empty = [
        field for field in account.fields_of(LEADS) if place in field.required_statuses and not filled.get(field.id)
    ]
    return [missing(f"custom_fields_values.{field.id}") for field in empty]


def _tag_issues(account: Account, entity: str, item: dict[str, Any]) -> list[Issue]:
    found = []
    embedded = item.get("_embedded") or {}
    for path, given in (
        ("_embedded.tags", embedded.get("tags")),
        ("tags_to_add", item.get("tags_to_add")),
        ("tags_to_delete", item.get("tags_to_delete")),
    ):
        for index, each in enumerate(given or []):
            if not isinstance(each, dict) or not each.keys() & {"id", "name"}:
                found.append(missing(f"{path}.{index}.name"))
            elif each.get("id") is not None and each["id"] not in account.tags[entity]:
                found.append(not_a_choice(f"{path}.{index}.id"))
    return found


def _embedded_issues(account: Account, entity: str, item: dict[str, Any]) -> list[Issue]:
    found = []
    for name in (CONTACTS, COMPANIES):
        given = (item.get("_embedded") or {}).get(name) or []
        if name == COMPANIES and len(given) > 1:
            found.append(wrong_type(f"_embedded.{name}", "single"))
        for index, each in enumerate(given):
            number = each.get("id") if isinstance(each, dict) else None
            known = account.records[name].get(number) if isinstance(number, int) else None
            if known is None or known.is_deleted or name == entity:
                found.append(not_a_choice(f"_embedded.{name}.{index}.id"))
    return found


def _embedded_records(account: Account, item: dict[str, Any]) -> list[tuple[Record, bool | None]]:
    embedded = item.get("_embedded") or {}
    rows = [(name, each) for name in (CONTACTS, COMPANIES) for each in embedded.get(name) or []]
    return [(account.records[name][each["id"]], each.get("is_main")) for name, each in rows]


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value
