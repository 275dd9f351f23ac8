"""Who works in a clinic is known by what its CRM says everybody does, and deals go round among them from the first day."""

from __future__ import annotations

import pytest
from houses import Account, House, Portal
from robot_desks import RobotDesk, robot_desk

from widget_backend import jobs
from widget_backend.deals import staffing
from widget_backend.sandbox.amocrm import staff as amo_staff
from widget_backend.sandbox.bitrix24 import staff
from widget_backend.tenancy import installations

HEAD = {"bitrix24": "21", "amocrm": "521"}
COORDINATORS = {"bitrix24": ["23", "24"], "amocrm": ["523", "524"]}


def staffed(crm: Portal | Account) -> Portal | Account:
    """The CRM of a clinic with a head, a receptionist, two coordinators and doctors."""
    if isinstance(crm, Portal):
        staff.hire(crm.state)
    else:
        amo_staff.hire(crm.state)
    return crm


@pytest.fixture(params=["boris", "alice"])
def desk(request: pytest.FixtureRequest, house: House) -> RobotDesk:
    """The reception of each clinic in turn, at work."""
    return robot_desk(house, staffed(getattr(house, request.param)))


def leaves(crm: Portal | Account, user: str) -> None:
    """A portal keeps whom it dismisses, an account does not name him any more."""
    if isinstance(crm, Portal):
        crm.state.users[int(user)].active = False
    else:
        del crm.state.users[int(user)]


def looks_who_works_there(desk: RobotDesk) -> None:
    """As every hour."""
    staffing.staff_all(desk.house.database)
    desk.house.works()


def roles(desk: RobotDesk) -> dict[str, tuple[str, ...]]:
    return {one.user: one.roles for one in desk.clinic.team}


def test_the_team_is_found_by_what_everybody_does(desk: RobotDesk) -> None:
    one, other = COORDINATORS[desk.clinic.vendor]

    found = roles(desk)

    assert found[HEAD[desk.clinic.vendor]] == ("head",)
    assert found[one] == found[other] == ("coordinator", "curator")
    assert len(found) == {"bitrix24": 5, "amocrm": 4}[desk.clinic.vendor]
    assert "system team.found" in desk.house.acts(desk.crm)


def test_patients_who_came_go_to_the_coordinators_in_turn(desk: RobotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    for_all_hours(desk)
    patients = [desk.patient("Ольга Смирнова", f"+790055501{n:02}") for n in range(2)]
    for patient in patients:
        deal = desk.enquires(patient, "stage.visits.confirmed")
        desk.settles()
        desk.moves(deal, "stage.visits.came")
        desk.settles()

    taken = [desk.looks_at(desk.at(patient, "stage.coord.new")).responsible for patient in patients]

    assert sorted(taken) == COORDINATORS[desk.clinic.vendor]


def test_a_team_that_was_named_is_left_alone(house: House) -> None:
    desk = robot_desk(house, house.boris)
    desk.hires(coordinator="23")
    staffed(house.boris)

    with house.database.transaction() as session:
        jobs.enqueue(session, "deals.staff", installation_id=house.of(house.boris).id)
    house.works()

    assert roles(desk) == {"23": ("coordinator",)}


def test_nothing_goes_to_whoever_has_left(desk: RobotDesk) -> None:
    for_all_hours(desk)
    left, stays = COORDINATORS[desk.clinic.vendor]
    patient = desk.patient("Ольга Смирнова", "+79005550100")
    deal = desk.enquires(patient, "stage.visits.confirmed")
    desk.settles()
    desk.moves(deal, "stage.visits.came")
    desk.settles()
    leaves(desk.crm, left)

    looks_who_works_there(desk)
    others = [desk.patient("Вера Иванова", f"+790055502{n:02}") for n in range(2)]
    for other in others:
        came = desk.enquires(other, "stage.visits.confirmed")
        desk.settles()
        desk.moves(came, "stage.visits.came")
        desk.settles()

    assert left not in roles(desk)
    taken = [desk.looks_at(desk.at(other, "stage.coord.new")).responsible for other in others]
    assert taken == [stays, stays]


def for_all_hours(desk: RobotDesk) -> None:
    """The clinic never closes."""
    with desk.house.database.transaction() as session:
        installations.configure(session, desk.house.of(desk.crm).id, working_hours=["mon-sun 00:00-24:00"])
