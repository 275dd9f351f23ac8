"""What can be said to Bitrix24, and what to do about the rest (bitrix24.md §4.2, §4.5, §4.6, §4.12)."""

from __future__ import annotations

from collections.abc import Mapping

from widget_backend.crm.bitrix24.judge import VENDOR
from widget_backend.crm.bitrix24.words import FIELD_TYPES
from widget_backend.crm.model import Capabilities, Kind
from widget_backend.texts import Text

_WRITES = frozenset({Kind.PIPELINE, Kind.STAGE, Kind.SOURCE, Kind.FIELD, Kind.CARD})
_APPLICATION_WRITES = frozenset({Kind.SUBSCRIPTION, Kind.PLACEMENT, Kind.ROBOT, Kind.TRIGGER})

_ATTRIBUTES: Mapping[Kind, frozenset[str]] = {
    Kind.PIPELINE: frozenset({"name", "position"}),
    Kind.STAGE: frozenset({"name", "position", "colour", "kind"}),
    Kind.SOURCE: frozenset({"name"}),
    Kind.FIELD: frozenset({"name", "type", "options", "multiple", "filterable"}),
    Kind.CARD: frozenset({"sections"}),
    Kind.SUBSCRIPTION: frozenset({"events"}),
    Kind.PLACEMENT: frozenset({"name", "spot", "titles"}),
    Kind.ROBOT: frozenset({"name", "description", "properties", "returns"}),
    Kind.TRIGGER: frozenset({"name"}),
}

#: codes of the card editor (§4.7)
_SYSTEM_FIELDS: Mapping[str, str] = {
    "deal.title": "TITLE",
    "deal.amount": "OPPORTUNITY_WITH_CURRENCY",
    "deal.client": "CLIENT",
    "deal.responsible": "ASSIGNED_BY_ID",
    "deal.comment": "COMMENTS",
    "deal.source": "SOURCE_ID",
    "deal.source_details": "SOURCE_DESCRIPTION",
    "deal.utm": "UTM",
    "deal.origin": "ORIGIN_ID",
    "contact.last_name": "LAST_NAME",
    "contact.first_name": "NAME",
    "contact.second_name": "SECOND_NAME",
    "contact.birth_date": "BIRTHDATE",
    "contact.phone": "PHONE",
    "contact.email": "EMAIL",
    "contact.responsible": "ASSIGNED_BY_ID",
    "contact.comment": "COMMENTS",
}

_UNSUPPORTED: Mapping[Kind, Text] = {
    Kind.LOSS_REASON: Text(
        "Справочника причин отказа в Битрикс24 нет: причину хранит поле-список «Причина отказа», оно создаётся.",
        "Bitrix24 has no directory of loss reasons: the list field “Loss reason” holds the reason and is made.",
    ),
    Kind.TAG: Text(
        "Тегов у сделок и контактов в Битрикс24 нет: для этого служат поля и фильтры.",
        "Bitrix24 has no tags on deals and contacts: fields and filters stand in for them.",
    ),
    Kind.TASK_TYPE: Text(
        "Типов задач в CRM Битрикс24 нет: название задачи говорит, что сделать.",
        "Bitrix24 has no task types in its CRM: the title of a task says what to do.",
    ),
    Kind.GROUP: Text(
        "Вкладок полей в карточке Битрикс24 нет: их заменяют разделы карточки, они настраиваются.",
        "Bitrix24 has no tabs of fields: sections of the card stand in for them and are set up.",
    ),
}

_APPLICATION_ONLY: Mapping[Kind, Text] = {
    Kind.SUBSCRIPTION: Text(
        "Подписка на события появится при установке приложения: входящий вебхук её не создаёт.",
        "Events are subscribed to when the application is installed: an incoming webhook cannot do it.",
    ),
    Kind.PLACEMENT: Text(
        "Место в карточке появится при установке приложения: входящий вебхук его не создаёт.",
        "The place in the card comes with the application: an incoming webhook cannot make it.",
    ),
    Kind.ROBOT: Text(
        "Роботы появятся при установке приложения: входящий вебхук их не создаёт.",
        "Robots come with the application: an incoming webhook cannot make them.",
    ),
    Kind.TRIGGER: Text(
        "Триггеры появятся при установке приложения: входящий вебхук их не создаёт.",
        "Triggers come with the application: an incoming webhook cannot make them.",
    ),
}

_NO_ROBOTS = Text(
    "На тарифе этого портала роботов нет: правила выполняет само приложение. При смене тарифа запустите план снова.",
    "This portal's plan has no robots: the application carries out the rules itself. Plan again when the plan changes.",
)

_LOST: Mapping[tuple[Kind, str], Text] = {
    (Kind.FIELD, "required_at"): Text(
        "Битрикс24 не даёт через API требовать поле на этапе. Вручную: карточка сделки → у поля «Настроить» → «Обязательное "
        "поле» → нужные этапы; до этого незаполненное поле найдёт робот приложения.",
        "Bitrix24 does not let a field be required at a stage through the API. By hand: deal card → “Configure” of the field → "
        "“Required” → the stages; until then the application's robot finds an empty field.",
    ),
}


def capabilities(*, application: bool, robots: bool | None = None) -> Capabilities:
    """Over an incoming webhook, or as an installed application. ``robots``: whether the portal's plan has them, if known."""
    unsupported = _UNSUPPORTED if application else {**_UNSUPPORTED, **_APPLICATION_ONLY}
    if application and robots is False:
        unsupported = {**unsupported, Kind.ROBOT: _NO_ROBOTS}
    return Capabilities(
        vendor=VENDOR,
        title=Text("Битрикс24", "Bitrix24"),
        application=application,
        writes=_WRITES | _APPLICATION_WRITES if application else _WRITES,
        attributes=_ATTRIBUTES,
        system_fields=_SYSTEM_FIELDS,
        field_types=frozenset(FIELD_TYPES),
        unsupported=unsupported,
        lost_attributes=_LOST,
    )
