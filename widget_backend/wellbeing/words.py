"""All that the page of health says."""

from __future__ import annotations

from typing import Final

from widget_backend.texts import Text

TITLE = Text("Состояние", "Health")
LEAD = Text(
    "Работает ли всё, что нужно приложению. Если что-то не так, здесь сказано, что делать.",
    "Whether all that the application depends on works. Where something does not, it is said here what to do.",
)
RENEW = Text("Обновить", "Refresh")
CHECK = Text("Проверить связь", "Check the connection")
CHECK_HINT = Text("Короткий запрос к CRM, ничего не меняет.", "A short request to the CRM, it changes nothing.")
CHECK_NOT_YOURS = Text(
    "Проверять связь может администратор CRM, вам открыт просмотр.",
    "An administrator of the CRM may check the connection, you may look.",
)
TIMES = Text("Время клиники: {zone}", "Clinic's time: {zone}")
READ_ONLY = Text("Только просмотр", "View only")
NOT_DONE = Text("Не сделано", "Not done")
TO = Text("Открыть: {tab}", "Open: {tab}")

VERDICTS: Final = {
    "ok": (Text("Всё в порядке", "All is well"), Text("Делать ничего не нужно.", "There is nothing to do.")),
    "look": (
        Text("Работает, но есть на что посмотреть", "It works, and something is worth a look"),
        Text("Строки с пометкой «Посмотреть» ниже.", "See the rows marked “Look” below."),
    ),
    "act": (
        Text("Нужно ваше участие", "Something needs you"),
        Text(
            "Строки с пометкой «Сделать» ниже. Данные целы: пропущенное доделается само, когда причину устранят.",
            "See the rows marked “Act” below. No data is lost: what was missed is made up for once the cause is mended.",
        ),
    ),
}
LEVELS: Final = {
    "ok": Text("В порядке", "Well"),
    "look": Text("Посмотреть", "Look"),
    "act": Text("Сделать", "Act"),
}
NAMES: Final = {
    "access": Text("Доступ к CRM", "Access to the CRM"),
    "set_up": Text("Настройка", "The set-up"),
    "subscriptions": Text("Связь и подписки", "Connection and subscriptions"),
    "events": Text("События из CRM", "Events from the CRM"),
    "compared": Text("Сверка с CRM", "Comparing with the CRM"),
    "losses": Text("Пропущенные события", "Missed events"),
    "queue": Text("Очередь заданий", "The queue of jobs"),
    "stopped": Text("Что остановилось", "What has stopped"),
    "limits": Text("Запросы к CRM", "Requests to the CRM"),
    "rules": Text("Правила", "Rules"),
}

# access and set-up
ACCESS_UNTIL = Text("Ключ действует до {at} и продлевается сам", "The key is good until {at} and is renewed by itself")
RENEWED = Text(
    "Последнее продление: {at}. Без продления доступ кончится {ends}",
    "Last renewed: {at}. Without a renewal the access ends {ends}",
)
ACCESS_ENDS = Text(
    "Доступ давно не продлевался. Откройте приложение из CRM под администратором: он продлится.",
    "The access was not renewed for long. Open the application from the CRM as an administrator: that renews it.",
)
SET_UP = Text("CRM настроена и проверена {at}", "The CRM was set up and proven {at}")
NOT_SET_UP = Text("Настройка CRM не закончена", "The set-up of the CRM is not finished")
FINISH_SET_UP = Text(
    "Пройдите установку до конца: до этого роботы не работают.",
    "Go through the set-up to its end: no robot works before.",
)
LATER = Text("Начнётся после настройки", "Begins after the set-up")

# connection
NEVER_CHECKED = Text("Связь ещё не проверяли отсюда", "The connection was not checked from here yet")
JUST_SET_UP = Text("Подписки на события созданы при настройке", "The subscriptions to events were made by the set-up")
CHECK_IT = Text("Нажмите «Проверить связь».", "Press “Check the connection”.")
CHECKED = Text("Проверено {at}: CRM ответила за {ms} мс", "Checked {at}: the CRM answered in {ms} ms")
CHECK_FAILED = Text("Проверено {at}: не получилось", "Checked {at}: it did not work")
CHECK_AGAIN = Text("Устраните причину и проверьте связь ещё раз.", "Mend the cause and check the connection again.")
SUBSCRIPTIONS = Text("Подписки на события на месте: {wanted}", "Subscriptions to events are in place: {wanted}")
SUBSCRIPTIONS_GONE = Text(
    "Не хватает подписок на события: {missing} из {wanted}",
    "Subscriptions to events are missing: {missing} of {wanted}",
)
RESTORE = Text(
    "Пока их нет, мы узнаём об изменениях сверкой, на несколько минут позже. Откройте установку и примените план: подписки "
    "вернутся.",
    "Until they are back we learn of changes by comparing, some minutes later. Open the set-up and apply the plan: they are "
    "restored.",
)

# events
LAST_EVENT = Text("Последнее событие {ago}: {at}", "The last event {ago}: {at}")
NO_EVENTS = Text("За две недели CRM не прислала ни одного события", "The CRM has sent no event within two weeks")
NO_EVENTS_YET = Text("Событий ещё не было", "There was no event yet")
QUIET = Text(
    "Сверка подтверждает: с тех пор в сделках ничего не менялось", "Comparing proves that no deal has changed since"
)
WHY_NO_EVENTS = Text(
    "Если в CRM никто не работал, так и должно быть. Если работали, проверьте связь: изменения мы пока узнаём сверкой.",
    "If nobody worked in the CRM, that is right. If somebody did, check the connection: changes are found by comparing.",
)
COMPARED = Text("Сверяли {ago}: {at}", "Compared {ago}: {at}")
NEVER_COMPARED = Text("Ещё не сверяли", "Not compared yet")
COMPARED_SOON = Text("Первая сверка в ближайшие минуты", "The first comparing comes in some minutes")
REFUSED = Text("CRM не даёт сверить изменения с {at}", "The CRM refuses to be compared since {at}")
ASK_ADMIN = Text(
    "Проверьте, что у сотрудника, который подключил приложение, остались права администратора; потом проверьте связь.",
    "See that whoever connected the application still has an administrator's rights; then check the connection.",
)
WAIT_MINUTES = Text(
    "Обычно это проходит за несколько минут само. Обновите страницу позже.",
    "That usually passes by itself in some minutes. Refresh the page later.",
)
ASK_SUPPORT = Text(
    "Сообщите в поддержку: дело на нашей стороне. Данные целы, работа продолжится с того же места.",
    "Tell our support: it is on our side. No data is lost, work goes on from where it stopped.",
)
NO_CHANGES = Text("За неделю изменений не было", "There were no changes within a week")
LOST_SHARE = Text(
    "За неделю CRM не сообщила вовремя о {late} из {all} изменений ({share} %); их нашла сверка",
    "Within a week the CRM did not tell in time of {late} of {all} changes ({share} %); comparing found them",
)
WHY_LOST = Text(
    "Ничего не потеряно, но роботы срабатывают на несколько минут позже. Проверьте связь; если подписки на месте, сообщите в "
    "поддержку CRM, что события не доходят.",
    "Nothing is lost, but robots act some minutes later. Check the connection; if the subscriptions are in place, tell the "
    "CRM's support that events do not arrive.",
)

# our own work
QUEUE = Text(
    "Заданий ждёт: {waiting}, выполняется: {running}, событий CRM в разборе: {unread}",
    "Jobs waiting: {waiting}, running: {running}, events of the CRM being worked on: {unread}",
)
OLDEST = Text("Самое старое ждёт {seconds} с", "The oldest waits for {seconds} s")
NO_WORKER = Text("Фоновые задания не выполняются", "Background jobs are not carried out")
NOTHING_STOPPED = Text("Ничего не остановилось", "Nothing has stopped")
STOPPED = Text("Остановилось и ждёт решения: {count}", "Stopped, and waits for you: {count}")
TRY_AGAIN = Text(
    "Откройте журнал: там названа причина и есть кнопка «Повторить».",
    "Open the journal: it names the cause and has a button to try again.",
)
LIMITS = Text(
    "Запас запросов: {free} из {burst}, пополняется по {speed} в секунду",
    "Requests in reserve: {free} of {burst}, {speed} more each second",
)
LAST_HOUR = Text(
    "За последний час: {sent}, из них без ответа или с ошибкой: {failed}",
    "Within the last hour: {sent}, of these failed: {failed}",
)
WAITS = Text("CRM просит подождать ещё {seconds} с", "The CRM asks to wait for another {seconds} s")
CRM_BUSY = Text(
    "Запас запросов исчерпан: работа идёт, но медленнее. Если так весь день, проверьте, какие ещё приложения нагружают CRM.",
    "The reserve of requests is used up: work goes on, slower. If it lasts all day, see which other applications load it.",
)
RULES = Text("Работают: {on}, выключены вами: {off}", "At work: {on}, switched off by you: {off}")
PAUSED = Text("Приостановлены: {names}", "Paused: {names}")
HALTED = Text("Вы приостановили работу: роботы не работают", "You have paused the work: no robot acts")
GO_ON = Text(
    "События сохраняются и будут разобраны, когда вы продолжите работу в настройках.",
    "Events are kept and worked on once you go on, in the settings.",
)
AT_REST = Text("Не сверяем, пока работа приостановлена", "Not compared while the work is paused")
MEND_RULES = Text(
    "Им не хватает этапа или поля, которые удалили в CRM. Откройте правила и выберите замену.",
    "They lack a stage or a field that was deleted in the CRM. Open the rules and choose another one.",
)

#: seconds -> so long ago, the largest unit first
UNITS: Final = (
    (86_400, Text("{count} дн. назад", "{count} d ago")),
    (3_600, Text("{count} ч назад", "{count} h ago")),
    (60, Text("{count} мин назад", "{count} min ago")),
)
JUST_NOW = Text("только что", "just now")

# the check
CHECKED_WELL = Text("Связь есть: CRM ответила за {ms} мс.", "The connection works: the CRM answered in {ms} ms.")
CHECKED_ILL = Text("Связи нет. {why}", "There is no connection. {why}")
CHECKED_PARTLY = Text(
    "CRM отвечает, но не хватает подписок на события: {missing} из {wanted}.",
    "The CRM answers, but subscriptions to events are missing: {missing} of {wanted}.",
)
