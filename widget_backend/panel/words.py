"""All that the panel and its copy dialog say."""

from __future__ import annotations

from typing import Final

from widget_backend.texts import Text

TITLE = Text("Сделка №{deal}", "Deal {deal}")
DEAL = Text("сделка №{deal}", "deal {deal}")
OPEN_DEAL = Text("Открыть сделку №{deal} в CRM", "Open deal {deal} in the CRM")
RENEW = Text("Обновить", "Refresh")
TO_PANEL = Text("К сделке", "To the deal")
TO_WIZARD = Text("Открыть настройку", "Open the set-up")
TIMES = Text("Время клиники: {zone}", "Clinic's time: {zone}")

# the route line
ROUTE = Text("Путь сделки", "The deal's route")
CAME = Text("Откуда", "From")
NOW = Text("Сейчас", "Now")
NEXT = Text("Дальше", "Next")
SINCE = Text("с {at}", "since {at}")
EARLIER = Text("Ещё раньше: {count}", "Even earlier: {count}")
COPIED_FROM = Text("копия сделки №{deal}", "a copy of deal {deal}")
BORN = Text("создана здесь", "created here")
UNSEEN = Text("до подключения мы её не видели", "not seen before we were connected")
BY = Text("переместил(а) {who}", "moved by {who}")
CREATED_BY = Text("создал(а) {who}", "created by {who}")
BY_RULE = Text("робот «{rule}»", "the robot “{rule}”")
BY_ROBOT = Text("робот", "a robot")
USER = Text("сотрудник №{user}", "user {user}")
UNKNOWN = Text("неизвестно кто", "nobody knows who")
ON_ENTRY = Text("сработает: «{rule}»", "will run: “{rule}”")
NOTHING_NEXT = Text("роботы здесь ничего не ждут", "no robot waits for anything here")
WHY = Text("Почему", "Why")

# states
EMPTY = Text("С этой сделкой пока ничего не происходило", "Nothing has happened to this deal yet")
EMPTY_HINT = Text(
    "Мы видим сделку с её первого события после подключения: перемещения, звонка, изменения поля. Тогда здесь появится её "
    "путь. Скопировать и распределить её можно уже сейчас.",
    "A deal is seen from its first event after we were connected: a move, a call, a changed field. Then its route appears "
    "here. It can be copied and routed right now.",
)
NOT_SET_UP = Text("Настройка не закончена", "The set-up is not finished")
NOT_SET_UP_HINT = Text(
    "Панель заработает, когда администратор пройдёт настройку до конца. В сделке ничего не изменено.",
    "The panel works once an administrator has gone through the set-up. Nothing was changed in the deal.",
)
GONE = Text("Сделки в CRM больше нет", "The deal is no longer in the CRM")
GONE_HINT = Text(
    "Её удалили, объединили с другой или закрыли от нас. Ниже то, что о ней записано; делать с ней нечего.",
    "It was deleted, merged into another one or hidden from us. Below is what is known of it; there is nothing to do with it.",
)
NOT_DONE = Text("Не сделано", "Not done")
READ_ONLY = Text("Только просмотр", "View only")

# family
FAMILY = Text("Связанные сделки", "Related deals")
HOW: Final = {
    "copied": Text("копия", "copy"),
    "found": Text("передано сюда", "handed over here"),
    "moved": Text("переведена без копии", "moved without a copy"),
    "undone": Text("копия отменена", "copy undone"),
}
KIND: Final = {
    "open": Text("в работе", "open"),
    "won": Text("успех", "won"),
    "lost": Text("отказ", "lost"),
    "gone": Text("удалена", "deleted"),
}

# timeline
TIMELINE = Text("История пациента", "The patient's history")
TIMELINE_DEAL = Text("История сделки", "The deal's history")
TIMELINE_NONE = Text("Таких событий пока нет.", "There are no such events yet.")
SHOW = Text("Показать", "Show")
TIMELINE_CUT = Text("Показаны последние события: {count}.", "The latest events are shown: {count}.")
ALL_SHOWN = Text("Всё", "All")
VISITS_SHOWN = Text("Визиты", "Visits")
MOVES_SHOWN = Text("Перемещения", "Moves")
DECISIONS_SHOWN = Text("Решения", "Decisions")
ROBOTS_SHOWN = Text("Роботы", "Robots")
COPIES_SHOWN = Text("Копии", "Copies")
VISIT: Final = {
    "booked": Text("Пациент записан на приём", "The patient is booked for a visit"),
    "completed": Text("Пациент пришёл на приём", "The patient came to the visit"),
    "missed": Text("Пациент не пришёл на приём", "The patient did not come to the visit"),
    "cancelled": Text("Отметку о записи или визите сняли", "The booking or visit was taken back"),
}
VISIT_AT = Text("время приёма: {at}", "time of the visit: {at}")
INSURED = Text("по страховке (ДМС)", "paid by an insurer")
TOLD_BY: Final = {
    "deal": Text("видно по этапу сделки", "told by the deal's stage"),
    "mis": Text("по данным программы клиники", "told by the clinic's system"),
    "hand": Text("отмечено вручную", "noted by hand"),
}
CREATED = Text("Создана на этапе «{stage}»", "Created at “{stage}”")
MOVED = Text("Перешла на этап «{stage}»", "Moved to “{stage}”")
COPIED: Final = {
    "copied": Text("Скопирована: сделка №{deal}", "Copied: deal {deal}"),
    "found": Text("Передана в открытую сделку №{deal}", "Handed to the open deal {deal}"),
    "moved": Text("Переведена без копии", "Moved without a copy"),
    "undone": Text("Копия №{deal} отменена", "Copy {deal} was undone"),
}
DECIDED = Text("Решение: {kind}", "Decision: {kind}")
DECISION: Final = {
    "primary": Text("первичный пациент", "a new patient"),
    "repeat": Text("повторный пациент", "a returning patient"),
    "unsure": Text("решает человек", "a person decides"),
}
RULE = Text("Робот «{rule}»", "The robot “{rule}”")
RUN: Final = {
    "due": Text("в очереди", "waiting"),
    "done": Text("выполнено", "done"),
    "passed": Text("условия не выполнены", "conditions not met"),
    "failed": Text("не выполнено", "failed"),
    "stopped": Text("остановлено: слишком много роботов подряд", "stopped: too many robots in a row"),
    "off": Text("правило выключено", "the rule is off"),
    "paused": Text("правило приостановлено", "the rule is paused"),
    "held": Text("ждёт, пока CRM снова доступна", "waits until the CRM is back"),
}
CODE = Text("код {code}", "code {code}")

# acts
COPY = Text("Скопировать в воронку", "Copy to a pipeline")
ROUTE_IT = Text("Распределить", "Route")
ROUTE_HINT = Text(
    "Определить, первичный пациент или повторный, и отдать сделку тому, кто свободен.",
    "Find out whether the patient is new, and give the deal to whoever is free.",
)
WAKE = Text("Вернуть в работу", "Put back to work")
WAKE_HINT = Text("На этап «{stage}», ответственный узнает.", "To “{stage}”; the responsible person is told.")
UNDO = Text("Отменить копию №{deal}", "Undo copy {deal}")
UNDO_MOVE = Text("Отменить перевод", "Undo the move")
UNDO_LEFT = Text("Можно ещё {minutes} мин", "Possible for another {minutes} min")
ROUTED = Text("Сделка распределена. {reason}", "The deal was routed. {reason}")
TAKEN_BACK = Text("Отменено. {words}", "Undone. {words}")
LOST = Text("Не перенеслось", "Not carried over")
OLD_FORM = Text(
    "Форма устарела или повреждена. Ничего не изменено: обновите страницу и повторите.",
    "The form is outdated or damaged. Nothing was changed: reload the page and try again.",
)
NO_STAGE = Text(
    "Такого этапа в CRM нет. Ничего не создано: выберите другой этап и повторите.",
    "The CRM has no such stage. Nothing was made: choose another one and try again.",
)
NO_COPY = Text(
    "Такой копии нет. Ничего не изменено: обновите страницу.",
    "There is no such copy. Nothing was changed: reload the page.",
)
NOT_PARKED = Text(
    "Сделка не отложена: возвращать её некуда. Ничего не изменено, обновите страницу.",
    "The deal is not parked: there is nowhere to bring it back to. Nothing was changed, reload the page.",
)

# copy dialog
COPY_LEAD = Text(
    "Сама сделка останется на месте. Копия создаётся один раз, отменить её можно в течение 10 минут.",
    "The deal itself stays where it is. The copy is made once and can be undone for 10 minutes.",
)
WHERE = Text("Воронка и этап", "Pipeline and stage")
NOWHERE = Text(
    "Копировать некуда: в CRM нет воронок из настройки.", "There is nowhere to copy to: no pipeline was set up."
)
PREVIEW = Text("Что получится", "What will be made")
PREPARING = Text("Смотрим сделку в CRM…", "Looking at the deal in the CRM…")
EXISTING = Text(
    "У пациента уже есть открытая сделка в этой воронке: №{deals}",
    "The patient already has an open deal in this pipeline: {deals}",
)
EXISTING_HINT = Text(
    "Второй копии не будет: вместо неё вы получите эту сделку.",
    "No second copy is made: you get this deal instead.",
)
AGAIN = Text("Всё равно создать ещё одну", "Make another one all the same")
MAKE = Text("Создать копию", "Make the copy")
MOVES = Text("Переносится", "Moves along")
STAYS = Text("Остаётся здесь", "Stays here")
LINKS = Text("Связи", "Links")
STAYS_NONE = Text("Копия примет всё, что есть в сделке.", "The copy takes all that is in the deal.")
NAME = Text("Название", "Name")
AMOUNT = Text("Сумма", "Amount")
TAGS = Text("Теги", "Tags")
PRODUCTS = Text("Товары", "Products")
TASKS = Text("Открытые задачи", "Open tasks")
NOTES = Text("Примечания", "Notes")
PATIENT_LINK = Text("Пациент: контакт №{contact}", "Patient: contact {contact}")
NO_PATIENT = Text("Пациента в сделке нет.", "The deal has no patient.")
BOTH_LINK = Text(
    "В обеих сделках останется запись со ссылкой друг на друга.", "Both deals keep a note that names the other one."
)

# several deals at once
CHOOSE_DEALS = Text(
    "Отметьте от одной до {most} сделок. Ничего не создано: столько копий делается за раз.",
    "Tick one to {most} deals. Nothing was made: so many copies are made at a time.",
)
NEW_ONE = Text("Появится новая сделка.", "There will be a new deal.")
HAS_ONE = Text(
    "Копии не будет: у пациента там уже есть открытая сделка №{deals}.",
    "No copy: the patient already has an open deal there, {deals}.",
)
SPARED = Text(
    "Копии не будет: по настройкам сделка перейдёт туда сама или уступит место той, что там уже есть.",
    "No copy: by the settings the deal moves there itself or gives way to the one that is there.",
)

# why
WHY_TITLE = Text("Почему так: код {code}", "Why: code {code}")
HAPPENED = Text("Что произошло", "What happened")
