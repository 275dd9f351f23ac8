"""All that the page of rules says."""

from __future__ import annotations

from typing import Final

from widget_backend.texts import Text

TITLE = Text("Правила", "Rules")
LEAD = Text(
    "Что роботы делают сами, когда со сделкой что-то происходит. Выключенное правило ничего не делает; включить можно в любой "
    "момент.",
    "What robots do by themselves when something happens to a deal. A rule that is off does nothing; it can be switched on at "
    "any time.",
)
EVERYWHERE = Text("Во всех воронках и вне их", "In all pipelines and outside them")
COUNTS = Text("Включено {on} из {all}", "{on} of {all} are on")
HANDED = Text("Выполняет CRM", "Done by the CRM")
COUNT_PAUSED = Text("приостановлено: {count}", "paused: {count}")
ON, OFF = Text("Включено", "On"), Text("Выключено", "Off")
PAUSED = Text("Приостановлено", "Paused")
SWITCH_ON, SWITCH_OFF = Text("Включить", "Switch on"), Text("Выключить", "Switch off")
SWITCHED_ON = Text("Включил(а) {who}, {at}", "Switched on by {who}, {at}")
SWITCHED_OFF = Text("Выключил(а) {who}, {at}", "Switched off by {who}, {at}")
OWN = Text("своё", "your own")
PRESET = Text("из набора {release}", "of the preset {release}")
EVENT = Text("Событие", "Event")
WHEN, IF, THEN = Text("Когда", "When"), Text("Если", "If"), Text("Тогда", "Then")
ALL_OF = Text("все условия сразу", "all of them")
NEW = Text("Новое правило", "New rule")
CHANGE = Text("Изменить", "Change")
TRY = Text("Что было бы", "What it would have done")
DROP = Text("Удалить", "Delete")
RESTORE = Text("Вернуть правило набора", "Restore the preset's rule")
BACK = Text("К правилам", "To the rules")
CANCEL = Text("Не менять", "Leave as it is")

# states
EMPTY = Text("Правил пока нет", "There are no rules yet")
EMPTY_HINT = Text(
    "Они появятся, когда настройка пройдена до конца. Пока роботы ничего не делают.",
    "They appear once the set-up is finished. Until then robots do nothing.",
)
TO_WIZARD = Text("Открыть настройку", "Open the set-up")
NOT_DONE = Text("Не сделано", "Not done")
READ_ONLY = Text("Только просмотр", "View only")
CHANGED_SINCE = Text(
    "Правило изменили после того, как вам его показали. Ничего не убрано: посмотрите, каким оно стало, и решите ещё раз.",
    "The rule was changed after it was shown to you. Nothing was taken away: see what it is now and decide once more.",
)
CHANGED_MEANWHILE = Text(
    "Пока вы правили, это правило изменили. Ничего не сохранено и введённое вами цело: сверьте с нынешним и сохраните ещё раз, "
    "чтобы заменить его.",
    "This rule was changed while you worked on it. Nothing was saved and what you typed is here: compare it with the present "
    "one and save again to replace it.",
)
PRESENT = Text("Сейчас сохранено", "What is saved now")

# acts
TURNED_ON = Text("Правило «{rule}» включено.", "The rule “{rule}” is on.")
TURNED_OFF = Text(
    "Правило «{rule}» выключено: новые события его не запустят.", "The rule “{rule}” is off: nothing new sets it off."
)
SAVED = Text("Правило «{rule}» сохранено и действует.", "The rule “{rule}” is saved and in force.")
DROPPED = Text("Правило «{rule}» удалено.", "The rule “{rule}” was deleted.")
RESTORED = Text(
    "Снова действует правило набора вместо «{rule}».", "The preset's rule is in force again instead of “{rule}”."
)
MENDED = Text("Этап выбран: правило «{rule}» снова работает.", "The stage is chosen: the rule “{rule}” works again.")
DROP_TITLE = Text("Удалить правило «{rule}»?", "Delete the rule “{rule}”?")
DROP_HINT = Text(
    "Роботы перестанут делать это сразу. Сделанное останется в CRM, записи о запусках видны ещё две недели. Вернуть правило "
    "можно, только создав его заново.",
    "Robots stop doing this at once. What was done stays in the CRM, its runs can be read for two weeks. The rule comes back "
    "only if you make it anew.",
)
RESTORE_TITLE = Text("Вернуть правило набора вместо «{rule}»?", "Restore the preset's rule instead of “{rule}”?")
RESTORE_HINT = Text(
    "Ваши правки этого правила пропадут, и роботы сразу станут работать по правилу набора. Сделанное останется в CRM.",
    "Your changes of this rule are lost, and robots follow the preset's rule at once. What was done stays in the CRM.",
)

# a stage that is gone
CHOOSE = Text("Этап вместо «{gone}»", "Stage instead of “{gone}”")
CHOOSE_WATCHED = Text("За каким этапом следить", "Which stage to watch")
TAKE = Text("Выбрать этап", "Choose the stage")
NO_PLACE = Text(
    "Такого этапа в CRM нет, или выбирать уже не нужно. Ничего не изменено: обновите страницу.",
    "The CRM has no such stage, or there is nothing to choose any more. Nothing was changed: reload the page.",
)

# trial
TRY_TITLE = Text("Что было бы: {rule}", "What would have been: {rule}")
TRY_LEAD = Text(
    "Моменты взяты из прошлого, условия проверены по тому, какими сделки и пациенты стали сейчас. В CRM ничего не пишется.",
    "The moments are those of the past, conditions are judged by what deals and patients are now. Nothing is written to the "
    "CRM.",
)
PERIOD = Text("За какое время", "Period")
PERIODS: Final = {1: Text("сутки", "a day"), 7: Text("неделю", "a week"), 30: Text("месяц", "a month")}
OVER = Text("за {period}", "over {period}")
LOOKING = Text("Смотрим сделки в CRM…", "Looking at the deals in the CRM…")
FIRES = Text("поводы", "moments")
LOOKED = Text("проверено", "looked at")
ACTS = Text("сработало бы", "would have acted")
DEALS = Text("сделки, где сработало бы", "deals in which it would act")
OLDER = Text("Показаны последние {looked} поводов из {fires}.", "The latest {looked} of {fires} moments are shown.")
NEVER = Text(
    "За это время правило не нашло бы ни одного повода.", "The rule would not have found a moment in that time."
)
MOMENT, DEAL, RESULT, WHY = (
    Text("Когда", "When"),
    Text("Сделка", "Deal"),
    Text("Что было бы", "What would have been"),
    Text("Почему", "Why"),
)
WOULD: Final = {
    True: Text("сработало бы", "would act"),
    False: Text("не сработало бы", "would not act"),
    None: Text("не заметило бы", "would not answer"),
}
DOES = Text("Каждый раз сделало бы", "Each time it would have")
AGAIN = Text("Повторить", "Try again")

# comparison
COMPARE = Text("Сравнить с нынешним", "Compare with the present one")
TRY_IT = Text("Примерить на прошлом", "Try it on the past")
COMPARED = Text("Было и станет за {period}", "Before and after, over {period}")
TRIED = Text("Что было бы за {period}", "What would have been, over {period}")
NOW, THEN_ = Text("Нынешнее", "Present"), Text("Изменённое", "Changed")
DIFFERS = Text("иначе", "differs")

# form
EDIT_TITLE = Text("Правило: {rule}", "Rule: {rule}")
NEW_TITLE = Text("Новое правило", "New rule")
EDIT_LEAD = Text(
    "Сохранённое правило действует сразу. Перед этим его можно примерить на прошлом.",
    "A saved rule is in force at once. Before that it can be tried on the past.",
)
OF_PRESET = Text(
    "Это правило набора. Ваша правка заменит его, вернуть исходное можно одной кнопкой.",
    "This rule is the preset's. Your change takes its place; the original is one button away.",
)
NAME = Text("Название", "Name")
HAPPENS = Text("Что происходит", "What happens")
ADD_IF, ADD_DO = Text("Добавить условие", "Add a condition"), Text("Добавить действие", "Add an action")
REMOVE_IF, REMOVE_DO = (
    Text("Убрать условие {number}", "Remove condition {number}"),
    Text("Убрать действие {number}", "Remove action {number}"),
)
CONDITION, ACTION = Text("Условие {number}", "Condition {number}"), Text("Действие {number}", "Action {number}")
NO_CONDITIONS = Text("Условий нет: правило сработает каждый раз.", "No conditions: the rule acts each time.")
SAVE = Text("Сохранить правило", "Save the rule")
AS_TEXT, AS_FORM = Text("Править как текст", "Edit as text"), Text("Править как форму", "Edit as a form")
TEXT_FIELD = Text("Правило в виде JSON", "The rule as JSON")
TEXT_HINT = Text(
    "Для тех, кто знает язык правил: when, if, do. Ошибки будут показаны все сразу.",
    "For those who know the language of rules: when, if, do. All mistakes are shown at once.",
)
NOT_JSON = Text(
    "Это не JSON: ошибка в строке {line}, знак {column}.",
    "This is no JSON: a mistake at line {line}, character {column}.",
)
WRONG = Text(
    "Правило не сохранено, прежние работают как работали. Исправьте отмеченное: введённое цело.",
    "The rule was not saved, the others work as before. Correct what is marked: what you typed is here.",
)
CHOOSE_ONE = Text("выберите", "choose")
UNIT = Text("единица времени", "unit of time")
UNITS: Final = {"m": Text("мин", "minute(s)"), "h": Text("ч", "hour(s)"), "d": Text("дн.", "day(s)")}
YES, NO = Text("да", "yes"), Text("нет", "no")
DEAL_FIELDS, PATIENT_FIELDS = Text("Поля сделки", "Deal fields"), Text("Поля пациента", "Patient fields")
KNOWN_FACTS = Text("О пациенте и времени", "About the patient and the time")
STAGE_KINDS = Text("По виду этапа", "By kind of stage")
TAKEN_VALUES = Text("Подставить", "Fill in")
OPTIONS = Text("Варианты", "Options")

#: part of a trigger or action -> its label
PARTS: Final = {
    "stages": Text("Этапы", "Stages"),
    "channels": Text("Как обратился", "How"),
    "span": Text("Сколько времени", "How long"),
    "working_hours": Text("Считать в рабочих часах", "Count in working hours"),
    "field": Text("Поле", "Field"),
    "fact": Text("О чём сообщает МИС", "What the MIS reports"),
    "robot": Text("Робот", "Robot"),
    "label": Text("Надпись на кнопке", "The button's label"),
    "to": Text("На этап", "To the stage"),
    "out_of": Text("С этапов", "From the stages"),
    "who": Text("Кто", "Who"),
    "task": Text("Задача", "Task"),
    "value": Text("Значение", "Value"),
    "text": Text("Текст", "Text"),
    "bot": Text("Бот", "Bot"),
    "once_per_patient": Text("Только если открытой там ещё нет", "Only if none is open there"),
    "what": Text("Что проверить", "What to look at"),
    "is": Text("Как", "How"),
    "action": Text("Что сделать", "What to do"),
}
#: trigger -> as a list offers it
TRIGGERS: Final = {
    "created": Text("создана сделка", "a deal is created"),
    "entered": Text("сделка перешла на этап", "a deal comes to a stage"),
    "left": Text("сделка ушла с этапа", "a deal leaves a stage"),
    "stuck": Text("сделка стоит дольше срока", "a deal stays too long"),
    "changed": Text("изменилось поле", "a field changes"),
    "incoming": Text("пациент обратился сам", "the patient gets in touch"),
    "before": Text("приближается дата", "a date comes near"),
    "after": Text("после даты прошёл срок", "some time after a date"),
    "reached": Text("наступила дата", "a date arrives"),
    "button": Text("нажата кнопка в карточке", "a button of the card is pressed"),
    "mis": Text("сообщила МИС", "the MIS reports"),
    "robot": Text("CRM вызвала робота", "the CRM calls a robot"),
}
#: action -> as a list offers it
ACTIONS: Final = {
    "copy_deal": Text("скопировать сделку", "copy the deal"),
    "create_deal": Text("создать сделку", "create a deal"),
    "move_deal": Text("перевести сделку", "move the deal"),
    "move_patient_deal": Text("перевести другую сделку пациента", "move another deal of the patient"),
    "join_open_deal": Text("передать открытой сделке пациента", "hand over to the patient's open deal"),
    "set_responsible": Text("назначить ответственного", "set the responsible person"),
    "create_task": Text("поставить задачу", "set a task"),
    "close_tasks": Text("закрыть задачи", "close tasks"),
    "notify": Text("уведомить сотрудника", "notify somebody"),
    "set_field": Text("заполнить поле", "fill a field"),
    "clear_field": Text("очистить поле", "clear a field"),
    "increase_field": Text("прибавить к полю", "add to a field"),
    "send_message": Text("написать пациенту", "write to the patient"),
    "add_note": Text("добавить примечание", "add a note"),
    "start_bot": Text("запустить бота", "start a bot"),
    "call_back": Text("ответить роботу", "answer a robot"),
}
#: operator -> as a list offers it
OPERATORS: Final = {
    "equals": Text("равно", "equals"),
    "differs": Text("не равно", "differs"),
    "more": Text("больше", "is more than"),
    "less": Text("меньше", "is less than"),
    "filled": Text("заполнено", "is filled in"),
    "empty": Text("пусто", "is empty"),
}
