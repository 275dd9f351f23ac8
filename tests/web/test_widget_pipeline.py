"""Alice puts an action of our widget on a stage: what it proves itself by, and where it may lead, is for her alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from api_desks import Desk, json_of, problem, rested
from houses import ADMIN
from werkzeug.test import TestResponse

from widget_backend.inbox.directory import action_key
from widget_backend.web.auth import OPEN

MANAGER = 507


@pytest.fixture
def alice(clinics: dict[str, Desk]) -> Iterator[Desk]:
    """Alice's clinic."""
    yield from rested(clinics["alice"])


def asks(desk: Desk, token: str, origin: str = "") -> TestResponse:
    headers = {"X-Auth-Token": token, "Origin": origin or desk.reception.crm.url}
    return desk.house.client.post("/amo/api/pipeline", json={}, headers=headers)


def names(desk: Desk, user: int = ADMIN) -> str:
    return str(desk.house.alice.names(user))


def test_an_administrator_gets_the_key_and_the_stages_by_their_names(alice: Desk) -> None:
    answer = asks(alice, names(alice))

    told: Any = json_of(answer)
    stages = {stage["value"]: stage["label"] for stage in told["stages"]}
    assert answer.headers["Access-Control-Allow-Origin"] == alice.reception.crm.url
    assert told["key"] == action_key(alice.house.of(alice.house.alice).application_token)
    assert stages["stage.visits.came"] == "Приемы / Пациент пришёл (успех)"
    assert len(stages) == len(told["stages"])


def test_an_action_with_this_key_is_believed_and_leads_to_such_a_stage(alice: Desk) -> None:
    told: Any = json_of(asks(alice, names(alice)))
    patient, deal = alice.visit()
    settings = {"robot": "copy_deal", "stage": "stage.revival.returned", "key": told["key"]}
    body = {
        "event": {"type": 15, "time": 1735690000, "data": {"id": deal, "element_type": 2}},
        "action": {"settings": {"widget": {"settings": settings}}},
        "account_id": alice.house.alice.state.id,
    }

    answer = alice.house.client.post("/webhooks/amocrm/dp", json=body)
    alice.house.works()

    assert answer.status_code == 200
    assert "stage.revival.returned" in alice.standing(patient)


def test_who_may_not_set_up_gets_no_key(alice: Desk) -> None:
    answer = asks(alice, names(alice, MANAGER))

    assert "администратор" in problem(answer, 403) or "administrator" in problem(answer, 403)


def test_a_token_is_good_once_and_only_from_the_account_itself(alice: Desk) -> None:
    token = names(alice)

    assert asks(alice, names(alice), "https://evil.example").status_code == 403
    assert asks(alice, token).status_code == 200
    assert asks(alice, token).status_code == 401
    assert asks(alice, "").status_code == 401


def test_the_address_proves_its_caller_by_itself() -> None:
    assert "widget.pipeline" in OPEN
