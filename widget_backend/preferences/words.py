"""All that the page of settings says."""

from __future__ import annotations

from typing import Final

from widget_backend.texts import Text

TITLE = Text("Настройки", "Settings")
BACK = Text("К настройкам", "To the settings")
CHANGE, REMOVE, ADD = Text("Изменить", "Change"), Text("Убрать", "Remove"), Text("Добавить", "Add")
SAVE = Text("Сохранить", "Save")
LAST = Text("Изменил(а) {who}, {at}", "Changed by {who}, {at}")
USUAL = Text("По умолчанию: {value}", "Usually: {value}")
NOT_DONE = Text("Не сделано", "Not done")
READ_ONLY = Text("Только просмотр", "View only")
NOT_SET_UP = Text("Настройка не закончена", "The set-up is not finished")
NOT_SET_UP_HINT = Text(
    "Часы, команду и доступ можно задать уже сейчас: они начнут действовать, когда настройка CRM пройдена до конца.",
    "Hours, team and access can be set right now: they take effect once the CRM's set-up is finished.",
)
TO_WIZARD = Text("Открыть настройку", "Open the set-up")
WRONG = Text(
    "Не сохранено: исправьте отмеченное. Введённое цело, прежнее действует.",
    "Not saved: correct what is marked. What you typed is here, what was before is in force.",
)
CHANGED_SINCE = Text(
    "Запись изменили после того, как вам её показали. Никто не убран: посмотрите, какой она стала, и решите ещё раз.",
    "This was changed after it was shown to you. Nobody was removed: see what it is now and decide once more.",
)
CHANGED_MEANWHILE = Text(
    "Пока вы правили, это изменил другой сотрудник. Ничего не сохранено и введённое вами цело: сверьте с тем, что сохранено "
    "сейчас, и сохраните ещё раз, чтобы заменить.",
    "Somebody else changed this while you worked on it. Nothing was saved and what you typed is here: compare it with what is "
    "saved now, and save again to replace it.",
)
SHOW_SAVED = Text("Показать сохранённое", "Show what is saved")
CHOOSE = Text("выберите", "choose")
NOT_TICKED = Text("Отметьте, что вы уверены. Ничего не изменено.", "Tick that you are sure. Nothing was changed.")

# hours
HOURS_TITLE = Text("Рабочие часы и часовой пояс", "Working hours and time zone")
HOURS_WHY = Text(
    "В рабочих часах считаются сроки задач и «сделка стоит дольше срока», по часам клиники показаны все даты.",
    "Task deadlines and “the deal stays too long” are counted in working hours; all dates are shown by the clinic's clock.",
)
HOURS = Text("Рабочие часы клиники", "The clinic's working hours")
HOURS_HINT = Text(
    "По одной строке: пн-пт 09:00-20:00, сб 10:00-16:00. Перерыв пишется двумя строками.",
    "One a line: mon-fri 09:00-20:00, sat 10:00-16:00. A break makes two lines.",
)
ZONE = Text("Часовой пояс", "Time zone")
NO_HOURS = Text(
    "Нужны рабочие часы, по одной строке вида пн-пт 09:00-20:00.",
    "Working hours are needed, lines like mon-fri 09:00-20:00.",
)
NO_ZONE = Text("Выберите часовой пояс из списка.", "Choose a time zone from the list.")
HOURS_SAVED = Text(
    "Рабочие часы сохранены. Новые сроки считаются по ним; уже идущие сроки сделки пересчитаются, когда в ней что-то "
    "изменится.",
    "The working hours are saved. New terms are counted in them; those a deal is waiting for are counted anew when something "
    "in it changes.",
)

# team
TEAM_TITLE = Text("Команда", "Team")
TEAM_WHY = Text(
    "Кому достаются сделки: по роли, филиалу, направлению, сменам и очереди. Первичных и повторных пациентов берут "
    "администраторы, планы лечения ведут координаторы.",
    "Who gets deals: by role, branch, direction, shift and turn. Receptionists take new and returning patients, coordinators "
    "lead the treatment plans.",
)
TEAM_NONE = Text(
    "Команда не задана: сделки остаются у тех, кому их отдала CRM, уведомления получает владелец.",
    "No team is set: deals stay with whoever the CRM gave them to, notices go to the owner.",
)
MEMBER = Text("сотрудник №{user}", "user {user}")
MEMBER_TITLE = Text("Сотрудник: {name}", "Member: {name}")
MEMBER_NEW = Text("Новый сотрудник в команде", "A new member of the team")
IN, OUT = Text("на смене", "at work"), Text("не на смене", "not at work")
AWAY = Text("нет на работе: {since}–{until}", "away: {since} to {until}")
ANYWHERE = Text("все филиалы и воронки", "all branches and pipelines")
CLINIC_HOURS = Text("часы клиники", "the clinic's hours")
WHO = Text("Сотрудник CRM", "User of the CRM")
ROLES = Text("Роли", "Roles")
ROLES_HINT = Text("Хотя бы одна.", "At least one.")
BRANCHES_OF, DIRECTIONS_OF, PIPELINES_OF = (
    Text("Филиалы", "Branches"),
    Text("Направления", "Directions"),
    Text("Воронки", "Pipelines"),
)
EMPTY_IS_ALL = Text("Ничего не отмечено — значит все.", "Nothing ticked means all.")
OWN_HOURS = Text("Свои рабочие часы", "Own working hours")
OWN_HOURS_HINT = Text(
    "Пусто — как у клиники. По одной строке вида пн-пт 09:00-18:00.",
    "Empty: as the clinic's. Lines like mon-fri 09:00-18:00.",
)
AWAY_SINCE, AWAY_UNTIL = (
    Text("Отсутствует с{number}", "Away from{number}"),
    Text("Отсутствует по{number}, включительно", "Away until{number}, that day too"),
)
NO_USER = Text("Выберите сотрудника.", "Choose somebody.")
NO_ROLE = Text("Отметьте хотя бы одну роль.", "Tick at least one role.")
BAD_HOURS = Text("Часы пишутся строками вида пн-пт 09:00-18:00.", "Hours are lines like mon-fri 09:00-18:00.")
BAD_ABSENCE = Text(
    "Нужны обе даты, вторая не раньше первой.", "Both dates are needed, the second not before the first."
)
MEMBER_ALREADY = Text(
    "Этот сотрудник уже в команде: измените его.", "This person is in the team already: change that entry."
)
MEMBER_SAVED = Text(
    "Сохранено: {name}. Следующие сделки распределяются уже так.", "Saved: {name}. The next deals go by it."
)
MEMBER_GONE = Text(
    "Убрано из команды: {name}. Прежние сделки остались за ним, новые достанутся другим.",
    "Removed from the team: {name}. The deals of before stay, new ones go to others.",
)
REMOVE_TITLE = Text("Убрать из команды: {name}?", "Remove from the team: {name}?")
REMOVE_HINT = Text(
    "Новые сделки будут доставаться другим. Сделки, которые уже у сотрудника, останутся за ним; из CRM он не удаляется.",
    "New deals go to others. The deals this person has stay; nobody is removed from the CRM.",
)
NO_MEMBER = Text(
    "Такого сотрудника в команде нет. Ничего не изменено: обновите страницу.",
    "There is no such member of the team. Nothing was changed: reload the page.",
)
USERS_AWAY = Text("Список сотрудников из CRM не получен", "The CRM's list of users could not be read")
USERS_AWAY_HINT = Text(
    "Показаны только те, кого мы уже знаем. {reason}", "Only those we know already are shown. {reason}"
)

# access
ACCESS_TITLE = Text("Доступ к приложению", "Access to the application")
ACCESS_WHY = Text(
    "Администраторы CRM могут всё: это право даёт и снимает сама CRM. Остальные смотрят; здесь им можно дать больше.",
    "Administrators of the CRM may do everything: the CRM itself gives and takes that right. All others may look; here they "
    "can be given more.",
)
ACCESS_NONE = Text("Больше никому ничего не открыто.", "Nobody else has been given more.")
ACCESS_USER, ACCESS_ROLE = Text("Кому", "Who"), Text("Что можно", "May")
NO_RIGHT = Text("только просмотр", "only look")
RIGHTS: Final = {
    "coordinator": Text("координатор: копирует и распределяет сделки", "coordinator: copies and routes deals"),
    "marketer": Text("маркетолог: отчёты без данных пациентов", "marketer: reports without patients' data"),
    "auditor": Text("аудитор: смотрит и выгружает", "auditor: looks and exports"),
}
NO_SUCH_ROLE = Text("Такой роли нет: выберите из списка.", "There is no such role: choose from the list.")
YOURSELF = Text(
    "Себе права здесь не меняют: вы администратор CRM, и можно вам всё.",
    "You cannot change your own rights here: you are an administrator of the CRM and may do everything.",
)
IS_ADMIN = Text(
    "Это администратор CRM: ему уже можно всё.", "This is an administrator of the CRM, who may do everything."
)
TWICE = Text("Этот сотрудник указан дважды.", "This person is named twice.")
ACCESS_SAVED = Text(
    "Доступ сохранён. Отнятое уже не действует, новое — когда сотрудник откроет приложение в следующий раз.",
    "Access is saved. What was taken away has no effect any more, what is new when the person opens the application next.",
)

# clinic and rules
CLINIC_TITLE = Text("Филиалы, врачи, услуги", "Branches, dentists, services")
CLINIC_WHY = Text(
    "Это варианты полей в CRM. Правка списка станет планом: сначала вы увидите, что изменится в CRM, и только потом решите.",
    "These are options of fields in the CRM. A change of the list becomes a plan: first you see what would change in the CRM, "
    "then you decide.",
)
TO_CHOICES = Text("Изменить списки в установке", "Change the lists in the set-up")
NO_LIST = Text("пока нет", "none yet")
LISTS: Final = {
    "field.deal.branch": Text("Филиалы", "Branches"),
    "field.deal.doctor": Text("Врачи", "Dentists"),
    "field.deal.service": Text("Услуги", "Services"),
    "field.deal.direction": Text("Направления", "Directions"),
}
RULES_TITLE = Text("Роботы", "Robots")
RULES_WHY = Text("Включено {on} из {all}.", "{on} of {all} are on.")
RULES_NONE = Text("Правил пока нет.", "There are no rules yet.")
TO_RULES = Text("Выключатели и правила", "Switches and rules")

# connection
LINK_TITLE = Text("Связь с CRM", "The connection to the CRM")
LINK_ACCOUNT = Text("Аккаунт", "Account")
LINK_ADDRESS = Text("Адрес", "Address")
LINK_SINCE = Text("Подключено", "Connected")
LINK_CHECK = Text("Проверить связь", "Check the connection")
LINK_ASKING = Text("Спрашиваем CRM…", "Asking the CRM…")
LINK_OK = Text(
    "CRM отвечает: {ms} мс. Доступ есть, подписки на события на месте.",
    "The CRM answers: {ms} ms. We are let in, and told of events.",
)
LINK_MISSING = Text(
    "CRM отвечает, но не на все события подписаны: не хватает {missing} из {wanted}. Откройте установку и примените план: он "
    "вернёт подписки; пропущенное мы найдём сами.",
    "The CRM answers, but {missing} of {wanted} subscriptions are missing. Open the set-up and apply the plan: it brings them "
    "back; what was missed is found by itself.",
)
LINK_FAULT = Text("Связи нет", "No connection")

# danger
DANGER_TITLE = Text("Опасная зона", "Danger zone")
DANGER_WHY = Text(
    "Каждое действие спросит ещё раз и попадёт в журнал действий.", "Each asks once more and is written to the audit."
)
HALT = Text("Приостановить работу", "Pause the work")
HALT_HINT = Text(
    "Правила и кнопки остановятся, события CRM будут копиться и обработаются потом.",
    "Rules and buttons stop, events of the CRM gather and are worked on later.",
)
HALT_TITLE = Text("Приостановить работу приложения в этой клинике?", "Pause the application's work in this clinic?")
HALT_WHAT = (
    Text("Правила, таймеры и кнопки остановятся сразу.", "Rules, timers and buttons stop at once."),
    Text(
        "События CRM сохраняются. Когда вы продолжите, они обработаются по порядку; просроченные напоминания сработают тогда "
        "же.",
        "Events of the CRM are stored. When you go on they are worked on in order; reminders that came due run then.",
    ),
    Text("В CRM ничего не меняется и не удаляется.", "Nothing is changed or deleted in the CRM."),
)
HALTED = Text(
    "Работа приостановлена: события копятся, ничего не делается.", "Work is paused: events gather, nothing is done."
)
HALTED_BY = Text("Приостановил(а) {who}, {at}", "Paused by {who}, {at}")
RESUME = Text("Продолжить работу", "Go on with the work")
RESUMED = Text(
    "Работа продолжается: накопленное будет обработано за несколько минут.",
    "Work goes on: what has gathered is worked on within a few minutes.",
)
ROLL_BACK = Text("Откатить настройку CRM", "Roll back the CRM's set-up")
ROLL_BACK_HINT = Text(
    "Сначала покажем план отката: что убрали бы и что останется. Этапы со сделками и заполненные поля не трогаем.",
    "First you see the plan of the rollback: what would go and what stays. Stages with deals and filled fields are left alone.",
)
PART = Text("Отключить приложение", "Disconnect the application")
PART_HINT = Text(
    "Сотрём доступ к CRM и данные клиники у нас. Созданное в CRM останется.",
    "We erase our access to the CRM and the clinic's data here. What was made in the CRM stays.",
)
PART_TITLE = Text("Отключить приложение от CRM?", "Disconnect the application from the CRM?")
PART_WHAT = (
    Text(
        "Доступ к CRM, журнал, свои правила, команда и настройки у нас будут стёрты. Вернуть их нельзя.",
        "Our access to the CRM, the journal, your own rules, the team and the settings here are erased. They cannot be brought "
        "back.",
    ),
    Text(
        "Воронки, поля и сделки в CRM останутся. Убрать их можно только до отключения, откатом.",
        "Pipelines, fields and deals stay in the CRM. They can be taken back only before that, by the rollback.",
    ),
    Text(
        "Правила перестанут выполняться. Чтобы CRM не показывала приложение, удалите его и в самой CRM.",
        "Rules are no longer carried out. So that the CRM shows the application no more, delete it in the CRM too.",
    ),
)
PARTED = Text("Приложение отключено", "The application is disconnected")
PARTED_HINT = Text(
    "Доступ и данные клиники стёрты, сделанное в CRM осталось. Удалите приложение в CRM, или откройте его там под "
    "администратором, чтобы начать заново.",
    "Our access and the clinic's data are erased, what was made in the CRM stays. Delete the application in the CRM, or open "
    "it there as an administrator to begin anew.",
)
SURE = Text("Я понимаю, что произойдёт", "I understand what will happen")
CANCEL = Text("Не делать", "Do not")
