"""All that the settings of our robots say in the CRM's designer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from widget_backend.texts import Text

#: code -> title and what the robot does
ROBOTS: Final[Mapping[str, tuple[Text, Text]]] = {
    "route_patient": (
        Text("Маршрутизировать пациента", "Route the patient"),
        Text(
            "Определяет, первичный пациент или повторный, и отдаёт сделку тому, кто свободен. Настраивать нечего.",
            "Finds out whether the patient is new and gives the deal to whoever is free. There is nothing to set.",
        ),
    ),
    "copy_deal": (
        Text("Скопировать сделку в воронку", "Copy the deal to a pipeline"),
        Text(
            "Создаёт копию сделки на выбранном этапе один раз; повторный запуск второй копии не делает.",
            "Creates one copy of the deal at the chosen stage; running it again creates no second copy.",
        ),
    ),
    "check_fields": (
        Text("Проверить заполнение полей", "Check required fields"),
        Text(
            "Называет незаполненные поля. Если ничего не отметить, проверяет обязательные поля этапа.",
            "Lists the empty fields. With nothing ticked it checks the fields that the stage requires.",
        ),
    ),
    "wake_deal": (
        Text("Разбудить сделку", "Wake the deal"),
        Text(
            "Переводит отложенную сделку на выбранный этап и сообщает ответственному.",
            "Moves a parked deal to the chosen stage and tells the responsible person.",
        ),
    ),
}
STAGE = Text("Этап", "Stage")
STAGE_HINT = Text("Воронки и этапы, которые знает приложение.", "Pipelines and stages that the application knows.")
CHOOSE = Text("Выберите этап", "Choose a stage")
FIELDS = Text("Поля сделки", "Fields of the deal")
FIELDS_HINT = Text("Отметьте те, что должны быть заполнены.", "Tick those that must be filled in.")
GONE = Text(
    "Раньше было выбрано «{value}», такого больше нет: робот с ним не сработает. Выберите заново.",
    "“{value}” was chosen before and is no more: the robot cannot work with it. Choose again.",
)
SAVE_HINT = Text(
    "Выбранное сразу попадает в форму робота. Чтобы оно начало действовать, нажмите «Сохранить» в самом роботе.",
    "What is chosen goes into the robot's form at once. To put it into force press “Save” in the robot itself.",
)
SENT = Text("Передано в форму робота. Теперь сохраните робота.", "It is in the robot's form. Now save the robot.")
NO_CHART = Text("Выбирать пока не из чего", "There is nothing to choose from yet")
NO_CHART_HINT = Text(
    "Администратор ещё не прошёл настройку приложения. Ничего не изменено: пройдите её и откройте робота снова.",
    "An administrator has not gone through the application's set-up yet. Nothing was changed: do that, then open the robot.",
)
NO_ROBOT = Text(
    "Такого робота в приложении нет, или он открыт не в настройке робота сделки. Ничего не изменено: уберите его с этапа или "
    "обновите приложение.",
    "The application has no such robot, or it was not opened in the settings of a deal's robot. Nothing was changed: take it "
    "off the stage or update the application.",
)
