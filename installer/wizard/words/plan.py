"""Words of the plan and of the plan of a rollback."""

from __future__ import annotations

from widget_backend.crm.model import Action
from widget_backend.texts import Text

TITLE = Text("План изменений", "Plan of changes")
NOTHING_WRITTEN = Text("Ничего ещё не записано.", "Nothing has been written yet.")
LEAD = Text(
    "Так изменится ваша CRM. Изменения начнутся, только когда вы нажмёте «Применить».",
    "This is how your CRM will change. Changes begin only when you press “Apply”.",
)
MAKING = Text("Составляем план", "Making the plan")
FAILED = Text("План составить не удалось", "The plan could not be made")
EMPTY_TITLE = Text("Делать нечего", "Nothing to do")
EMPTY = Text(
    "CRM уже настроена по этому набору. Можно перейти к итогам или изменить выбор.",
    "The CRM is already set up as this preset wants. Go to the result, or change your choices.",
)
TO_RESULT = Text("К итогам", "To the result")

COUNTS = {
    "create": Text("создать", "create"),
    "update": Text("изменить", "change"),
    "delete": Text("удалить", "delete"),
    "keep": Text("оставить", "keep"),
    "decide": Text("решить", "decide"),
}
MARKS = {
    Action.CREATE.value: Text("создать", "create"),
    Action.UPDATE.value: Text("изменить", "change"),
    Action.DELETE.value: Text("удалить", "delete"),
    Action.ADOPT.value: Text("взять ваше", "use yours"),
    Action.KEEP.value: Text("оставить", "keep"),
    Action.FORGET.value: Text("отпустить", "let go"),
}
ROLLBACK_COUNTS = {**COUNTS, "update": Text("вернуть", "restore")}
ROLLBACK_MARKS = {**MARKS, Action.UPDATE.value: Text("вернуть", "restore")}
#: what has no name in any CRM, by its address
NAMELESS = {
    "subscription.records": Text("Сделки и контакты", "Deals and contacts"),
    "subscription.communication": Text("Звонки, сообщения и дела", "Calls, messages and tasks"),
}
ONLY_CHANGES = Text("Только изменения", "Changes only")
ATTRIBUTE, WAS, BECOMES = Text("Что", "What"), Text("Было", "Was"), Text("Станет", "Becomes")
PIPELINES = Text("Воронки", "Pipelines")
FIELDS = Text("Поля", "Fields")
LISTS = Text("Справочники и карточки", "Lists and cards")
APPLICATION = Text("Приложение", "Application")
BY_HAND = Text("Сделать вручную", "To be done by hand")
BY_HAND_HINT = Text(
    "Это CRM не даёт сделать программе. Напомним после установки и проверим сами.",
    "The CRM does not let a program do this. You will be reminded after the set-up, and we check it for you.",
)
CANNOT = Text("Чего эта CRM не умеет", "What this CRM cannot do")
DOWNLOAD = Text("Скачать план", "Download the plan")
DOWNLOADING = Text("Файл готов", "The file is ready")
RULES_OFF = Text(
    "Из-за пропущенного не будут работать правила: {names}.", "Because of what is skipped these rules are off: {names}."
)

DECIDE = Text("Нужно ваше решение", "Your decision is needed")
DECIDE_HINT = Text(
    "Здесь ваша CRM и набор настроек расходятся. Пока не решено всё, применить план нельзя.",
    "Here your CRM and the preset differ. The plan can be applied once all of it is decided.",
)
KEEP_MINE = Text("Оставить моё", "Keep mine")
TAKE_PRESET = Text("Взять из набора", "Take the preset's")
MAKE_AGAIN = Text("Создать снова", "Make it again")
LEAVE_REMOVED = Text("Оставить удалённым", "Leave it removed")
FOR_ALL = Text("Для всех сразу", "For all at once")
KEEP_ALL = Text("Везде оставить моё", "Keep mine everywhere")
TAKE_ALL = Text("Везде взять из набора", "Take the preset's everywhere")
DECIDED = Text("Ваши решения учтены: {count}.", "Your decisions are in: {count}.")
UNDECIDE = Text("Решить заново", "Decide anew")
LEFT = Text("Осталось решить: {count}", "Left to decide: {count}")

GUARDS = Text("Прочитайте и подтвердите", "Read and confirm")
GUARD_TICK = Text("Понимаю, так и нужно", "I understand, this is meant")
STOPS = Text("Мешает применить", "What stands in the way")
STALE = Text("Показан новый план", "This is the new plan")
CHANGED_CHOICES = Text(
    "Выбор изменился после этого плана. Составьте план заново.",
    "The choices have changed since this plan. Make the plan again.",
)
MAKE_ANEW = Text("Составить заново", "Make it again")
APPLY = Text("Применить", "Apply")
APPLY_COUNT = Text("Применить: {count}", "Apply: {count}")
NOT_TICKED = Text(
    "Поставьте отметки под предупреждениями. В CRM ничего не записано.",
    "Tick the boxes under the warnings. Nothing was written to the CRM.",
)
UNDECIDED = Text(
    "Сначала решите отмеченные вопросы. В CRM ничего не записано.",
    "Decide the open questions first. Nothing was written to the CRM.",
)
OLD = Text(
    "Пока вы смотрели, план обновился. В CRM ничего не записано: посмотрите новый план и примените его.",
    "The plan was made anew while you were looking. Nothing was written to the CRM: see the new plan and apply it.",
)

ROLLBACK_TITLE = Text("План отката", "Plan of the rollback")
ROLLBACK_LEAD = Text(
    "Уберём то, что создали, и вернём то, что меняли. Этапы со сделками и заполненные поля останутся.",
    "What we made is removed and what we changed is restored. Stages with deals and fields with values stay.",
)
ROLLBACK_EMPTY = Text(
    "Откатывать нечего: наших объектов в CRM нет.", "Nothing to roll back: nothing of ours is in the CRM."
)
ROLLBACK_TICK = Text(
    "Понимаю: удалённое из CRM вернуть можно только новой установкой",
    "I understand: what is deleted comes back only by setting up again",
)
ROLLBACK = Text("Откатить", "Roll back")
ROLLBACK_COUNT = Text("Откатить: {count}", "Roll back: {count}")
