"""The door to an account: what it mends by itself, and what it leaves to the account's owner."""

from __future__ import annotations

import pytest
from houses import BITRIX24, House

from widget_backend.crm import registry
from widget_backend.crm.model import Kind
from widget_backend.crm.port import Structure
from widget_backend.errors import AccessLost, Rejected
from widget_backend.sandbox.faults import Fault


def structure(house: House) -> Structure:
    return registry.connect(house.database, house.settings, house.of(house.boris).id).structure


def pipelines(house: House) -> int:
    return len(list(structure(house).snapshot(frozenset({Kind.PIPELINE}), {}).resources))


@pytest.fixture
def boris(house: House) -> House:
    """Boris has installed."""
    house.installs(house.boris)
    house.works()
    house.boris.faults.plan()
    return house


def generation(house: House) -> int:
    pair = house.pair(house.boris)
    assert pair is not None
    return pair.generation


def test_a_token_refused_once_is_renewed_once(boris: House) -> None:
    boris.boris.faults.plan(Fault(at=1, kind="auth_401"))

    structure(boris).access()

    assert (generation(boris), boris.of(boris.boris).status) == (2, "connecting")


def test_a_token_that_ends_inside_a_packed_request_is_renewed_and_the_request_repeated(boris: House) -> None:
    boris.boris.faults.plan(Fault(at=1, kind="batch_401", command=2))

    structure(boris).snapshot(frozenset({Kind.PIPELINE, Kind.STAGE, Kind.FIELD}), {})

    assert (generation(boris), boris.of(boris.boris).status) == (2, "connecting")


def test_a_token_refused_for_good_needs_a_new_consent_and_no_third_try(boris: House) -> None:
    boris.boris.faults.plan(Fault(at=0, kind="auth_401"))

    with pytest.raises(AccessLost):
        structure(boris).access()
    asked = boris.requests()
    with pytest.raises(AccessLost):
        structure(boris).access()

    assert boris.of(boris.boris).status == "reconnect"
    assert boris.requests() == asked


def test_a_bill_that_is_due_when_a_token_is_renewed_pauses(boris: House) -> None:
    app, pair = boris.boris.state.apps[BITRIX24.client_id], boris.pair(boris.boris)
    assert pair is not None
    boris.boris.state.expire(pair.access)
    app.payment_expired = True

    with pytest.raises((AccessLost, Rejected)):
        structure(boris).access()

    assert boris.of(boris.boris).status == "paused"


def test_a_right_that_is_withheld_is_no_lost_access(boris: House) -> None:
    boris.boris.state.apps[BITRIX24.client_id].users = frozenset({7})

    with pytest.raises(AccessLost):
        structure(boris).access()

    assert boris.of(boris.boris).status == "connecting"
