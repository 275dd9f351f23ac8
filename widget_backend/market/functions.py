"""Functions per plan of the CRM: what works where (bitrix24.md §8, amocrm.md §4 and §7.4). We have no plans of our own.

Neither vendor publishes by its API which plan has how many pipelines or robots, so the table says «если есть» there, and the
wizard asks the CRM itself before the first change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from widget_backend.texts import Text

FUNCTION: Final = Text("Функция", "Function")
YES: Final = Text("да", "yes")
NO: Final = Text("нет", "no")
IF_THERE: Final = Text("если есть на тарифе", "where the plan has it")
LATER: Final = Text("да, с задержкой до 3 минут", "yes, up to 3 minutes later")
LIMITED: Final = Text("в пределах числа воронок тарифа", "within the plan's number of pipelines")
SLOW: Final = Text("2 запроса в секунду", "2 requests a second")
QUICK: Final = Text("5 запросов в секунду", "5 requests a second")
SEVEN: Final = Text("7 запросов в секунду", "7 requests a second")
OWN: Final = Text("по настройке сервера", "as the server is set")

NOTE: Final = Text(
    "Все функции приложения открыты каждой клинике, платных режимов внутри нет: различия ниже — это различия тарифов CRM. "
    "Мастер проверяет тариф до первого изменения и называет недоступное.",
    "All functions of the application are open to every clinic, nothing inside costs extra: the differences below are those "
    "of the CRM's plans. The wizard checks the plan before the first change and names what it does not allow.",
)
#: vendor -> its plans
PLANS: Final[Mapping[str, tuple[Text, ...]]] = {
    "bitrix24": (
        Text("Бесплатный", "Free"),
        Text("Базовый", "Basic"),
        Text("Стандартный", "Standard"),
        Text("Профессиональный", "Professional"),
        Text("Энтерпрайз", "Enterprise"),
        Text("Коробка", "On-premise"),
    ),
    "amocrm": (Text("Базовый", "Base"), Text("Расширенный", "Advanced"), Text("Профессиональный", "Pro")),
}
SET_UP: Final = Text("Установка воронок, полей и карточек", "Pipelines, fields and cards set up")
PANEL: Final = Text("Панель сделки, копирование, отмена", "Panel of a deal, copies, undo")
ROUTING: Final = Text("Маршрут первичного и повторного", "Route of new and returning patients")
RULES: Final = Text("Правила, журнал, здоровье", "Rules, journal, health")
#: vendor -> rows: function, then each plan
TABLE: Final[Mapping[str, tuple[tuple[Text, ...], ...]]] = {
    "bitrix24": (
        (
            Text(
                "Работа приложений (нужна подписка на Маркет)", "Applications at all (a Market subscription is needed)"
            ),
            NO,
            YES,
            YES,
            YES,
            YES,
            YES,
        ),
        (SET_UP, NO, LIMITED, LIMITED, LIMITED, LIMITED, YES),
        (PANEL, NO, YES, YES, YES, YES, YES),
        (ROUTING, NO, YES, YES, YES, YES, YES),
        (RULES, NO, YES, YES, YES, YES, YES),
        (Text("Роботы приложения на этапах", "The application's robots on stages"), NO, *(IF_THERE,) * 5),
        (
            Text("Пакет роботов CRM и шаблоны ожиданий", "Pack of native robots, templates that wait"),
            NO,
            *(IF_THERE,) * 5,
        ),
        (Text("Скорость обмена", "Speed of the exchange"), NO, SLOW, SLOW, SLOW, QUICK, OWN),
    ),
    "amocrm": (
        (SET_UP, YES, YES, YES),
        (PANEL, YES, YES, YES),
        (ROUTING, LATER, YES, YES),
        (RULES, LATER, YES, YES),
        (Text("События сразу (вебхуки)", "Events at once (webhooks)"), NO, YES, YES),
        (
            Text("Действия на этапах (Digital Pipeline)", "Actions on stages (Digital Pipeline)"),
            IF_THERE,
            IF_THERE,
            IF_THERE,
        ),
        (Text("Шаги бота (Salesbot)", "Steps of a bot (Salesbot)"), IF_THERE, IF_THERE, IF_THERE),
        (Text("Скорость обмена", "Speed of the exchange"), SEVEN, SEVEN, SEVEN),
    ),
}


def head(vendor: str) -> tuple[Text, ...]:
    """The table's first line."""
    return (FUNCTION, *PLANS[vendor])
