"""Words of the choices."""

from __future__ import annotations

from widget_backend.texts import Text

TITLE = Text("Что настроить", "What to set up")
LEAD = Text(
    "Всё уже заполнено так, как подходит большинству клиник. Можно сразу показать план или поправить под себя.",
    "Everything is filled in as suits most clinics. See the plan at once, or adjust it to yours.",
)
PRESET = Text("Набор настроек", "Preset")
PIPELINES = Text("Воронки: {names}", "Pipelines: {names}")
CLINIC = Text("Ваша клиника", "Your clinic")
ONE_A_LINE = Text("По одному в строке.", "One a line.")
FURTHER = Text("Ещё настройки", "More settings")
FURTHER_HINT = Text("сроки, часы работы, правила", "time limits, opening hours, rules")
SKIP = Text("Воронки и этапы", "Pipelines and stages")
SKIP_HINT = Text(
    "Снимите отметку с того, что вам не нужно. Итоговые этапы воронки убрать нельзя: без них сделку не закрыть.",
    "Untick what you do not need. The final stages of a pipeline stay: no deal could be closed without them.",
)
FIELDS = Text("Поля", "Fields")
FIELDS_HINT = Text(
    "Снимите отметку с полей, которые вам не нужны. Встроенные поля CRM есть всегда.",
    "Untick the fields you do not need. The CRM's built-in fields are always there.",
)
TAKEN = Text("выбрано {taken} из {all}", "{taken} of {all} chosen")
ALWAYS = Text("нужен всегда", "always needed")
OWN = Text("Ваши воронки и поля", "Your pipelines and fields")
ADOPT = Text(
    "Использовать мои воронки и поля с такими же названиями",
    "Use my pipelines and fields of the same names",
)
ADOPT_HINT = Text(
    "Мы дополним их, но никогда не удалим. Без отметки рядом с вашими появятся новые.",
    "We add to them and never delete them. Unticked, new ones appear beside yours.",
)
OFF = Text(
    "Без пропущенного не будут работать правила: {names}.", "Without what is skipped these rules are off: {names}."
)
SHOW_PLAN = Text("Показать план", "Show the plan")
WRONG = Text(
    "Проверьте отмеченное ниже. Ничего не потеряно и в CRM ничего не записано.",
    "Check what is marked below. Nothing is lost and nothing was written to the CRM.",
)
#: type of a setting -> what it takes, said beside its field
NEEDED = {
    "list": Text("Нужно хотя бы одно значение, по одному в строке.", "At least one value is needed, one a line."),
    "hours": Text(
        "Нужны рабочие часы, по одной строке вида пн-пт 09:00-20:00.",
        "Opening hours are needed, lines like mon-fri 09:00-20:00.",
    ),
    "number": Text("Нужно целое число.", "A whole number is needed."),
    "span": Text("Нужен срок: число и единица.", "A span is needed: a number and its unit."),
    "choice": Text("Выберите один из вариантов.", "Choose one of the options."),
}
MINUTES, HOURS, DAYS = Text("мин", "minute(s)"), Text("ч", "hour(s)"), Text("дн.", "day(s)")
UNITS = {"m": MINUTES, "h": HOURS, "d": DAYS}
UNIT = Text("единица времени", "unit of time")
EMPTY = Text("Наборов настроек нет: переустановите приложение.", "There are no presets: install the application again.")
