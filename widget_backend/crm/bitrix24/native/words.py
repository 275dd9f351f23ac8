"""Why a rule cannot be handed to the portal's automation, and where it would work differently there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from widget_backend.texts import Text

# why not
TRIGGERS: Final[Mapping[str, Text]] = {
    "created": Text(
        "робот на этапе не отличает новую сделку от переведённой", "a robot cannot tell a new deal from a moved one"
    ),
    "left": Text("роботов на уход с этапа в CRM нет", "the CRM has no robots for a deal that leaves a stage"),
    "incoming": Text(
        "обращение пациента узнаёт только приложение", "only the application knows that a patient got in touch"
    ),
    "mis": Text("о визитах из МИС знает только приложение", "only the application knows of visits in the MIS"),
    "button": Text("кнопка в карточке принадлежит приложению", "the card's button is the application's"),
    "robot": Text("вызов робота обслуживает приложение", "the application serves the call of a robot"),
}
ACTIONS: Final[Mapping[str, Text]] = {
    "create_deal": Text(
        "сделку без дублей создаёт только приложение", "only the application makes a deal without doubles"
    ),
    "move_patient_deal": Text(
        "другую сделку пациента находит только приложение", "only the application finds the patient's other deal"
    ),
    "join_open_deal": Text(
        "открытую сделку пациента находит только приложение", "only the application finds the patient's open deal"
    ),
    "set_responsible": Text(
        "график и очередь сотрудников знает только приложение", "only the application knows whose turn it is"
    ),
    "close_tasks": Text("дела сделки закрывает только приложение", "only the application closes a deal's tasks"),
    "increase_field": Text(
        "прибавить к полю без потерь умеет только приложение", "only the application adds to a field without loss"
    ),
    "send_message": Text("сообщение пациенту отправляет приложение", "the application sends the patient's message"),
    "start_bot": Text("ботов на сделке в CRM нет", "the CRM has no bots for deals"),
    "call_back": Text("ответ роботу даёт приложение", "the application answers a robot"),
}
NO_STAGE = Text("этапов этого правила в CRM нет", "the CRM has no stages of this rule")
NO_TARGET = Text("этапа «{address}» в CRM нет", "the CRM has no stage “{address}”")
NO_ORIGIN = Text("откуда пришла сделка, знает только приложение", "only the application knows where the deal came from")
NO_FIELD = Text("поля «{address}» в CRM нет", "the CRM has no field “{address}”")
OF_CONTACT = Text(
    "робот сделки не видит поле контакта «{field}»", "a deal's robot does not see the contact's field “{field}”"
)
OF_LIST = Text(
    "варианты поля «{field}» сделаны в CRM вручную, коды их неизвестны",
    "the options of the field “{field}” were made by hand in the CRM, their codes are not known",
)
NOT_COMPARED = Text(
    "так сравнить поле «{field}» робот не может", "a robot cannot compare the field “{field}” like this"
)
NO_FACT = Text("условие «{fact}» проверяет только приложение", "only the application can tell “{fact}”")
MIXED = Text("условие из нескольких групп робот не скажет", "a robot cannot say conditions of several groups")
CHANGES_ITSELF = Text("правило меняет поле, о котором само спрашивает", "the rule changes a field that it asks about")
WATCHED = Text(
    "изменения поля «{field}» ждут другие правила: запись робота они приняли бы за правку человека",
    "other rules wait for changes of the field “{field}”: they would take the robot's writing for a person's",
)
NO_PERSON: Final[Mapping[str, Text]] = {
    "mover": Text("кто перевёл сделку, робот не знает", "a robot does not know who moved the deal"),
}
ANOTHER = Text(
    "робот знает только ответственного, здесь нужен: {whom}", "a robot knows the responsible person only, here: {whom}"
)
ONCE = Text("«одна копия на пациента» умеет только приложение", "only the application makes one copy for each patient")
FILLED = Text("копию с заполненными полями делает только приложение", "only the application fills in a copy's fields")
NO_ROBOT = Text(
    "копию делает робот приложения «Скопировать сделку», а он в этой CRM не установлен",
    "the copy is made by the application's robot, which is not installed in this CRM",
)
NO_TASK = Text("задачи «{task}» в правилах нет", "the rules have no task “{task}”")
BY_MIS = Text("срок задачи даёт МИС", "the MIS gives the task's deadline")
NO_VALUE = Text("значение «{value}» знает только приложение", "only the application knows the value “{value}”")
SPECIAL = Text(
    "в словах правила есть знаки, которые CRM поняла бы по-своему: { } < > или = в начале",
    "the rule's words hold characters that the CRM would take for its own: { } < > or = in front",
)
MOVES_ON = Text("после перевода сделки роботы этапа не работают", "a stage's robots stop once the deal is moved")
ONE_STAGE = Text(
    "ожидание даты сразу на нескольких этапах сработало бы дважды",
    "waiting for a date at several stages would act twice",
)
ONLY_MOVE = Text(
    "по изменению поля CRM умеет только перевести сделку внутри воронки",
    "on a changed field the CRM can only move the deal within its pipeline",
)

NO_WAIT = Text("правило ничего не ждёт", "the rule waits for nothing")

# how it differs
PORTAL_HOURS = Text(
    "рабочее время считается по календарю портала, а не клиники",
    "working time is counted by the portal's calendar, not the clinic's",
)
DATE_AT_ENTRY = Text(
    "дата берётся, когда сделка приходит на этап: перенос даты робот не заметит",
    "the date is read when the deal comes to the stage: a robot does not notice that it was moved",
)
CAME_BACK = Text(
    "если сделка ушла и вернулась до срока, сработает и первое ожидание",
    "if the deal has left and come back before its time, the first waiting acts too",
)

# what is wrong with an archive
NOT_A_ZIP = Text("это не zip-архив", "this is no zip archive")
NO_MANIFEST = Text("в корне нет manifest.json", "there is no manifest.json at the root")
CLEARS = Text(
    "архив очистил бы CRM: в manifest.json нет SKIP_CLEARING со значением Y",
    "the archive would clear the CRM: manifest.json has no SKIP_CLEARING of the value Y",
)
OTHER_MANIFEST = Text("в manifest.json лишнее или другое: {key}", "manifest.json holds something else: {key}")
STRANGE_FILE = Text("лишний файл {file}", "a file that does not belong here: {file}")
NOT_JSON = Text("{file}: не JSON без BOM", "{file}: no JSON without BOM")
AWKWARD = Text("{file}: размер {size} байт запрещён", "{file}: the size of {size} bytes is not allowed")
WRONG_HEAD = Text("{file}: неверное поле {key}", "{file}: wrong key {key}")
TWICE = Text("этап {stage} задан дважды", "the stage {stage} is there twice")
NOT_LISTED = Text("{file}: «{type}» нет в списке разрешённых", "{file}: “{type}” is not on the white list")
NO_PROPERTY = Text("{file}: у «{type}» нет свойства {name}", "{file}: “{type}” lacks the property {name}")
EXTRA_PROPERTY = Text("{file}: у «{type}» лишнее свойство {name}", "{file}: “{type}” has a property it may not: {name}")
WRONG_FORM = Text(
    "{file}: дерево роботов устроено не так: {type}", "{file}: the tree of robots is not as it should: {type}"
)
SAME_NAME = Text("{file}: имя {name} встречается дважды", "{file}: the name {name} is there twice")
NAMES_USER = Text("{file}: назван сотрудник {user}", "{file}: it names the user {user}")
FOREIGN_STAGE = Text("{file}: этапа {stage} в этой CRM нет", "{file}: this CRM has no stage {stage}")

REFUSED = Text(
    "Архив роботов не собран, в CRM ничего не менялось: {problems}.",
    "The archive of robots was not made, nothing was changed in the CRM: {problems}.",
)
UNSAYABLE = Text(
    "Правило «{rule}» нельзя передать CRM: {reasons}. Ничего не изменено: его выполняет приложение.",
    "The rule “{rule}” cannot be handed to the CRM: {reasons}. Nothing was changed: the application carries it out.",
)
EMPTY = Text(
    "Передавать нечего: ни одного правила не выбрано. Ничего не изменено: выберите правила и повторите.",
    "There is nothing to hand over: no rule was chosen. Nothing was changed: choose rules and try again.",
)
NAMED = Text("Роботы: {stage}", "Robots: {stage}")
FLOW = Text("Стоматология: {rule}", "Dental clinic: {rule}")
WAIT, CONDITION = Text("Пауза", "Wait"), Text("Условие", "Condition")
