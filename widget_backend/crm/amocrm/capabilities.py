"""What can be said to amoCRM, and what to do about the rest (amocrm.md §1.1, §3, §8)."""

from __future__ import annotations

from collections.abc import Mapping

from widget_backend.crm.amocrm.judge import VENDOR
from widget_backend.crm.amocrm.words import FIELD_TYPES
from widget_backend.crm.model import Capabilities, Kind
from widget_backend.texts import Text

_WRITES = frozenset({Kind.PIPELINE, Kind.STAGE, Kind.LOSS_REASON, Kind.GROUP, Kind.FIELD, Kind.TAG})
_APPLICATION_WRITES = frozenset({Kind.SUBSCRIPTION, Kind.SOURCE})

_ATTRIBUTES: Mapping[Kind, frozenset[str]] = {
    Kind.PIPELINE: frozenset({"name", "position"}),
    Kind.STAGE: frozenset({"name", "position", "colour", "kind"}),
    Kind.LOSS_REASON: frozenset({"name"}),
    Kind.SOURCE: frozenset({"name"}),
    Kind.TAG: frozenset({"name"}),
    Kind.TASK_TYPE: frozenset({"name"}),
    Kind.GROUP: frozenset({"name", "position"}),
    Kind.FIELD: frozenset({"name", "type", "options", "multiple", "group", "required_at"}),
    Kind.CARD: frozenset({"sections"}),
    Kind.SUBSCRIPTION: frozenset({"events"}),
}

_SYSTEM_FIELDS: Mapping[str, str] = {
    "deal.title": "name",
    "deal.amount": "price",
    "deal.client": "contacts",
    "deal.responsible": "responsible_user_id",
    "deal.utm": "tracking_data",
    "deal.loss_reason": "loss_reason_id",
    "contact.last_name": "last_name",
    "contact.first_name": "first_name",
    "contact.phone": "PHONE",
    "contact.email": "EMAIL",
    "contact.responsible": "responsible_user_id",
}

_MANUAL: Mapping[Kind, Text] = {
    Kind.TASK_TYPE: Text(
        "amoCRM не даёт создать тип задачи через API. Сделайте вручную: «Задачи» → «Добавить задачу» → тип «Другой» → впишите "
        "это название и сохраните. При следующей проверке мы узнаем его по названию.",
        "amoCRM does not let a task type be made through the API. By hand: “Tasks” → “Add task” → type “Other” → enter this "
        "name and save. The next check recognises it by its name.",
    ),
    Kind.CARD: Text(
        "Вкладки и порядок полей уже настроены. Чтобы переставить их: откройте любую карточку → вкладка «Настроить» → "
        "перетащите поля.",
        "The tabs and the order of the fields are set already. To move them: open any card → tab “Settings” → drag the "
        "fields.",
    ),
}

_UNSUPPORTED: Mapping[Kind, Text] = {
    Kind.PLACEMENT: Text(
        "Место в карточке amoCRM даёт только виджет: он появится при установке интеграции.",
        "A place in amoCRM's card comes only with the widget: install the integration.",
    ),
    Kind.ROBOT: Text(
        "Роботов amoCRM через API не поставить: те же правила выполняет наша интеграция; действие виджета можно добавить в "
        "Digital Pipeline вручную.",
        "Robots of amoCRM cannot be set through the API: our integration carries out the same rules; the widget's action can "
        "be added to the Digital Pipeline by hand.",
    ),
    Kind.TRIGGER: Text(
        "Триггеры Digital Pipeline через API не создать: их заменяют правила нашей интеграции.",
        "Triggers of the Digital Pipeline cannot be made through the API: rules of our integration stand in for them.",
    ),
}

_APPLICATION_ONLY: Mapping[Kind, Text] = {
    Kind.SUBSCRIPTION: Text(
        "Подписка на события появится при установке интеграции: по одному токену подписывать некого.",
        "Events are subscribed to when the integration is installed: with a token alone there is nobody to receive them.",
    ),
    Kind.SOURCE: Text(
        "Источники amoCRM появятся при установке интеграции; до этого источник хранит поле-список «Источник».",
        "Sources of amoCRM come with the integration; until then the list field “Source” holds it.",
    ),
}


def capabilities(*, application: bool) -> Capabilities:
    """Over a token alone, or as an installed application."""
    return Capabilities(
        vendor=VENDOR,
        title=Text("amoCRM", "amoCRM"),
        application=application,
        writes=_WRITES | _APPLICATION_WRITES if application else _WRITES,
        attributes=_ATTRIBUTES,
        system_fields=_SYSTEM_FIELDS,
        # a wish for money is a wish for a number here, said by its absence
        field_types=frozenset(FIELD_TYPES) - {"money"},
        manual=_MANUAL,
        unsupported=_UNSUPPORTED if application else {**_UNSUPPORTED, **_APPLICATION_ONLY},
        limits={"pipelines": 50, "stages": 100},
    )
