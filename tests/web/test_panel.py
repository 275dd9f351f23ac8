"""The deal panel on both CRMs: what it shows, to whom, and what its buttons do."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from api_desks import Desk
from panel_desks import Panel, key_of, panel
from receptions import Reception

from widget_backend.crm.asking import UpdateDeal
from widget_backend.crm.records import FieldValue
from widget_backend.db import scope
from widget_backend.deals import visits
from widget_backend.deals.visits import Visit
from widget_backend.sandbox.faults import Fault

COORD = "stage.coord.new"
UNKNOWN = "987654321"


def enquiry(reception: Reception, name: str, phone: str, stage: str = "stage.visits.new") -> str:
    """A patient's deal that the CRM has told us of."""
    deal = reception.enquires(reception.patient(name, phone), stage)
    reception.settles()
    return deal


def test_a_deal_that_moved_shows_its_route_and_its_history(desk: Desk) -> None:
    deal = enquiry(desk.reception, "Анна Котова", "+79005550201")
    desk.reception.moves(deal, "stage.visits.confirmed")
    desk.reception.settles()

    now = desk.reception.clinic.chart.stage["stage.visits.confirmed"].name
    page, history = panel(desk, deal).get(), panel(desk, deal).reads("/timeline")

    assert f'data-screen="deal{deal}-ready"' in page.text
    assert page.text.index("Приемы / Новая заявка") < page.text.index(f"Приемы / {now}")
    assert "Moved to “Приемы" in history
    assert "Decision: a new patient" in history
    assert "The robot" in history


def test_the_history_can_be_narrowed_to_one_sort_of_events(desk: Desk) -> None:
    deal = enquiry(desk.reception, "Вера Лис", "+79005550202")

    decisions, moves = (panel(desk, deal).reads(f"/timeline?show={sort}") for sort in ("decisions", "moves"))

    assert ("Decision:" in decisions, "Created at" in decisions) == (True, False)
    assert ("Decision:" in moves, "Created at" in moves) == (False, True)


def test_a_patient_who_came_has_a_history_of_all_deals_and_robots_explain_it(desk: Desk) -> None:
    deal = enquiry(desk.reception, "Олег Рыбин", "+79005550203")
    desk.reception.moves(deal, "stage.visits.came")
    desk.reception.settles()
    ours = panel(desk, deal)

    history = ours.reads("/timeline")
    code = ours.get("/timeline").text.partition("/why/")[2][:6]
    told, refused = ours.reads(f"/why/{code}"), ours.as_role("user").get(f"/why/{code}")

    assert "Created at “Координаторы" in history
    assert "Copied: deal" in history
    assert f"Why: code {code}" in told and "What happened" in told
    assert (refused.status_code, "Related deals" in ours.reads()) == (403, True)


def fills(desk: Desk, deal: str, address: str, value: FieldValue) -> None:
    with scope(desk.number):
        (written,) = desk.reception.clinic.records.write([UpdateDeal(deal, fields={address: value})])
    assert written.error is None, written.error


def test_the_history_tells_of_visits_in_all_the_patients_deals_without_asking_the_crm(desk: Desk) -> None:
    patient = desk.reception.patient("Лев Тунец", "+79005550221")
    branch = desk.reception.clinic.chart.field["field.deal.branch"].options[0]
    first, second = (desk.reception.enquires(patient, "stage.visits.confirmed") for _ in range(2))
    fills(desk, first, "field.deal.branch", branch.key)
    fills(desk, first, "field.deal.visit_at", datetime(2026, 11, 20, 7, 30, tzinfo=UTC))
    desk.reception.settles()
    desk.reception.moves(first, "stage.visits.came")
    desk.reception.moves(second, "stage.visits.missed")
    desk.reception.settles()
    desk.reception.crm.faults.plan()

    seen, plain = (panel(desk, second).as_role(role).reads("/timeline?show=visits") for role in ("coordinator", "user"))

    assert seen.index("The patient did not come to the visit") < seen.index("The patient came to the visit")
    assert "Time of the visit: 20 Nov 2026 10:30" in seen and "Told by the deal&#39;s stage" in seen
    assert (f": {branch.label}" in seen, f": {branch.label}" in plain) == (True, False)
    assert "The patient came to the visit" in plain
    assert ("Created at" in seen, "Moved to" in seen) == (False, False)
    assert desk.reception.crm.faults.log == []


def test_a_visit_that_was_taken_back_is_told_as_such(desk: Desk) -> None:
    deal = enquiry(desk.reception, "Яна Треска", "+79005550222", "stage.visits.booked")
    booked = panel(desk, deal).reads("/timeline?show=visits")
    desk.reception.moves(deal, "stage.visits.picking")
    desk.reception.settles()

    history = panel(desk, deal).reads("/timeline?show=visits")

    assert "The patient is booked for a visit" in booked
    assert ("The booking or visit was taken back" in history, "is booked" in history) == (True, False)


def test_a_long_history_is_cut_and_says_so(boris: Desk) -> None:
    patient, deal = boris.visit()
    boris.reception.settles()
    told = [
        Visit(patient, "mis", f"v{n}", "completed", datetime(2026, 1, 1, n % 24, n // 24, tzinfo=UTC))
        for n in range(70)
    ]
    with scope(boris.number), boris.house.database.transaction() as session:
        for one in told:
            visits.note(session, boris.number, one)

    history = panel(boris, deal).reads("/timeline?show=visits")

    assert "The latest events are shown: 60." in history
    assert history.count("Told by the clinic&#39;s system") == 59


def test_a_deal_nothing_has_happened_to_says_so_and_can_be_copied(desk: Desk) -> None:
    ours = panel(desk, UNKNOWN)

    assert "Nothing has happened to this deal yet" in ours.reads()
    assert 'hx-get="/panel/987654321/timeline"' not in ours.get().text
    assert ours.buttons() == ["route", "copy"]


def test_a_deal_that_was_deleted_shows_what_is_known_of_it_and_no_buttons(boris: Desk) -> None:
    deal = enquiry(boris.reception, "Пётр Линь", "+79005550205")
    boris.reception.hands.call("crm.item.delete", entityTypeId=2, id=deal)
    boris.reception.settles()

    assert "The deal is no longer in the CRM" in panel(boris, deal).reads()
    assert panel(boris, deal).buttons() == []
    assert "Created at" in panel(boris, deal).reads("/timeline")


def test_an_employee_looks_and_is_told_why_he_may_not_more(desk: Desk) -> None:
    _, deal = desk.visit()
    employee = panel(desk, deal).as_role("user")

    seen, tried = employee.reads(), [employee.post(act).status_code for act in ("copy", "route", "wake", "undo")]

    assert "View only" in seen and "ask an administrator to make you a coordinator" in seen
    assert (employee.buttons(), "View only" in employee.reads("/copy")) == ([], True)
    assert employee.get(f"/copy/preview?to={COORD}").status_code == 403
    assert tried == [403] * 4
    assert desk.reception.crm.faults.log == []


def test_clara_sees_nothing_of_boriss_deals(clinics: dict[str, Desk]) -> None:
    boris, clara = clinics["boris"], clinics["clara"]
    deal = enquiry(boris.reception, "Яна Щука", "+79005550206", "stage.visits.booked")
    asked = len(boris.reception.crm.faults.log)

    hers = panel(clara, deal)

    assert "Nothing has happened to this deal yet" in hers.reads()
    assert "Created at" not in hers.reads("/timeline")
    assert "booked for a visit" not in hers.reads("/timeline?show=visits")
    assert hers.copies(COORD).status_code == 404
    assert len(boris.reception.crm.faults.log) == asked


def test_the_dialog_offers_other_pipelines_first_and_its_preview_writes_nothing(desk: Desk) -> None:
    deal = enquiry(desk.reception, "Ада Судак", "+79005550209")
    patient = desk.reception.looks_at(deal).contact
    desk.reception.crm.faults.plan()
    ours = panel(desk, deal)

    dialog = ours.get("/copy").text
    began = time.monotonic()
    seen = ours.reads(f"/copy/preview?to={COORD}")
    took = time.monotonic() - began

    assert dialog.index('optgroup label="Координаторы"') < dialog.index('optgroup label="Приемы"')
    assert all(part in seen for part in ("Moves along", "Name", "Заявка", "Stays here", f"Patient: contact {patient}"))
    assert desk.standing(patient) == ["stage.visits.new"]
    assert not any(row.write for row in desk.reception.crm.faults.log)
    assert took < 1.0


def test_a_copy_is_made_and_taken_back_by_its_buttons(desk: Desk) -> None:
    patient, deal = desk.visit()
    ours = panel(desk, deal)

    began = time.monotonic()
    made = ours.copies(COORD)
    took = time.monotonic() - began
    copied = desk.reception.at(patient, COORD)
    undone = ours.post("undo", copy=copied)

    assert f'data-open="{card_of(desk, copied)}"' in made.text
    assert f"do-undo-{copied}" in made.text
    assert took < 2.0
    assert "Undone." in undone.text
    assert desk.standing(patient) == []
    assert {"user deal.copied", "user deal.copy_undone"} <= set(desk.acts())


def card_of(desk: Desk, deal: str) -> str:
    return {"bitrix24": f"/crm/deal/details/{deal}/", "amocrm": f"/leads/detail/{deal}"}[desk.reception.clinic.vendor]


def test_a_double_click_makes_one_copy(desk: Desk) -> None:
    patient, deal = desk.visit()
    ours = panel(desk, deal)

    statuses = ours.twice_at_once("copy", to=COORD, key=key_of(ours.get("/copy")), again="yes")

    assert statuses == [200, 200]
    assert desk.standing(patient) == [COORD]


def test_a_patient_who_has_a_deal_there_gets_no_second_one_unless_that_is_said(desk: Desk) -> None:
    patient, deal = desk.visit()
    ours = panel(desk, deal)
    first = ours.copies(COORD)

    warned = ours.reads(f"/copy/preview?to={COORD}")
    second, stood = ours.copies(COORD), desk.standing(patient)
    third = ours.copies(COORD, again="yes")

    assert "The patient already has an open deal in this pipeline" in warned
    assert (first.status_code, second.status_code, stood.count(COORD)) == (200, 200, 1)
    assert "no second one is needed" in second.text
    assert (third.status_code, desk.standing(patient).count(COORD)) == (200, 2)


def test_a_copy_that_the_crm_did_not_answer_is_finished_by_the_same_form(desk: Desk) -> None:
    patient, deal = desk.visit()
    ours = panel(desk, deal)
    key = key_of(ours.get("/copy"))
    desk.reception.crm.faults.plan(Fault(0, "http_502"))

    failed = ours.copies(COORD, key)
    desk.reception.crm.faults.plan()
    repeated = ours.copies(COORD, key_of(failed))

    assert (failed.status_code, key_of(failed), f'data-screen="copy{deal}-error"' in failed.text) == (503, key, True)
    assert "Support code" in failed.text or "Code for support" in failed.text
    assert repeated.status_code == 200
    assert desk.standing(patient) == [COORD]


def test_a_patients_deal_is_routed_once_with_a_reason(desk: Desk) -> None:
    patient = desk.reception.patient("Ева Карп", "+79005550207", visit_count=2)
    deal = desk.reception.deal(patient, "stage.visits.new")
    ours = panel(desk, deal)
    key = key_of(ours.get())

    first, second = ours.post("route", key=key), ours.post("route", key=key)

    assert "The deal was routed. Repeat: completed visits" in first.text
    assert (second.status_code, ours.reads("/timeline?show=decisions").count("Decision: a returning patient")) == (
        200,
        1,
    )
    assert "coordinator deal.route" in desk.acts()


def test_a_parked_deal_is_put_back_to_work_once(desk: Desk) -> None:
    deal = enquiry(desk.reception, "Нина Ёрш", "+79005550208", "stage.base.base")
    ours = panel(desk, deal)
    key = key_of(ours.get())

    offered = ours.buttons()[0]
    first = ours.post("wake", key=key)
    tasks = len(desk.reception.tasks(deal))
    second = ours.post("wake", key=key)

    assert offered == "wake"
    assert desk.reception.stage(deal) == "stage.base.attention"
    assert "The deal was moved to “База пациентов" in first.text
    assert (second.status_code, len(desk.reception.tasks(deal))) == (200, tasks)
    assert "coordinator deal.wake" in desk.acts()


def test_a_deal_that_is_not_parked_is_not_woken(desk: Desk) -> None:
    _, deal = desk.visit()

    refused = panel(desk, deal).presses("wake")

    assert (refused.status_code, "The deal is not parked" in refused.text) == (409, True)
    assert desk.reception.stage(deal) == "stage.visits.came"


@pytest.mark.parametrize("key", ["", "x", "0" * 19, "z" * 20, "0" * 21, "'; --"])
def test_a_form_that_is_none_of_ours_does_nothing(boris: Desk, key: str) -> None:
    patient, deal = boris.visit()

    statuses = [panel(boris, deal).post(act, key=key, to=COORD).status_code for act in ("copy", "route", "wake")]

    assert statuses == [422, 422, 422]
    assert boris.standing(patient) == []


@pytest.mark.parametrize("to", ["", "stage.coord.gone", "<b>", "pipeline.coord", "x" * 5000])
def test_a_stage_that_is_not_there_takes_no_copy(boris: Desk, to: str) -> None:
    patient, deal = boris.visit()

    refused = panel(boris, deal).copies(to)

    assert (refused.status_code, "Not done" in refused.text, "<b>" in refused.text) == (409, True, False)
    assert boris.standing(patient) == []


@pytest.mark.parametrize("copy", ["", "0", "x" * 5000, "999999999999999"])
def test_what_is_no_copy_is_not_undone(boris: Desk, copy: str) -> None:
    _, deal = boris.visit()

    refused = panel(boris, deal).post("undo", copy=copy)

    assert (refused.status_code, "Not done" in refused.text) == (404, True)
    assert not any(row.write for row in boris.reception.crm.faults.log)


@pytest.mark.parametrize("deal", ["0", "-1", "x", "1e3", "9" * 16, "759/copy/none"])
def test_a_deal_that_cannot_be_is_nowhere(boris: Desk, deal: str) -> None:
    assert Panel(boris.calls, deal).get().status_code == 404


@pytest.mark.parametrize(("language", "title"), [("ru", "Путь сделки"), ("en", "The deal")])
def test_the_panel_speaks_both_languages(boris: Desk, language: str, title: str) -> None:
    _, deal = boris.visit()
    boris.reception.settles()

    assert title in panel(boris, deal).in_language(language).reads()
