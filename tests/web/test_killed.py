"""``kill -9`` of a web or worker process at each step of OAuth and of a run: no token is lost and nothing is doubled, or a
page says what to press."""

from __future__ import annotations

import signal

import pytest
import requests
from houses import AMOCRM, House, session_of
from processes import web, worker
from wizards import arrived, killed, runs, taken_back, twice
from wizards import worker as one_shot

from widget_backend.jobs.pulse import sweep
from widget_backend.sandbox.faults import Fault

#: requests of an install from Bitrix24 (who is it, is he an administrator) and of a connection from amoCRM
BITRIX24_STEPS = [1, 2]
AMOCRM_STEPS = [1, 2, 3]
#: requests of a run: all of Bitrix24's, which packs them; of amoCRM's some in its course
RUN_STEPS = [("boris", step, "kill_after") for step in range(1, 7)] + [("boris", 2, "kill"), ("boris", 4, "kill")]
RUN_STEPS += [("alice", 4, "kill_after"), ("alice", 12, "kill"), ("alice", 20, "kill_after")]


@pytest.mark.parametrize("moment", ["kill", "kill_after"])
@pytest.mark.parametrize("step", BITRIX24_STEPS)
def test_a_web_process_killed_while_boris_installs_loses_nothing(house: House, step: int, moment: str) -> None:
    opening = house.boris.opens()
    with web(house) as (url, process):
        house.boris.faults.plan(Fault(at=step, kind=moment, pid=process))
        with pytest.raises(requests.ConnectionError):
            requests.post(opening.url.replace(house.settings.public_url, url), data=opening.fields, timeout=60)
    house.boris.faults.plan()

    again = house.opened(opening)

    assert again.status_code == 200
    assert (house.rows()["installation"], house.rows()["token"]) == (1, 1)


@pytest.mark.parametrize("moment", ["kill", "kill_after"])
@pytest.mark.parametrize("step", AMOCRM_STEPS)
def test_a_worker_killed_while_alice_is_connected_goes_on_or_says_what_to_press(
    house: House, step: int, moment: str
) -> None:
    with worker(house) as process:
        house.alice.faults.plan(Fault(at=step, kind=moment, pid=process.pid))
        house.alice.state.install(AMOCRM.client_id)
        house.delivers(house.alice)
        assert process.wait(60) == -signal.SIGKILL
    house.alice.faults.plan()
    sweep(house.database, 0)
    house.works()
    asked = house.client.get("/install/amocrm")

    # before the exchange the code is still good; after it, it is spent, and only consent gives another
    went_on = (step, moment) == (1, "kill")
    assert house.rows()["token"] == int(went_on)
    assert len(house.dead()) == int(not went_on)
    assert all("Connect amoCRM again" in letter for letter in house.dead())
    assert 'href="/install/amocrm/start"' in asked.text
    assert house.consents(house.alice).status_code == 200
    assert (house.rows()["installation"], house.rows()["token"]) == (1, 1)


def test_a_worker_killed_while_it_binds_the_events_binds_them_again(house: House) -> None:
    page = house.installs(house.boris)
    with worker(house) as process:
        house.boris.faults.plan(Fault(at=0, kind="kill_after", pid=process.pid))
        assert process.wait(60) == -signal.SIGKILL
    house.boris.faults.plan()
    sweep(house.database, 0)

    house.works()

    bound = [row.event for row in house.boris.state.handlers]
    assert sorted(bound) == ["ONAPPINSTALL", "ONAPPPAYMENT", "ONAPPUNINSTALL", "ONAPPUPDATE"]
    assert house.dead() == []
    assert house.get("/wizard", session_of(page)).status_code == 200


@pytest.mark.parametrize("moment", ["kill", "kill_after"])
@pytest.mark.parametrize("step", AMOCRM_STEPS)
def test_a_web_process_killed_while_alice_comes_back_from_consent_says_what_to_press(
    house: House, step: int, moment: str
) -> None:
    query = {"code": house.alice.code(), "referer": house.alice.host, "state": house.consent_state()}
    with web(house) as (url, process):
        house.alice.faults.plan(Fault(at=step, kind=moment, pid=process))
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{url}/install/amocrm", params=query, timeout=60)
    house.alice.faults.plan()

    reloaded = house.client.get("/install/amocrm", query_string=query)

    assert reloaded.status_code == 403
    assert "вернитесь в CRM и откройте приложение заново" in reloaded.text
    assert house.consents(house.alice).status_code == 200
    assert (house.rows()["installation"], house.rows()["token"]) == (1, 1)


@pytest.mark.parametrize(("name", "step", "moment"), RUN_STEPS)
def test_a_worker_killed_at_any_request_of_a_run_is_carried_on(house: House, name: str, step: int, moment: str) -> None:
    admin = arrived(house, getattr(house, name))
    admin.plans()
    admin.applies()
    first = one_shot(house, admin.crm)
    admin.crm.faults.plan(Fault(at=step, kind=moment, pid=first.pid))

    was_killed = killed(first)
    admin.crm.faults.plan()
    taken_back(house)
    house.works()

    assert was_killed
    assert (runs(house), house.of(admin.crm).status, house.dead()) == (["done"], "active", [])
    assert twice([*admin.hands.pipelines(), *admin.hands.fields("deal")]) == []
    assert house.pair(admin.crm) is not None
