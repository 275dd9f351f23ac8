"""Stages come to stand in the order wanted, whether the vendor numbers them anew after each change or never."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from widget_backend.crm.amocrm.writing import places

OURS = [f"ours {n}" for n in range(6)]
ALL = [*OURS, "clinic's", "another"]
#: after some steps no number is right both where numbers stay and where they are made anew
TANGLED = ["ours 5", "ours 0", "ours 4", "clinic's", "ours 1", "ours 3", "ours 2", "another"]


def patched(standing: Mapping[str, int], stage: str, sort: int, anew: bool) -> dict[str, int]:
    """What the vendor makes of one change."""
    numbers = {**standing, stage: sort}
    order = sorted(numbers, key=lambda s: numbers[s])
    return {s: 10 * n for n, s in enumerate(order, 1)} if anew else numbers


def carried_out(standing: dict[str, int], wanted: dict[str, int], anew: bool) -> tuple[list[str], list[str]]:
    """The goal, and the order after all steps, looking again as often as is asked for."""
    goal = places.target(standing, wanted)
    left = set(wanted)
    while left:
        for stage, sort in places.steps(standing, goal, left).items():
            standing = standing if sort is None else patched(standing, stage, sort, anew)
            left.remove(stage)
    return goal, sorted(standing, key=lambda stage: standing[stage])


@pytest.mark.parametrize("anew", [True, False])
@given(order=st.permutations(ALL), moved=st.sets(st.sampled_from(OURS), min_size=2))
@example(order=TANGLED, moved={"ours 1", "ours 2", "ours 4", "ours 5"})
def test_every_stage_comes_to_its_place(anew: bool, order: list[str], moved: set[str]) -> None:
    standing = {stage: 10 * n for n, stage in enumerate(["unsorted", *order], 1)}
    wanted = {stage: OURS.index(stage) for stage in moved}

    goal, order = carried_out(standing, wanted, anew)

    assert order == goal


@given(order=st.permutations(ALL), moved=st.sets(st.sampled_from(OURS), min_size=2))
def test_who_is_not_moved_keeps_his_place(order: list[str], moved: set[str]) -> None:
    standing = {stage: 10 * n for n, stage in enumerate(order, 1)}

    goal = places.target(standing, {stage: OURS.index(stage) for stage in moved})

    assert [s if s in moved else t for s, t in zip(goal, order, strict=True)] == goal
    assert [stage for stage in goal if stage in moved] == sorted(moved)


def test_one_alone_goes_to_the_number_it_had() -> None:
    standing = {"a": 10, "b": 20, "c": 30, "d": 40}

    assert places.target(standing, {"d": 20}) == ["a", "d", "b", "c"]
    assert places.target(standing, {"a": 30}) == ["b", "c", "a", "d"]
