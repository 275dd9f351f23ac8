"""The route line of the panel: where a deal came from, where it is, what follows, and why."""

from __future__ import annotations

from dataclasses import replace

from panel_samples import CHART, decision, entry, family, known, state, step, tie, timer

from widget_backend.panel import card, route_line
from widget_backend.robots.rules import Rulebook
from widget_backend.texts import Text

NEW, TAKEN = CHART.stage["stage.visits.new"].id, CHART.stage["stage.visits.taken"].id
STEPS = (
    step(1, "stage.visits.new", 60, mover="7"),
    step(2, "stage.visits.taken", 5, from_stage=NEW, mover="9"),
)


def test_a_stop_says_when_the_deal_came_there_and_who_brought_it() -> None:
    line = route_line.line(known(state("759", "stage.visits.taken"), steps=STEPS))

    assert [(stop.name, str(stop.at), [str(how) for how in stop.how]) for stop in line.came] == [
        ("Приемы / Новая заявка", "25.11.2026 14:00", ["переместил(а) Ирина Орлова"])
    ]
    assert line.now is not None
    assert (line.now.name, str(line.now.at)) == ("Приемы / Взяли в работу", "25.11.2026 14:55")
    assert [str(how) for how in line.now.how] == ["переместил(а) сотрудник №9"]


def test_a_deal_without_a_past_says_whether_it_was_made_here_or_was_there_before() -> None:
    born = step(1, "stage.visits.new", 5)
    created = known(state("759", "stage.visits.new"), steps=(replace(born, kind="created"),))
    moved = known(state("759", "stage.visits.new"), steps=(born,))

    assert [str(route_line.line(one).origin) for one in (created, moved)] == [
        "создана здесь",
        "до подключения мы её не видели",
    ]


def test_a_copy_came_from_its_source() -> None:
    here = known(state("759", "stage.coord.new"), family=family(tie(1, "700", "759")))

    (came,) = route_line.line(here).came

    assert (came.name, came.deal, str(came.how[0])) == ("Приемы / Пациент пришёл", "700", "копия сделки №700")


def test_the_last_decision_tells_why_the_deal_is_where_it_is() -> None:
    line = route_line.line(known(state("759", "stage.visits.new"), decisions=(decision(),)))

    assert line.now is not None
    assert [str(how) for how in line.now.how] == ["Повторный: визитов 2."]


def test_a_decision_for_another_stage_explains_nothing_any_more() -> None:
    line = route_line.line(known(state("759", "stage.visits.taken"), decisions=(decision(to="stage.visits.new"),)))

    assert line.now is not None
    assert line.now.how == ()


def test_only_the_latest_stops_are_shown_and_the_others_counted() -> None:
    steps = tuple(step(number, "stage.visits.new", 100 - number) for number in range(7))

    line = route_line.line(known(state("759", "stage.visits.new"), steps=steps))

    assert (len(line.came), line.earlier) == (3, 3)


def test_what_follows_is_what_robots_wait_for_and_the_next_stage_with_its_robots() -> None:
    book = Rulebook((entry("remind", "stuck", "stage.visits.new"), entry("greet", "entered", "stage.visits.taken")))
    here = known(state("759", "stage.visits.new"), book=book, timers=(timer("remind", 30),))

    waits, following = route_line.line(here).following

    assert (str(waits.at), [str(how) for how in waits.how]) == ("25.11.2026 15:30", ["робот «Правило remind»"])
    assert (following.name, [str(how) for how in following.how]) == (
        "Взяли в работу",
        ["сработает: «Правило greet»"],
    )


def test_rules_that_are_off_or_paused_promise_nothing() -> None:
    off = entry("off", "entered", "stage.visits.taken", off=True)
    paused = entry("paused", "entered", "stage.visits.taken", paused=Text("этап удалён", "a stage is gone"))
    here = known(state("759", "stage.visits.new"), book=Rulebook((off, paused)), timers=(timer("off", 30),))

    (following,) = route_line.line(here).following

    assert (following.name, following.how) == ("Взяли в работу", ())


def test_nothing_follows_a_deal_that_is_closed() -> None:
    assert route_line.line(known(state("759", "stage.visits.came", "won"))).following == ()


def test_a_narrow_column_reads_the_route_in_a_few_lines() -> None:
    here = known(state("759", "stage.visits.taken"), steps=STEPS)

    assert [str(line) for line in card.lines(card.card(here, may_work=True))] == [
        "Откуда: Приемы / Новая заявка",
        "Сейчас: Приемы / Взяли в работу",
        "переместил(а) сотрудник №9",
        "Дальше: Пациент пришёл",
    ]


def test_before_the_set_up_and_before_the_first_event_the_column_says_so() -> None:
    bare, unseen = card.card(known(chart=None), may_work=True), card.card(known(), may_work=True)

    assert (bare.state, [line.en for line in card.lines(bare)]) == ("partial", ["The set-up is not finished"])
    assert (unseen.state, [line.en for line in card.lines(unseen)]) == (
        "empty",
        ["Nothing has happened to this deal yet"],
    )
