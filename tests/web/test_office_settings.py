"""The page of settings: hours, team, access, connection, the clinic at rest and disconnected; and nothing of it for Clara."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from admin_pages import fields_of, sent_by, settings_of
from api_desks import Caller, Desk, settings_kept
from houses import House
from panel_desks import Panel
from receptions import reception
from wizards import words_of

from widget_backend.sandbox.faults import Fault
from widget_backend.tasks import tasks
from widget_backend.tenancy import installations


@pytest.fixture(autouse=True)
def as_before(clinics: dict[str, Desk]) -> Iterator[None]:
    """What a test has set is taken back."""
    with settings_kept(*clinics.values()):
        yield


def kept(desk: Desk) -> dict[str, Any]:
    return dict(desk.house.of(desk.reception.crm).settings)


def settles(desk: Desk, **settings: Any) -> None:
    with desk.house.database.transaction() as session:
        installations.configure(session, desk.number, **settings)


def worker_of(desk: Desk) -> str:
    """Somebody who works there and is no administrator of the CRM, nor of the team."""
    return desk.reception.users[-1]


def test_all_sections_stand_there_with_what_is_in_force(desk: Desk) -> None:
    settles(
        desk, team=[{"user": "7", "name": "Ольга Пример", "roles": ["administrator"], "hours": ["mon-fri 09:00-18:00"]}]
    )

    said = settings_of(desk).reads()

    for words in ("Working hours and time zone", "Team", "Access to the application", "Branches, dentists, services"):
        assert words in said
    assert "Ольга Пример" in said and "receptionist" in said and "mon-fri 09:00-18:00" in said
    assert "Main branch" in said or "Основной филиал" in said
    assert desk.house.of(desk.reception.crm).account in said


def test_hours_are_kept_as_they_are_typed_in_either_language(desk: Desk) -> None:
    ours = settings_of(desk).in_language("ru")
    form = fields_of(ours.get()) | {"hours": "Пн-Пт 08:00-21:00\nсб 10:00-15:00", "zone": "Asia/Omsk"}

    saved = ours.sends("/hours", form)

    assert "Рабочие часы сохранены" in words_of(saved.text)
    assert kept(desk)["working_hours"] == ["mon-fri 08:00-21:00", "sat 10:00-15:00"]
    assert desk.reception.clinic.zone.key == "Asia/Omsk"
    assert "пн-пт 08:00-21:00" in saved.text and "Изменил(а)" in words_of(saved.text)
    assert desk.acts()[-1] == "admin settings.hours"


@pytest.mark.parametrize(
    ("changed", "place"),
    [({"hours": ""}, "hours"), ({"hours": "когда как"}, "hours"), ({"hours": "mon-fri 25:00-26:00"}, "hours")]
    + [({"zone": zone}, "zone") for zone in ("", "Moon/Base", "../etc/passwd")],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    boris: Desk, changed: dict[str, str], place: str
) -> None:
    ours, before = settings_of(boris), kept(boris)

    refused = ours.sends("/hours", fields_of(ours.get()) | changed)

    assert (refused.status_code, f'id="{place}-wrong"' in refused.text) == (422, True)
    assert changed["hours"] in refused.text if "hours" in changed else True
    assert kept(boris) == before


def test_the_second_of_two_administrators_is_told_and_loses_nothing(boris: Desk) -> None:
    ours, other = settings_of(boris), settings_of(boris).as_role("admin", user="8")
    first = fields_of(ours.get()) | {"hours": "mon-fri 08:00-20:00"}
    second = fields_of(other.get()) | {"hours": "mon-sun 09:00-21:00"}

    saved, told = ours.sends("/hours", first), other.sends("/hours", second)
    anew = other.sends("/hours", fields_of(told))

    assert (saved.status_code, told.status_code, anew.status_code) == (200, 409, 200)
    assert "mon-fri 08:00-20:00" in words_of(told.text) and "mon-sun 09:00-21:00" in told.text
    assert kept(boris)["working_hours"] == ["mon-sun 09:00-21:00"]


def test_somebody_joins_the_team_is_away_and_leaves_it(desk: Desk) -> None:
    ours, user = settings_of(desk), worker_of(desk)
    form = fields_of(ours.get("/team/new")) | {"user": user, "roles": ["administrator", "coordinator"]}
    form |= {"since.0": "2026-12-01", "until.0": "2026-12-14", "pipelines": ["pipeline.visits"]}

    joined = ours.sends("/team/save", form)
    (member,) = (one for one in desk.reception.clinic.team if one.user == user)
    edited = fields_of(ours.get(f"/team/{user}/edit")) | {"hours": "mon-fri 10:00-16:00", "pipelines": []}
    changed = ours.sends("/team/save", edited)
    left = ours.sends(f"/team/{user}/remove", sent_by(ours.get(f"/team/{user}/remove"), "remove-now"))

    assert [answer.status_code for answer in (joined, changed, left)] == [200, 200, 200]
    assert member.roles == ("administrator", "coordinator")
    assert member.away == ((date(2026, 12, 1), date(2026, 12, 14)),)
    assert member.pipelines == ("pipeline.visits",) and member.name
    assert "mon-fri 10:00-16:00" in words_of(changed.text)
    assert user not in {one.user for one in desk.reception.clinic.team}


def test_a_member_that_is_wrong_is_told_all_at_once(boris: Desk) -> None:
    ours = settings_of(boris)
    form = fields_of(ours.get("/team/new")) | {"hours": "иногда", "since.1": "2026-12-14", "until.1": "2026-12-01"}

    refused = ours.sends("/team/save", form)

    assert refused.status_code == 422
    for place in ("user", "roles", "hours", "until.1"):
        assert f'id="{place}-wrong"' in refused.text
    assert 'value="2026-12-14"' in refused.text


def test_a_double_click_adds_somebody_once(boris: Desk) -> None:
    ours, user = settings_of(boris), worker_of(boris)
    form = fields_of(ours.get("/team/new")) | {"user": user, "roles": ["head"]}

    answered = ours.twice_at_once("/team/save", form)

    assert answered == [200, 200]
    assert [one["user"] for one in kept(boris)["team"]].count(user) == 1


def test_two_who_change_different_people_do_not_meet_and_the_same_one_do(boris: Desk) -> None:
    settles(boris, team=[{"user": "7", "roles": ["head"]}, {"user": "8", "roles": ["head"]}])
    ours = settings_of(boris)
    seven, again, eight = (fields_of(ours.get(f"/team/{user}/edit")) for user in ("7", "7", "8"))

    first = ours.sends("/team/save", seven | {"roles": ["administrator"]})
    beside = ours.sends("/team/save", eight | {"roles": ["coordinator"]})
    same = ours.sends("/team/save", again | {"roles": ["chief_doctor"]})

    assert [answer.status_code for answer in (first, beside, same)] == [200, 200, 409]
    assert 'value="chief_doctor" checked' in same.text
    assert [one["roles"] for one in kept(boris)["team"]] == [["administrator"], ["coordinator"]]


def test_while_the_crm_is_away_those_we_know_can_still_be_chosen(boris: Desk) -> None:
    settles(boris, team=[{"user": "7", "name": "Ольга Пример", "roles": ["head"]}])
    boris.reception.crm.faults.plan(Fault(0, "http_502"))

    page = settings_of(boris).get("/team/7/edit")

    assert (page.status_code, 'data-screen="member-partial"' in page.text) == (200, True)
    assert "could not be read" in words_of(page.text)


def test_an_employee_is_given_more_and_nobody_touches_the_rights_of_an_administrator(desk: Desk) -> None:
    ours, user = settings_of(desk).as_role("admin", user="900"), worker_of(desk)
    form = fields_of(ours.get("/access"))

    given = ours.sends("/access", form | {"user.0": user, "role.0": "coordinator"})
    mine = ours.sends("/access", form | {"user.0": "900", "role.0": "auditor"})
    twice = ours.sends("/access", form | {f"user.{n}": user for n in (0, 1)} | {f"role.{n}": "auditor" for n in (0, 1)})

    assert (given.status_code, kept(desk)["staff"]) == (200, {user: "coordinator"})
    assert "copies and routes deals" in words_of(given.text)
    assert "cannot change your own rights" in words_of(mine.text)
    assert "named twice" in words_of(twice.text)


def test_the_connection_is_checked_at_once_and_says_what_is_wrong(desk: Desk) -> None:
    desk.reception.crm.faults.plan()

    well = words_of(settings_of(desk).post("/check").text)
    wrote = [row for row in desk.reception.crm.faults.log if row.write]
    desk.reception.crm.faults.plan(Fault(0, "http_502"))
    ill = words_of(settings_of(desk).post("/check").text)

    assert "The CRM answers" in well and wrote == []
    assert "No connection" in ill


def test_paused_work_gathers_and_is_done_later(desk: Desk) -> None:
    ours, reception = settings_of(desk), desk.reception
    patient = reception.patient("Нина Зимняя", "+79005551501")
    deal = reception.enquires(patient, "stage.visits.came")
    asked = ours.reads("/danger/pause")
    unsure = ours.post("/danger/pause", key=ours.key("/danger/pause"))

    halted = ours.post("/danger/pause", key=ours.key("/danger/pause"), sure="yes")
    reception.settles()
    gathered = desk.run("SELECT count(*) FROM inbox_message WHERE state = 'new' AND remote_id = :deal", deal=deal)
    panel = Panel(desk.calls, deal).reads()
    resumed = ours.post("/resume", key=ours.key())
    desk.run("UPDATE inbox_message SET received_at = received_at - interval '2 minutes'")
    reception.settles()

    assert "Rules, timers and buttons stop at once" in asked and unsure.status_code == 422
    assert "Work is paused" in words_of(halted.text) and "Work is paused" in panel
    assert gathered > 0
    assert "Work goes on" in words_of(resumed.text)
    assert "stage.coord.new" in reception.standing(patient)
    assert {"admin settings.pause", "admin settings.resume"} <= set(desk.acts())


def test_no_timer_rings_while_the_work_is_paused(boris: Desk) -> None:
    (tick,) = (task for task in tasks(boris.house.database, boris.house.settings) if task.name == "robots.tick")
    boris.run(
        "INSERT INTO robot_timer (installation_id, deal, contact, rule_key, base, due_at, rung, made_at) "
        "VALUES (:i, '999999', '', 'stuck', now(), now() - interval '1 hour', false, now())",
        i=boris.number,
    )
    rung = "SELECT rung FROM robot_timer WHERE deal = '999999'"

    settles(boris, halted={"by": "7", "at": "2026-11-26T09:00:00+00:00"})
    tick.run()
    meanwhile = boris.run(rung)
    settles(boris, halted=None)
    tick.run()

    assert (meanwhile, boris.run(rung)) == (False, True)


def test_who_may_not_change_settings_reads_them_and_is_told_why(boris: Desk) -> None:
    user = settings_of(boris).as_role("coordinator")

    page = user.get()
    shut = [
        user.get(path).status_code
        for path in ("/team/new", "/team/7/edit", "/team/7/remove", "/access", "/danger/pause")
    ]
    shut += [
        user.post(path).status_code
        for path in (
            "/hours",
            "/team/save",
            "/team/7/remove",
            "/access",
            "/check",
            "/danger/pause",
            "/resume",
            "/disconnect",
        )
    ]

    assert 'id="read-only"' in page.text and "/office/settings/danger" not in page.text
    assert set(shut) == {403}


def test_clara_sees_and_changes_nothing_of_the_others(clinics: dict[str, Desk], boris: Desk) -> None:
    settles(boris, team=[{"user": "77", "name": "Ольга Пример", "roles": ["head"]}])
    hers, before = settings_of(clinics["clara"]), kept(boris)

    found = [hers.get(f"/team/77/{page}").status_code for page in ("edit", "remove")]
    done = hers.post("/team/77/remove", key=hers.key()).status_code

    assert (found, done) == ([404, 404], 404)
    assert "Ольга Пример" not in hers.reads()
    assert kept(boris) == before


def test_a_clinic_that_disconnects_is_wiped_and_its_crm_stays(house: House) -> None:
    desk = Desk(reception(house, house.boris), Caller(house, house.boris))
    ours, stages = settings_of(desk), len(house.boris.state.statuses)

    unsure = ours.post("/disconnect")
    parted = ours.post("/disconnect", sure="yes")
    after = ours.get()

    assert (unsure.status_code, parted.status_code, after.status_code) == (422, 200, 401)
    assert "is disconnected" in words_of(parted.text)
    assert (house.of(house.boris).status, house.pair(house.boris)) == ("closed", None)
    assert len(house.boris.state.statuses) == stages
    assert desk.acts()[-2:] == ["admin disconnect", "system uninstall"]
