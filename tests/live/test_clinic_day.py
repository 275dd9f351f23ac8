"""A clinic's day on each CRM, with everything that goes wrong in one: in the evening each card stands where it has to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from clinic_days import Journey, clinic_day, strays, table
from houses import House

ENQUIRES = ("visits.new",)
COMES = ("visits.new", "visits.new > visits.booked", "visits.booked > visits.came")
FIRST = ("visits.came", "coord.new", "base.base")

SCRIPT = (
    Journey(120, "ещё не взята", ENQUIRES, ("visits.new",), 1, 1),
    Journey(20, "взята в работу", (*ENQUIRES, "visits.new > visits.taken"), ("visits.taken",), 2, 2),
    Journey(10, "записан", COMES[:2], ("visits.booked",), 2, 2),
    Journey(7, "пришёл впервые", COMES, FIRST, 4, 5, came=1),
    Journey(
        5,
        "пришёл впервые, подписал договор",
        (*COMES, "coord.new > coord.signed"),
        ("visits.came", "coord.signed", "base.treatment"),
        *(5, 7),
        came=1,
    ),
    Journey(
        3,
        "пришёл впервые, отказался от плана",
        (*COMES, "coord.new > coord.refused"),
        ("visits.came", "coord.refused", "base.base"),
        *(4, 5),
        came=1,
    ),
    Journey(
        3,
        "пришёл впервые и написал",
        (*COMES, "base.base ~"),
        ("visits.came", "coord.new", "base.attention"),
        *(6, 7),
        came=1,
    ),
    Journey(
        2,
        "написал и готов записаться",
        (*COMES, "base.base ~", "base.attention > base.ready"),
        ("visits.came", "coord.new", "base.ready", "visits.picking"),
        *(7, 9),
        came=1,
    ),
    Journey(
        2,
        "написал и отказался",
        (*COMES, "base.base ~", "base.attention > base.refused"),
        ("visits.came", "coord.new", "base.refused", "revival.returned"),
        *(7, 9),
        came=1,
    ),
    Journey(
        6,
        "пришёл снова",
        ("visits.new", "visits.new > visits.came"),
        ("visits.came", "base.base"),
        *(2, 3),
        before=3,
        came=1,
    ),
    Journey(
        5,
        "пришёл на лечение",
        ("visits.new", "visits.new > visits.came"),
        ("visits.came", "base.treatment"),
        *(2, 3),
        before=2,
        came=1,
        in_treatment=True,
    ),
    Journey(5, "не пришёл", ("visits.new", "visits.new > visits.missed"), ("visits.missed", "revival.never"), 2, 3),
    Journey(
        3,
        "не пришёл, потом написал",
        ("visits.new", "visits.new > visits.missed", "revival.never ~"),
        ("visits.missed", "revival.active"),
        *(4, 5),
    ),
    Journey(
        3,
        "был раньше и не пришёл",
        ("visits.new", "visits.new > visits.missed"),
        ("visits.missed", "revival.returned"),
        *(2, 3),
        before=2,
    ),
    Journey(
        3,
        "не пришёл, но готов записаться",
        ("visits.new", "visits.new > visits.missed", "revival.returned > revival.ready"),
        ("visits.missed", "revival.ready", "visits.picking"),
        *(3, 5),
        before=2,
    ),
    Journey(
        5,
        "обратился, пока его ведут в базе",
        ("base.base", "visits.new"),
        ("base.attention", "visits.missed"),
        *(3, 2),
        before=1,
    ),
)


#: fewer patients, each way all the same
QUIET = tuple(replace(journey, patients=min(journey.patients, 2)) for journey in SCRIPT)


@pytest.mark.parametrize(("who", "script"), [("boris", SCRIPT), ("alice", QUIET)], ids=["boris", "alice"])
def test_a_day_ends_as_its_script_says(who: str, script: tuple[Journey, ...], house: House) -> None:
    crm = getattr(house, who)

    with clinic_day(house, crm) as day:
        day.lives(script)

    lines = table(script, crm)
    print(f"\n{who:<50}{'expected':>9}{'actual':>9}", *lines, f"(lost events found late: {day.found_late})", sep="\n")
    assert strays(day) == []
    assert [line for line in lines if line.expected != line.actual] == []
    assert house.dead() == []
    assert day.found_late > 0
