"""What a failed request answers, what a page may do, what the outside may know."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import pytest
from houses import House, session_of

from widget_backend.config import ServerSettings
from widget_backend.db import Database
from widget_backend.web import assets
from widget_backend.web.assets import asset
from widget_backend.web.context import Context
from widget_backend.web.headers import POLICY


def test_a_program_gets_a_problem_with_a_code_for_support(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    told = house.client.post("/amo/api/ticket", headers={"Origin": "https://attacker.tld"})

    problem = told.json
    assert (told.status_code, told.content_type) == (403, "application/problem+json")
    assert problem is not None
    assert set(problem) == {"type", "title", "status", "detail", "code"}
    assert re.fullmatch(r"[0-9a-f]{8}", problem["code"])
    assert problem["code"] in caplog.text


def test_a_person_gets_a_page_in_his_language_with_the_same(house: House) -> None:
    russian = house.client.get("/nowhere")
    english = house.client.get("/nowhere", headers={"Accept-Language": "en-GB,en;q=0.9"})

    assert (russian.status_code, english.status_code) == (404, 404)
    assert "Такой страницы нет." in russian.text and "Код для поддержки" in russian.text
    assert "There is no such page." in english.text and "Code for support" in english.text


def test_a_page_without_a_session_has_the_look_of_the_others(house: House) -> None:
    said = [house.client.get("/nowhere"), house.client.get("/install/bitrix24"), house.client.get("/install/amocrm")]

    for page in said:
        assert asset("app/app.css") in page.text
        assert re.search(r'<script nonce="[^"]+" src="/static/app/theme.js', page.text)
        assert "app-session" not in page.text


def test_a_fault_of_ours_shows_no_traceback(house: House, caplog: pytest.LogCaptureFixture) -> None:
    session = session_of(house.installs(house.boris))
    house.database.engine.dispose()
    broken = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    Context(house.settings, broken, house.app.extensions["dental"].sessions).serve(house.app)

    told = house.get("/wizard", session, **{"HX-Request": "true"})

    code = re.search(r"<code>([0-9a-f]{8})</code>", told.text)
    assert told.status_code == 500
    assert "Traceback" not in told.text and "psycopg" not in told.text
    assert code is not None and code.group(1) in caplog.text
    broken.close()


def test_a_body_that_is_too_large_is_refused(house: House) -> None:
    told = house.client.post("/events/bitrix24", data=b"a" * 2_100_000)

    assert told.status_code == 413
    assert told.content_type == "application/problem+json"


def test_each_answer_says_what_a_page_may_load_and_renews_its_session(house: House) -> None:
    session = session_of(house.installs(house.boris))

    told = house.get("/wizard", session)

    nonce = re.search(r"'nonce-([\w-]{20,})'", told.headers["Content-Security-Policy"])
    assert nonce is not None
    assert told.headers["Content-Security-Policy"] == POLICY.format(nonce=nonce.group(1), frame="'none'")
    assert told.headers["X-Content-Type-Options"] == "nosniff"
    assert house.get("/wizard", told.headers["X-Session"]).status_code == 200


def test_a_session_is_not_renewed_for_ever(house: House) -> None:
    sessions = house.app.extensions["dental"].sessions
    visit = sessions.read(session_of(house.installs(house.boris)))

    yesterday = sessions.issue(replace(visit, since=visit.since - 12 * 3600 - 60))

    assert house.get("/wizard", sessions.issue(visit)).status_code == 200
    assert house.get("/wizard", yesterday).status_code == 401


def test_scripts_of_the_page_carry_the_nonce_of_its_policy(house: House) -> None:
    page = house.installs(house.boris)

    nonces = set(re.findall(r'<script nonce="([^"]+)"', page.text))
    assert len(nonces) == 1
    assert f"'nonce-{nonces.pop()}'" in page.headers["Content-Security-Policy"]


def test_a_static_file_is_kept_for_a_year_under_the_hash_of_its_content(house: House) -> None:
    address = asset("vendor/htmx.min.js")

    with house.client.get(address) as told:
        headers, status = told.headers, told.status_code

    assert re.fullmatch(r"/static/vendor/htmx\.min\.js\?v=a0abb04f", address)
    assert status == 200
    assert headers["Cache-Control"] == f"public, max-age={assets.YEAR}, immutable"


@pytest.mark.parametrize(
    "name", ["vendor/package.json", "vendor/copy.mjs", "../README.md", "../setup.cfg", "app/none.css"]
)
def test_nothing_else_of_the_folder_is_served(house: House, name: str) -> None:
    assert house.client.get(f"/static/{name}").status_code == 404


def test_a_process_lives_and_is_ready(house: House) -> None:
    assert house.client.get("/healthz/live").json == {"status": "ok"}
    assert house.client.get("/healthz/ready").status_code == 200


def test_a_process_without_its_database_lives_and_is_not_ready(house: House) -> None:
    broken = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    Context(house.settings, broken, house.app.extensions["dental"].sessions).serve(house.app)

    assert house.client.get("/healthz/live").status_code == 200
    assert house.client.get("/healthz/ready").status_code == 503
    broken.close()


def test_figures_tell_of_the_queue_and_of_no_clinic(house: House) -> None:
    house.installs(house.boris)

    told = house.client.get("/metrics").text

    assert 'dental_jobs{state="waiting"} 2.0' in told
    assert 'dental_installations{status="connecting",vendor="bitrix24"} 1.0' in told
    assert 'endpoint="bitrix24.install",method="POST",status="200"' in told
    assert house.boris.state.member_id not in told


def test_figures_are_not_told_through_the_proxy(house: House) -> None:
    assert house.client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 403


def test_no_secret_is_in_the_log_or_in_clear_in_the_database(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    opening = house.boris.opens()

    house.opened(opening)
    house.alice.state.install("5f0c1c5e-0000-4000-8000-00000000c0de")
    code = house.alice.state.outbox[0].form["code"]
    house.delivers(house.alice)
    house.works()
    house.widget(house.alice, house.alice.names())

    pairs = [house.pair(house.boris), house.pair(house.alice)]
    hidden = [code, opening.fields["AUTH_ID"], opening.fields["REFRESH_ID"], opening.fields["APPLICATION_TOKEN"]]
    hidden += [word for pair in pairs if pair for word in (pair.access, pair.refresh)]
    hidden += [client.secret for client in (house.settings.bitrix24, house.settings.amocrm) if client]
    hidden += [house.of(house.alice).application_token, *house.settings.keys]
    stored, logged = house.whole(), ours(caplog)
    assert len(hidden) == 12
    assert [word for word in hidden if word in stored] == []
    assert [word for word in hidden if word in logged] == []


def test_a_vendor_without_keys_is_not_offered(house: House, database_url: str) -> None:
    alone = ServerSettings(house.settings.home, database_url, keys=house.settings.keys, amocrm=house.settings.amocrm)
    Context(alone, house.database, house.app.extensions["dental"].sessions).serve(house.app)

    assert house.installs(house.boris).status_code == 404
    assert house.requests() == 0


def ours(caplog: pytest.LogCaptureFixture) -> str:
    """The log without the emulators', which are other machines."""
    emulators = ("widget_backend.sandbox", "werkzeug")
    return "\n".join(
        record.getMessage() + str(record.exc_text) for record in caplog.records if not record.name.startswith(emulators)
    )
