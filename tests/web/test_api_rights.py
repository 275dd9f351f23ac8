"""Who may call what of the API, and that nobody learns anything of another clinic."""

from __future__ import annotations

import re
from typing import Any

import pytest
from api_desks import PREFIX, Desk, json_of, problem
from test_api_rules import CALL

from widget_backend.security.sessions import Role
from widget_backend.tenancy import roles

TO = {"to": "stage.coord.new"}
#: every route, with a body that fits; {deal}, {code} and {cause} are Boris's
ROUTES: dict[tuple[str, str], Any] = {
    ("GET", "/deals/{deal}/routes"): None,
    ("GET", "/deals/{deal}/history"): None,
    ("GET", "/deals/{deal}/lineage"): None,
    ("GET", "/rules"): None,
    ("GET", "/rules/call_again"): None,
    ("GET", "/runs"): None,
    ("GET", "/dead-letters"): None,
    ("GET", "/losses"): None,
    ("GET", "/openapi.json"): None,
    ("GET", "/runs/{code}"): None,
    ("POST", "/deals/{deal}/copies/preview"): TO,
    ("POST", "/deals/{deal}/copies"): TO,
    ("POST", "/deals/{copy}/undo"): None,
    ("POST", "/deals/{deal}/route"): None,
    ("PUT", "/rules/call_again/switch"): {"on": False},
    ("PUT", "/rules/call_again"): CALL,
    ("POST", "/rules/call_again/dry-run"): {},
    ("POST", "/rules/dry-run"): {"rule": CALL},
    ("POST", "/dead-letters/{cause}/replay"): None,
    ("DELETE", "/rules/call_again"): None,
}
LOOK = {call for call in ROUTES if call[0] == "GET"} - {("GET", "/runs/{code}")}
WORK = {call for call in ROUTES if "/deals/" in call[1]} | {("GET", "/runs/{code}")}
MAY: dict[Role, set[tuple[str, str]]] = {
    "owner": set(ROUTES),
    "admin": set(ROUTES),
    "coordinator": LOOK | WORK,
    "marketer": LOOK,
    "auditor": LOOK,
    "user": LOOK,
}


@pytest.fixture
def his(boris: Desk) -> dict[str, str]:
    """Boris has a deal that robots worked on, a copy of it, a rule of his own, and something that stopped."""
    deal = boris.reception.enquires(boris.reception.patient("Вера Белова", "+79005559005"), "stage.visits.new")
    boris.reception.settles()
    json_of(boris.calls.post(f"/deals/{deal}/route"))
    copied = json_of(boris.calls.post(f"/deals/{deal}/copies", TO, "his-own-key"))
    json_of(boris.admin.put("/rules/call_again", CALL))
    boris.stops("880001")
    code = json_of(boris.calls.get(f"/runs?deal={deal}"))["runs"][0]["code"]
    cause = json_of(boris.calls.get("/dead-letters"))["groups"][0]["cause"]
    return {"deal": deal, "copy": copied["deal"], "code": code, "cause": cause}


def test_every_route_is_in_this_table(boris: Desk) -> None:
    served = [rule for rule in boris.house.app.url_map.iter_rules() if str(rule).startswith(PREFIX)]
    shapes = {
        (method, _shape(str(rule))) for rule in served for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert shapes == {(method, _shape(PREFIX + path)) for method, path in ROUTES}


def _shape(path: str) -> str:
    named = re.sub(r"<[^>]+>|\{\w+\}", "*", path)
    return named.replace("/call_again", "/*")


@pytest.mark.parametrize("role", list(MAY))
def test_a_role_may_call_what_is_its_own_and_nothing_else(boris: Desk, role: Role) -> None:
    caller = boris.calls.as_role(role)
    places = {"deal": "999999", "copy": "999999", "code": "ZZZZZZ", "cause": "0a1b2c3d"}

    answers = {
        (method, path): caller.open(method, path.format(**places), body, f"{role}-{method}-{path}")
        for (method, path), body in ROUTES.items()
    }

    refused = {call for call, answer in answers.items() if answer.status_code == 403}
    assert refused == set(ROUTES) - MAY[role]
    assert {answer.status_code for answer in answers.values()} <= {200, 403, 404}


def test_a_refusal_says_whom_to_ask(boris: Desk) -> None:
    said = problem(boris.calls.as_role("user").post("/deals/1/copies", TO), 403)

    assert said == roles.NOT_YOURS["work_deals"].en


def test_clara_walks_every_route_and_learns_and_changes_nothing(
    clinics: dict[str, Desk], boris: Desk, his: dict[str, str]
) -> None:
    clara = clinics["clara"]
    before, asked = _whole(boris), len(boris.reception.crm.faults.log)

    answers = {
        (method, path): clara.admin.open(method, path.format(**his), body, "his-own-key" if body else path)
        for (method, path), body in ROUTES.items()
        if path != "/rules/call_again" or method != "GET"
    }

    hers = {call: answer.text for call, answer in answers.items()}
    of_him = [answers[call].status_code for call in answers if "{" in call[1]]
    assert set(of_him) == {404}
    assert json_of(answers["GET", "/runs"]) == {"runs": [], "next": None}
    assert json_of(answers["GET", "/dead-letters"]) == {"groups": []}
    assert [
        call for call, told in hers.items() if "Вера" in told or ('"call_again"' in told and call[0] == "GET")
    ] == []
    assert _whole(boris) == before
    assert len(boris.reception.crm.faults.log) == asked


def _whole(desk: Desk) -> list[Any]:
    """All rows of the clinic in the tables that the API writes."""
    tables = (
        "answer",
        "audit_row",
        "deal_copy",
        "effect",
        "route_decision",
        "robot_rule",
        "robot_book",
        "inbox_message",
    )
    found = "SELECT json_agg(t ORDER BY id) FROM {} t WHERE installation_id = :i"
    return [desk.run(found.format(table), i=desk.number) for table in tables]
