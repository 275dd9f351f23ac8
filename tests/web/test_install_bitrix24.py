"""Boris installs from the Bitrix24 market: what he proves, what is kept, what he is shown, and how he goes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from houses import BITRIX24, House, session_of

from widget_backend.sandbox.faults import Fault
from widget_backend.security.sessions import Sessions
from widget_backend.tenancy import closing

MANAGER = 7
LIFE = {"ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL", "ONAPPPAYMENT"}


def bound(house: House) -> set[str]:
    return {row.event for row in house.boris.state.handlers if row.url.endswith("/events/bitrix24")}


def installed(house: House) -> str:
    """Boris has installed and the installer has ended: his session."""
    page = house.installs(house.boris)
    house.works()
    house.boris.state.finish_install(BITRIX24.client_id)
    house.delivers(house.boris)
    return session_of(page)


def test_an_administrator_opens_the_installer_and_is_in_the_wizard(house: House) -> None:
    page = house.installs(house.boris)

    boris, pair = house.of(house.boris), house.pair(house.boris)
    assert page.status_code == 200
    assert 'name="app-host" content="bitrix24"' in page.text
    assert (boris.status, boris.host, boris.base_url) == ("connecting", house.boris.host, f"{house.boris.url}/rest/")
    assert boris.application_token == house.boris.state.apps[BITRIX24.client_id].application_token
    assert pair is not None and pair.user_id == "1"
    assert house.acts(house.boris) == ["admin install", "owner login"]
    assert house.get("/wizard", session_of(page)).status_code == 200


@pytest.mark.parametrize("address", ["/install/bitrix24", "/app/bitrix24", "/widget/bitrix24/deal", "/install/amocrm"])
def test_the_markets_check_finds_the_pages_there(house: House, address: str) -> None:
    assert house.client.head(address).status_code == 200
    assert house.rows()["installation"] == 0


def test_the_page_can_be_framed_by_this_portal_alone(house: House) -> None:
    page = house.installs(house.boris)

    policy = page.headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors {house.boris.url}")
    assert "X-Frame-Options" not in page.headers
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert "Set-Cookie" not in page.headers


def test_installing_costs_two_requests_and_the_binding_of_life_one_more(house: House) -> None:
    house.installs(house.boris)
    opened = house.requests()
    house.works()

    assert opened == 2
    assert bound(house) == LIFE
    assert sum(row.operation.count("event.bind") for row in house.boris.faults.log) <= 1


def test_the_end_of_the_installer_is_told_by_an_event_that_proves_itself(house: House) -> None:
    house.installs(house.boris)
    house.works()
    before = house.requests()

    house.boris.state.finish_install(BITRIX24.client_id)

    assert house.delivers(house.boris) == [200]
    assert house.requests() == before


def test_a_token_that_the_page_did_not_bring_is_kept_from_the_first_event(house: House) -> None:
    house.opened(house.boris.opens(), APPLICATION_TOKEN="")
    without = house.of(house.boris).application_token
    house.works()
    house.boris.state.finish_install(BITRIX24.client_id)

    assert house.delivers(house.boris) == [200]
    kept = house.of(house.boris).application_token
    assert (without, kept) == ("", house.boris.state.apps[BITRIX24.client_id].application_token)


def test_an_ordinary_user_cannot_install(house: House) -> None:
    house.boris.state.apps[BITRIX24.client_id].installed = True

    page = house.installs(house.boris, MANAGER)

    assert page.status_code == 403
    assert "попросите администратора" in page.text
    assert house.rows()["installation"] == 0


def test_an_ordinary_user_sees_the_wizard_and_may_not_change_anything(house: House) -> None:
    installed(house)

    session = session_of(house.installs(house.boris, MANAGER))
    changed = house.client.post("/wizard/pause", headers={"Authorization": f"Bearer {session}", "HX-Request": "true"})

    assert Sessions(house.settings.keys).read(session).role == "user"
    assert house.get("/wizard", session).status_code == 200
    assert changed.status_code == 403
    assert "только её администратор" in changed.text
    assert house.pair(house.boris).user_id == "1"  # type: ignore[union-attr]


def test_another_administrator_looks_in_and_leaves_the_access_as_it_is(house: House) -> None:
    installed(house)
    house.boris.state.users[MANAGER].admin = True
    before = house.pair(house.boris)

    session = session_of(house.installs(house.boris, MANAGER))

    assert Sessions(house.settings.keys).read(session).role == "admin"
    assert house.pair(house.boris) == before


def test_a_place_in_a_deal_card_opens_the_same_page_and_knows_the_deal(house: House) -> None:
    installed(house)
    opening = house.boris.opens()
    fields = {**opening.fields, "PLACEMENT": "CRM_DEAL_DETAIL_TAB", "PLACEMENT_OPTIONS": '{"ID":"759"}'}

    page = house.client.post(opening.url.replace("/app/bitrix24", "/widget/bitrix24/deal"), data=fields)

    visit = Sessions(house.settings.keys).read(session_of(page))
    assert (visit.placement, visit.entity, visit.language) == ("CRM_DEAL_DETAIL_TAB", "759", "ru")


def test_removal_wipes_access_and_leaves_a_signed_note(house: House) -> None:
    session = installed(house)
    refresh = house.pair(house.boris).refresh  # type: ignore[union-attr]
    house.ages(house.boris)

    house.boris.state.uninstall(BITRIX24.client_id)
    answers = house.delivers(house.boris)

    boris = house.of(house.boris)
    with house.database.transaction() as rows:
        (note,) = closing.notes(rows, boris.id)
    assert answers == [200]
    assert (boris.status, boris.application_token, house.pair(house.boris)) == ("closed", "", None)
    assert closing.is_genuine(house.settings.keys, note)
    assert (note.wiped["token"], note.wiped["wizard_plan"]) == (1, 1)
    assert refresh not in house.whole()
    assert house.get("/wizard", session).status_code == 401


def test_installed_again_it_is_the_same_installation_with_new_access(house: House) -> None:
    installed(house)
    first, before = house.of(house.boris), house.pair(house.boris)
    house.boris.state.uninstall(BITRIX24.client_id)
    house.delivers(house.boris)
    house.works()
    house.boris.state.issue_app(BITRIX24.client_id, installed=False)

    installed(house)

    again, pair = house.of(house.boris), house.pair(house.boris)
    assert (again.id, again.status) == (first.id, "connecting")
    assert pair is not None and before is not None and pair.access != before.access
    assert again.application_token not in ("", first.application_token)
    assert house.rows()["installation"] == 1


def test_installed_again_after_a_removal_nobody_told_us_of(house: House) -> None:
    installed(house)
    house.boris.state.uninstall(BITRIX24.client_id)
    house.boris.state.outbox.clear()
    house.boris.state.issue_app(BITRIX24.client_id, installed=False)

    installed(house)

    assert house.of(house.boris).application_token == house.boris.state.apps[BITRIX24.client_id].application_token
    assert house.rows()["installation"] == 1


def test_two_administrators_at_once_make_one_installation(house: House) -> None:
    house.boris.state.users[MANAGER].admin = True
    openings = [house.boris.opens(user) for user in (1, MANAGER, 1, MANAGER)]
    together = threading.Barrier(len(openings))

    def open_one(opening: object) -> int:
        together.wait(30)
        return house.opened(opening).status_code  # type: ignore[arg-type]

    with ThreadPoolExecutor(len(openings)) as people:
        statuses = list(people.map(open_one, openings))
    house.works()

    assert statuses == [200] * 4
    assert (house.rows()["installation"], house.rows()["token"]) == (1, 1)
    assert house.dead() == []


def test_another_version_loses_its_handlers_and_gets_them_back(house: House) -> None:
    installed(house)

    house.boris.state.update_app(BITRIX24.client_id)
    lost = bound(house)
    answers = house.delivers(house.boris)
    house.works()

    assert (lost, answers, bound(house)) == (set(), [200], LIFE)
    assert house.acts(house.boris)[-1] == "system update"


def test_a_renamed_portal_is_followed_and_its_new_name_kept(house: House) -> None:
    installed(house)
    renamed = house.boris.host.replace("127.0.0.1", "localhost")
    house.boris.state.settings.renamed_to = renamed

    house.boris.state.update_app(BITRIX24.client_id)
    house.delivers(house.boris)
    house.works()

    boris = house.of(house.boris)
    assert (boris.host, boris.base_url) == (renamed, f"http://{renamed}/rest/")
    assert bound(house) == LIFE
    assert boris.status == "connecting"
    assert house.rows()["installation"] == 1


def test_a_redirect_that_nobody_vouches_for_is_not_followed(house: House) -> None:
    installed(house)

    house.boris.state.update_app(BITRIX24.client_id)
    house.delivers(house.boris)
    house.boris.faults.plan(Fault(at=1, kind="renamed_302"))
    house.works()

    boris = house.of(house.boris)
    assert (boris.host, boris.status) == (house.boris.host, "connecting")
    assert bound(house) == set()


@pytest.mark.parametrize(("status", "words"), [("T", True), ("D", True), ("F", False), ("S", False)])
def test_a_trial_is_said_above_the_page(house: House, status: str, words: bool) -> None:
    house.boris.state.apps[BITRIX24.client_id].status = status

    assert ("Идёт пробный период." in house.installs(house.boris).text) == words


def test_a_bill_that_is_due_has_its_own_screen_and_pauses_the_work(house: House) -> None:
    session = installed(house)
    house.boris.state.set_payment(BITRIX24.client_id, expired=True)

    answers = house.delivers(house.boris)
    house.works()
    page = house.installs(house.boris)

    assert answers == [200]
    assert house.of(house.boris).status == "paused"
    assert page.status_code == 409
    assert "Оплаченный срок закончился" in page.text
    assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {house.boris.url}")
    changed = house.client.post("/wizard/pause", headers={"Authorization": f"Bearer {session}"})
    assert changed.status_code == 409
    assert house.dead() == []


def test_a_paid_bill_ends_the_pause_by_itself(house: House) -> None:
    installed(house)
    house.boris.state.set_payment(BITRIX24.client_id, expired=True)
    house.delivers(house.boris)
    house.works()
    before = house.of(house.boris).status

    house.boris.state.set_payment(BITRIX24.client_id, expired=False)
    house.delivers(house.boris)
    house.works()

    assert (before, house.of(house.boris).status) == ("paused", "connecting")


def test_a_paid_bill_that_nobody_told_us_of_is_seen_when_the_page_is_opened(house: House) -> None:
    installed(house)
    house.boris.state.set_payment(BITRIX24.client_id, expired=True)
    house.delivers(house.boris)
    house.works()
    house.boris.state.apps[BITRIX24.client_id].payment_expired = False

    page = house.installs(house.boris)

    assert (page.status_code, house.of(house.boris).status) == (200, "connecting")


def test_whoever_granted_access_was_dismissed_and_another_administrator_restores_it(house: House) -> None:
    installed(house)
    house.boris.state.users[1].active = False
    house.boris.state.users[8] = type(house.boris.state.users[1])(8, "Вера", "Новая", admin=True)

    house.boris.state.update_app(BITRIX24.client_id)
    house.boris.state.apps[BITRIX24.client_id].installed = True
    house.delivers(house.boris)
    house.works()
    lost = house.of(house.boris).status
    seen_by_others = house.installs(house.boris, MANAGER)
    restored = house.installs(house.boris, 8)

    assert lost == "reconnect"
    assert (seen_by_others.status_code, restored.status_code) == (409, 200)
    assert "Нужно подключить заново" in seen_by_others.text
    assert (house.of(house.boris).status, house.pair(house.boris).user_id) == ("connecting", "8")  # type: ignore[union-attr]


def test_an_access_token_that_has_ended_is_renewed_and_the_work_goes_on(house: House) -> None:
    house.installs(house.boris)
    before = house.pair(house.boris)
    assert before is not None
    house.boris.state.expire(before.access)

    house.works()

    after = house.pair(house.boris)
    assert bound(house) == LIFE
    assert after is not None and (after.generation, after.user_id) == (before.generation + 1, "1")


def test_events_are_taken_when_they_prove_themselves(house: House) -> None:
    installed(house)
    token = house.of(house.boris).application_token
    form = {"event": "ONCRMDEALUPDATE", "data[FIELDS][ID]": "7", "auth[member_id]": house.boris.state.member_id}
    form |= {"auth[domain]": house.boris.host, "auth[application_token]": token}

    proven = house.client.post("/webhooks/bitrix24?for=deals.1", data=form)
    forged = house.client.post("/webhooks/bitrix24?for=deals.1", data={**form, "auth[application_token]": "0" * 32})

    assert (proven.status_code, forged.status_code) == (200, 403)
