"""The application's own pages in hostile and hasty hands: what no text holds, what is not offered, what is no longer so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from admin_pages import Pages, fields_of, rules_of, sent_by, settings_of
from api_desks import Desk, settings_kept
from werkzeug.test import TestResponse
from wizards import words_of

from widget_backend.tenancy import installations

SOMEBODY = {"user": "7", "name": "Ольга Пример", "roles": ["head"]}
RULE = {
    "name": {"ru": "Свое", "en": "Ours"},
    "when": {"on": "entered", "stages": ["stage.visits.came"]},
    "do": [{"action": "close_tasks"}],
}
HALF, NUL, MAZE = "\ud800", "\0", "[" * 100_000


@pytest.fixture(autouse=True)
def as_before(clinics: dict[str, Desk]) -> Iterator[None]:
    """What a test has set is taken back."""
    with settings_kept(*clinics.values()):
        yield


def settles(desk: Desk, **settings: Any) -> None:
    with desk.house.database.transaction() as session:
        installations.configure(session, desk.number, **settings)


def kept(desk: Desk) -> dict[str, Any]:
    return dict(desk.house.of(desk.reception.crm).settings)


def journal_of(desk: Desk) -> Pages:
    return Pages(desk.admin, "/office/journal")


def worker_of(desk: Desk) -> str:
    return desk.reception.users[-1]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("settings/hours", "hours"),
        ("settings/team/save", "user"),
        ("settings/team/save", "branches"),
        ("settings/access", "user.0"),
        ("settings/resume", "key"),
        ("journal/repeat", "cause"),
        ("journal/repeat", "number"),
        ("rules/save", "name"),
        ("rules/take/switch", "on"),
        ("health/check", "key"),
    ],
)
def test_a_sign_that_no_text_has_is_refused_in_words(boris: Desk, path: str, field: str) -> None:
    form = {"key": "0" * 20, "roles": "head", "role.0": "coordinator", field: f"x{NUL}"}
    before = kept(boris)

    refused = Pages(boris.admin, "/office/").sends(path, form)

    assert (refused.status_code, "no text has" in words_of(refused.text)) == (422, True)
    assert kept(boris) == before


def test_nor_does_an_address_hold_one(boris: Desk) -> None:
    paths = ("/stopped/%00", "?deal=%00", "/older?before=%00", "/why/%00")

    assert {journal_of(boris).get(path).status_code for path in paths} == {422}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({**RULE, "name": {"ru": HALF, "en": "x"}}),
        json.dumps({**RULE, "name": {"ru": NUL, "en": "x"}}),
        json.dumps({**RULE, "when": {"on": "entered", "stages": 5}}),
        json.dumps({"when": ["x"], "if": 7, "do": 5}),
        json.dumps({**RULE, "do": [{"action": ["x"], "set": 5}]}),
        json.dumps({**RULE, "only_if": "setting.calls"}),
        json.dumps({**RULE, "per_stage": True}),
        json.dumps({**RULE, "do": [{"action": "start_bot", "bot": "flow:1"}]}),
        json.dumps({**RULE, "do": [{"action": "move_deal", "to": "stage.visits.none"}]}),
        "null",
        MAZE,
    ],
)
@pytest.mark.parametrize("path", ["/save", "/compare"])
def test_a_rule_as_text_passes_the_same_checks_as_any(boris: Desk, text: str, path: str) -> None:
    ours = rules_of(boris)
    form = {"rule": "own_0000bad0", "version": "", "as": "text", "text": text, "key": "1" * 20}

    refused = ours.sends(path, form)

    assert refused.status_code == 422
    assert ours.get("/own_0000bad0/edit").status_code == 404


@pytest.mark.parametrize(
    "carried", [{HALF: 1}, {"set": {"field.deal.visits": HALF}}, {"set": {NUL: 1}}, {"set": 5}, [1]]
)
def test_what_a_form_carries_along_unseen_is_no_way_in(boris: Desk, carried: Any) -> None:
    unseen = json.dumps(carried)
    form = {"rule": "own_0000bad1", "on": "entered", "stages": "any", "name": "x", "name.was": unseen, "kept": unseen}
    form |= {"if.count": "1", "if.0.kept": unseen, "do.count": "1", "do.0.action": "create_deal", "do.0.kept": unseen}

    answered = [rules_of(boris).sends(path, {**form, "key": "2" * 20}).status_code for path in ("/form", "/save")]

    assert answered == [200, 422]


def test_a_form_with_a_number_of_no_form_of_ours_loses_nothing_that_was_typed(boris: Desk) -> None:
    form = {"rule": "own_00000009", "version": "", "as": "text", "text": json.dumps(RULE, indent=3), "key": "old"}

    refused = rules_of(boris).sends("/save", form)
    anew = rules_of(boris).sends("/save", fields_of(refused))
    dropped = drops(rules_of(boris), "own_00000009")

    assert [answer.status_code for answer in (refused, anew, dropped)] == [422, 200, 200]


def drops(ours: Pages, rule: str) -> TestResponse:
    return ours.sends(f"/{rule}/drop", sent_by(ours.get(f"/{rule}/drop"), "drop-now"))


def test_no_rule_goes_that_somebody_has_changed_since_it_was_shown(boris: Desk) -> None:
    ours = rules_of(boris)
    form = {"rule": "own_00000008", "version": "", "as": "text", "text": json.dumps(RULE), "key": ours.key("/new")}
    ours.sends("/save", form)
    shown = sent_by(ours.get("/own_00000008/drop"), "drop-now")
    edited = fields_of(ours.get("/own_00000008/edit?as=text"))

    ours.sends("/save", edited | {"text": json.dumps({**RULE, "name": {"ru": "Иначе", "en": "Otherwise"}})})
    stale = ours.sends("/own_00000008/drop", shown)
    left = ours.reads("/own_00000008/drop")
    gone = drops(ours, "own_00000008")

    assert (stale.status_code, "Otherwise" in left, gone.status_code) == (409, True, 200)


def test_only_what_the_crm_has_can_be_chosen(desk: Desk) -> None:
    ours, user = settings_of(desk), worker_of(desk)
    form = fields_of(ours.get("/team/new")) | {"roles": ["head", "head", "king"]}

    nobody = ours.sends("/team/save", form | {"user": "no-such-user" * 1000})
    told = fields_of(nobody) | {"user": user, "roles": ["head"], "pipelines": ["pipeline.none", "pipeline.visits"]}
    saved = ours.sends("/team/save", told)
    smuggled = ours.sends("/team/save", told | {"member": "no-such-user", "key": "3" * 20})
    access = fields_of(ours.get("/access")) | {"user.0": "no-such-user", "role.0": "coordinator"}
    appointed = ours.sends("/access", access | {f"user.{'9' * 5000}": user})

    assert [answer.status_code for answer in (nobody, saved, smuggled, appointed)] == [422, 200, 409, 422]
    assert [(one["user"], one["roles"], one["pipelines"]) for one in kept(desk)["team"]] == [
        (user, ["head"], ["pipeline.visits"])
    ]
    assert not kept(desk).get("staff")


def test_nobody_is_let_go_as_somebody_else_than_was_shown(boris: Desk) -> None:
    settles(boris, team=[SOMEBODY])
    ours = settings_of(boris)
    asked, edited = (
        sent_by(ours.get("/team/7/remove"), "remove-now"),
        fields_of(ours.get("/team/7/edit")) | {"roles": ["administrator"]},
    )

    changed = ours.sends("/team/save", edited)
    stale = ours.sends("/team/7/remove", asked)
    seen_anew = ours.sends("/team/7/remove", sent_by(ours.get("/team/7/remove"), "remove-now"))

    assert [answer.status_code for answer in (changed, stale, seen_anew)] == [200, 409, 200]
    assert kept(boris)["team"] == []


def test_a_right_that_was_taken_away_ends_at_once_on_pages_that_are_open(boris: Desk) -> None:
    _, deal = boris.visit()
    hers = Pages(boris.calls, f"/panel/{deal}").as_role("coordinator", user="71")
    settles(boris, staff={"71": "coordinator"})

    before = hers.get("/copy/preview?to=stage.coord.new").status_code
    settles(boris, staff={"71": "marketer"})
    after = hers.post("/route", key="4" * 20)
    settles(boris, staff={})
    gone = hers.post("/route", key="5" * 20)

    assert (before, after.status_code, gone.status_code) == (200, 403, 403)


def test_a_number_of_a_form_is_good_for_who_was_given_it_and_for_that_alone(boris: Desk) -> None:
    ours, other = rules_of(boris), rules_of(boris).as_role("admin", user="8")
    form = {"key": ours.key(), "on": "no"}

    off = ours.sends("/take/switch", form)
    on = ours.sends("/take/switch", {**form, "on": "yes"})
    others = other.sends("/take/switch", form)
    back = ours.sends("/take/switch", {"key": ours.key(), "on": "yes"})

    assert [answer.status_code for answer in (off, on, others, back)] == [200] * 4
    assert boris.acts()[-4:] == ["admin rule.off", "admin rule.on", "admin rule.off", "admin rule.on"]


def test_each_check_of_the_connection_is_noted(boris: Desk) -> None:
    boris.reception.crm.faults.plan()

    settings_of(boris).post("/check")

    assert boris.acts()[-1] == "admin link.check"
