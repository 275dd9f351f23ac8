"""Clara's clinic walks every route and every job, and sees and changes nothing of the other two."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from houses import House, Portal, session_of
from sqlalchemy import text
from werkzeug.test import TestResponse
from wizards import Person, json_of, words_of

from widget_backend import jobs
from widget_backend.jobs.worker import drain
from widget_backend.sandbox.faults import Fault
from widget_backend.tasks import tasks
from widget_backend.web.auth import OPEN

#: what a person of another clinic would recognise
BORIS, ALICE = "Клиника Бориса", "Клиника Алисы"


@pytest.fixture
def clara(house: House) -> str:
    """All three clinics are installed, and two have told us their branches: Clara's session."""
    house.installs(house.boris)
    house.consents(house.alice)
    session = session_of(house.installs(house.clara))
    house.works()
    for crm, branch in ((house.boris, BORIS), (house.alice, ALICE)):
        told(house, house.of(crm).id, branch)
    return session


def told(house: House, installation_id: int, branch: str) -> None:
    """A clinic's draft holds the name of its branch."""
    with house.database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO wizard_draft (installation_id, preset, given, skipped, adopt, decisions, step) "
                "VALUES (:i, 'dental', jsonb_build_object('branches', jsonb_build_array(CAST(:b AS text))), '[]', true, "
                "'{}', 'choices') ON CONFLICT (installation_id) DO UPDATE SET given = excluded.given"
            ),
            {"i": installation_id, "b": branch},
        )


def calls(house: House) -> list[tuple[str, str]]:
    """Every authenticated route with every method, each place in it filled with the number of another's row."""
    rules = [rule for rule in house.app.url_map.iter_rules() if rule.endpoint not in OPEN]
    return [
        (method, "/".join("1" if part.startswith("<") else part for part in str(rule).split("/")))
        for rule in rules
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def others(house: House) -> dict[str, list[object]]:
    """All rows of the two, in every table of tenants."""
    ids = [house.of(crm).id for crm in (house.boris, house.alice)]
    with house.database.engine.connect() as connection:
        tables = connection.execute(
            text("SELECT table_name FROM information_schema.columns WHERE column_name = 'installation_id' ORDER BY 1")
        ).scalars()
        owned = {
            name: list(
                connection.execute(
                    text(f'SELECT * FROM "{name}" WHERE installation_id = ANY(:ids) ORDER BY 1'), {"ids": ids}
                )
            )
            for name in tables.all()
        }
        return owned | {
            "installation": list(
                connection.execute(text("SELECT * FROM installation WHERE id = ANY(:ids) ORDER BY id"), {"ids": ids})
            )
        }


def secrets_of(house: House) -> list[str]:
    """Words that are the two clinics' own."""
    found = [BORIS, ALICE, house.of(house.boris).account, house.alice.url, house.boris.url]
    return [*found, house.of(house.boris).application_token, house.of(house.alice).application_token]


def test_her_session_opens_every_route_and_none_shows_the_others(house: House, clara: str) -> None:
    before, asked = others(house), (len(house.boris.faults.log), len(house.alice.faults.log))
    headers = {"Authorization": f"Bearer {clara}", "HX-Request": "true"}

    answers = {
        call: house.client.open(call[1], method=call[0], headers=headers, data={"address": "stage.sales.won"})
        for call in calls(house)
    }
    house.works()

    leaks = [call for call, answer in answers.items() for word in secrets_of(house) if word in answer.text]
    shut = [call for call, answer in answers.items() if answer.status_code in (401, 500)]
    assert len(answers) > 10
    assert (leaks, shut) == ([], [])
    assert others(house) == before
    assert (len(house.boris.faults.log), len(house.alice.faults.log)) == asked


def test_a_ticket_and_a_session_are_bound_to_their_clinic(house: House, clara: str) -> None:
    own = house.get("/wizard", clara)

    assert own.status_code == 200
    assert BORIS not in house.get("/wizard/choices", clara).text
    assert BORIS in house.get("/wizard/choices", session_of(house.installs(house.boris))).text


@pytest.mark.parametrize("name", ["announce", "standing", "plan", "farewell", "renew"])
def test_no_job_of_hers_touches_the_others(house: House, clara: str, name: str) -> None:
    before, asked = others(house), (len(house.boris.faults.log), len(house.alice.faults.log))

    enqueue(house, name, house.of(house.clara).id)
    house.works()

    assert others(house) == before
    assert (len(house.boris.faults.log), len(house.alice.faults.log)) == asked
    assert house.dead() == []


def test_every_job_of_an_installation_is_among_those_tried(house: House) -> None:
    """The rest are of nobody, or carry on a run or work on deals that other tests watch."""
    of_nobody = {"tokens.keep_alive", "installer.standings", "tickets.prune", "spent.prune", "requestlog.prune"}
    of_nobody |= {"jobs.housekeeping", "audit.verify", "installer.connect"}
    of_nobody |= {"effects.prune", "inbox.schedule", "inbox.prune", "deals.staff_all", "robots.tick", "robots.prune"}
    of_runs = {"installer.apply", "installer.rollback"}
    of_deals = {"inbox.process", "inbox.pace", "inbox.reconcile", "deals.route", "deals.staff"}
    of_deals |= {"robots.run", "robots.tell", "robots.ring", "robots.resume", "robots.warn"}

    names = {task.name for task in tasks(house.database, house.settings)}

    assert names == of_nobody | of_runs | of_deals | {job for job, _ in JOBS.values()}


def test_a_run_of_another_clinic_is_not_carried_on(house: House, clara: str) -> None:
    boris = page_of_boris(house)
    boris.plans()
    boris.applies()
    with house.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))
        queued = connection.execute(text("SELECT id FROM wizard_run WHERE state = 'queued'")).scalar_one()
    before, asked = others(house), house.requests()

    for job in ("installer.apply", "installer.rollback"):
        with house.database.transaction() as session:
            jobs.enqueue(session, job, installation_id=house.of(house.clara).id, run_id=queued)
    drain(house.database, tasks(house.database, house.settings))

    assert others(house) == before
    assert house.requests() == asked
    assert house.dead() == []


def test_the_numbers_of_anothers_steps_open_nothing(house: House, clara: str) -> None:
    boris = page_of_boris(house)
    boris.plans()
    boris.applies()
    house.boris.faults.plan(Fault(0, "pipeline_cap"))
    house.works()
    house.boris.faults.plan()
    refused = re.findall(r'hx-post="(/wizard/retry/\d+)"', boris.get("/wizard").text)
    before, asked = others(house), house.requests()
    hers = Person(house, house.clara, clara)

    answers = [hers.post(address).status_code for address in refused]
    shown = [hers.get(f"/wizard/{page}").text for page in ("running", "progress", "events", "result", "plan")]
    house.works()

    assert refused != []
    assert set(answers) == {404}
    assert [page for page in shown if "Приемы" in words_of(page) and "Почти готово" in words_of(page)] == []
    assert others(house) == before
    assert house.requests() == asked


def test_a_plans_file_is_the_own_one_and_a_ticket_of_another_kind_opens_none(house: House, clara: str) -> None:
    hers, boris = Person(house, house.clara, clara), page_of_boris(house)
    boris.plans()
    his, own = ticket_in(boris.post("/wizard/download")), ticket_in(hers.post("/wizard/download"))

    files = [json_of(house.client.get(f"/wizard/plan.json?t={ticket}")) for ticket in (his, own)]

    assert files[0] != files[1]
    assert BORIS in str(files[0]) and BORIS not in str(files[1])
    assert [house.client.get(f"/wizard/plan.json?t={used}").status_code for used in (his, own, clara)] == [403] * 3
    assert house.client.get(f"/amo/frame/wizard?t={ticket_in(hers.post('/wizard/download'))}").status_code == 403


def page_of_boris(house: House) -> Person:
    return Person(house, house.boris, session_of(house.installs(house.boris)))


def ticket_in(page: TestResponse) -> str:
    found = re.search(r"[?&]t=([\w-]+)", page.text)
    assert found
    return found.group(1)


def test_jobs_of_nobody_show_nothing_of_one_to_another(house: House, clara: str) -> None:
    for job in ("tokens.keep_alive", "installer.standings", "audit.verify"):
        with house.database.transaction() as session:
            jobs.enqueue(session, job)
    house.works()

    assert house.dead() == []
    assert [audit_of(house, crm) for crm in (house.boris, house.clara)] == [["admin install", "owner login"]] * 2


def audit_of(house: House, crm: Portal) -> list[str]:
    return house.acts(crm)


More = Callable[[int], dict[str, object]]

JOBS: dict[str, tuple[str, More]] = {
    "announce": ("installer.announce", lambda number: {}),
    "standing": ("installer.standing", lambda number: {}),
    "plan": ("installer.plan", lambda number: {"purpose": "apply"}),
    "farewell": ("installer.farewell", lambda number: {"again": False}),
    "renew": ("tokens.renew", lambda number: {}),
}


def enqueue(house: House, name: str, installation_id: int) -> None:
    job, more = JOBS[name]
    with house.database.transaction() as session:
        jobs.enqueue(session, job, installation_id=installation_id, **more(installation_id))  # type: ignore[arg-type]
