"""Words of the access check, and of leaving the application."""

from __future__ import annotations

from widget_backend.texts import Text

TITLE = Text("Проверим, всё ли готово", "Let us see whether all is ready")
LEAD = Text(
    "Смотрим права, тариф и ограничения вашей CRM. На этом шаге ничего не меняется.",
    "We look at the rights, the plan and the limits of your CRM. Nothing is changed at this step.",
)
CONNECTED = Text("Связь с CRM есть: {account}", "The CRM is connected: {account}")
RATE = Text(
    "Ограничение CRM: {rate} в секунду. Установка укладывается в него сама.",
    "The CRM's limit: {rate} a second. The set-up keeps to it by itself.",
)
READY = Text("Всё готово, можно продолжать.", "All is ready, you can go on.")
NOT_READY = Text(
    "Исправьте отмеченное и проверьте снова. В CRM пока ничего не записано.",
    "Correct what is marked and check again. Nothing has been written to the CRM yet.",
)
FAILED = Text("Проверить не удалось", "The check did not work")
GO_ON = Text("Дальше: выбор", "Next: choices")

REMOVE_TITLE = Text("Удалить приложение", "Remove the application")
REMOVE_LEAD = Text(
    "Удаляется приложение в самой CRM. До этого можно убрать и то, что мы создали: воронки, поля и остальное, где нет ваших "
    "данных.",
    "The application is removed in the CRM itself. Before that you can also take back what we made: pipelines, fields and the "
    "rest, where they hold no data of yours.",
)
REMOVE_FIRST = Text("1. Убрать созданное (по желанию)", "1. Take back what was made (optional)")
REMOVE_FIRST_TEXT = Text(
    "Сначала покажем план отката. Этапы со сделками и заполненные поля останутся на месте.",
    "First you will see the plan of the rollback. Stages with deals and fields with values stay where they are.",
)
REMOVE_THEN = Text("2. Удалить приложение в CRM", "2. Remove the application in the CRM")
REMOVE_HOW = {
    "bitrix24": Text(
        "Откройте «Маркет → Установленные», найдите приложение и нажмите «Удалить».",
        "Open “Market → Installed”, find the application and press “Delete”.",
    ),
    "amocrm": Text(
        "Откройте «амоМаркет → Установленные», выберите виджет и нажмите «Отключить».",
        "Open “Marketplace → Installed”, choose the widget and press “Disable”.",
    ),
}
REMOVE_AFTER = Text(
    "После удаления мы сразу стираем доступ к CRM и личные данные. Без отката всё созданное в CRM останется и будет "
    "работать как обычные воронки и поля; правила приложения выполняться перестанут.",
    "After removal we erase our access to the CRM and personal data at once. Without the rollback everything made in the CRM "
    "stays and works as ordinary pipelines and fields; the application's rules are no longer carried out.",
)
TO_ROLLBACK = Text("Посмотреть план отката", "See the plan of the rollback")
NOTHING_MADE = Text(
    "В этой CRM мы ещё ничего не создали, убирать нечего.",
    "Nothing has been made in this CRM yet, so nothing to take back.",
)
PRIVACY = Text("Политика обработки данных", "Privacy policy")
LICENCE = Text("Лицензионное соглашение", "Licence agreement")
