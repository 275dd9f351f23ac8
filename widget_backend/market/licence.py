"""The licence: on what terms a clinic uses the application; names the application and its licensor, as moderation demands."""

from __future__ import annotations

from typing import Final

from widget_backend.market.document import Document, Section
from widget_backend.market.naming import NAME
from widget_backend.market.privacy import contact, named
from widget_backend.market.publisher import Publisher
from widget_backend.texts import Text

TITLE: Final = Text("Лицензионное соглашение", "Licence agreement")
LEAD: Final = Text(
    "Условия, на которых клиника пользуется приложением «{name}». Лицензиар: {who}. Устанавливая приложение, клиника их "
    "принимает.",
    "The terms on which a clinic uses the application “{name}”. Licensor: {who}. By installing the application the clinic "
    "accepts them.",
)

_RIGHTS: Final = (
    Section(
        Text("Что разрешено", "What is granted"),
        (
            Text(
                "Лицензиар даёт клинике простую (неисключительную) лицензию: пользоваться приложением в своей CRM, во всех "
                "своих филиалах, всеми своими сотрудниками, пока приложение установлено.",
                "The licensor grants the clinic a non-exclusive licence: to use the application in its own CRM, in all its "
                "branches, by all its employees, as long as the application is installed.",
            ),
        ),
    ),
    Section(
        Text("Чего нельзя", "What is not allowed"),
        (),
        (
            Text(
                "передавать доступ посторонним и выдавать себя за другую клинику;",
                "to hand access to strangers or to pose as another clinic;",
            ),
            Text("обходить ограничения CRM и её тарифа;", "to get round the limits of the CRM and of its plan;"),
            Text(
                "вносить данные пациентов без основания, которого требует закон.",
                "to enter data of patients without the basis that the law demands.",
            ),
        ),
    ),
    Section(
        Text("Что делает приложение", "What the application does"),
        (
            Text(
                "Перед каждым изменением настройки CRM показывает план и ждёт подтверждения. Чужое не удаляет: созданное "
                "клиникой остаётся, созданное приложением можно убрать, пока в нём нет данных.",
                "It shows a plan before any change of the CRM's set-up and waits for consent. It deletes nothing of others: "
                "what the clinic made stays, what the application made can be taken back as long as there is no data in it.",
            ),
            Text(
                "Работает в пределах тарифа CRM и её API: недоступное на тарифе названо в мастере и в таблице функций.",
                "It works within the CRM's plan and its API: what a plan does not allow is named in the wizard and in the "
                "table of functions.",
            ),
        ),
    ),
    Section(
        Text("Ответственность", "Liability"),
        (
            Text(
                "Приложение не медицинское изделие и не принимает медицинских решений. Решения о пациентах принимает клиника.",
                "The application is no medical device and takes no medical decisions. Decisions on patients are the clinic's.",
            ),
            Text(
                "Лицензиар не отвечает за перерывы в работе CRM и связи. События, потерянные в это время, приложение находит "
                "сверкой, когда CRM снова отвечает.",
                "The licensor does not answer for breaks of the CRM and of the connection. Events lost meanwhile are found by "
                "comparing once the CRM answers again.",
            ),
        ),
    ),
    Section(
        Text("Прекращение", "End"),
        (
            Text(
                "Клиника прекращает соглашение, удаляя приложение; данные стираются, как сказано в политике обработки данных.",
                "The clinic ends the agreement by removing the application; data are wiped as the privacy policy says.",
            ),
        ),
    ),
)


def licence(publisher: Publisher) -> Document:
    """The licence of this publisher."""
    asking = Section(
        Text("Вопросы", "Questions"),
        (
            Text(
                "Поддержка: {where}. Политика обработки данных: {page}.", "Support: {where}. Privacy policy: {page}."
            ).format(where=contact(publisher), page=publisher.privacy),
        ),
    )
    return Document(TITLE, LEAD.format(name=NAME, who=named(publisher)), (*_RIGHTS, asking))
