"""The choice between primary, repeat and not sure, on values: its laws, and the case of each reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from front_desks import chart_of
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.deals.people import IN_TURN, Picked
from widget_backend.deals.routing.choice import REASONS, Desk, Open, choose, host_of, kind_of
from widget_backend.deals.routing.history import MARKS, PatientHistory
from widget_backend.deals.routing.layouts import DENTAL, IDENT, layout_of

OLGA = Picked("11", IN_TURN)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
PLACES = ((DENTAL, (*DENTAL.hosts, "stage.coord.new", "")), (IDENT, (*IDENT.hosts, "stage.nps.new", "")))

histories = st.builds(
    PatientHistory,
    contact=st.sampled_from(["", "301"]),
    reachable=st.booleans(),
    journal=st.integers(0, 3),
    counter=st.none() | st.integers(0, 3),
    marks=st.lists(st.sampled_from(MARKS), unique=True).map(tuple),
    said=st.sampled_from(["", "primary", "repeat"]),
    unclear=st.sampled_from([(), ("301", "302"), ("301", "302", "303")]),
)


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    layout, places = draw(st.sampled_from(PLACES))
    stages = st.sampled_from(places)
    ids = draw(st.lists(st.integers(1, 99).map(str), min_size=1, max_size=5, unique=True))
    opened = [
        Open(
            number,
            draw(stages),
            draw(st.sampled_from(["", "1", "11"])),
            NOON + timedelta(minutes=draw(st.integers(0, 2))),
        )
        for number in ids
    ]
    return Desk(opened[0], draw(st.sampled_from([layout, None])), tuple(opened[1:]), draw(st.booleans()))


def learns(patient: PatientHistory, news: PatientHistory) -> PatientHistory:
    """The same patient, of whom more is known."""
    counters = [counter for counter in (patient.counter, news.counter) if counter is not None]
    return replace(
        patient,
        contact=patient.contact or news.contact,
        reachable=patient.reachable or news.reachable,
        journal=patient.journal + news.journal,
        counter=max(counters) if counters else None,
        marks=tuple(dict.fromkeys(patient.marks + news.marks)),
        said=patient.said or news.said,
        unclear=patient.unclear or news.unclear,
    )


@given(histories, desks())
def test_every_patient_gets_exactly_one_answer_with_its_reason(patient: PatientHistory, desk: Desk) -> None:
    routed = choose(patient, desk, OLGA)

    assert routed.kind in {"primary", "repeat", "unsure"}
    assert (
        routed.reason.ru.split(":")[0]
        == {"primary": "Первичный", "repeat": "Повторный", "unsure": "Не определено"}[routed.kind]
    )
    assert (
        routed.reason.en.split(":")[0] == {"primary": "Primary", "repeat": "Repeat", "unsure": "Not sure"}[routed.kind]
    )


@given(histories, desks())
def test_the_same_question_has_the_same_answer(patient: PatientHistory, desk: Desk) -> None:
    assert choose(patient, desk, OLGA) == choose(replace(patient), replace(desk), OLGA)


@given(histories, histories)
def test_more_knowledge_never_takes_a_proven_repeat_back(patient: PatientHistory, news: PatientHistory) -> None:
    before, after = kind_of(patient)[0], kind_of(learns(patient, news))[0]

    assert not (before == "repeat" and after == "primary")


@given(histories, desks())
def test_a_deal_whose_patient_is_not_known_stays_where_it_is(patient: PatientHistory, desk: Desk) -> None:
    routed = choose(patient, desk, OLGA)

    assert routed.kind != "unsure" or (routed.stage, routed.into) == ("", "")


@given(desks())
def test_of_open_deals_the_same_one_stays_whichever_is_asked_about(desk: Desk) -> None:
    everybody = (desk.deal, *desk.others)
    hosts = [host_of(replace(desk, deal=one, others=tuple(o for o in everybody if o != one))) for one in everybody]

    joining = [one for one, host in zip(everybody, hosts, strict=True) if host is not None]

    assert len(joining) < len(everybody)
    assert {host.id for host in hosts if host} <= {
        one.id for one, host in zip(everybody, hosts, strict=True) if host is None
    }


@given(desks())
def test_only_an_enquiry_that_nobody_took_is_handed_over(desk: Desk) -> None:
    assert host_of(desk) is None or (desk.layout is not None and desk.deal.stage in desk.layout.arrivals)


KNOWN = PatientHistory("301", reachable=True)
CASES = [
    (PatientHistory(), "unsure", "no_patient"),
    (PatientHistory("301"), "unsure", "no_phone"),
    (KNOWN, "primary", "new"),
    (replace(KNOWN, counter=0), "primary", "zero"),
    (PatientHistory("301", counter=0), "primary", "zero"),
    (replace(KNOWN, journal=1), "repeat", "journal"),
    (replace(KNOWN, journal=1, counter=7), "repeat", "journal"),
    (replace(KNOWN, counter=2), "repeat", "counter"),
    (replace(KNOWN, counter=0, marks=MARKS[:1]), "repeat", "marks"),
    (replace(KNOWN, said="repeat"), "repeat", "said_repeat"),
    (replace(KNOWN, said="primary"), "primary", "said_primary"),
    (replace(KNOWN, said="primary", journal=1), "repeat", "journal"),
    (replace(KNOWN, unclear=("301", "302")), "unsure", "family"),
    (replace(KNOWN, unclear=("301", "302"), journal=2), "unsure", "family"),
    (replace(KNOWN, unclear=("301", "302"), said="primary"), "primary", "said_primary"),
    (replace(KNOWN, unclear=("301", "302"), said="repeat"), "repeat", "said_repeat"),
    (replace(KNOWN, unclear=("301", "302"), said="primary", counter=1), "unsure", "disputed"),
]


@pytest.mark.parametrize(("patient", "kind", "code"), CASES)
def test_what_decides(patient: PatientHistory, kind: str, code: str) -> None:
    assert kind_of(patient) == (kind, code)


def test_every_reason_is_met() -> None:
    assert {code for _, _, code in CASES} == set(REASONS)


def test_the_reason_counts_the_visits() -> None:
    routed = choose(replace(KNOWN, journal=2), Desk(Open("1", "stage.visits.new")), OLGA)

    assert routed.reason.ru.startswith("Повторный: завершённых визитов в журнале — 2. Ответственный: по очереди")
    assert routed.reason.en.startswith("Repeat: completed visits in the journal: 2. Responsible: by turn")


@pytest.mark.parametrize(
    ("stage", "visits", "to"),
    [
        ("stage.tech.new", 0, "stage.primary.new"),
        ("stage.tech.new", 1, "stage.repeat.new"),
        ("stage.primary.new", 1, "stage.repeat.new"),
        ("stage.primary.booked", 2, "stage.repeat.booked"),
        ("stage.repeat.taken", 0, "stage.primary.taken"),
        ("stage.primary.new", 0, ""),
        ("stage.primary.visited", 1, ""),
        ("stage.sales.new", 1, ""),
    ],
)
def test_enquiries_go_to_the_pipeline_of_their_kind(stage: str, visits: int, to: str) -> None:
    desk = Desk(Open("1", stage), layout_of(chart_of("dental-ident"), stage))

    assert choose(replace(KNOWN, journal=visits), desk, OLGA).stage == to


def test_in_the_clinic_of_one_visits_pipeline_a_deal_stays() -> None:
    desk = Desk(Open("1", "stage.visits.new"), DENTAL)

    assert choose(replace(KNOWN, journal=1), desk, OLGA).stage == ""


@pytest.mark.parametrize(
    ("stage", "everywhere", "into"),
    [
        ("stage.visits.taken", True, "2"),
        ("stage.visits.booked", False, "2"),
        ("stage.base.base", True, "2"),
        ("stage.base.treatment", True, "2"),
        ("stage.base.base", False, ""),
        ("stage.revival.never", True, "2"),
        ("stage.coord.made", True, ""),
        ("", True, ""),
    ],
)
def test_which_open_deal_takes_a_second_enquiry(stage: str, everywhere: bool, into: str) -> None:
    desk = Desk(Open("1", "stage.visits.new"), DENTAL, (Open("2", stage, "12"),), everywhere)

    routed = choose(KNOWN, desk, OLGA)

    assert (routed.into, routed.responsible) == (into, "12" if into else "11")


def test_whoever_has_taken_a_deal_by_hand_keeps_it() -> None:
    routed = choose(KNOWN, Desk(Open("1", "stage.visits.new", "12", taken=True), DENTAL), OLGA)

    assert routed.responsible == "12"


def test_where_nobody_can_be_chosen_the_responsible_person_stays() -> None:
    routed = choose(KNOWN, Desk(Open("1", "stage.visits.new", "5"), DENTAL), Picked("", IN_TURN))

    assert routed.responsible == "5"


@pytest.mark.parametrize(("key", "layout"), [("dental", DENTAL), ("dental-ident", IDENT)])
def test_a_layout_speaks_of_stages_its_preset_has(key: str, layout: object) -> None:
    chart = chart_of(key)
    meant = layout_of(chart)

    assert meant is layout
    assert meant is not None
    named = {meant.intake, *meant.arrivals, *meant.hosts, *filter(None, meant.hosts.values()), *meant.closed.values()}
    named |= {stage for moves in meant.moves.values() for pair in moves.items() for stage in pair}
    assert named - set(chart.stage) == set()
    assert set(meant.arrivals) == set(meant.closed) <= set(meant.hosts)
    assert {chart.stage[stage].kind for stage in meant.closed.values()} <= {"won", "lost"}
    assert {chart.stage[stage].kind for stage in meant.hosts} == {"open"}
    assert set(meant.own) <= {pipeline.address for pipeline in chart.pipelines}
