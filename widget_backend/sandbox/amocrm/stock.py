"""What a fresh account has: users, the main pipeline, predefined fields and tabs, task types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widget_backend.sandbox.amocrm.state import (
    COMPANIES,
    CONTACTS,
    ENTITIES,
    LEADS,
    LOST,
    WON,
    CustomField,
    Enum,
    FieldGroup,
    Pipeline,
    Role,
    Status,
    User,
)

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

ADMIN, MANAGER = 500, 507

LANGUAGES = ("ru", "en")

UNSORTED = ("Неразобранное", "Incoming leads")
CLOSED_WON = ("Успешно реализовано", "Closed - won")
CLOSED_LOST = ("Закрыто и не реализовано", "Closed - lost")
PIPELINE = ("Воронка", "Pipeline")

UNSORTED_COLOR, WON_COLOR, LOST_COLOR = "#c1c1c1", "#CCFF66", "#D5D8DB"

#: names and colour; reading may give colours that writing refuses
STAGES = (
    (("Первичный контакт", "Initial contact"), "#99ccff"),
    (("Переговоры", "Discussions"), "#ffff99"),
    (("Принимают решение", "Decision making"), "#ffcc66"),
    (("Согласование договора", "Contract discussion"), "#ffcccc"),
)

WON_SORT, LOST_SORT = 10_000, 11_000

GROUPS = (("default", ("Основное", "Main"), ENTITIES), ("statistic", ("Статистика", "Statistics"), (LEADS,)))

TRACKING = (
    "utm_content",
    "utm_medium",
    "utm_campaign",
    "utm_source",
    "utm_term",
    "utm_referrer",
    "roistat",
    "referrer",
    "openstat_service",
    "openstat_campaign",
    "openstat_ad",
    "openstat_source",
    "from",
    "gclientid",
    "_ym_uid",
    "_ym_counter",
    "gclid",
    "yclid",
    "fbclid",
)

PHONE_ENUMS = ("WORK", "WORKDD", "MOB", "FAX", "HOME", "OTHER")
EMAIL_ENUMS = ("WORK", "PRIV", "OTHER")

#: entity -> code, names, type, options
PREDEFINED: dict[str, tuple[tuple[str, tuple[str, str], str, tuple[str, ...]], ...]] = {
    CONTACTS: (
        ("POSITION", ("Должность", "Position"), "text", ()),
        ("PHONE", ("Телефон", "Phone"), "multitext", PHONE_ENUMS),
        ("EMAIL", ("Email", "Email"), "multitext", EMAIL_ENUMS),
    ),
    COMPANIES: (
        ("PHONE", ("Телефон", "Phone"), "multitext", PHONE_ENUMS),
        ("EMAIL", ("Email", "Email"), "multitext", EMAIL_ENUMS),
        ("WEB", ("Web", "Web"), "url", ()),
        ("ADDRESS", ("Адрес", "Address"), "textarea", ()),
    ),
}

TASK_TYPES = ((1, ("Связаться", "Follow-up"), "FOLLOW_UP"), (2, ("Встреча", "Meeting"), "MEETING"))


def word(account: Account, words: tuple[str, str]) -> str:
    """The word in the account's language."""
    return words[LANGUAGES.index(account.language)] if account.language in LANGUAGES else words[1]


def furnish(account: Account) -> None:
    """Put everything a fresh account has into an empty one."""
    account.users[ADMIN] = User(ADMIN, "Анна Админова", "admin@clinic.example", is_admin=True)
    account.users[MANAGER] = User(MANAGER, "Мария Менеджерова", "manager@clinic.example", role_id=71)
    account.roles[71] = Role(71, word(account, ("Менеджер", "Manager")))
    account.users_groups = [{"id": 0, "name": word(account, ("Отдел продаж", "Sales")), "uuid": None}]
    account.task_types = [
        {"id": number, "name": word(account, names), "color": None, "icon_id": None, "code": code}
        for number, names, code in TASK_TYPES
    ]
    pipeline = new_pipeline(account, word(account, PIPELINE), 1)
    pipeline.is_main = True
    for index, (names, color) in enumerate(STAGES, start=2):
        add_stage(account, pipeline, word(account, names), index * 10, color)
    for group_id, names, entities in GROUPS:
        for entity in entities:
            sort = len(account.groups[entity])
            account.groups[entity][group_id] = FieldGroup(group_id, entity, word(account, names), sort, True)
    _fields(account)


def new_pipeline(account: Account, name: str, sort: int) -> Pipeline:
    """A pipeline with its three system stages."""
    pipeline = Pipeline(account.number("pipeline", 9001, 8), name, sort)
    unsorted = account.number("status", 70001, 4)
    rows = (
        Status(unsorted, pipeline.id, word(account, UNSORTED), 10, UNSORTED_COLOR, 1, False),
        Status(WON, pipeline.id, word(account, CLOSED_WON), WON_SORT, WON_COLOR, 0, False),
        Status(LOST, pipeline.id, word(account, CLOSED_LOST), LOST_SORT, LOST_COLOR, 0, False),
    )
    pipeline.statuses = {row.id: row for row in rows}
    account.pipelines[pipeline.id] = pipeline
    return pipeline


def add_stage(account: Account, pipeline: Pipeline, name: str, sort: int, color: str) -> Status:
    """A working stage of a pipeline."""
    status = Status(account.number("status", 70001, 4), pipeline.id, name, sort, color)
    pipeline.statuses[status.id] = status
    return status


def _fields(account: Account) -> None:
    for entity, rows in PREDEFINED.items():
        for index, (code, names, kind, options) in enumerate(rows):
            field = _field(account, entity, word(account, names), kind, code, 500 + index)
            for at, option in enumerate(options):
                number = account.number("enum", 51001, 2)
                field.enums[number] = Enum(number, option, at, option)
    for index, name in enumerate(TRACKING):
        field = _field(account, LEADS, name, "tracking_data", name.upper(), 500 + index)
        field.group_id = "statistic"


def _field(account: Account, entity: str, name: str, kind: str, code: str, sort: int) -> CustomField:
    field = CustomField(account.number("field", 31001, 2), entity, name, kind, code, sort, is_predefined=True)
    account.fields[entity][field.id] = field
    return field
