"""A deal is copied on both CRMs, in as few requests as they allow, and once, whatever is cut off on the way."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from copy_desks import TO, Desk, settled
from databases import fresh
from houses import house as build

from widget_backend.crm.asking import Deals, Tasks
from widget_backend.db import scope
from widget_backend.deals import copying
from widget_backend.deals.effects import Effects
from widget_backend.sandbox.faults import Fault

ALL = {"with": ["tasks", "notes"]}
#: the request was not carried out · was, and its answer was lost · was, and a page came instead · a page came instead of it
LOST = ["cut", "drop", "html_after", "http_502", "html_200"]
#: killed before the request was carried out · after it, without having read the answer
KILLED = ["kill", "kill_after"]
LIMITS = {"boris": ["limit_503", "auth_401"], "alice": ["limit_429", "auth_401"]}
#: read, create, then links with tasks and notes
REQUESTS = {"boris": range(1, 4), "alice": range(1, 7)}
CASES = [(who, kind, at) for who in REQUESTS for at in REQUESTS[who] for kind in (*LOST, *LIMITS[who])]
DEATHS = [(who, kind, at) for who in REQUESTS for at in REQUESTS[who] for kind in KILLED]


@pytest.fixture(scope="module")
def desks(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Desk]]:
    """Both clinics, set up once for all tests of this module: each has patients of its own."""
    with build(fresh(server_url), tmp_path_factory.mktemp("house")) as running:
        yield {"boris": settled(running, running.boris), "alice": settled(running, running.alice)}


@pytest.fixture
def desk(request: pytest.FixtureRequest, desks: dict[str, Desk]) -> Iterator[Desk]:
    """The clinic that is asked for, with all that a copy may take along."""
    chosen = desks[request.param]
    chosen.settings = ALL
    yield chosen
    chosen.crm.faults.plan()


@pytest.fixture(params=["boris", "alice"])
def each(request: pytest.FixtureRequest, desks: dict[str, Desk]) -> Iterator[Desk]:
    """Each clinic in turn, with copies of deals alone."""
    chosen = desks[request.param]
    chosen.settings = {"without": ["ties"]}
    yield chosen
    chosen.crm.faults.plan()


def whole(desk: Desk, patient: str, deal: str, copy: str) -> tuple[object, ...]:
    tasks = Tasks(copy)
    with scope(desk.clinic.id):
        found = desk.clinic.records.read(tasks)[tasks]
    return desk.deals_of(patient), desk.notes(deal), desk.notes(copy), [task.text.split("\n")[0] for task in found]


def undisturbed(deal: str, copy: str) -> tuple[object, ...]:
    return (
        [TO, "stage.visits.came"],
        ["Просила утром", f"Создана копия: сделка №{copy} в воронке «Координаторы»."],
        [f"Из сделки №{deal}: Просила утром", f"Это копия сделки №{deal} из воронки «Приемы»."],
        ["Перезвонить"],
    )


def test_a_copy_takes_two_requests(each: Desk) -> None:
    patient = each.patient()
    deal = each.deal(patient)

    copied = each.copies(deal)

    assert copied.made
    assert len(each.requests) == 2, each.requests
    assert each.deals_of(patient) == [TO, "stage.visits.came"]


def test_the_links_between_both_deals_take_one_more(each: Desk) -> None:
    each.settings = {}
    deal = each.deal(each.patient())

    each.copies(deal)

    assert len(each.requests) == 3, each.requests


def test_a_repeat_takes_none(each: Desk) -> None:
    deal = each.deal(each.patient())
    first = each.copies(deal)
    each.crm.faults.plan()

    assert each.copies(deal) == first
    assert each.requests == []


def test_the_copy_holds_what_the_deal_held(each: Desk) -> None:
    patient = each.patient()
    deal = each.deal(patient)

    copied = each.copies(deal)

    asked = Deals((deal, copied.deal))
    with scope(each.clinic.id):
        source, copy = sorted(each.clinic.records.read(asked)[asked], key=lambda one: one.id == copied.deal)
    assert (copy.title, copy.contacts, copy.amount) == ("Приём", (patient,), 1200000)
    assert copy.fields == source.fields
    assert copied.lost == ()


def test_a_patient_with_an_open_deal_there_gets_no_second_one(each: Desk) -> None:
    patient = each.patient()
    first, second = each.deal(patient), each.deal(patient)

    made = each.copies(first, once_per_patient=True)
    found = each.copies(second, once_per_patient=True)

    assert (made.made, found.made, found.deal) == (True, False, made.deal)
    assert each.deals_of(patient) == [TO, "stage.visits.came", "stage.visits.came"]


def test_a_copy_is_taken_back(each: Desk) -> None:
    patient = each.patient()
    copied = each.copies(each.deal(patient))

    clinic = each.clinic
    undone = copying.undo(clinic, copied.deal, effects=Effects(clinic), by="1")

    left = {"deleted": ["stage.visits.came"], "closed": ["stage.coord.refused", "stage.visits.came"]}
    assert each.deals_of(patient) == left[undone.how]
    assert undone.how == {"bitrix24": "deleted", "amocrm": "closed"}[clinic.vendor]


@pytest.mark.parametrize(("desk", "kind", "at"), CASES, indirect=["desk"])
def test_a_request_goes_wrong(desk: Desk, kind: str, at: int) -> None:
    patient = desk.patient()
    deal = desk.deal(patient)
    desk.crm.faults.plan(Fault(at, kind))

    copied = desk.copies_at_last(deal)
    desk.crm.faults.plan()

    assert whole(desk, patient, deal, copied.deal) == undisturbed(deal, copied.deal)


@pytest.mark.parametrize(("desk", "kind", "at"), DEATHS, indirect=["desk"])
def test_the_process_is_killed_at_a_request(desk: Desk, kind: str, at: int) -> None:
    desk.settings = {}
    patient = desk.patient()
    deal = desk.deal(patient)
    process = desk.copying_process(deal)
    desk.crm.faults.plan(Fault(at, kind, pid=process.pid))

    process.communicate("go\n", timeout=60)
    desk.crm.faults.plan()
    copied = desk.copies_at_last(deal)

    assert process.returncode in (0, -signal.SIGKILL)
    assert desk.deals_of(patient) == [TO, "stage.visits.came"]
    assert desk.notes(deal) == ["Просила утром", f"Создана копия: сделка №{copied.deal} в воронке «Координаторы»."]
    assert desk.notes(copied.deal) == [f"Это копия сделки №{deal} из воронки «Приемы»."]


@pytest.mark.parametrize("desk", ["boris"], indirect=True)
@pytest.mark.parametrize("command", [1, 2, 3])
def test_the_token_ends_within_a_batch(desk: Desk, command: int) -> None:
    patient = desk.patient()
    deal = desk.deal(patient)
    desk.crm.faults.plan(*(Fault(at, "batch_401", command=command) for at in range(1, 6)))

    copied = desk.copies_at_last(deal)
    desk.crm.faults.plan()

    assert whole(desk, patient, deal, copied.deal) == undisturbed(deal, copied.deal)
