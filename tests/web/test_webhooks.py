"""What CRMs tell us at our addresses: proven, stored as it came, answered; never lost, never a fault of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jwt
import pytest
from houses import AMOCRM, House
from sqlalchemy import create_engine, text

from widget_backend.inbox.directory import action_key

GARBAGE: dict[str, bytes] = {
    "nothing": b"",
    "noise": b"\xff\xfe\x00garbage" * 50,
    "ten megabytes": b"a=" + b"x" * 10_000_000,
    "a megabyte and a bit": b"a=" + b"x" * 1_100_000,
    "deep brackets": b"a" + b"[b]" * 40 + b"=1",
    "many pairs": b"&".join(b"a[%d]=1" % n for n in range(6000)),
    "brackets that do not close": b"auth[[member_id=1&event=ONCRMDEALADD",
    "one field twice": b"event=ONCRMDEALADD&event=ONCRMDEALADD",
    "a nul": b"event=ONCRMDEALADD&auth[member_id]=a%00b",
    "json that is none": b'{"event": ',
    "a json list": b"[1, 2, 3]",
    "deep json": b"[" * 5000 + b"]" * 5000,
}
PLACES = (
    "/webhooks/bitrix24",
    "/webhooks/bitrix24/robot",
    "/webhooks/amocrm/made-up-secret",
    "/webhooks/amocrm/made-up-secret/deals",
    "/webhooks/amocrm/made-up-secret/dp",
    "/webhooks/amocrm/dp",
    "/amo/bot/v1",
)


@pytest.fixture
def connected(house: House) -> Iterator[House]:
    """All three clinics are connected and set up."""
    house.installs(house.boris)
    house.installs(house.clara)
    house.consents(house.alice)
    with house.database.engine.begin() as connection:
        connection.execute(text("UPDATE installation SET status = 'active', activated_at = now()"))
        connection.execute(text("DELETE FROM procrastinate_jobs"))
    yield house


def kept(house: House) -> list[tuple[Any, ...]]:
    """What was stored: whose, of what record, and its state."""
    with house.database.engine.begin() as connection:
        rows = connection.execute(
            text("SELECT installation_id, entity, remote_id, verb, state FROM inbox_message ORDER BY id")
        )
        return [tuple(row) for row in rows]


def waiting(house: House) -> list[tuple[str, str]]:
    with house.database.engine.begin() as connection:
        rows = connection.execute(text("SELECT lock, queueing_lock FROM procrastinate_jobs ORDER BY id"))
        return [tuple(row) for row in rows]


def portal_auth(house: House, **changed: str) -> dict[str, str]:
    told = {
        "member_id": house.boris.state.member_id,
        "domain": house.boris.host,
        "application_token": house.of(house.boris).application_token,
        **changed,
    }
    return {f"auth[{name}]": value for name, value in told.items()}


def portal_event(house: House, name: str = "ONCRMDEALUPDATE", number: str = "7405", **changed: str) -> dict[str, str]:
    return {"event": name, "data[FIELDS][ID]": number, "ts": "1790000000", **portal_auth(house, **changed)}


def robot_call(house: House, **changed: str) -> dict[str, str]:
    told = {
        "code": "route_patient",
        "workflow_id": "68a0b1c2d3e4f5.12345678",
        "event_token": "68a0b1|A1_2_3|Rnd.sig",
        "document_id[0]": "crm",
        "document_id[1]": "CCrmDocumentDeal",
        "document_id[2]": "DEAL_15",
        "use_subscription": "Y",
        "ts": "1790000000",
    }
    return {**told, **portal_auth(house, **changed)}


def account_hook(house: House, **pairs: str) -> dict[str, str]:
    return {"account[id]": str(house.alice.state.id), "account[subdomain]": "alice", **pairs}


# Boris's portal


def test_an_event_is_stored_sealed_with_one_job_and_answered(connected: House) -> None:
    answer = connected.client.post("/webhooks/bitrix24?for=deals.1", data=portal_event(connected))

    boris = connected.of(connected.boris).id
    assert (answer.status_code, answer.data) == (200, b"")
    assert kept(connected) == [(boris, "deal", "7405", "updated", "new")]
    assert waiting(connected) == [(f"{boris}:deal:7405", f"{boris}:deal:7405")]
    assert connected.of(connected.boris).application_token not in connected.whole()


def test_ten_events_of_a_deal_are_ten_messages_and_one_job(connected: House) -> None:
    for _ in range(10):
        connected.client.post("/webhooks/bitrix24", data=portal_event(connected))

    assert len(kept(connected)) == 10
    assert len(waiting(connected)) == 1


@pytest.mark.parametrize("place", ["/webhooks/bitrix24", "/webhooks/bitrix24/robot"])
@pytest.mark.parametrize(
    ("lie", "status"),
    [({"application_token": "0" * 32}, 403), ({"application_token": ""}, 403), ({"member_id": "f" * 32}, 404)],
)
def test_what_is_not_proven_is_not_stored(connected: House, place: str, lie: dict[str, str], status: int) -> None:
    form = robot_call(connected, **lie) if place.endswith("robot") else portal_event(connected, **lie)

    answer = connected.client.post(place, data=form)

    assert answer.status_code == status
    assert (kept(connected), waiting(connected)) == ([], [])


def test_boriss_token_does_not_speak_for_clara(connected: House) -> None:
    form = portal_event(connected, member_id=connected.clara.state.member_id)

    answer = connected.client.post("/webhooks/bitrix24", data=form)

    assert answer.status_code == 403
    assert kept(connected) == []


def test_an_event_of_nothing_we_look_at_is_kept_and_asks_for_no_work(connected: House) -> None:
    answer = connected.client.post("/webhooks/bitrix24", data=portal_event(connected, "ONCRMQUOTEADD"))

    assert answer.status_code == 200
    assert [row[1:] for row in kept(connected)] == [("other", "", "", "done")]
    assert waiting(connected) == []


def test_an_event_of_the_applications_own_life_is_the_installers(connected: House) -> None:
    answer = connected.client.post("/webhooks/bitrix24", data=portal_event(connected, "ONAPPPAYMENT"))

    assert answer.status_code == 200
    assert kept(connected) == []
    assert len(waiting(connected)) == 1


def test_a_records_event_at_the_installers_address_is_not_lost(connected: House) -> None:
    answer = connected.client.post("/events/bitrix24", data=portal_event(connected))

    assert answer.status_code == 200
    assert [row[1:3] for row in kept(connected)] == [("deal", "7405")]


def test_a_robots_call_told_twice_is_one(connected: House) -> None:
    answers = [connected.client.post("/webhooks/bitrix24/robot", data=robot_call(connected)) for _ in range(2)]

    boris = connected.of(connected.boris).id
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [row[1:4] for row in kept(connected)] == [("call", "15", "called")]
    assert waiting(connected) == [(f"{boris}:deal:15", f"{boris}:call:15")]
    assert "A1_2_3" not in connected.whole()


def test_a_token_that_has_just_changed_is_good_at_once(connected: House) -> None:
    connected.client.post("/webhooks/bitrix24", data=portal_event(connected))
    new = "f" * 32
    with connected.database.transaction() as session:
        from widget_backend.tenancy import installations

        installations.keep_application_token(session, connected.of(connected.boris).id, new)

    answer = connected.client.post("/webhooks/bitrix24", data=portal_event(connected, application_token=new))

    assert answer.status_code == 200
    assert len(kept(connected)) == 2


@pytest.mark.parametrize("status", ["paused", "reconnect", "connecting"])
def test_an_account_that_is_not_open_keeps_its_events_without_work(house: House, status: str) -> None:
    house.installs(house.boris)
    with house.database.engine.begin() as connection:
        connection.execute(text("UPDATE installation SET status = :status"), {"status": status})
        connection.execute(text("DELETE FROM procrastinate_jobs"))

    answer = house.client.post("/webhooks/bitrix24", data=portal_event(house))

    assert answer.status_code == 200
    assert [row[4] for row in kept(house)] == ["new"]
    assert waiting(house) == []


def test_a_closed_account_is_not_heard(house: House) -> None:
    house.installs(house.boris)
    form = portal_event(house)
    with house.database.engine.begin() as connection:
        connection.execute(text("UPDATE installation SET status = 'closed'"))

    answer = house.client.post("/webhooks/bitrix24", data=form)

    assert answer.status_code == 404
    assert kept(house) == []


# Alice's account


def test_all_that_one_hook_tells_is_stored_once_with_its_body(connected: House) -> None:
    secret = connected.of(connected.alice).application_token
    form = account_hook(
        connected,
        **{
            "leads[status][0][id]": "101",
            "leads[status][0][status_id]": "142",
            "leads[update][0][id]": "102",
            "contacts[update][0][id]": "17",
            "contacts[update][0][type]": "contact",
            "contacts[update][0][name]": "Анна Примерова",
            "task[add][0][id]": "5",
        },
    )

    answer = connected.client.post(f"/webhooks/amocrm/{secret}/deals", data=form)

    assert answer.status_code == 200
    told = {row[1:] for row in kept(connected)}
    assert told == {
        ("deal", "101", "moved", "new"),
        ("deal", "102", "updated", "new"),
        ("contact", "17", "updated", "new"),
        ("task", "5", "added", "done"),
    }
    assert "Анна" not in connected.whole()
    with connected.database.engine.begin() as connection:
        bodies = connection.execute(text("SELECT count(body) FROM inbox_message")).scalar_one()
    assert bodies == 1


@pytest.mark.parametrize("address", ["/webhooks/amocrm/{secret}", "/webhooks/amocrm/{secret}/deals"])
def test_the_address_is_the_proof(connected: House, address: str) -> None:
    secret = connected.of(connected.alice).application_token
    form = account_hook(connected, **{"leads[add][0][id]": "101"})

    wrong = connected.client.post(address.format(secret="0" * 32), data=form)
    foreign = connected.client.post(address.format(secret=secret), data={**form, "account[id]": "999"})
    right = connected.client.post(address.format(secret=secret), data=form)

    assert [answer.status_code for answer in (wrong, foreign, right)] == [403, 403, 200]
    assert len(kept(connected)) == 1


def action(house: House, key: str, **settings: str) -> dict[str, Any]:
    data = {"id": 101, "element_type": 2, "status_id": 70003, "pipeline_id": 9001}
    event = {"type": 15, "type_code": "lead_appeared_in_status", "time": 1790000000, "data": data}
    told = {"robot": "copy_deal", "key": key, **settings}
    return {
        "event": event,
        "action": {"settings": {"widget": {"settings": told}}},
        "subdomain": "alice",
        "account_id": house.alice.state.id,
    }


def test_an_action_on_a_stage_proves_itself_by_its_accounts_key(connected: House) -> None:
    key = action_key(connected.of(connected.alice).application_token)

    right = connected.client.post("/webhooks/amocrm/dp", json=action(connected, key, stage="9002"))
    wrong = connected.client.post("/webhooks/amocrm/dp", json=action(connected, "0" * 32))
    none = connected.client.post("/webhooks/amocrm/dp", json=action(connected, ""))

    assert [answer.status_code for answer in (right, wrong, none)] == [200, 403, 403]
    assert [row[1:4] for row in kept(connected)] == [("call", "101", "called")]
    assert key not in connected.whole()


def test_a_trigger_of_the_pipeline_says_that_the_deal_moved(connected: House) -> None:
    secret = connected.of(connected.alice).application_token
    form = account_hook(connected, **{"leads[status][0][id]": "101", "leads[status][0][status_id]": "142"})

    answer = connected.client.post(f"/webhooks/amocrm/{secret}/dp", data=form)

    assert answer.status_code == 200
    assert [row[1:] for row in kept(connected)] == [("deal", "101", "moved", "new")]


def bot_step(house: House, secret: str = AMOCRM.secret, **changed: Any) -> dict[str, Any]:
    import time

    at = int(time.time())
    claims = {
        "iss": house.alice.url,
        "aud": house.settings.public_url,
        "iat": at,
        "nbf": at,
        "exp": at + 600,
        "account_id": house.alice.state.id,
        "subdomain": "alice",
        "client_uuid": AMOCRM.client_id,
        "entity_id": 101,
        "entity_type": "lead",
        **changed.pop("claims", {}),
    }
    return {
        "token": jwt.encode(claims, secret, "HS256"),
        "data": {"op": "route_patient", "lead": "999"},
        "return_url": f"{house.alice.url}/api/v4/salesbot/565/continue/77",
        **changed,
    }


def test_a_bots_step_is_about_the_deal_that_is_signed(connected: House) -> None:
    step = bot_step(connected)

    answers = [connected.client.post("/amo/bot/v1", json=step) for _ in range(2)]

    alice = connected.of(connected.alice).id
    assert [answer.status_code for answer in answers] == [200, 200]
    assert kept(connected) == [(alice, "call", "101", "called", "new")]
    assert "continue" not in connected.whole()


@pytest.mark.parametrize("address", ["https://attacker.tld/continue/1", "http://169.254.169.254/api", ""])
def test_a_bots_step_that_wants_its_answer_elsewhere_is_refused(connected: House, address: str) -> None:
    answer = connected.client.post("/amo/bot/v1", json=bot_step(connected, return_url=address))

    assert 400 <= answer.status_code < 500
    assert kept(connected) == []


def test_a_bots_step_that_nobody_signed_is_refused(connected: House) -> None:
    forged = connected.client.post(
        "/amo/bot/v1", json=bot_step(connected, "another-secret-of-somebody-else-altogether")
    )

    assert forged.status_code == 403
    assert kept(connected) == []


# whatever comes


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("body", GARBAGE)
def test_garbage_is_refused_and_is_no_fault_of_ours(connected: House, place: str, body: str) -> None:
    answers = [
        connected.client.post(place, data=GARBAGE[body], content_type=kind)
        for kind in ("application/x-www-form-urlencoded", "application/json")
    ]

    assert {400 <= answer.status_code < 500 for answer in answers} == {True}
    assert kept(connected) == []


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "7405' OR 1=1", "[]", "7405" * 30])
def test_a_number_that_is_none_is_no_fault_of_ours(connected: House, number: str) -> None:
    answer = connected.client.post("/webhooks/bitrix24", data=portal_event(connected, number=number))

    assert answer.status_code == 200
    assert [row[4] for row in kept(connected)] == ["done"]


def test_storage_that_is_away_asks_for_the_event_again_and_nothing_is_lost(connected: House) -> None:
    secret = connected.of(connected.alice).application_token
    hook = account_hook(connected, **{"leads[add][0][id]": "101"})
    connected.client.post(f"/webhooks/amocrm/{secret}", data=hook)

    with away(connected):
        answers = [
            connected.client.post(f"/webhooks/amocrm/{secret}", data=hook),
            connected.client.post("/webhooks/amocrm/made-up", data={**hook, "account[id]": "31"}),
        ]
    again = connected.client.post(f"/webhooks/amocrm/{secret}", data=hook)

    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in answers] == [(503, "300")] * 2
    assert "не сохранено" in json.loads(answers[0].data)["detail"]
    assert again.status_code == 200
    assert len(kept(connected)) == 2


@contextmanager
def away(house: House) -> Iterator[None]:
    """The database lets nobody in, and has cut off who was."""
    url = house.database.engine.url
    admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    cut = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
    with admin.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false'))
        connection.execute(cut, {"name": url.database})
        yield
        connection.execute(text(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true'))
    admin.dispose()


@pytest.mark.parametrize("half", ["\ud800", "a\udfff"])
def test_half_of_a_pair_of_signs_is_no_fault_of_ours(connected: House, half: str) -> None:
    """Of a known account, as its number is no secret."""
    key = action_key(connected.of(connected.alice).application_token)
    as_key = action(connected, half)
    as_setting = action(connected, key, stage=half)
    as_name = action(connected, key, **{half: "1"})

    answers = [connected.client.post("/webhooks/amocrm/dp", json=told) for told in (as_key, as_setting, as_name)]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert kept(connected) == []
