"""Words of every screen: steps, buttons, states, nouns."""

from __future__ import annotations

from installer.wizard.words.plural import Noun
from widget_backend.texts import Text

PRODUCT = Text("Стоматология: настройка CRM", "Dental clinic: CRM set-up")
STEPS = Text("Шаги настройки", "Set-up steps")
STEP = Text("Шаг {number} из {all}", "Step {number} of {all}")
STEP_DONE = Text("готово", "done")

ACCESS = Text("Проверка доступа", "Access check")
CHOICES = Text("Выбор", "Choices")
PLAN = Text("План", "Plan")
APPLY = Text("Установка", "Set-up")
RESULT = Text("Готово", "Done")

BACK = Text("Назад", "Back")
REPEAT = Text("Повторить", "Try again")
RELOAD = Text("Обновить вкладку", "Reload the tab")
CHECK_AGAIN = Text("Проверить снова", "Check again")
REMOVE = Text("Удалить приложение", "Remove the application")

LOADING = Text("Загружаем…", "Loading…")
READING = Text(
    "Читаем вашу CRM. Это займёт несколько секунд, менять мы ничего не будем.",
    "Reading your CRM. This takes a few seconds and changes nothing.",
)
WAITING = Text(
    "CRM пока не отвечает, пробуем ещё раз сами. {reason}", "The CRM is not answering yet; we keep trying. {reason}"
)
READ_ONLY = Text("Только просмотр", "View only")
OFFLINE = Text(
    "Нет связи с приложением. Ничего не потеряно: проверьте интернет и повторите.",
    "No connection to the application. Nothing is lost: check your internet and try again.",
)
UNSAVED = Text("Изменения не сохранены", "Your changes are not saved")
UNSAVED_HINT = Text(
    "Если уйти с этой страницы, введённое здесь пропадёт. Чтобы сохранить, останьтесь и нажмите кнопку под формой.",
    "If you leave this page, what you entered here is lost. To keep it, stay and press the button below the form.",
)
STAY = Text("Остаться", "Stay")
LEAVE = Text("Уйти без сохранения", "Leave without saving")
OK = Text("В порядке", "All right")
WARNING = Text("Внимание", "Note")
STOP = Text("Нужно исправить", "To be corrected")
ERROR = Text("Не получилось", "It did not work")

CHANGE_NOUN = Noun(("изменение", "изменения", "изменений"), ("change", "changes"))
OBJECT = Noun(("объект", "объекта", "объектов"), ("object", "objects"))
STAGE = Noun(("этап", "этапа", "этапов"), ("stage", "stages"))
FIELD = Noun(("поле", "поля", "полей"), ("field", "fields"))
QUESTION = Noun(("вопрос", "вопроса", "вопросов"), ("question", "questions"))
REQUEST = Noun(("запрос", "запроса", "запросов"), ("request", "requests"))
