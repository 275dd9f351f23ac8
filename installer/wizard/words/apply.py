"""Words of a run under way."""

from __future__ import annotations

from widget_backend.texts import Text

TITLE = {
    "apply": Text("Настраиваем вашу CRM", "Setting up your CRM"),
    "rollback": Text("Откатываем изменения", "Rolling the changes back"),
}
CLOSE = Text(
    "Окно можно закрыть: работа идёт на сервере и продолжится без вас.",
    "You may close this window: the work goes on without it.",
)
DONE_OF = Text("Сделано {done} из {all}", "{done} of {all} done")
PASSED = Text("прошло {time}", "{time} passed")
LEFT = Text("осталось около {time}", "about {time} left")
NOW = Text("Сейчас: {what}", "Now: {what}")
READING = Text("Сейчас: читаем вашу CRM", "Now: reading your CRM")
CHECKING = Text("Сейчас: проверяем, что всё на месте", "Now: checking that all is in its place")
STATES = {
    "queued": Text("В очереди, сейчас начнём", "Queued, about to begin"),
    "running": Text("Выполняется", "Under way"),
    "waiting": Text("CRM не отвечает, пробуем ещё раз сами", "The CRM is not answering; trying again by ourselves"),
    "pausing": Text("Останавливаемся после текущего запроса", "Stopping after the present request"),
    "paused": Text("На паузе", "Paused"),
    "stopped": Text("Остановлено", "Stopped"),
    "done": Text("Готово", "Done"),
    "failed": Text("Закончено с отказами", "Ended with refusals"),
    "drifted": Text("Закончено, но CRM показывает другое", "Ended, but the CRM shows something else"),
    "stale": Text("CRM изменилась", "The CRM has changed"),
    "given_up": Text("Прекращено", "Given up"),
}
REFUSED = Text("CRM отказала", "The CRM refused")
WITHIN = Text("Вместе с этим не сделано всё внутри: {count}.", "With it everything inside was not made: {count}.")
RETRY_LATER = Text("Повторить можно будет в конце.", "You can try it again at the end.")
PAUSE = Text("Пауза", "Pause")
RESUME = Text("Продолжить", "Continue")
GIVE_UP = Text("Прекратить", "Give up")
RESTING = Text(
    "Сделанное сохранено и не задвоится: можно продолжить с этого места, закончить позже или откатить.",
    "What is done is kept and will not be doubled: go on from here, finish later, or roll it back.",
)
GROUPS = Text("По частям", "By part")
