"""All that the journal says."""

from __future__ import annotations

from typing import Final

from widget_backend.robots.wording import form
from widget_backend.texts import Text

TITLE = Text("Журнал", "Journal")
LEAD = Text(
    "Что происходило в сделках и что сделало приложение. Сначала новое; хранится {days} дней.",
    "What happened in deals and what the application did about it. The newest first; kept for {days} days.",
)
RENEW = Text("Обновить", "Refresh")
TIMES = Text("Время клиники: {zone}", "Clinic's time: {zone}")
DEAL = Text("Сделка №{deal}", "Deal {deal}")
NUMBER = Text("номер {number}", "No. {number}")
IN_CRM = Text("Открыть в CRM", "Open in the CRM")

# filters
FILTER = Text("Отбор", "Filter")
WHICH_DEAL = Text("Номер сделки", "Deal number")
WHICH_KIND = Text("Что показать", "What to show")
WHICH_DAYS = Text("За сколько дней", "How far back")
ONLY_FAILED = Text("Только то, что не получилось", "Only what did not work")
SHOW = Text("Показать", "Show")
CLEAR = Text("Сбросить отбор", "Clear the filter")
KINDS: Final = {
    "all": Text("Всё", "All"),
    "robots": Text("Роботы", "Robots"),
    "moves": Text("Перемещения", "Moves"),
    "decisions": Text("Решения о пациентах", "Decisions on patients"),
    "copies": Text("Копии", "Copies"),
    "acts": Text("Действия сотрудников", "What people did here"),
}
PERIODS: Final = {
    1: Text("Сутки", "A day"),
    3: Text("3 дня", "3 days"),
    7: Text("Неделя", "A week"),
    14: Text("2 недели", "2 weeks"),
}
SORTS: Final = {
    "robots": Text("роботы", "robots"),
    "moves": Text("перемещение", "move"),
    "decisions": Text("решение", "decision"),
    "copies": Text("копия", "copy"),
    "acts": Text("действие", "act"),
}
LEVELS: Final = {
    "ok": Text("Получилось", "It worked"),
    "look": Text("Стоит посмотреть", "Worth a look"),
    "bad": Text("Не получилось", "It did not work"),
    "wait": Text("Ждёт", "Waits"),
}

# states
EMPTY = Text("Пока ничего не происходило", "Nothing has happened yet")
EMPTY_HINT = Text(
    "Как только в CRM создадут или переместят сделку, здесь появится запись: что случилось и что сделали роботы.",
    "As soon as a deal is made or moved in the CRM, it appears here: what happened and what the robots did.",
)
NONE_FIT = Text("Таких записей нет", "There are no such entries")
NONE_FIT_HINT = Text(
    "Под отбор ничего не подошло. Сбросьте его или возьмите период длиннее.",
    "Nothing fits the filter. Clear it or take a longer period.",
)
NOT_SET_UP = Text("Настройка не закончена", "The set-up is not finished")
NOT_SET_UP_HINT = Text(
    "Журнал начнёт заполняться, когда администратор пройдёт установку до конца. В CRM ничего не изменено.",
    "The journal fills once an administrator has gone through the set-up. Nothing was changed in the CRM.",
)
TO_WIZARD = Text("Открыть установку", "Open the set-up")
OLDER = Text("Показать более ранние", "Show earlier ones")
NEWER = Text("К самым новым", "To the newest")
END = Text("Раньше этого записей нет.", "There is nothing before this.")
NEWS = Text("Есть новые записи: показать", "There are new entries: show them")

# entries
#: in Russian for one, for two to four, for five and more; in English for one, for more
PASSED: Final = (
    (
        "{count} робот проверил условия: делать ничего не понадобилось",
        "{count} робота проверили условия: делать ничего не понадобилось",
        "{count} роботов проверили условия: делать ничего не понадобилось",
    ),
    (
        "{count} robot checked its conditions: there was nothing to do",
        "{count} robots checked their conditions: there was nothing to do",
    ),
)
MORE = Text("Подробно", "Details")
INTO = Text("Обращение передано в сделку №{deal}", "The enquiry was handed to deal {deal}")
REFUSED_PARTLY = Text("CRM отклонила изменений: {count}", "Changes that the CRM refused: {count}")
NOT_COPIED = Text("Скопировать не получилось", "Copying did not work")
COPIED_TO = Text("Куда: {stage}", "To: {stage}")
AGAIN = Text("Повторить", "Try again")

#: act of the audit -> its words; acts that are told elsewhere, and visits, are left out
ACTS: Final = {
    "install": Text("Приложение подключено к CRM", "The application was connected to the CRM"),
    "update": Text("Приложение обновлено", "The application was updated"),
    "uninstall": Text("Приложение удалено из CRM", "The application was removed from the CRM"),
    "apply.start": Text("Начата настройка CRM", "The set-up of the CRM was begun"),
    "rollback.start": Text("Начата отмена настройки", "Taking the set-up back was begun"),
    "apply.done": Text("CRM настроена", "The CRM was set up"),
    "apply.drifted": Text("CRM настроена, но не полностью", "The CRM was set up in part"),
    "apply.failed": Text("Настройка CRM остановилась", "The set-up of the CRM stopped"),
    "rollback.done": Text("Настройка CRM отменена", "The set-up of the CRM was taken back"),
    "rollback.drifted": Text("Настройка CRM отменена не полностью", "The set-up of the CRM was taken back in part"),
    "rollback.failed": Text("Отмена настройки остановилась", "Taking the set-up back stopped"),
    "team.found": Text("Команда собрана по данным CRM: {thing} чел.", "The team was found in the CRM: {thing} people"),
    "plan.export": Text("План настройки скачан файлом", "The plan of the set-up was downloaded"),
    "rule.on": Text("Правило «{thing}» включено", "The rule “{thing}” was switched on"),
    "rule.off": Text("Правило «{thing}» выключено", "The rule “{thing}” was switched off"),
    "rule.save": Text("Правило «{thing}» изменено", "The rule “{thing}” was changed"),
    "rule.drop": Text("Своё правило «{thing}» удалено", "The clinic's own rule “{thing}” was dropped"),
    "rule.mend": Text(
        "Правило «{thing}» исправлено: выбрана замена тому, что удалили в CRM",
        "The rule “{thing}” was mended: something else was chosen for what was deleted in the CRM",
    ),
    "rule.robots": Text("Правила переданы роботам CRM", "Rules were handed to the CRM's own robots"),
    "rule.flow": Text(
        "Правило «{thing}» передано процессу CRM", "The rule “{thing}” was handed to a workflow of the CRM"
    ),
    "rule.back": Text("Правила возвращены приложению", "Rules were taken back from the CRM"),
    "settings.hours": Text("Изменено рабочее время", "The working hours were changed"),
    "settings.team": Text("Изменена команда", "The team was changed"),
    "settings.access": Text("Изменены роли сотрудников", "Who may what was changed"),
    "settings.pause": Text("Работа приложения приостановлена", "The application's work was paused"),
    "settings.resume": Text("Работа приложения продолжена", "The application's work goes on"),
    "letters.replay": Text("То, что остановилось, запущено ещё раз", "What had stopped was tried again"),
    "firing.again": Text("Робот запущен ещё раз", "A robot was run again"),
    "deal.wake": Text("Сделка возвращена в работу", "The deal was put back to work"),
    "deal.copy_undone": Text("Копия отменена", "A copy was undone"),
    "link.check": Text("Связь с CRM проверена", "The connection to the CRM was checked"),
}

# what has stopped
STOPPED_TITLE = Text("Остановилось и ждёт вас", "Stopped, and waits for you")
STOPPED_HINT = Text(
    "Сделанное сохранено: повтор доделает остальное и ничего не задвоит. Сначала устраните причину.",
    "What is done is kept: trying again finishes the rest and doubles nothing. Mend the cause first.",
)
HOW_MANY = Text("Всего: {count}", "In all: {count}")
FROM_TO = Text("с {since} по {until}", "from {since} to {until}")
REPEAT_ALL = Text("Повторить всё: {count}", "Try all again: {count}")
SHOW_PIECES = Text("Показать по одному", "Show one by one")
ONLY_NEWEST = Text("Показаны последние {count}.", "The last {count} are shown.")
REPEATED = Text(
    "Отправлено на повтор: {count}. Результат появится в журнале через несколько секунд.",
    "Being tried again: {count}. What comes of it appears in the journal in some seconds.",
)
REPEATED_ONE = Text(
    "Отправлено на повтор. Результат появится в журнале через несколько секунд.",
    "It is being tried again. What comes of it appears in the journal in some seconds.",
)
NOTHING_TO_REPEAT = Text(
    "Повторять нечего: этот запуск уже выполнен или ждёт своей очереди. Ничего не сделано: обновите журнал.",
    "There is nothing to try again: this run is done or waits for its turn. Nothing was done: refresh the journal.",
)
NOT_DONE = Text("Не сделано", "Not done")
READ_ONLY = Text("Только просмотр", "View only")
#: entity of an event, or task of a job
STOPPED: Final = {
    "deal": Text("событие сделки", "an event of a deal"),
    "contact": Text("событие пациента", "an event of a patient"),
    "activity": Text("звонок, письмо или сообщение", "a call, a letter or a message"),
    "call": Text("вызов робота из CRM", "the CRM calling a robot"),
    "inbox.process": Text("разбор события CRM", "working on an event of the CRM"),
    "inbox.reconcile": Text("сверка с CRM", "comparing with the CRM"),
    "robots.run": Text("запуск робота", "a robot's run"),
    "robots.tell": Text("примечание робота в сделке", "a robot's note in a deal"),
    "robots.ring": Text("срок, которого ждал робот", "a time that a robot waited for"),
    "robots.resume": Text("сроки правил, которые вернули приложению", "the times of rules that were taken back"),
    "robots.warn": Text("предупреждение о правиле", "a warning about a rule"),
    "deals.route": Text("распределение пациента", "sending a patient to where he belongs"),
    "deals.staff": Text("сбор команды из CRM", "taking the team from the CRM"),
    "tokens.renew": Text("обновление доступа", "renewing the access"),
    "installer.plan": Text("план настройки", "the plan of the set-up"),
    "installer.apply": Text("настройка CRM", "setting up the CRM"),
    "installer.rollback": Text("отмена настройки", "taking the set-up back"),
}
STOPPED_ELSE = Text("фоновая работа", "background work")

# the calls behind an entry
GONE = Text(
    "Такой записи нет или она старше двух недель. Ничего не изменено: обновите журнал.",
    "There is no such entry, or it is older than two weeks. Nothing was changed: refresh the journal.",
)
FACTS = Text("Что было известно в тот момент", "What was known at that moment")
RULES = Text("Какие роботы сработали", "Which robots answered")
CALLS = Text("Что записано в CRM", "What was written to the CRM")
NO_CALLS = Text("В CRM ничего не записывали.", "Nothing was written to the CRM.")
REQUESTS = Text("Запросы к CRM в эти секунды", "Requests to the CRM in those seconds")
REQUESTS_HINT = Text(
    "Время UTC. Здесь могут быть и запросы по другим сделкам.", "Times in UTC. Requests about other deals may be here."
)
COLUMNS: Final = {
    "what": Text("Запись", "Write"),
    "state": Text("Итог", "Outcome"),
    "made": Text("Номер в CRM", "The CRM's number"),
    "took": Text("мс", "ms"),
    "key": Text("Ключ", "Key"),
    "at": Text("Время", "Time"),
    "operation": Text("Метод", "Method"),
    "status": Text("Ответ", "Answer"),
}
NO_ANSWER = Text("нет ответа", "no answer")
WRITES: Final = {
    "CreateDeal": Text("создать сделку", "create a deal"),
    "UpdateDeal": Text("изменить сделку", "change the deal"),
    "UpdateContact": Text("изменить карточку пациента", "change the patient's card"),
    "AddTask": Text("поставить задачу", "set a task"),
    "CloseTask": Text("закрыть задачу", "close a task"),
    "AddNote": Text("добавить примечание", "add a note"),
    "Notify": Text("сообщить сотруднику", "tell somebody"),
    "DeleteDeal": Text("удалить сделку", "delete a deal"),
    "CallBack": Text("ответить роботу CRM", "answer the CRM's robot"),
    "StartBot": Text("запустить бота", "start a bot"),
}
WRITE_ELSE = Text("записать", "write")
WRITE_STATES: Final = {
    "done": Text("выполнено", "done"),
    "refused": Text("CRM отказала", "the CRM refused"),
    "sent": Text("отправлено, ответа нет", "sent, no answer yet"),
    "kept": Text("ещё не отправлено", "not sent yet"),
}


def passed(count: int) -> Text:
    """How many robots had nothing to do."""
    russian, english = PASSED
    return Text(russian[form(count)], english[count != 1]).format(count=count)
