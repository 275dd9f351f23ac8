"""Custom fields as they are checked and shown: types by entity, options, tabs, stages where they are required."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS, CustomField, Enum
from widget_backend.sandbox.amocrm.wire.problems import Issue, missing, not_a_choice, wrong_type
from widget_backend.sandbox.amocrm.wire.validation import is_kind, shaped

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.wire.registry import Call

COMMON = frozenset(
    [
        "text",
        "numeric",
        "textarea",
        "url",
        "checkbox",
        "select",
        "multiselect",
        "radiobutton",
        "date",
        "date_time",
        "streetaddress",
        "smart_address",
        "birthday",
        "legal_entity",
        "monetary",
        "file",
    ]
)
#: entity -> types that can be created there
TYPES = {LEADS: COMMON | {"tracking_data", "chained_list"}, CONTACTS: COMMON, COMPANIES: COMMON}

SUPER_FIELDS = frozenset({"monetary", "chained_list"})
LISTS = frozenset({"select", "multiselect", "radiobutton"})

#: the tab that is also called null
MAIN_GROUP = "default"

REMINDS = ("never", "day", "week", "month")

SHAPE = {
    "name": "string*",
    "type": "string*",
    "code": "string?",
    "sort": "int?",
    "group_id": "string?",
    "is_api_only": "bool?",
    "enums": "array?",
    "required_statuses": "array?",
    "hidden_statuses": "array?",
    "remind": "string?",
    "currency": "string?",
    "tracking_callback": "string?",
    "chained_lists": "array?",
}
#: the vendor's page marks the name as required in a change, too; the type is not changed
CHANGE = {key: word for key, word in SHAPE.items() if key != "type"}

ENUM = {"value": "string*", "sort": "int*", "id": "int?", "code": "string?"}
STATUS_PAIR = {"pipeline_id": "int*", "status_id": "int*"}

#: keys that only some types have, kept as they came
EXTRA = ("remind", "currency", "tracking_callback", "chained_lists")


def issues(account: Account, entity: str, item: dict[str, Any], known: CustomField | None) -> list[Issue]:
    """What is wrong with a field of a body; ``known`` is the field that a change is of."""
    found = shaped(item, CHANGE if known else SHAPE)
    kind = known.type if known else item.get("type")
    if isinstance(kind, str) and not known and not _may_create(account, entity, kind):
        found.append(not_a_choice("type"))
    code = item.get("code")
    if code and any(each.code == code and each is not known for each in account.fields[entity].values()):
        found.append(not_a_choice("code"))
    group = item.get("group_id")
    if isinstance(group, str) and group not in account.groups[entity]:
        found.append(not_a_choice("group_id"))
    if item.get("remind") is not None and item["remind"] not in REMINDS:
        found.append(not_a_choice("remind"))
    if kind in LISTS:
        found += _enum_issues(item, known)
    for name in ("required_statuses", "hidden_statuses"):
        found += _status_issues(account, item.get(name), name)
    return found


def apply(account: Account, field: CustomField, item: dict[str, Any]) -> None:
    """Write the checked keys of a body into a field."""
    field.name = item.get("name", field.name)
    field.code = item.get("code", field.code) or None
    field.sort = field.sort if item.get("sort") is None else item["sort"]
    if "group_id" in item:
        field.group_id = None if item["group_id"] in (None, MAIN_GROUP) else item["group_id"]
    field.is_api_only = bool(item.get("is_api_only", field.is_api_only))
    for name in ("required_statuses", "hidden_statuses"):
        if name in item:
            setattr(field, name, [_pair(each) for each in item[name] or []])
    if field.type in LISTS and item.get("enums") is not None:
        field.enums = _enums(account, field, item["enums"])
    field.extra |= {key: item[key] for key in EXTRA if key in item}


def model(call: Call, field: CustomField) -> dict[str, Any]:
    """A field."""
    enums = [vars(each) for each in sorted(field.enums.values(), key=lambda each: (each.sort, each.id))]
    return {
        "id": field.id,
        "name": field.name,
        "type": field.type,
        "account_id": call.account.id,
        "code": field.code,
        "sort": field.sort,
        "is_api_only": field.is_api_only,
        "enums": enums or None,
        "group_id": field.group_id,
        "required_statuses": field.required_statuses,
        "hidden_statuses": field.hidden_statuses,
        "is_deletable": not field.is_predefined,
        "is_predefined": field.is_predefined,
        "entity_type": field.entity,
        "remind": field.extra.get("remind"),
        "currency": field.extra.get("currency"),
        "tracking_callback": field.extra.get("tracking_callback"),
        "chained_lists": field.extra.get("chained_lists"),
        "triggers": [],
        "nested": None,
        "search_in": None,
        "is_computed": False,
        "_links": call.href(f"/{field.entity}/custom_fields/{field.id}"),
    }


def _may_create(account: Account, entity: str, kind: str) -> bool:
    return kind in TYPES[entity] and (account.settings.super_fields or kind not in SUPER_FIELDS)


def _enum_issues(item: dict[str, Any], known: CustomField | None) -> list[Issue]:
    given = item.get("enums")
    if not isinstance(given, list):
        return [] if "enums" in item and given is not None else [missing("enums")]
    found = []
    for index, each in enumerate(given):
        path = f"enums.{index}"
        if not isinstance(each, dict):
            found.append(wrong_type(path, "object"))
            continue
        found += [issue.under(path) for issue in shaped(each, ENUM)]
        number = each.get("id")
        if number is not None and (known is None or number not in known.enums):
            found.append(not_a_choice(f"{path}.id"))
    return found


def _status_issues(account: Account, given: Any, name: str) -> list[Issue]:
    found = []
    for index, pair in enumerate(given if isinstance(given, list) else []):
        path = f"{name}.{index}"
        if not isinstance(pair, dict):
            found.append(wrong_type(path, "object"))
            continue
        wrong = shaped(pair, STATUS_PAIR)
        pipeline = account.pipelines.get(pair["pipeline_id"]) if not wrong else None
        if not wrong and pipeline is None:
            wrong = [not_a_choice("pipeline_id")]
        elif pipeline is not None and pair["status_id"] not in pipeline.statuses:
            wrong = [not_a_choice("status_id")]
        found += [issue.under(path) for issue in wrong]
    return found


def _enums(account: Account, field: CustomField, given: list[dict[str, Any]]) -> dict[int, Enum]:
    """The options of a body: those with an id live on, those without one are new, the rest is gone."""
    kept = {}
    for each in given:
        number = each["id"] if is_kind(each.get("id"), "int") else account.number("enum", 51001, 2)
        old = field.enums.get(number)
        kept[number] = Enum(number, each["value"], each["sort"], each.get("code", old.code if old else None))
    return kept


def _pair(given: dict[str, Any]) -> dict[str, int]:
    return {name: given[name] for name in STATUS_PAIR}
