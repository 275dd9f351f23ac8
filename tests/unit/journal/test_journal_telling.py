"""What an entry of the journal says of what is stored: in sentences, by whom, and whether somebody should look."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from widget_backend.audit import AuditRow
from widget_backend.crm.chart import Chart, ChartPipeline, ChartStage
from widget_backend.deals.routing.decision_log import DecisionRow
from widget_backend.deals.stage_history import TransitionRow
from widget_backend.journal import telling, words
from widget_backend.journal.telling import Knows
from widget_backend.robots.firing_log import Firing, State
from widget_backend.robots.happenings import Entered, Happening, Left
from widget_backend.texts import Text

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
CHART = Chart(
    stages=(ChartStage("stage.visits.came", "v:2", "pipeline.visits", "visits", "won", "Пациент пришёл", 2),),
    pipelines=(ChartPipeline("pipeline.visits", "visits", "Приемы", 1),),
)
KNOWS = Knows(CHART, ZoneInfo("Europe/Moscow"), {"7": "Ирина"}, {"copy": Text("Копия", "Copy")})
SAID = Text("создана сделка №9", "deal 9 was made")
CAME = Entered(cause="t:1", at=NOON, stage="v:2", from_stage="v:1", mover="7")


def run(
    state: State = "done", happening: Happening = CAME, said: tuple[Text, ...] = (SAID,), number: int = 5
) -> Firing:
    told: tuple[Any, ...] = (number, 3, 1, "copy", "759", "", "t:1", 0, happening, state)
    return Firing(*told, said, False, {}, None, NOON, NOON)


def entry(*runs: Firing, by_rule: dict[int, Text] | None = None) -> telling.Entry:
    return telling.cause(KNOWS, runs, {1: Text("Копия", "Copy")}, by_rule or {}, {})


def test_a_move_and_what_a_robot_did_about_it() -> None:
    told = entry(run())

    assert told.title.ru == "сделка перешла на этап «Приемы / Пациент пришёл»"
    assert (told.by, told.deal, told.level, told.when.ru) == (Text("Ирина", "Ирина"), "759", "ok", "25.11.2026 15:00")
    assert [(line.name, line.said, line.state, line.again) for line in told.lines] == [
        (Text("Копия", "Copy"), (SAID,), None, 0)
    ]
    assert told.depth.startswith("why/")


def test_of_a_stage_that_was_left_and_one_that_was_entered_the_second_is_told() -> None:
    left = Left(cause="t:1", at=NOON, stage="v:1", to_stage="v:2", mover="7")

    assert "Пациент пришёл" in entry(run(happening=left), run()).title.ru


def test_a_robot_that_led_here_is_named() -> None:
    ours = Entered(cause="t:1", at=NOON, stage="v:2", mover="robot", firing=4)

    assert entry(run(happening=ours), by_rule={4: Text("Копия", "Copy")}).by == Text(
        "робот «Копия»", "the robot “Copy”"
    )


@pytest.mark.parametrize(
    ("states", "level", "again"),
    [
        (("done", "failed"), "bad", [0, 6]),
        (("stopped", "paused"), "bad", [0, 6]),
        (("paused", "due"), "look", [5, 0]),
        (("held",), "wait", [0]),
        (("off",), "ok", [0]),
    ],
)
def test_the_worst_of_several_runs_counts(states: tuple[State, ...], level: str, again: list[int]) -> None:
    told = entry(*(run(state, number=5 + place) for place, state in enumerate(states)))

    assert (told.level, [line.again for line in told.lines]) == (level, again)


def test_robots_that_had_nothing_to_do_are_counted_only() -> None:
    told = entry(run("passed"), run())

    assert (told.passed, len(told.lines)) == (1, 1)


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (1, "1 робот проверил условия", "1 robot checked its conditions"),
        (3, "3 робота проверили условия", "3 robots checked their conditions"),
        (11, "11 роботов проверили условия", "11 robots checked their conditions"),
        (21, "21 робот проверил условия", "21 robots checked their conditions"),
    ],
)
def test_robots_that_had_nothing_to_do_are_told_in_a_sentence(count: int, russian: str, english: str) -> None:
    told = words.passed(count)

    assert (told.ru, told.en) == (
        f"{russian}: делать ничего не понадобилось",
        f"{english}: there was nothing to do",
    )


def test_a_step_that_no_rule_answers_is_told_with_its_mover() -> None:
    row = TransitionRow(id=1, deal="759", kind="created", to_stage="v:2", mover="7", firing=None, at=NOON)

    told = telling.move(KNOWS, row, {})

    assert (told.title.en, told.by) == ("the deal was created at “Приемы / Пациент пришёл”", Text("Ирина", "Ирина"))


@pytest.mark.parametrize(
    ("kind", "refused", "level"), [("repeat", [], "ok"), ("unsure", [], "look"), ("primary", ["Rejected"], "bad")]
)
def test_a_decision_is_told_with_its_reason(kind: str, refused: list[str], level: str) -> None:
    row = DecisionRow(id=8, deal="759", kind=kind, reason_ru="Причина", reason_en="Reason", into="", made_at=NOON)
    row.refused = refused

    told = telling.decision(KNOWS, row)

    assert (told.lines[0].said[0].en, told.level, told.depth) == ("Reason", level, "decision/8")


def test_an_act_names_the_rule_it_was_about_and_who_did_it() -> None:
    row = AuditRow(id=1, action="rule.off", object="rule:copy", actor="7", at=NOON)

    told = telling.act(KNOWS, row)

    assert (told.title.ru, told.by) == ("Правило «Копия» выключено", Text("Ирина", "Ирина"))
