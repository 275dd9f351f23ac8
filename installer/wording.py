"""Sentences of the plan, in both languages."""

from __future__ import annotations

from widget_backend.crm.model import Action, Kind
from widget_backend.texts import Text

KINDS: dict[Kind, Text] = {
    Kind.PIPELINE: Text("воронка", "pipeline"),
    Kind.STAGE: Text("этап", "stage"),
    Kind.LOSS_REASON: Text("причина отказа", "loss reason"),
    Kind.SOURCE: Text("источник", "source"),
    Kind.TAG: Text("тег", "tag"),
    Kind.TASK_TYPE: Text("тип задачи", "task type"),
    Kind.GROUP: Text("вкладка полей", "tab of fields"),
    Kind.FIELD: Text("поле", "field"),
    Kind.CARD: Text("карточка", "card"),
    Kind.SUBSCRIPTION: Text("подписка на события", "subscription"),
    Kind.PLACEMENT: Text("место в карточке", "placement"),
    Kind.ROBOT: Text("робот", "robot"),
    Kind.TRIGGER: Text("триггер", "trigger"),
}

PLURALS: dict[Kind, Text] = {
    Kind.PIPELINE: Text("Воронки", "Pipelines"),
    Kind.STAGE: Text("Этапы", "Stages"),
    Kind.LOSS_REASON: Text("Причины отказа", "Loss reasons"),
    Kind.SOURCE: Text("Источники", "Sources"),
    Kind.TAG: Text("Теги", "Tags"),
    Kind.TASK_TYPE: Text("Типы задач", "Task types"),
    Kind.GROUP: Text("Вкладки полей", "Tabs of fields"),
    Kind.FIELD: Text("Поля", "Fields"),
    Kind.CARD: Text("Карточки", "Cards"),
    Kind.SUBSCRIPTION: Text("Подписки на события", "Subscriptions"),
    Kind.PLACEMENT: Text("Места в карточке", "Placements"),
    Kind.ROBOT: Text("Роботы приложения", "Robots of the application"),
    Kind.TRIGGER: Text("Триггеры", "Triggers"),
}

ACTIONS: dict[Action, Text] = {
    Action.CREATE: Text("создать", "create"),
    Action.UPDATE: Text("изменить", "update"),
    Action.DELETE: Text("удалить", "delete"),
    Action.ADOPT: Text("взять ваше", "adopt yours"),
    Action.KEEP: Text("оставить", "keep"),
    Action.FORGET: Text("отпустить", "let go"),
    Action.CONFLICT: Text("решить вам", "for you to decide"),
    Action.UNSUPPORTED: Text("CRM не умеет", "the CRM cannot"),
    Action.MANUAL: Text("сделать вручную", "do by hand"),
}

ATTRIBUTES: dict[str, Text] = {
    "name": Text("название", "name"),
    "position": Text("порядок", "order"),
    "colour": Text("цвет", "colour"),
    "options": Text("варианты", "options"),
    "filterable": Text("в фильтре", "in the filter"),
    "group": Text("вкладка", "tab"),
    "required_at": Text("обязательно на этапах", "required at stages"),
    "sections": Text("разделы", "sections"),
    "events": Text("события", "events"),
    "type": Text("тип", "type"),
    "kind": Text("вид", "kind"),
    "multiple": Text("несколько значений", "several values"),
    "spot": Text("место", "spot"),
    "titles": Text("названия на языках", "titles by language"),
    "description": Text("описание", "description"),
    "properties": Text("настройки", "properties"),
    "returns": Text("результат", "result"),
}

#: attribute -> the words for its values, where they are codes of ours
VALUES: dict[str, dict[str, Text]] = {
    "kind": {
        "open": Text("рабочий", "open"),
        "won": Text("успех", "won"),
        "lost": Text("отказ", "lost"),
    },
    "colour": {
        "light_yellow": Text("светло-жёлтый", "light yellow"),
        "yellow": Text("жёлтый", "yellow"),
        "light_orange": Text("светло-оранжевый", "light orange"),
        "orange": Text("оранжевый", "orange"),
        "light_pink": Text("светло-розовый", "light pink"),
        "pink": Text("розовый", "pink"),
        "light_blue": Text("светло-голубой", "light blue"),
        "blue": Text("голубой", "blue"),
        "light_green": Text("светло-зелёный", "light green"),
        "green": Text("зелёный", "green"),
        "light_violet": Text("светло-фиолетовый", "light violet"),
        "violet": Text("фиолетовый", "violet"),
        "grey": Text("серый", "grey"),
    },
}

CONTACT_CARD = Text("Контакт", "Contact")
DEAL = Text("сделка", "deal")
CONTACT = Text("контакт", "contact")

REMOVED = Text(
    "было создано по пресету, но в CRM его удалили. Создать снова?",
    "was made from the preset and has been removed in the CRM. Make it again?",
)
PARENT_REMOVED = Text(
    "воронку удалили в CRM. Создать её снова и это вместе с ней?",
    "its pipeline has been removed in the CRM. Make it again, and this with it?",
)
RELEASED = Text("удалено в CRM, так и оставлено", "removed in the CRM and left so")
EDITED = Text("изменено в CRM вашей клиникой, оставлено", "edited in the CRM by your clinic, left as it is")
AGREED = Text("отличается от пресета, оставлено по вашему решению", "differs from the preset, left as you decided")
CONFLICT = Text(
    "изменили и вы, и новая версия пресета: чьё значение оставить?",
    "both you and the new version of the preset changed it: whose value shall stay?",
)
ADOPTED = Text(
    "уже есть у вас: возьмём как есть, при откате не тронем", "you have it: taken as it is, never removed by us"
)
RESUMED = Text("создано прерванным запуском", "made by the interrupted run")
DROPPED = Text("больше нет в пресете; в CRM остаётся", "no longer in the preset; stays in the CRM")
LEFTOVER = Text("автоматический этап новой воронки, пустой", "an automatic stage of the new pipeline, empty")
CODE_TAKEN = Text(
    "код поля уже занят полем другого типа; переименуйте или удалите то поле и запустите план снова",
    "the field's code is taken by a field of another type; remove that field and plan again",
)
BY_HAND_DONE = Text("готово", "done")

TOO_MANY = Text(
    "Изменится или удалится {share} % того, что уже есть ({touched} из {existing}): это больше 30 %.",
    "{share} % of what is there would be changed or deleted ({touched} of {existing}): more than 30 %.",
)
HOLDS_DEALS = Text(
    "На этапе «{stage}» есть сделки ({deals}), а план его меняет.",
    "The stage “{stage}” holds deals ({deals}), and the plan changes it.",
)
