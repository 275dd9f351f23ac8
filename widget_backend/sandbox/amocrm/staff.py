"""The staff of an account's clinic: who works there beside its administrator, in groups named after what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widget_backend.sandbox.amocrm.state import User
from widget_backend.sandbox.amocrm.stock import word

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

#: group -> its name in Russian and English
GROUPS = {
    601: ("Руководитель", "Head of the clinic"),
    602: ("Администраторы", "Receptionists"),
    603: ("Координаторы лечения", "Treatment coordinators"),
    604: ("Врачи", "Dentists"),
}
#: id, name, group
STAFF = (
    (521, "Роман Руководов", 601),
    (522, "Дарья Встречаева", 602),
    (523, "Кира Планова", 603),
    (524, "Лев Сметов", 603),
    (525, "Пётр Зубов", 604),
    (526, "Вера Корнева", 604),
)


def hire(account: Account) -> None:
    """Have them all work there, each with what a manager may do."""
    account.users_groups += [
        {"id": number, "name": word(account, names), "uuid": None} for number, names in GROUPS.items()
    ]
    for number, name, group in STAFF:
        email = f"user{number}@clinic.example"
        account.users[number] = User(number, name, email, group_id=group, role_id=71)
