"""The API on what robots did and why, on what has stopped, and on what the CRM forgot to tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from api_desks import Caller, Desk, forget_events, json_of, problem


@dataclass(frozen=True)
class Came:
    """``notes``: those of the deal."""

    calls: Caller
    deal: str
    notes: Sequence[str]


@pytest.fixture(scope="module", params=["boris", "alice"])
def came(request: pytest.FixtureRequest, clinics: dict[str, Desk]) -> Came:
    """A patient has come, and robots did what follows."""
    desk = clinics[request.param]
    forget_events(desk)
    deal = desk.reception.enquires(desk.reception.patient("Мария Зуева", "+79005559004"), "stage.visits.new")
    desk.reception.moves(deal, "stage.visits.came")
    desk.reception.settles()
    return Came(desk.calls, deal, desk.reception.notes(deal))


def test_the_code_of_a_note_leads_to_all_that_was_done(came: Came) -> None:
    note = next(note for note in came.notes if "Роботы" in note)
    code = re.findall(r"\b[2-9A-HJ-NP-Z]{6}\b", note)[-1]

    why = json_of(came.calls.get(f"/runs/{code}"))

    calls = [call for run in why["runs"] for call in run["calls"]]
    assert (why["code"], why["deal"]) == (code, came.deal)
    assert "the deal" in why["happened"]
    assert {run["state"] for run in why["runs"]} <= {"done", "passed"}
    assert [call["refused"] for call in calls] == [None] * len(calls)
    assert calls != []


def test_runs_are_listed_by_deal_and_rule(came: Came) -> None:
    of_deal = json_of(came.calls.get(f"/runs?deal={came.deal}&limit=100"))["runs"]
    rule = of_deal[0]["rule"]

    of_rule = json_of(came.calls.get(f"/runs?rule={rule}&deal={came.deal}"))["runs"]

    assert {run["deal"] for run in of_deal} == {came.deal}
    assert {run["rule"] for run in of_rule} == {rule}
    assert [run["id"] for run in of_deal] == sorted((run["id"] for run in of_deal), reverse=True)


def test_runs_are_turned_page_by_page(came: Came) -> None:
    whole = json_of(came.calls.get("/runs?limit=4"))["runs"]

    first = json_of(came.calls.get("/runs?limit=2"))
    second = json_of(came.calls.get(f"/runs?limit=2&before={first['next']}"))

    assert first["runs"] + second["runs"] == whole
    assert json_of(came.calls.get("/runs?before=1")) == {"runs": [], "next": None}


@pytest.mark.parametrize("code", ["ZZZZZZ", "1", "a", "ZZZZZZZZZZZZ", "..."])
def test_a_code_that_stands_for_nothing_is_not_found(boris: Desk, code: str) -> None:
    assert "no such run" in problem(boris.calls.get(f"/runs/{code}"), 404)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "before=0", f"before={2**63}", "deal=a", f"rule={'r' * 300}", "colour=red"],
)
def test_a_query_that_cannot_be_used_is_told(boris: Desk, query: str) -> None:
    assert query.partition("=")[0] in problem(boris.calls.get(f"/runs?{query}"), 422)


def test_what_has_stopped_is_listed_by_cause_and_tried_again(boris: Desk) -> None:
    boris.stops("770001", "770002")
    listed = json_of(boris.calls.get("/dead-letters"))["groups"]

    tried = json_of(boris.admin.post(f"/dead-letters/{listed[0]['cause']}/replay"))

    (group,) = listed
    assert [group[name] for name in ("what", "kind", "message", "count")] == ["deal", "Rejected", "The CRM refused.", 2]
    assert (tried, json_of(boris.calls.get("/dead-letters"))) == ({"replayed": 2}, {"groups": []})
    assert boris.acts()[-1] == "admin letters.replay"


def test_a_cause_that_is_gone_is_not_found(boris: Desk) -> None:
    before = boris.acts()

    assert "reload the list" in problem(boris.admin.post("/dead-letters/0a1b2c3d/replay"), 404)
    assert boris.acts() == before


def test_what_the_crm_did_not_tell_is_counted(desk: Desk) -> None:
    desk.run(
        "INSERT INTO inbox_loss (installation_id, day, told, found_late) VALUES (:i, (now() - interval '2 days')::date, 97, 3)",
        i=desk.number,
    )

    lost, yesterday = (json_of(desk.calls.get(path)) for path in ("/losses", "/losses?days=1"))
    desk.run("DELETE FROM inbox_loss WHERE told = 97")

    assert lost["found_late"] == 3 + yesterday["found_late"]
    assert lost["told"] == 97 + yesterday["told"]
    assert lost["share"] == pytest.approx(lost["found_late"] / (lost["told"] + lost["found_late"]))
