"""The staff of a portal's clinic: who works there beside the administrator of the portal, in departments with heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widget_backend.sandbox.bitrix24.state import Department, User

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

#: department -> name in Russian and English, and its head
DEPARTMENTS = {
    2: (("Ресепшен", "Reception"), 21),
    3: (("Координаторы лечения", "Treatment coordinators"), 21),
    4: (("Врачи", "Dentists"), 25),
}
#: id, name, last name, department, position in Russian and English
STAFF = (
    (21, "Роман", "Руководов", 1, ("Руководитель клиники", "Head of the clinic")),
    (22, "Дарья", "Встречаева", 2, ("Администратор", "Receptionist")),
    (23, "Кира", "Планова", 3, ("Координатор лечения", "Treatment coordinator")),
    (24, "Лев", "Сметов", 3, ("Координатор лечения", "Treatment coordinator")),
    (25, "Пётр", "Зубов", 4, ("Главный врач", "Chief dentist")),
    (26, "Вера", "Корнева", 4, ("Врач-ортодонт", "Orthodontist")),
)


def hire(portal: Portal) -> None:
    """Have them all work there."""
    place = 0 if portal.settings.lang == "ru" else 1
    for number, (names, head) in DEPARTMENTS.items():
        portal.departments[number] = Department(number, names[place], parent=1, head=head)
    for number, name, last_name, department, positions in STAFF:
        portal.users[number] = User(number, name, last_name, department=department, position=positions[place])
