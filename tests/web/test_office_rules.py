"""The page of rules: in sentences, switched, tried on the past, changed, mended; and nothing of it for Clara."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from admin_pages import fields_of, rules_of, sent_by
from api_desks import Desk, json_of
from test_api_rules import CALL, COPY_BACK
from wizards import words_of

from widget_backend.db import scope
from widget_backend.robots import own_rules, rules
from widget_backend.robots.reading import own

#: the administrator by name, as Boris's CRM has him, and by number, as nobody of Alice's is called so
SEVENTH = "(Мария Менеджерова|user 7)"

GONE = {**CALL, "do": [{"action": "move_deal", "to": "stage.visits.gone"}]}


@pytest.fixture
def called(desk: Desk) -> Iterator[Desk]:
    """The clinic has a rule of its own."""
    json_of(desk.admin.put("/rules/call_again", CALL))
    yield desk
    desk.admin.delete("/rules/call_again")


@pytest.fixture
def lost(boris: Desk) -> Iterator[Desk]:
    """A rule moves deals to a stage that is no longer in the CRM."""
    with scope(boris.number), boris.house.database.transaction() as session:
        rules.save(session, boris.number, own.read(GONE))
    yield boris
    boris.admin.delete("/rules/call_again")


def form_of(desk: Desk, key: str = "call_again") -> dict[str, Any]:
    """The form of a rule as it is drawn."""
    return fields_of(rules_of(desk).get(f"/{key}/edit"))


def test_rules_stand_in_sentences_under_their_pipeline(called: Desk) -> None:
    page = rules_of(called).get()
    said = words_of(page.text)

    assert 'data-screen="rules-ready"' in page.text
    assert "Call again" in said and "your own" in said.casefold()
    assert "Event When a deal enters “" in said
    assert "Of the preset dental" in said
    assert "stage.visits" not in said and "field.deal" not in said


def test_a_rule_is_switched_and_the_page_says_by_whom(called: Desk) -> None:
    ours = rules_of(called)

    off = words_of(ours.post("/call_again/switch", key=ours.key(), on="no").text)
    on = words_of(ours.post("/call_again/switch", key=ours.key(), on="yes").text)

    assert "The rule “Call again” is off" in off and re.search(f"Switched off by {SEVENTH}", off)
    assert "The rule “Call again” is on" in on and re.search(f"Switched on by {SEVENTH}", on)
    assert called.acts()[-2:] == ["admin rule.off", "admin rule.on"]


def test_a_double_click_switches_once(called: Desk) -> None:
    ours, before = rules_of(called), len(called.acts())

    answered = ours.twice_at_once("/call_again/switch", {"key": ours.key(), "on": "no"})

    assert (answered, len(called.acts()) - before) == ([200, 200], 1)


def test_a_rule_whose_stage_is_gone_asks_for_another_and_goes_on(lost: Desk) -> None:
    ours = rules_of(lost)
    paused = ours.get()

    mended = ours.post("/call_again/place", key=ours.key(), gap="stage.visits.gone", to="stage.visits.booked")

    assert 'data-screen="rules-partial"' in paused.text
    assert "Paused, choose a stage" in words_of(paused.text)
    assert "works again" in words_of(mended.text)
    assert "choose a stage" not in ours.reads()
    assert json_of(lost.admin.get("/rules/call_again"))["rule"]["do"][0]["to"] == "stage.visits.booked"


def test_a_stage_that_is_not_there_is_not_taken(lost: Desk) -> None:
    ours = rules_of(lost)

    refused = ours.post("/call_again/place", key=ours.key(), gap="stage.visits.gone", to="stage.visits.nowhere")

    assert (refused.status_code, "The CRM has no such stage" in words_of(refused.text)) == (422, True)


def test_a_rule_tells_what_it_would_have_done_and_does_nothing(called: Desk) -> None:
    reception = called.reception
    deal = reception.enquires(reception.patient("Инна Ветрова", "+79005551401"), "stage.visits.confirmed")
    reception.settles()
    reception.crm.faults.plan()

    page, table = rules_of(called).reads("/call_again/trial?days=1"), rules_of(called).reads("/call_again/tried?days=1")

    assert "Looking at the deals in the CRM" in page
    assert f"deal {deal}" in table and "would not act" in table and "1000" in table
    assert not any(row.write for row in reception.crm.faults.log)


def test_a_changed_rule_is_compared_with_the_present_one(called: Desk) -> None:
    reception = called.reception
    deal = reception.enquires(reception.patient("Юлия Морская", "+79005551402"), "stage.visits.confirmed")
    reception.settles()
    form = form_of(called) | {"if.count": "0"}

    said = words_of(rules_of(called).sends("/compare?days=1", form).text)

    assert "Before and after, over a day" in said
    assert f"deal {deal}" in said and "differs" in said


def test_a_form_that_is_not_touched_keeps_the_rule_as_it_was(called: Desk) -> None:
    saved = rules_of(called).sends("/save", form_of(called))

    assert saved.status_code == 200, words_of(saved.text)
    assert json_of(called.admin.get("/rules/call_again"))["rule"] == CALL


def test_every_rule_of_the_preset_can_be_opened_and_goes_through_its_form_unharmed(boris: Desk) -> None:
    there = json_of(boris.calls.get("/rules"))["rules"]

    forms = {one["key"]: form_of(boris, one["key"]) for one in there}
    drawn = {key: rules_of(boris).sends("/form", form | {"as": "text"}).text for key, form in forms.items()}

    assert {key: json.loads(fields_of_text(page)) for key, page in drawn.items()} == {
        one["key"]: {name: part for name, part in one["rule"].items() if name != "only_if"} for one in there
    }


def fields_of_text(page: str) -> str:
    """What stands in the field of a rule's text."""
    from html import unescape

    return unescape(page.partition('class="code"')[2].partition(">")[2].partition("</textarea>")[0])


def test_a_form_says_all_that_is_wrong_beside_its_fields_and_keeps_what_was_typed(called: Desk) -> None:
    form = form_of(called) | {
        "name": [""],
        "name.was": [""],
        "stages": [],
        "do.0.action": ["move_deal"],
        "do.0.to": [""],
    }

    page = rules_of(called).sends("/save", form)

    assert page.status_code == 422
    for place in ("name-wrong", "stages-wrong", "do.0.to-wrong"):
        assert f'id="{place}"' in page.text
    assert '<option value="move_deal" selected' in page.text
    assert json_of(called.admin.get("/rules/call_again"))["rule"] == CALL


def test_a_rule_can_be_made_by_choosing(boris: Desk) -> None:
    ours = rules_of(boris)
    form = fields_of(ours.get("/new"))
    form |= {"name": ["Напомнить"], "stages": ["stage.visits.booked"], "do.0.action": ["add_note"]}
    form = fields_of(ours.sends("/form", form | {"move": ["do+"]}))
    form |= {"do.0.text": ["Позвоните пациенту"], "do.1.action": ["close_tasks"]}

    saved = ours.sends("/save", form)
    key = form["rule"][0]
    made = json_of(boris.admin.get(f"/rules/{key}"))["rule"]
    boris.admin.delete(f"/rules/{key}")

    assert "The rule “Напомнить” is saved" in words_of(saved.text)
    assert made["when"] == {"on": "entered", "stages": ["stage.visits.booked"]}
    assert made["do"] == [
        {"action": "add_note", "text": {"ru": "Позвоните пациенту", "en": "Позвоните пациенту"}},
        {"action": "close_tasks"},
    ]


def test_a_loop_of_rules_is_refused_with_its_names(boris: Desk) -> None:
    text = json.dumps(COPY_BACK)
    form = fields_of(rules_of(boris).get("/new")) | {"rule": "back_and_forth", "as": "text", "text": text}

    refused = rules_of(boris).sends("/save", form)

    assert (refused.status_code, "set each other off without end" in words_of(refused.text)) == (422, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "This is no JSON"),
        ("[]", "a required key is missing"),
        ('{"do": "x", "colour": 1}', "Do: a list is needed"),
    ],
)
def test_a_text_that_is_no_rule_says_where(boris: Desk, text: str, said: str) -> None:
    form = fields_of(rules_of(boris).get("/new")) | {"as": "text", "text": text}

    refused = rules_of(boris).sends("/save", form)

    assert (refused.status_code, said in words_of(refused.text)) == (422, True)


def test_the_second_of_two_administrators_is_told_and_loses_nothing(called: Desk) -> None:
    ours, other = rules_of(called), rules_of(called).as_role("admin", user="8")
    first, second = form_of(called) | {"name": ["Первое"]}, form_of(called) | {"name": ["Второе"]}

    saved, told = ours.sends("/save", first), other.sends("/save", second)
    anew = other.sends("/save", fields_of(told))

    assert (saved.status_code, told.status_code, anew.status_code) == (200, 409, 200)
    assert "was changed while you worked on it" in words_of(told.text)
    assert 'value="Второе"' in told.text
    assert json_of(called.admin.get("/rules/call_again"))["name"] == "Второе"


def test_a_rule_of_the_preset_is_changed_and_restored(boris: Desk) -> None:
    ours, before = rules_of(boris), json_of(boris.admin.get("/rules/handed"))

    ours.sends("/save", form_of(boris, "handed") | {"name": ["Иначе"]})
    asked = ours.reads("/handed/drop")
    restored = ours.sends("/handed/drop", sent_by(ours.get("/handed/drop"), "drop-now"))

    assert "rule instead of “Иначе”?" in asked
    assert "in force again" in words_of(restored.text)
    assert json_of(boris.admin.get("/rules/handed")) == before


def test_who_may_not_change_rules_reads_them_and_is_told_why(boris: Desk) -> None:
    user = rules_of(boris).as_role("user")

    page = user.get()
    refused = [
        user.post("/handed/switch", key=rules_of(boris).key(), on="no").status_code,
        *(user.get(path).status_code for path in ("/handed/edit", "/handed/drop", "/handed/trial", "/new")),
        *(user.post(path).status_code for path in ("/save", "/form", "/compare", "/handed/drop", "/handed/place")),
    ]

    assert 'id="read-only"' in page.text and "hx-post" not in page.text
    assert set(refused) == {403}


def test_clara_sees_and_changes_nothing_of_the_others(clinics: dict[str, Desk], called: Desk) -> None:
    hers, before = rules_of(clinics["clara"]), json_of(called.admin.get("/rules"))

    found = [hers.get(f"/call_again/{page}").status_code for page in ("edit", "drop", "trial", "tried")]
    done = hers.post("/call_again/switch", key=hers.key(), on="no").status_code

    assert (found, done) == ([404] * 4, 404)
    assert "Call again" not in hers.reads()
    assert json_of(called.admin.get("/rules")) == before


def test_the_page_speaks_russian(boris: Desk) -> None:
    said = rules_of(boris).in_language("ru").reads()

    assert "Событие Когда сделка" in said and "Тогда" in said
    assert "Event" not in said


def test_a_preset_rule_is_never_replaced_by_looking(boris: Desk) -> None:
    with scope(boris.number), boris.house.database.transaction() as session:
        assert own_rules.replaced(session) == frozenset()
