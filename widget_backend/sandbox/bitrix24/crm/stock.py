"""What every new portal and every new pipeline comes with: stages with their colours, and the stock directories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widget_backend.sandbox.bitrix24.state import Category, Status, stage_directory

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

#: code, sort, system, semantics, colour, name in Russian, name in English
STAGES = (
    ("NEW", 10, True, None, "#39A8EF", "Новая", "New"),
    ("PREPARATION", 20, False, None, "#2FC6F6", "Подготовка документов", "Document preparation"),
    ("PREPAYMENT_INVOICE", 30, False, None, "#55D0E0", "Счёт на предоплату", "Prepayment invoice"),
    ("EXECUTING", 40, False, None, "#47E4C2", "В работе", "In progress"),
    ("FINAL_INVOICE", 50, False, None, "#FFA900", "Финальный счёт", "Final invoice"),
    ("WON", 60, True, "S", "#7BD500", "Сделка успешна", "Deal won"),
    ("LOSE", 70, True, "F", "#FF5752", "Сделка провалена", "Deal lost"),
    ("APOLOGY", 80, False, "F", "#FF5752", "Анализ причины провала", "Analyze failure"),
)

#: directory -> (its name in Russian and English, rows of code, name in Russian, name in English, system)
DIRECTORIES: dict[str, tuple[tuple[str, str], tuple[tuple[str, str, str], ...]]] = {
    "STATUS": (
        ("Стадии лида", "Lead stages"),
        (
            ("NEW", "Не обработан", "Unassigned"),
            ("CONVERTED", "Качественный лид", "Good lead"),
            ("JUNK", "Некачественный лид", "Junk lead"),
        ),
    ),
    "SOURCE": (
        ("Источники", "Sources"),
        (
            ("CALL", "Звонок", "Call"),
            ("EMAIL", "Электронная почта", "E-mail"),
            ("WEB", "Веб-сайт", "Website"),
            ("ADVERTISING", "Реклама", "Advertising"),
            ("PARTNER", "Существующий клиент", "Existing client"),
            ("RECOMMENDATION", "По рекомендации", "By recommendation"),
            ("TRADE_SHOW", "Выставка", "Show/Exhibition"),
            ("WEBFORM", "CRM-форма", "CRM form"),
            ("CALLBACK", "Обратный звонок", "Callback"),
            ("RC_GENERATOR", "Генератор продаж", "Sales boost"),
            ("STORE", "Интернет-магазин", "Online store"),
            ("OTHER", "Другое", "Other"),
        ),
    ),
    "CONTACT_TYPE": (
        ("Тип контакта", "Contact type"),
        (
            ("CLIENT", "Клиенты", "Clients"),
            ("SUPPLIER", "Поставщики", "Suppliers"),
            ("PARTNER", "Партнёры", "Partners"),
            ("OTHER", "Другое", "Other"),
        ),
    ),
    "COMPANY_TYPE": (
        ("Тип компании", "Company type"),
        (("CUSTOMER", "Клиент", "Client"), ("PARTNER", "Партнёр", "Partner"), ("OTHER", "Другое", "Other")),
    ),
    "DEAL_TYPE": (
        ("Тип сделки", "Deal type"),
        (
            ("SALE", "Продажа", "Sales"),
            ("SERVICES", "Сервисное обслуживание", "Services"),
            ("SERVICE", "Услуга", "Service"),
        ),
    ),
    "HONORIFIC": (("Обращения", "Salutations"), (("HNR_RU_1", "г-н", "Mr."), ("HNR_RU_2", "г-жа", "Ms."))),
    "INDUSTRY": (
        ("Сфера деятельности", "Industry"),
        (("IT", "Информационные технологии", "IT"), ("OTHER", "Другое", "Other")),
    ),
    "EMPLOYEES": (("Кол-во сотрудников", "Employees"), (("EMPLOYEES_1", "менее 50", "under 50"),)),
}

#: semantics of the stock lead stages
LEAD_SEMANTICS = {"CONVERTED": "S", "JUNK": "F"}


def furnish(portal: Portal) -> None:
    """Give a new portal its default pipeline and the stock directories."""
    russian = portal.settings.lang == "ru"
    portal.categories[0] = Category(0, "Общая" if russian else "General", 300)
    add_stages(portal, 0)
    for entity_id, (_, rows) in DIRECTORIES.items():
        for place, (code, in_russian, in_english) in enumerate(rows, 1):
            name = in_russian if russian else in_english
            semantics = LEAD_SEMANTICS.get(code) if entity_id == "STATUS" else None
            add_status(portal, Status(0, entity_id, code, name, place * 10, name, True, None, semantics))


def add_stages(portal: Portal, category_id: int) -> None:
    """Give a new pipeline its eight stages."""
    prefix = f"C{category_id}:" if category_id else ""
    for code, sort, system, semantics, color, in_russian, in_english in STAGES:
        name = in_russian if portal.settings.lang == "ru" else in_english
        add_status(
            portal,
            Status(
                0,
                stage_directory(category_id),
                prefix + code,
                name,
                sort,
                name if system else "",
                system,
                color,
                semantics,
                category_id or None,
            ),
        )


def add_status(portal: Portal, status: Status) -> Status:
    """Store a row under a new id."""
    status.id = portal.number("status", 101)
    portal.statuses[status.id] = status
    return status


def directory_name(portal: Portal, entity_id: str) -> str:
    """The title of a stock directory."""
    in_russian, in_english = DIRECTORIES[entity_id][0]
    return in_russian if portal.settings.lang == "ru" else in_english
