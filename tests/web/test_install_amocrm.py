"""Alice connects amoCRM: by our button, by the widget she switches on, and how she goes."""

from __future__ import annotations

import time

import pytest
from houses import AMOCRM, House, session_of

from widget_backend.sandbox.faults import Fault
from widget_backend.security.sessions import Sessions
from widget_backend.tenancy import closing

OTHER_ADMIN, MANAGER = 509, 507


@pytest.fixture
def other_admin(house: House) -> int:
    """A second administrator of Alice's account."""
    users = house.alice.state.users
    users[OTHER_ADMIN] = type(users[MANAGER])(OTHER_ADMIN, "Вторая", "second@clinic.example", is_admin=True)
    return OTHER_ADMIN


def frame_path(house: House, token: str = "") -> str:
    told = house.widget(house.alice, token or house.alice.names())
    assert told.status_code == 200, told.text
    return str(told.json["url"]).removeprefix(house.settings.public_url)  # type: ignore[index]


def test_consent_in_a_browser_ends_in_the_wizard(house: House) -> None:
    page = house.consents(house.alice)

    alice, pair = house.of(house.alice), house.pair(house.alice)
    assert page.status_code == 200
    assert 'name="app-host" content="amocrm"' in page.text
    assert (alice.status, alice.host, alice.base_url) == ("connecting", house.alice.host, house.alice.url)
    assert pair is not None and pair.user_id == "500"
    assert len(alice.application_token) == 32
    assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {house.alice.url}")
    assert "code=" not in page.request.url
    assert house.get("/wizard", session_of(page)).status_code == 200


def test_the_widget_switched_on_is_answered_at_once_and_connected_by_the_worker(house: House) -> None:
    house.alice.faults.plan(Fault(at=0, kind="slow", seconds=3.5))
    house.alice.state.install(AMOCRM.client_id)
    (hook,) = house.alice.state.outbox

    began = time.monotonic()
    answers = house.delivers(house.alice)
    took = time.monotonic() - began
    asked, stored = house.requests(), house.whole()
    house.alice.faults.plan()
    house.works()

    assert (answers, asked) == ([200], 0)
    assert took < 3
    assert hook.form["code"] not in stored
    assert house.of(house.alice).status == "connecting"
    assert house.dead() == []


def test_the_hook_logs_nobody_in(house: House) -> None:
    query = {"code": house.alice.code(), "referer": house.alice.host, "from_widget": "1"}

    answer = house.client.get("/install/amocrm", query_string=query)

    assert answer.status_code == 200
    assert "app-session" not in answer.text
    assert "X-Session" not in answer.headers


def test_declined_consent_has_its_page_with_a_way_on(house: House) -> None:
    page = house.client.get("/install/amocrm", query_string={"error": "access_denied", "state": house.consent_state()})

    assert page.status_code == 403
    assert "«Отклонить»" in page.text
    assert 'href="/install/amocrm/start"' in page.text
    assert house.requests() == 0


def test_consent_of_a_manager_connects_nothing(house: House) -> None:
    page = house.consents(house.alice, MANAGER)

    assert page.status_code == 403
    assert "попросите администратора" in page.text.lower()
    assert house.rows()["installation"] == 0


def test_a_manager_who_switches_the_widget_on_connects_nothing(house: House) -> None:
    house.alice.state.install(AMOCRM.client_id, MANAGER)

    house.delivers(house.alice)
    house.works()

    assert house.rows()["installation"] == 0
    assert house.dead() == [
        "installer.connect: Only an administrator of the CRM may connect it. Nothing was stored: ask an administrator to "
        "press “Install”."
    ]


def test_another_administrator_installs_again_and_the_newer_pair_stands(house: House, other_admin: int) -> None:
    house.consents(house.alice)
    before = house.pair(house.alice)

    page = house.consents(house.alice, other_admin)

    pair = house.pair(house.alice)
    assert page.status_code == 200
    assert before is not None and pair is not None
    assert (pair.user_id, pair.generation) == (str(other_admin), before.generation + 1)
    assert Sessions(house.settings.keys).read(session_of(page)).role == "admin"
    assert house.rows()["installation"] == 1


def test_the_widget_opens_a_page_of_ours_by_a_ticket_for_one_use(house: House) -> None:
    house.consents(house.alice)
    path = frame_path(house)

    first, second = house.client.get(path), house.client.get(path)

    assert (first.status_code, second.status_code) == (200, 403)
    assert first.headers["Content-Security-Policy"].endswith(f"frame-ancestors {house.alice.url}")
    assert Sessions(house.settings.keys).read(session_of(first)).role == "owner"
    assert "app-session" not in second.text


def test_a_look_at_the_address_does_not_use_the_ticket_up(house: House) -> None:
    house.consents(house.alice)
    path = frame_path(house)

    assert house.client.head(path).status_code == 200
    assert house.client.get(path).status_code == 200


def test_a_manager_looks_and_may_not_change_anything(house: House) -> None:
    house.consents(house.alice)
    session = session_of(house.client.get(frame_path(house, house.alice.names(MANAGER))))

    changed = house.client.post("/wizard/pause", headers={"Authorization": f"Bearer {session}"})

    assert Sessions(house.settings.keys).read(session).role == "user"
    assert (house.get("/wizard", session).status_code, changed.status_code) == (200, 403)


def test_a_token_that_does_not_say_who_is_an_administrator_is_asked_after(house: House) -> None:
    house.consents(house.alice)

    admin = session_of(house.client.get(frame_path(house, house.alice.names(is_admin=None))))
    manager = session_of(house.client.get(frame_path(house, house.alice.names(MANAGER, is_admin=None))))

    read = Sessions(house.settings.keys).read
    assert (read(admin).role, read(manager).role) == ("owner", "user")


def test_the_browser_is_let_ask_from_the_accounts_own_page_and_from_no_other(house: House) -> None:
    house.consents(house.alice)

    own = house.client.options("/amo/api/ticket", headers={"Origin": house.alice.url})
    other = house.client.options("/amo/api/ticket", headers={"Origin": "https://other.amocrm.ru"})

    assert (own.status_code, own.headers["Access-Control-Allow-Origin"]) == (204, house.alice.url)
    assert "X-Auth-Token" in own.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in own.headers
    assert (own.headers["Vary"], other.headers["Vary"]) == ("Origin", "Origin")
    assert other.status_code == 403
    assert "Access-Control-Allow-Origin" not in other.headers


def test_a_renamed_account_is_found_and_its_new_name_kept(house: House) -> None:
    house.consents(house.alice)
    renamed = house.alice.host.replace("127.0.0.1", "localhost")
    house.alice.state.rename("newname", renamed)

    house.works()

    assert (house.of(house.alice).host, house.of(house.alice).status) == (renamed, "connecting")


def test_removal_is_believed_when_the_account_lets_us_in_no_more(house: House) -> None:
    page = house.consents(house.alice)
    house.works()

    house.alice.state.uninstall(AMOCRM.client_id)
    answers = house.delivers(house.alice)
    house.works()

    alice = house.of(house.alice)
    with house.database.transaction() as rows:
        (note,) = closing.notes(rows, alice.id)
    assert answers == [200]
    assert (alice.status, alice.application_token, house.pair(house.alice)) == ("closed", "", None)
    assert closing.is_genuine(house.settings.keys, note)
    assert house.get("/wizard", session_of(page)).status_code == 401
    assert house.dead() == []


def test_a_removal_replayed_after_a_new_install_removes_nothing(house: House) -> None:
    house.consents(house.alice)
    house.alice.state.uninstall(AMOCRM.client_id)
    (hook,) = house.alice.state.outbox
    house.delivers(house.alice)
    house.works()
    house.consents(house.alice)

    replayed = house.client.get("/uninstall/amocrm", query_string=hook.form)
    house.works()

    assert replayed.status_code == 200
    assert (house.of(house.alice).status, house.rows()["installation"]) == ("connecting", 1)
    assert house.pair(house.alice) is not None


def test_access_revoked_is_said_with_what_to_do(house: House) -> None:
    house.consents(house.alice)
    pair = house.pair(house.alice)
    assert pair is not None
    house.alice.state.revoke(pair.access)

    house.works()
    told = house.widget(house.alice, house.alice.names())

    assert house.of(house.alice).status == "reconnect"
    assert (told.status_code, told.content_type) == (409, "application/problem+json")
    assert "под администратором" in told.json["detail"]  # type: ignore[index]
    assert house.consents(house.alice).status_code == 200
    assert house.of(house.alice).status == "connecting"


def test_events_are_taken_when_they_prove_themselves(house: House) -> None:
    house.consents(house.alice)
    secret = house.of(house.alice).application_token
    form = {"account[id]": str(house.alice.state.id), "leads[update][0][id]": "7"}

    proven = house.client.post(f"/webhooks/amocrm/{secret}/deals", data=form)
    forged = house.client.post(f"/webhooks/amocrm/{'0' * 32}/deals", data=form)

    assert (proven.status_code, forged.status_code) == (200, 403)
