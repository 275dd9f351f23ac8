"""The texts of the markets' cards (bitrix24.md §7, rows 15–17, and the vendor's «common requirements»; amocrm.md §7.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from widget_backend.market.naming import NAME, NEWS
from widget_backend.market.publisher import Publisher
from widget_backend.texts import Text

#: vendor -> field of its card -> the most letters in it; of the other fields no limit is published
LIMITS: Final[Mapping[str, Mapping[str, int]]] = {
    "bitrix24": {"keywords": 2000},
    "amocrm": {"name": 255, "description": 65_000},
}
#: of one or two sentences that complete the name
SHORT: Final = Text(
    "Ведёт пациента от первой заявки до подписанного плана лечения и возвращает тех, кто не дошёл. Сначала показывает план, "
    "потом меняет.",
    "Leads a patient from the first enquiry to a signed treatment plan and brings back those who never arrived. It shows a "
    "plan first, then changes.",
)
ABILITIES: Final = Text(
    """Задачи, которые решает приложение:
• ставит четыре воронки клиники: «Приемы», «База пациентов», «Координаторы», «Реанимация», с этапами, полями и карточками;
• определяет первичного и повторного пациента и объясняет, почему решил так;
• копирует сделку в следующую воронку один раз, с предпросмотром и отменой в течение 10 минут;
• показывает в карточке путь пациента: откуда сделка, что дальше и почему, семья копий, история;
• выполняет правила: задачи, напоминания, возврат отложенных, и пишет примечание о каждом действии;
• ведёт журнал на 14 дней и страницу здоровья: связь, очередь, потерянные события.

Что важно знать:
• до каждого изменения показан план, без подтверждения ничего не меняется;
• созданное клиникой не удаляется; созданное приложением можно убрать, пока в нём нет данных;
• за раз копируется не больше 50 сделок.""",
    """What the application does:
• sets up four pipelines of a clinic, appointments, patient base, coordinators and win-back, with stages, fields and cards;
• tells a new patient from a returning one and says why;
• copies a deal to the next pipeline once, with a preview, and takes it back within 10 minutes;
• shows a patient's way in the card: where the deal came from, what follows and why, its family of copies, its history;
• carries out rules: tasks, reminders, the return of parked deals, with a note about each act;
• keeps a journal of 14 days and a page of health: connection, queue, lost events.

Good to know:
• a plan is shown before any change, nothing is changed without consent;
• what the clinic made is never deleted; what the application made can be taken back as long as there is no data in it;
• at most 50 deals are copied at a time.""",
)
CONDITIONS: Final[Mapping[str, Text]] = {
    "bitrix24": Text(
        """Условия:
• коммерческий тариф Битрикс24 и подписка на Маркет; на бесплатном тарифе приложения не работают;
• число воронок и роботов ограничивает тариф: мастер проверит его и назовёт недоступное;
• работает в облаке и в коробочной версии;
• устанавливает администратор портала; сторонние сервисы и доплаты не нужны.""",
        """Conditions:
• a commercial plan of Bitrix24 and a subscription to Bitrix24 Market; applications do not work on the free plan;
• the plan limits the number of pipelines and robots: the wizard checks and names what is not allowed;
• it works in the cloud and on-premise;
• an administrator of the account installs it; no external services and no extra payments are needed.""",
    ),
    "amocrm": Text(
        """Условия:
• мгновенная реакция на события требует тарифа с вебхуками («Расширенный» и выше); без них приложение сверяется раз в 3 минуты;
• действия на этапах требуют Digital Pipeline, шаги бота — Salesbot;
• типы задач и раскладку карточек CRM не даёт менять через API: мастер скажет, что сделать руками, и проверит;
• устанавливает администратор аккаунта; сторонние сервисы и доплаты не нужны.""",
        """Conditions:
• reacting to events at once needs a plan with webhooks (Advanced and up); without them we compare every 3 minutes;
• actions on stages need Digital Pipeline, steps of a bot need Salesbot;
• task types and the layout of cards cannot be changed by the API: the wizard says what to do by hand, and checks it;
• an administrator of the account installs it; no external services and no extra payments are needed.""",
    ),
}
INSTALLATION: Final[Mapping[str, Text]] = {
    "bitrix24": Text(
        """1. Нажмите «Установить»: откроется мастер.
2. «Доступ»: мастер проверит права, тариф и лимиты и скажет, чего не хватает.
3. «Выбор»: филиалы, врачи, что из готового взять. Одноимённые воронки клиники можно взять за основу.
4. «План»: каждое изменение строкой. Нажмите «Применить».
5. Готово: откройте сделку, вкладка «Пациент». Настройки: пункт «Стоматология» в меню.
6. Назначьте координаторов: «Стоматология» → «Настройки».""",
        """1. Press Install: the wizard opens.
2. Access: the wizard checks rights, plan and limits and says what is missing.
3. Choices: branches, dentists, what to take. Pipelines of the same name may be taken over.
4. Plan: every change is a row. Press Apply.
5. Done: open a deal, the tab Patient. Settings: the item Dental clinic of the menu.
6. Appoint coordinators: Dental clinic → Settings.""",
    ),
    "amocrm": Text(
        """1. Нажмите «Установить», отметьте согласие на передачу данных и нажмите «Подключить аккаунт».
2. Откройте мастер: «Доступ» проверит права и тариф.
3. «Выбор»: филиалы, врачи, что из готового взять.
4. «План»: каждое изменение строкой. Нажмите «Применить».
5. Сделайте руками то, что API не даёт: мастер перечислит и проверит.
6. Откройте сделку: маршрут и кнопки в правой колонке. На этапы и в ботов действия добавляются в Digital Pipeline.""",
        """1. Press Install, tick the consent to hand over data and press Connect the account.
2. Open the wizard: Access checks rights and plan.
3. Choices: branches, dentists, what to take.
4. Plan: every change is a row. Press Apply.
5. Do by hand what the API does not allow: the wizard lists and checks it.
6. Open a deal: route and buttons are in the right column. Actions are added to stages and bots in Digital Pipeline.""",
    ),
}
KEYWORDS: Final = Text(
    "стоматология, клиника, пациент, приём, первичный пациент, повторный пациент, план лечения, координатор, реанимация базы, "
    "копирование сделок, воронки, карточка сделки, роботы, напоминания",
    "dentistry, dental clinic, patient, appointment, new patient, returning patient, treatment plan, coordinator, win-back, "
    "copy deals, pipelines, deal card, automation rules, reminders",
)
SUPPORT: Final = Text(
    "Почта: {support}. Отвечаем по рабочим дням с 10:00 до 18:00 по Москве, в течение одного рабочего дня. Назовите код для "
    "поддержки, если страница его показала: по нему видно, что случилось, без данных пациентов.",
    "Mail: {support}. We answer on working days from 10:00 to 18:00 Moscow time, within one working day. Name the code for "
    "support where a page showed one: it tells what happened without any data of patients.",
)
#: for moderators, never published
TRIAL: Final = Text(
    "Внешний сервис не нужен: всё проверяется на любом тестовом портале или аккаунте. Установите приложение, пройдите мастер, "
    "создайте сделку с контактом (Примерова Ольга, 8 900 000-00-01) в «Приемах», откройте её и нажмите «Скопировать». Под "
    "обычным сотрудником те же страницы открыты для просмотра.",
    "No external service is needed: everything can be tried on any test account. Install the application, walk the wizard, "
    "make a deal with a contact (Olga Primerova, 8 900 000-00-01) in the pipeline of appointments, open it and press Copy. "
    "For an ordinary employee the same pages are open to look at.",
)


def card(vendor: str, publisher: Publisher) -> dict[str, Text]:
    """Field of the vendor's card -> its text."""
    texts = {
        "name": NAME,
        "short": SHORT,
        "description": Text(f"{ABILITIES.ru}\n\n{CONDITIONS[vendor].ru}", f"{ABILITIES.en}\n\n{CONDITIONS[vendor].en}"),
        "news": NEWS,
        "installation": INSTALLATION[vendor],
        "support": SUPPORT.format(support=publisher.support),
        "trial": TRIAL,
        "links": Text(
            f"Политика: {publisher.privacy}\nЛицензия: {publisher.licence}",
            f"Privacy: {publisher.privacy}\nLicence: {publisher.licence}",
        ),
    }
    return texts | ({"keywords": KEYWORDS} if vendor == "bitrix24" else {})
