"""One row of steps per deal, whatever was told, seen and remembered of it, in whatever order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.crm.records import Deal, Move
from widget_backend.deals.alignment import Aligned, Step, align, unremembered

SINCE = datetime(2026, 11, 2, 9, tzinfo=UTC)
STAGES = ("new", "work", "visit", "won")


def at(seconds: float) -> datetime:
    return SINCE + timedelta(seconds=seconds)


def move(stage: str, seconds: float, left: str = "", number: int | None = None) -> Move:
    return Move("759", stage, "sales", at(seconds), str(int(seconds) if number is None else number), left, "12")


def deal(stage: str, updated: float, moved: float | None = None, created: float | None = 0) -> Deal:
    return Deal(
        "759",
        "Анна П.",
        "sales",
        stage,
        created_at=None if created is None else at(created),
        updated_at=at(updated),
        moved_at=None if moved is None else at(moved),
    )


def told(steps: Sequence[Step]) -> list[tuple[str, str, str]]:
    return [(step.kind, step.from_stage, step.to_stage) for step in steps]


def stored(aligned: Aligned) -> tuple[Step, ...]:
    """As rows of the table, each with a number of its own."""
    taken = max((step.number for step in aligned.steps), default=0)
    fresh = iter(range(taken + 1, taken + 100))
    return tuple(replace(step, number=step.number or next(fresh)) for step in aligned.steps)


def test_a_new_deal_is_created_at_its_stage():
    aligned = align((), (), deal("new", 0), SINCE)

    assert told(aligned.new) == [("created", "", "new")]
    assert aligned.new[0].at == at(0)


def test_a_deal_older_than_the_set_up_has_no_step_until_it_moves():
    first = align((), (), deal("new", 90, created=-500), SINCE)
    then = align((), (), deal("work", 120, created=-500), SINCE, anchor="new")

    assert first.steps == ()
    assert told(then.new) == [("moved", "new", "work")]


def test_a_deal_never_seen_is_judged_by_its_moves_since_the_set_up():
    moves = [move("work", -30, "new"), move("visit", 30, "work"), move("won", 40, "visit")]

    aligned = align((), moves, deal("won", 40, created=-500), SINCE)

    assert told(aligned.new) == [("moved", "work", "visit"), ("moved", "visit", "won")]


def test_the_first_move_tells_where_a_deal_was_born():
    aligned = align((), [move("work", 20, "new")], deal("work", 20, created=10), SINCE)

    assert told(aligned.new) == [("created", "", "new"), ("moved", "new", "work")]


def test_a_memory_of_its_birth_is_its_birth():
    aligned = align((), [move("new", 11), move("work", 60)], deal("work", 60, 60, created=10), SINCE)

    assert told(aligned.new) == [("created", "", "new"), ("moved", "new", "work")]


def test_a_deal_that_moved_before_it_was_seen_and_is_not_remembered_was_not_born_there():
    aligned = align((), (), deal("visit", 90, moved=80, created=10), SINCE)

    assert told(aligned.new) == [("moved", "", "visit")]


def test_what_happened_between_two_looks_is_filled_in():
    known = stored(align((), (), deal("new", 0), SINCE))
    moves = [move("work", 20, "new"), move("visit", 30, "work")]

    aligned = align(known, moves, deal("visit", 30), SINCE)

    assert told(aligned.new) == [("moved", "new", "work"), ("moved", "work", "visit")]


def test_what_the_memory_does_not_tell_yet_is_seen():
    known = stored(align((), (), deal("new", 0), SINCE))

    aligned = align(known, [move("work", 20, "new")], deal("won", 40), SINCE)

    assert told(aligned.new) == [("moved", "new", "work"), ("moved", "work", "won")]


def test_the_memory_confirms_what_was_seen_and_corrects_its_moment():
    known = stored(align((), (), deal("new", 0), SINCE))
    seen = stored(align(known, (), deal("work", 95), SINCE))

    aligned = align(seen, [move("work", 20, "new")], None, SINCE)

    assert aligned.new == ()
    (corrected, *_) = [step for step in aligned.corrected if step.to_stage == "work"]
    assert (corrected.number, corrected.at, corrected.mover) == (seen[-1].number, at(20), "12")


def test_what_came_between_late_stands_between():
    known = stored(align((), (), deal("new", 0), SINCE))
    seen = stored(align(known, (), deal("won", 40), SINCE))
    moves = [move("work", 20, "new"), move("won", 40, "work")]

    aligned = align(seen, moves, deal("won", 40), SINCE)

    assert told(aligned.new) == [("moved", "new", "work")]
    assert told(aligned.steps) == [("created", "", "new"), ("moved", "new", "work"), ("moved", "work", "won")]


def test_a_crm_that_tells_no_origins_has_them_told_by_the_order():
    known = stored(align((), [move("new", 1)], deal("new", 1, 1), SINCE))
    seen = stored(align(known, (), deal("won", 40, 40), SINCE))

    aligned = align(seen, [move("work", 20), move("won", 40)], deal("won", 40, 40), SINCE)

    assert told(aligned.steps) == [("created", "", "new"), ("moved", "new", "work"), ("moved", "work", "won")]


def test_a_deal_that_came_back_to_its_stage_has_been_away():
    known = stored(align((), (), deal("new", 0), SINCE))

    aligned = align(known, [move("work", 20, "new"), move("new", 30, "work")], deal("new", 30), SINCE)

    assert told(aligned.new) == [("moved", "new", "work"), ("moved", "work", "new")]


def test_a_deal_that_had_moved_before_it_was_first_seen_was_born_a_stage_earlier():
    seen = stored(align((), (), deal("visit", 30), SINCE))

    aligned = align(seen, [move("work", 20, "new"), move("visit", 30, "work")], deal("visit", 30), SINCE)

    assert told(aligned.steps) == [("created", "", "new"), ("moved", "new", "work"), ("moved", "work", "visit")]
    assert [step.to_stage for step in aligned.new] == ["new", "work"]


def test_two_moves_of_one_second_are_two():
    moves = [move("work", 20, "new", 1), move("new", 20, "work", 2), move("work", 20, "new", 3)]
    known = stored(align((), (), deal("new", 0), SINCE))

    aligned = align(known, moves, deal("work", 20), SINCE)

    assert [step.to_stage for step in aligned.new] == ["work", "new", "work"]


def test_the_same_stage_in_two_pipelines_is_two():
    known = stored(align((), (), deal("won", 0), SINCE))
    elsewhere = replace(move("won", 3, "won"), pipeline="aftercare")

    aligned = align(known, [elsewhere], None, SINCE)

    assert told(aligned.new) == [("moved", "won", "won")]


def test_told_again_nothing_is_new():
    moves = [move("work", 20, "new"), move("visit", 30, "work")]
    once = stored(align((), moves, deal("visit", 30), SINCE))

    again = align(once, [*moves, *reversed(moves)], deal("visit", 30), SINCE)

    assert (again.new, again.corrected) == ((), ())


def test_what_no_step_tells_of_is_told_by_its_move():
    known = stored(align((), (), deal("new", 0), SINCE))
    seen = stored(align(known, (), deal("visit", 30), SINCE))
    moves = [move("work", 20, "new"), move("visit", 30, "work")]

    assert unremembered(seen, moves, SINCE) == (moves[0],)


# the law: whatever is lost, doubled, late or out of order, the end is the CRM's own memory


@dataclass(frozen=True)
class Life:
    """What really happened to a deal; when we looked, how far the memory lagged behind then, and how far before what was
    seen the last time we asked it."""

    moves: tuple[Move, ...]
    looks: tuple[tuple[int, int, int], ...]
    tells_origins: bool
    tells_moments: bool

    def looked(self, known: tuple[Step, ...], moment: int, lag: int, start: int = 0) -> tuple[Step, ...]:
        past = [move for move in self.moves if move.at <= at(moment)]
        stage = past[-1].stage if past else "new"
        moved = (past[-1].at if past else at(0)) if self.tells_moments else None
        now = replace(deal(stage, moment), moved_at=moved)
        memory = [move for move in self.moves if at(start) <= move.at <= at(moment - lag)]
        return stored(align(known, memory, now, SINCE))


@st.composite
def lives(draw: st.DrawFn) -> Life:
    stages = draw(st.lists(st.sampled_from(STAGES), max_size=8))
    path = [stage for before, stage in zip(["new", *stages], stages, strict=False) if stage != before]
    moments = sorted(draw(st.lists(st.integers(0, 400), min_size=len(path), max_size=len(path))))
    tells_origins = draw(st.booleans())
    origins = ["new", *path] if tells_origins else [""] * (len(path) + 1)
    moves = tuple(
        move(stage, moment, left, number)
        for number, (stage, moment, left) in enumerate(zip(path, moments, origins, strict=False))
    )
    tells_birth = not tells_origins or draw(st.booleans())
    birth = (move("new", 0, number=900),) if tells_birth else ()
    lags, margins = st.sampled_from([0, 0, 3, 60, 500]), st.sampled_from([1000, 5, 0])
    looks = draw(st.lists(st.tuples(st.integers(0, 450), lags, margins), max_size=6))
    return Life((*birth, *moves), tuple(sorted(looks)), tells_origins, draw(st.booleans()) or not tells_origins)


@given(lives())
def test_the_end_is_what_the_crm_remembers(life: Life):
    known: tuple[Step, ...] = ()
    seen_until = 0
    for moment, lag, back in life.looks:
        known = life.looked(known, moment, lag, seen_until - back)
        seen_until = min(moment - lag, seen_until) if lag else moment

    end = life.looked(known, 1000, 0)

    path = [one.stage for one in life.moves if one.id != "900"]
    assert told(end) == [
        ("created", "", "new"),
        *(("moved", left, stage) for left, stage in zip(["new", *path], path, strict=False)),
    ]
    seconds = [step.at.replace(microsecond=0) for step in end[1:]]
    assert seconds == [one.at for one in life.moves if one.id != "900"]


@pytest.mark.parametrize("again", [1, 2, 5])
@given(life=lives())
def test_looking_again_tells_nothing_new(life: Life, again: int):
    known = life.looked((), 1000, 0)

    for _ in range(again):
        assert life.looked(known, 1000, 0) == known
