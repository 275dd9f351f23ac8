"""Permissions: what the cards of both markets ask for and why; the list itself comes from the vendors' folders."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from installer import preset as presets
from widget_backend import widget
from widget_backend.crm.registry import VENDORS
from widget_backend.texts import Text

#: vendor -> scope -> its name in the card, and what for
WHY: Final[Mapping[str, Mapping[str, tuple[Text, Text]]]] = {
    "bitrix24": {
        "crm": (
            Text("CRM", "CRM"),
            Text(
                "воронки, этапы, поля и карточки при установке; сделки, контакты, дела и комментарии в работе",
                "pipelines, stages, fields and cards in the set-up; deals, contacts, to-dos and comments at work",
            ),
        ),
        "placement": (
            Text("Встраивание приложений", "Embedding of applications"),
            Text(
                "панель во вкладке сделки, кнопки в карточке и списке, пункт меню",
                "the panel in a deal's tab, buttons in card and list, an item of the menu",
            ),
        ),
        "bizproc": (
            Text("Бизнес-процессы", "Workflows"),
            Text(
                "роботы «Маршрутизировать пациента», «Скопировать сделку» и другие, шаблоны ожиданий",
                "the robots “Route the patient”, “Copy the deal” and others, templates that wait",
            ),
        ),
        "user_brief": (
            Text("Пользователи (минимальный)", "Users (minimal)"),
            Text(
                "имя, должность и отдел сотрудника, чтобы назначить ответственного; без почты и телефонов",
                "name, position and department of an employee, to choose who is responsible; no mail, no phones",
            ),
        ),
        "department": (
            Text("Структура компании", "Company structure"),
            Text("названия отделов в списке сотрудников", "names of departments in the list of employees"),
        ),
        "im": (
            Text("Чат и уведомления", "Chat and notifications"),
            Text(
                "уведомление сотруднику, когда правило просит его вмешаться",
                "a notice to an employee where a rule asks him to step in",
            ),
        ),
    },
    "amocrm": {
        "crm": (
            Text("Доступ к данным аккаунта", "Access to the account's data"),
            Text(
                "воронки, этапы и поля при установке; сделки, контакты, задачи и примечания в работе; вебхуки",
                "pipelines, stages and fields in the set-up; deals, contacts, tasks and notes at work; webhooks",
            ),
        ),
    },
}
NEEDED: Final = Text("без него приложение не работает", "nothing works without it")
OPTIONAL: Final = Text("без него остальное работает", "the rest works without it")
HEAD: Final = (
    Text("Право", "Permission"),
    Text("Название в карточке", "Its name in the card"),
    Text("Зачем", "What for"),
    Text("Нужно ли", "Is it needed"),
)
PLACES_HEAD: Final = (Text("Место", "Place"), Text("Что в нём", "What is there"))
PLACES: Final = Text("Места встраивания", "Places")
RIGHTS: Final = Text(
    "Устанавливает администратор CRM. Остальные сотрудники смотрят, действуют по ролям, которые назначит администратор.",
    "An administrator of the CRM installs it. Other employees look, and act by the roles that the administrator gives.",
)
#: places of the amoCRM widget -> what is in them
LOCATIONS: Final[Mapping[str, Text]] = {
    "lcard-1": Text("маршрут и кнопки в карточке сделки", "route and buttons in a deal's card"),
    "llist-0": Text("копирование отмеченных сделок", "copies of the deals that are ticked"),
    "settings": Text("согласие и подключение", "consent and connection"),
    "advanced_settings": Text("мастер, правила, журнал и настройки", "wizard, rules, journal and settings"),
    "digital_pipeline": Text("действия на этапах", "actions on stages"),
    "salesbot_designer": Text("шаги бота", "steps of a bot"),
    "lead_sources": Text("источники обращений", "sources of enquiries"),
    "widget_page": Text("страница приложения в меню", "the application's page in the menu"),
}


def rows(vendor: str) -> list[tuple[Text, Text, Text, Text]]:
    """Scope, name, reason, whether it is needed."""
    why = WHY[vendor]
    return [
        (Text(scope, scope), *why[scope], NEEDED if is_needed else OPTIONAL)
        for scope, is_needed in VENDORS[vendor].permissions.items()
    ]


def places(vendor: str) -> list[tuple[Text, Text]]:
    """Where the application shows itself: what the presets bind in Bitrix24, what the widget declares in amoCRM."""
    found = dict(_bound() if vendor == "bitrix24" else _declared())
    return [(Text(code, code), what) for code, what in found.items()]


def _bound() -> Iterator[tuple[str, Text]]:
    spots = VENDORS["bitrix24"].spots
    for preset in presets.available():
        yield from ((spots[one.spot], one.name) for one in preset.application.placements)


def _declared() -> Iterator[tuple[str, Text]]:
    manifest = json.loads(widget.sources()["manifest.json"])
    yield from ((place, LOCATIONS[place]) for place in manifest["locations"])
