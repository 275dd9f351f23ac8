"""The first team of a clinic, by what its CRM says everybody does."""

from __future__ import annotations

import pytest

from widget_backend.crm.records import User
from widget_backend.deals.staffing import left_of, people_of, team_of


@pytest.mark.parametrize(
    ("position", "roles"),
    [
        ("Администратор", ["administrator"]),
        ("Старший администратор ресепшена", ["administrator"]),
        ("Менеджер, Координаторы лечения", ["coordinator", "curator"]),
        ("Куратор", ["coordinator", "curator"]),
        ("Главный врач, директор", ["chief_doctor", "head"]),
        ("Head of the clinic", ["head"]),
        ("Receptionist", ["administrator"]),
    ],
)
def test_a_position_tells_the_roles(position: str, roles: list[str]) -> None:
    assert list(team_of([User("7", "Ольга", position=position)])) == [{"user": "7", "name": "Ольга", "roles": roles}]


@pytest.mark.parametrize("position", ["", "Врач-ортодонт", "Менеджер", "Бухгалтер"])
def test_who_takes_no_deals_is_not_of_the_team(position: str) -> None:
    assert list(team_of([User("7", "Ольга", position=position)])) == []


def test_who_was_dismissed_is_not_of_the_team() -> None:
    assert list(team_of([User("7", "Ольга", active=False, position="Администратор")])) == []


@pytest.mark.parametrize(
    ("users", "left"),
    [
        ([User("7", "Ольга"), User("8", "Пётр", active=False)], ["8"]),
        ([User("7", "Ольга")], ["8"]),
        ([User("7", "Ольга"), User("8", "Пётр")], []),
        ([User("9", "Кира"), User("10", "Лев", active=False)], ["10"]),
        ([], []),
    ],
    ids=["said to have left", "not named any more", "all there", "a list of others", "nobody named"],
)
def test_who_has_left_is_known(users: list[User], left: list[str]) -> None:
    assert left_of(users, ["7", "8", ""]) == left


def test_whoever_works_there_is_known_by_name() -> None:
    users = [User("7", "Ольга", position="Бухгалтер"), User("8", ""), User("9", "Пётр", active=False)]

    assert people_of(users) == {"7": "Ольга"}
