"""Words of the result."""

from __future__ import annotations

from widget_backend.texts import Text

TITLE = {
    "done": Text("CRM настроена", "Your CRM is set up"),
    "failed": Text("Почти готово", "Almost done"),
    "drifted": Text("Почти готово", "Almost done"),
    "given_up": Text("Настройка прекращена", "The set-up was given up"),
}
ROLLED_BACK = Text("Изменения откатаны", "The changes were rolled back")
LEAD = {
    "done": Text(
        "Всё записано и проверено: сделано {count} за {time}.", "All is written and verified: {count} in {time}."
    ),
    "failed": Text(
        "Сделано {count}, в остальном CRM отказала. Сделанное сохранено; отказы ниже можно повторить.",
        "{count} done, the CRM refused the rest. What is done is kept; the refusals below can be tried again.",
    ),
    "drifted": Text(
        "Сделано {count}, но CRM показывает не всё. Сделанное сохранено, нажмите «Продолжить».",
        "{count} done, but the CRM does not show all of it. What is done is kept, press “Continue”.",
    ),
    "given_up": Text(
        "Сделано {count}, остальное не начато. Можно продолжить с нового плана или откатить сделанное.",
        "{count} done, the rest was not begun. Go on from a new plan, or roll back what was done.",
    ),
}
ROLLED_BACK_LEAD = Text(
    "Отменено {count} за {time}. В CRM осталось то, где есть ваши данные, и то, что вы изменили сами.",
    "{count} undone in {time}. What holds data of yours, and what you changed yourself, has stayed in the CRM.",
)
ALREADY = Text(
    "CRM уже была настроена, записывать ничего не пришлось.", "The CRM was set up already; nothing had to be written."
)
NUMBER = Text("Номер запуска: {number}", "Run number: {number}")
LINKS = Text("Воронки в CRM", "Pipelines in the CRM")
OPEN = Text("Открыть", "Open")
NEW_TAB = Text("откроется в новой вкладке", "opens in a new tab")
REFUSED = Text("CRM отказала", "What the CRM refused")
RETRY_ALL = Text("Повторить все", "Try all again")
FINISH_ANYWAY = Text("Завершить без этого", "Finish without these")
BY_HAND = Text("Осталось сделать вручную", "Left to do by hand")
BY_HAND_DONE = Text("Ручные шаги сделаны", "The steps by hand are done")
BY_HAND_HINT = Text(
    "Сделайте это в CRM и нажмите «Проверить»: мы посмотрим сами.",
    "Do this in the CRM and press “Check”: we look for ourselves.",
)
DONE = Text("сделано", "done")
NOT_YET = Text("ещё нет", "not yet")
CHECK = Text("Проверить", "Check")
CHECKING = Text("Проверяем…", "Checking…")
QUESTIONS = Text(
    "Осталось решить вам: {count}. Это можно сделать в плане.", "For you to decide: {count}. You can do it in the plan."
)
CANNOT = Text("Чего эта CRM не умеет", "What this CRM cannot do")
AND_NOW = Text("Что дальше", "What is next")
ACTIONS = (
    (
        Text("Проведите пробную сделку", "Move a trial deal"),
        Text(
            "Создайте сделку в первой воронке и проведите её до успеха: задачи и примечания по этапам появятся сами.",
            "Create a deal in the first pipeline and move it to success: tasks and notes of the stages come by themselves.",
        ),
    ),
    (
        Text("Подключите телефонию и чаты", "Connect telephony and chats"),
        Text(
            "Тогда обращения сами будут попадать в первый этап.",
            "Enquiries will then arrive at the first stage by themselves.",
        ),
    ),
    (
        Text("Позовите сотрудников", "Invite your staff"),
        Text(
            "Дайте администраторам и координаторам доступ к их воронкам.",
            "Give receptionists and coordinators access to their pipelines.",
        ),
    ),
)
#: where a deal's panel is, by vendor
PANEL = {
    "bitrix24": (
        Text("Откройте карточку сделки", "Open a deal's card"),
        Text(
            "Во вкладке «Пациент» видно, откуда сделка, где она и что дальше; там же кнопки: скопировать, распределить, "
            "отменить.",
            "The tab “Patient” shows where the deal came from, where it is and what follows, with buttons to copy, route and "
            "undo.",
        ),
    ),
    "amocrm": (
        Text("Откройте карточку сделки", "Open a deal's card"),
        Text(
            "В блоке «Стоматология» видно, где сделка и что дальше; там же кнопки: скопировать, распределить, отменить.",
            "The block “Dental” shows where the deal is and what follows, with buttons to copy, route and undo.",
        ),
    ),
}
OPEN_CRM = Text("Открыть CRM", "Open the CRM")
FINISHING = Text("Завершаем установку…", "Finishing the installation…")
NOT_IN_FRAME = Text(
    "Откройте приложение внутри Битрикс24, чтобы завершить установку. Всё настроенное сохранено.",
    "Open the application inside Bitrix24 to finish the installation. All that was set up is kept.",
)
ROLLBACK = Text("Откатить", "Roll back")
CHANGE = Text("Изменить настройку", "Change the set-up")
NEW_PLAN = Text("Составить новый план", "Make a new plan")
NO_RUN = Text("Здесь появятся итоги, когда план будет применён.", "The result will be here once the plan is applied.")
