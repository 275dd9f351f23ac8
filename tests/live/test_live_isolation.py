"""Clara's clinic is at work beside Boris's: no job of hers sees or changes what is his, whatever number it is given."""

from __future__ import annotations

from typing import Any

import pytest
from houses import House
from receptions import Reception, reception
from sqlalchemy import text

from widget_backend import jobs

#: tables that tell of patients
PATIENTS = (
    "inbox_message",
    "deal_state",
    "contact_state",
    "stage_transition",
    "own_mark",
    "effect",
    "deal_copy",
    "visit",
)
PATIENTS += (
    "route_decision",
    "robot_cause",
    "robot_firing",
    "robot_timer",
    "robot_increase",
    "arrival",
    "rota",
    "answer",
)

OF_BORIS = """
    SELECT (SELECT max(id) FROM robot_firing WHERE installation_id = :of) AS firing,
           (SELECT max(id) FROM robot_cause WHERE installation_id = :of) AS cause,
           (SELECT max(id) FROM robot_timer WHERE installation_id = :of) AS timer,
           (SELECT max(id) FROM robot_rule WHERE installation_id = :of) AS rule
"""


@pytest.fixture
def boris(house: House) -> Reception:
    """A patient of Boris's has come, and his robots have worked."""
    desk = reception(house, house.boris)
    deal = desk.enquires(desk.patient("Ольга Примерова"), "stage.visits.new")
    desk.settles()
    desk.moves(deal, "stage.visits.came")
    desk.settles()
    return desk


@pytest.fixture
def clara(house: House) -> Reception:
    """Her clinic is set up, and nothing has happened in it."""
    return reception(house, house.clara)


def rows_of(desk: Reception) -> dict[str, list[Any]]:
    """Everything in our tables that is this clinic's."""
    with desk.house.database.engine.connect() as connection:
        tables = connection.execute(
            text("SELECT table_name FROM information_schema.columns WHERE column_name = 'installation_id' ORDER BY 1")
        ).scalars()
        statement = 'SELECT * FROM "{}" WHERE installation_id = :of ORDER BY 1'
        return {
            name: list(connection.execute(text(statement.format(name)), {"of": desk.clinic.id}))
            for name in tables.all()
        }


def enqueue_with_what_is_his(boris: Reception, clara: Reception) -> None:
    """Every job about deals, in Clara's name, with the numbers of Boris's rows and deals."""
    with boris.house.database.transaction() as session:
        his = session.execute(text(OF_BORIS), {"of": boris.clinic.id}).one()
        her = {"installation_id": clara.clinic.id}
        jobs.enqueue(session, "inbox.process", **her, entity="deal", remote_id="1")
        jobs.enqueue(session, "inbox.pace", **her)
        jobs.enqueue(session, "inbox.reconcile", **her)
        jobs.enqueue(session, "deals.route", **her, deal="1", cause="t:1")
        jobs.enqueue(session, "deals.staff", **her)
        jobs.enqueue(session, "robots.run", **her, firing_id=his.firing)
        jobs.enqueue(session, "robots.tell", **her, cause_id=his.cause)
        jobs.enqueue(session, "robots.ring", **her, timer_id=his.timer)
        jobs.enqueue(session, "robots.resume", **her, keys=["confirm"], after="")
        jobs.enqueue(session, "robots.warn", **her, rule_id=his.rule, deal_id="1")


def test_no_job_about_deals_touches_another_clinic(boris: Reception, clara: Reception) -> None:
    before, asked = rows_of(boris), len(boris.crm.faults.log)

    enqueue_with_what_is_his(boris, clara)
    boris.house.works()

    assert rows_of(boris) == before
    assert len(boris.crm.faults.log) == asked


def test_a_clinic_that_goes_takes_all_that_tells_of_its_patients_with_it(boris: Reception) -> None:
    number = boris.clinic.id

    boris.crm.state.uninstall(next(iter(boris.crm.state.apps)), clean=False)
    boris.house.delivers(boris.crm)
    boris.house.works()

    with boris.house.database.engine.connect() as connection:
        left = {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}" WHERE installation_id = :of'), {"of": number})
            for name in PATIENTS
        }
        counted = {name: rows.scalar_one() for name, rows in left.items()}
    assert {name: count for name, count in counted.items() if count} == {}
