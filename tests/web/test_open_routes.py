"""Every route is authenticated or on the short list of open ones."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from houses import House

from installer.routes import BLUEPRINTS
from widget_backend.security.sessions import Visit
from widget_backend.web import (
    api,
    assets,
    documents,
    journal,
    native,
    office,
    panel,
    preferences,
    probes,
    robot_settings,
    rulebook,
    staff,
    webhooks,
    wellbeing,
)
from widget_backend.web.auth import OPEN


def listed() -> Flask:
    app = Flask("listed", static_folder=None)
    daily = (panel, office, journal, wellbeing, rulebook, preferences, staff, native, robot_settings)
    for part in (assets, probes, documents, webhooks, *daily):
        app.register_blueprint(part.blueprint)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    api.serve(app)
    return app


RULES = sorted(listed().url_map.iter_rules(), key=str)
SHUT = [rule for rule in RULES if rule.endpoint not in OPEN]
CALLS = [
    (rule, method) for rule in SHUT for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"})
]


def address(rule: object) -> str:
    return re.sub(r"<[^>]+>", "1", str(rule))


def test_the_list_names_only_what_is_there() -> None:
    assert {rule.endpoint for rule in RULES} >= OPEN
    assert {rule.endpoint for rule in SHUT} != set()


def test_the_application_serves_these_routes_and_no_others(house: House) -> None:
    served = {(str(rule), rule.endpoint) for rule in house.app.url_map.iter_rules()}

    assert served == {(str(rule), rule.endpoint) for rule in RULES}


@pytest.mark.parametrize("session", ["", "nonsense", "foreign"])
def test_no_other_route_answers_without_a_session(house: House, session: str) -> None:
    tokens = {"": "", "nonsense": "Bearer abc.def.ghi", "foreign": f"Bearer {foreign_session(house)}"}
    headers = {"Authorization": tokens[session]}

    statuses = {house.client.open(address(rule), method=method, headers=headers).status_code for rule, method in CALLS}

    assert statuses == {401}


def test_an_ended_session_is_said_in_a_fragment(house: House) -> None:
    told = house.client.get("/wizard", headers={"HX-Request": "true"})

    assert told.status_code == 401
    assert told.text.startswith('<div class="fault ')
    assert "обновите вкладку" in told.text


def foreign_session(house: House) -> str:
    from widget_backend.security.sessions import Sessions

    other = ("bWFkZS11cC1rZXktb2YtdGhlLXRlc3RzLW5vLXR3byE=",)
    return Sessions(other).issue(Visit(1, "1", "admin"))
