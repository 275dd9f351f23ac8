"""Pipelines with their stages in one request; stages of existing pipelines moved, added and named one by one."""

from __future__ import annotations

import pytest
from amocrm_answers import LOST, UNSORTED, WON, create, invalid, listed, pipeline, status, update

from widget_backend.crm.amocrm import reading
from widget_backend.crm.model import Action, Change, Kind
from widget_backend.errors import Missing, Rejected, Unavailable, Unsupported

PATH = "leads/pipelines"
VISITS = create(Kind.PIPELINE, "pipeline.visits", name="Приемы", position=1)
NEW = create(
    Kind.STAGE,
    "stage.visits.new",
    "pipeline.visits",
    name="Новая заявка",
    position=1,
    kind="open",
    colour="light_yellow",
)
TAKEN = create(Kind.STAGE, "stage.visits.taken", "pipeline.visits", name="Взято в работу", position=2, kind="open")
CAME = create(Kind.STAGE, "stage.visits.came", "pipeline.visits", name="Пациент пришёл", position=3, kind="won")
MISSED = create(Kind.STAGE, "stage.visits.missed", "pipeline.visits", name="Не пришёл", position=4, kind="lost")
BASE = create(Kind.PIPELINE, "pipeline.base", name="База пациентов", position=2)
KEPT = create(Kind.STAGE, "stage.base.kept", "pipeline.base", name="На лечении", position=1, kind="open")

#: a pipeline of four stages as it stands
STANDING = (
    UNSORTED,
    status(1, "Новая", 20),
    status(2, "В работе", 30),
    status(3, "Своя", 40),
    status(4, "Записан", 50),
    WON,
    LOST,
)
STAGES = {s.native: s for s in reading.pipelines([pipeline(9001, "Приемы", *STANDING)]) if s.kind is Kind.STAGE}


def test_a_new_pipeline_goes_with_all_its_stages_in_one_request(alice, carry):
    alice.creates(PATH, "pipelines")

    carry(VISITS, MISSED, NEW, CAME, TAKEN)

    assert alice.sent("POST leads/pipelines") == [
        [
            {
                "name": "Приемы",
                "sort": 1001,
                "is_main": False,
                "is_unsorted_on": False,
                "request_id": "pipeline.visits",
                "_embedded": {
                    "statuses": [
                        {"name": "Новая заявка", "sort": 10, "color": "#fffeb2"},
                        {"name": "Взято в работу", "sort": 20},
                        {"id": 142, "name": "Пациент пришёл"},
                        {"id": 143, "name": "Не пришёл"},
                    ]
                },
            }
        ]
    ]


def test_the_answer_tells_the_ids_of_pipelines_and_stages(alice, carry):
    made = pipeline(
        9001,
        "Приемы",
        UNSORTED,
        status(70002, "Новая заявка", 20),
        status(70003, "Взято в работу", 30),
        status(142, "Пациент пришёл", 10000),
        status(143, "Не пришёл", 11000),
        request_id="pipeline.visits",
    )
    alice.answers("POST", PATH, listed("pipelines", [made]))

    outcomes = carry(VISITS, NEW, TAKEN, CAME, MISSED)

    assert {address: outcome.remote.id for address, outcome in outcomes.items()} == {
        "pipeline.visits": "9001",
        "stage.visits.new": "9001:70002",
        "stage.visits.taken": "9001:70003",
        "stage.visits.came": "9001:142",
        "stage.visits.missed": "9001:143",
    }


def test_several_new_pipelines_are_one_request(alice, carry):
    alice.creates(PATH, "pipelines")

    outcomes = carry(VISITS, NEW, BASE, KEPT)

    assert alice.asked == ["POST leads/pipelines"]
    assert [o.error for o in outcomes.values()] == [None] * 4


def test_one_refused_pipeline_does_not_sink_the_other(alice, carry):
    alice.answers("POST", PATH, invalid(("pipeline.base", "InvalidType", "name")), 400)
    alice.creates(PATH, "pipelines")

    outcomes = carry(VISITS, NEW, BASE, KEPT)

    assert isinstance(outcomes["pipeline.base"].error, Rejected)
    assert outcomes["stage.base.kept"].error.code == "depends"
    assert [outcomes["pipeline.visits"].error, outcomes["stage.visits.new"].error] == [None, None]
    assert [[item["request_id"] for item in body] for body in alice.sent("POST leads/pipelines")] == [
        ["pipeline.visits", "pipeline.base"],
        ["pipeline.visits"],
    ]


def test_a_stage_the_answer_leaves_out_sends_the_caller_back_to_read(alice, carry):
    alice.answers("POST", PATH, listed("pipelines", [pipeline(9001, "Приемы", request_id="pipeline.visits")]))

    with pytest.raises(Unavailable) as caught:
        carry(VISITS, NEW)

    assert caught.value.applied_unknown
    assert alice.asked == ["POST leads/pipelines"]


def test_a_pipeline_is_renamed_by_its_name_alone(alice, carry):
    alice.answers("PATCH", f"{PATH}/9001", {})
    [remote, *_] = reading.pipelines([pipeline(9001, "Приемы")])

    outcomes = carry(update("pipeline.visits", remote, name="Визиты"))

    assert alice.sent("PATCH leads/pipelines/9001") == [{"name": "Визиты"}]
    assert outcomes["pipeline.visits"].remote.name == "Визиты"


def test_a_won_stage_is_only_ever_renamed(alice, carry):
    alice.answers("PATCH", f"{PATH}/9001/statuses/142", {})

    carry(update("stage.visits.came", STAGES["142"], name="Пациент пришёл"))

    assert alice.sent("PATCH leads/pipelines/9001/statuses/142") == [{"name": "Пациент пришёл"}]


def test_a_stage_gets_one_of_the_colours_that_may_be_written(alice, carry):
    alice.answers("PATCH", f"{PATH}/9001/statuses/1", {})

    carry(update("stage.visits.new", STAGES["1"], colour="grey", name="Новая заявка"))

    assert alice.sent("PATCH leads/pipelines/9001/statuses/1") == [{"name": "Новая заявка", "color": "#e6e8ea"}]


def test_a_colour_that_may_not_be_written_is_not_tried(alice, carry):
    restored = Change(
        Action.UPDATE, Kind.STAGE, "stage.visits.new", "Новая", None, STAGES["1"], {}, {"colour": "#c1c1c1"}
    )

    outcomes = carry(restored)

    assert isinstance(outcomes["stage.visits.new"].error, Unsupported)
    assert alice.asked == []


def test_a_stage_dragged_away_is_put_back_by_one_change(alice, carry):
    dragged = (UNSORTED, status(1, "Новая", 20), status(2, "В работе", 30), status(4, "Записан", 40), WON, LOST)
    alice.answers("GET", f"{PATH}/9001", pipeline(9001, "Приемы", *dragged))
    alice.answers("PATCH", f"{PATH}/9001/statuses/4", {})

    outcomes = carry(
        update("stage.visits.booked", STAGES["4"], position=1),
        update("stage.visits.new", STAGES["1"], position=2),
        update("stage.visits.taken", STAGES["2"], position=3),
    )

    assert [o.error for o in outcomes.values()] == [None] * 3
    assert alice.sent("PATCH leads/pipelines/9001/statuses/4") == [{"sort": 11}]


def test_moved_stages_exchange_places_and_the_clinics_own_stays_between_them(alice, carry):
    alice.answers("GET", f"{PATH}/9001", pipeline(9001, "Приемы", *STANDING))
    alice.answers("PATCH", f"{PATH}/9001/statuses/4", {})
    alice.answers("PATCH", f"{PATH}/9001/statuses/2", {})

    carry(
        update("stage.visits.booked", STAGES["4"], position=2),
        update("stage.visits.taken", STAGES["2"], position=3, name="Взято в работу"),
    )

    assert alice.sent("PATCH leads/pipelines/9001/statuses/4") == [{"sort": 21}]
    assert alice.sent("PATCH leads/pipelines/9001/statuses/2") == [{"name": "Взято в работу", "sort": 51}]


def test_a_stage_that_is_gone_meanwhile_cannot_be_moved(alice, carry):
    alice.answers("GET", f"{PATH}/9001", pipeline(9001, "Приемы", UNSORTED, status(1, "Новая", 20), WON, LOST))
    # alone it stands right already: behind «Неразобранное», never before it

    outcomes = carry(
        update("stage.visits.new", STAGES["1"], position=2), update("stage.visits.taken", STAGES["2"], position=1)
    )

    assert isinstance(outcomes["stage.visits.taken"].error, Missing)
    assert outcomes["stage.visits.new"].error is None


def test_new_stages_of_an_existing_pipeline_go_between_ours(alice, carry):
    alice.answers("GET", f"{PATH}/9001", pipeline(9001, "Приемы", *STANDING))
    alice.creates(f"{PATH}/9001/statuses", "statuses")
    ids = {"pipeline.visits": "9001", "stage.visits.a": "9001:1", "stage.visits.b": "9001:4"}
    second = create(
        Kind.STAGE, "stage.visits.x", "pipeline.visits", name="Второй", position=2, kind="open", colour="blue"
    )
    third = create(Kind.STAGE, "stage.visits.y", "pipeline.visits", name="Третий", position=3, kind="open")

    outcomes = carry(second, third, ids=ids)

    assert alice.sent("POST leads/pipelines/9001/statuses") == [
        [
            {"name": "Третий", "sort": 22, "request_id": "stage.visits.y"},
            {"name": "Второй", "sort": 21, "color": "#98cbff", "request_id": "stage.visits.x"},
        ]
    ]
    assert outcomes["stage.visits.x"].remote.parent == "9001"


def test_a_new_first_stage_goes_right_before_the_first_of_ours(alice, carry):
    alice.answers("GET", f"{PATH}/9001", pipeline(9001, "Приемы", *STANDING))
    alice.creates(f"{PATH}/9001/statuses", "statuses")
    first = create(Kind.STAGE, "stage.visits.x", "pipeline.visits", name="Первый", position=1, kind="open")

    carry(first, ids={"pipeline.visits": "9001", "stage.visits.a": "9001:2"})

    [[sent]] = alice.sent("POST leads/pipelines/9001/statuses")
    assert sent["sort"] == 29


def test_a_won_stage_of_an_existing_pipeline_is_named_and_not_made(alice, carry):
    alice.answers("GET", f"{PATH}/9001", pipeline(9001, "Приемы", *STANDING))
    alice.answers("PATCH", f"{PATH}/9001/statuses/142", {})

    outcomes = carry(CAME, ids={"pipeline.visits": "9001"})

    assert alice.asked == ["GET leads/pipelines/9001", "PATCH leads/pipelines/9001/statuses/142"]
    assert outcomes["stage.visits.came"].remote.id == "9001:142"


def test_the_unsorted_stage_is_never_written(alice, carry):
    alice.answers("GET", f"{PATH}/9001", pipeline(9001, "Приемы", *STANDING))
    alice.answers("PATCH", f"{PATH}/9001/statuses/4", {})
    alice.answers("PATCH", f"{PATH}/9001/statuses/2", {})
    alice.answers("PATCH", f"{PATH}/9001/statuses/1", {})

    carry(
        *(
            update(f"stage.visits.{n}", STAGES[n], position=p, name=f"Этап {n}")
            for n, p in (("4", 1), ("2", 2), ("1", 3))
        )
    )

    assert [question for question in alice.asked if "70001" in question] == []
